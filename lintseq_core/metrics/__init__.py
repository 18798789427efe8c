"""Metrics: what runs score, how sure that is, and how diverse their programs are."""
