"""Findings in what a model wrote, which may be no text that a linter takes."""

from __future__ import annotations

from lintseq_core.linting.finding import Finding
from lintseq_core.linting.linter import Linter, run_linter
from lintseq_core.programs.compiling import TOO_DEEP, compile_source


def lint_text(text: str, linter: Linter) -> tuple[bool, tuple[Finding, ...]]:
    """Whether Python accepts `text` as a module, and its findings; none of an empty text.

    What Python refuses without naming a line (a NUL, too deep a nesting), which linters cannot
    answer for and programs are never made of, is a SyntaxError finding here: a model wrote it.
    """
    if not text.strip():
        return True, ()
    try:
        compile_source(text)
    except SyntaxError as error:
        if error.lineno is not None:
            return False, run_linter(linter, text)
        return False, (_unplaced(text, error.msg),)
    except (ValueError, OverflowError, *TOO_DEEP) as error:
        return False, (_unplaced(text, str(error) or "nests too deeply for Python's parser"),)
    return True, run_linter(linter, text)


def _unplaced(text: str, message: str) -> Finding:
    line_number = 1 + text.count("\n", 0, max(text.find("\0"), 0))
    return Finding("SyntaxError", line_number, 0, (message,))
