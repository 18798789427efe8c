"""Models: presets with their exact sizes, and loading with the marker of edits in place."""
