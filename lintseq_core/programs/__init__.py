"""Programs: their normal form, their block structure, one definition out of many."""

from lintseq_core.programs.definitions import extract_definition
from lintseq_core.programs.program import Program

__all__ = ["Program", "extract_definition"]
