"""Data set, training, samples, verdicts: what experiments that train models have in common."""
