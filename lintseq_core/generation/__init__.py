"""Generation: whole programs and edit by edit, guarded or not, and the traces of both.

Nothing here imports torch before a model is loaded: reading traces takes none.
"""
