"""The page Generations."""
