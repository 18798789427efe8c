"""Linters that look at syntax only, or at nothing."""

from __future__ import annotations

import platform

from lintseq_core.errors import LinterFailure
from lintseq_core.linting.blame import blame_line_number, without_line_numbers
from lintseq_core.linting.finding import Finding
from lintseq_core.programs.compiling import TOO_DEEP, compile_source


class SyntaxLinter:
    """Does it compile? At most one finding, the compiler's."""

    name = "syntax"
    version = platform.python_version()

    def lint(self, source: str) -> tuple[Finding, ...]:
        error = syntax_finding(source)
        return () if error is None else (error,)


class NoLinter:
    """Never a finding: random deletion under LintSeq's control flow."""

    name = "none"
    version = "0"

    def lint(self, source: str) -> tuple[Finding, ...]:
        return ()


def syntax_finding(source: str) -> Finding | None:
    """The compiler's complaint about `source`, or None if it compiles; LinterFailure if it dies."""
    try:
        compile_source(source)
    except SyntaxError as error:
        return _finding(error, source)
    except (*TOO_DEEP, ValueError, OverflowError) as error:
        raise LinterFailure(
            f"Python's compiler gave up on a state: {type(error).__name__}: {error}; "
            "the program nests too deeply for it"
        ) from error
    return None


def _finding(error: SyntaxError, source: str) -> Finding:
    if error.lineno is None:
        raise LinterFailure(f"Python's compiler gave no line for: {error.msg}") from error
    column = (error.offset or 0) - 1
    return Finding(
        code="SyntaxError",
        line_number=blame_line_number(error.msg, error.lineno, column, source),
        column=max(column, 0),
        arguments=(without_line_numbers(error.msg),),
    )
