"""The page Docs."""
