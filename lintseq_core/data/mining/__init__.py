"""Instruction data mined from real code: documented definitions that stand alone."""
