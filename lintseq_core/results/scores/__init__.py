"""Scores of runs: counts by problem, pass@k with intervals, curves, remarks."""
