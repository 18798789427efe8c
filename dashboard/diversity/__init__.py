"""The page Diversity."""
