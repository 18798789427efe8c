"""Linters: source in, findings out."""

from lintseq_core.linting.finding import Finding
from lintseq_core.linting.linter import LINTER_NAMES, Linter, get_linter, run_linter

__all__ = ["LINTER_NAMES", "Finding", "Linter", "get_linter", "run_linter"]
