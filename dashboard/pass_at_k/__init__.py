"""The page pass@k."""
