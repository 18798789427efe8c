"""Linters: source in, findings out."""

from lintseq_core.linting.finding import Finding
from lintseq_core.linting.linter import LINTER_NAMES, Linter, get_linter, run_linter
from lintseq_core.linting.written import lint_text

__all__ = ["LINTER_NAMES", "Finding", "Linter", "get_linter", "lint_text", "run_linter"]
