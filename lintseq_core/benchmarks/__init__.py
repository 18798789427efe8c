"""Benchmarks: problems, prompts, programs and tests, one module each."""
