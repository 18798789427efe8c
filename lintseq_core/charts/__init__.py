"""Charts: one module a figure, what was measured in, a plotly figure out.

Plotly is an extra and is imported when a figure is made, not before.
"""
