"""Data sets: instruction data in, edit sequences out; the same bytes whatever the machine."""
