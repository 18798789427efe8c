"""The linter protocol, and the linters by name."""

from __future__ import annotations

from typing import Literal, Protocol

from lintseq_core.errors import LinterFailure, LinterUnavailable, LintSeqError
from lintseq_core.linting.finding import Finding

LINTER_NAMES = ("pyflakes", "pylint", "ruff", "syntax", "none")


class Linter(Protocol):
    """Source in, findings out.

    The answer depends on the source alone: not on the working directory, configuration files,
    environment variables, warning filters or other threads. What goes wrong is a `LinterFailure`.
    """

    @property
    def name(self) -> str:
        """As `get_linter` takes it; a sequence records it."""
        ...

    @property
    def version(self) -> str:
        """Of the linter itself; sequences of different versions may differ."""
        ...

    def lint(self, source: str) -> tuple[Finding, ...]:
        """Findings of `source`, whose lines end in "\\n"."""
        ...


def get_linter(name: str, *, compat: Literal["upstream"] | None = None) -> Linter:
    """The linter called `name`, ready to use; LinterUnavailable says which extra it needs.

    `compat="upstream"` makes pylint blame syntax errors on the lines the authors' code blames.
    """
    # Imported on demand: each linter costs 20 to 400 ms of start-up, and two of them are extras.
    if name == "pyflakes":
        from lintseq_core.linting.pyflakes_linter import PyflakesLinter

        return PyflakesLinter()
    if name == "pylint":
        from lintseq_core.linting.pylint_linter import PylintLinter

        return PylintLinter(upstream_blame=compat == "upstream")
    if name == "ruff":
        from lintseq_core.linting.ruff_linter import RuffLinter

        return RuffLinter()
    if name == "syntax":
        from lintseq_core.linting.syntax_linter import SyntaxLinter

        return SyntaxLinter()
    if name == "none":
        from lintseq_core.linting.syntax_linter import NoLinter

        return NoLinter()
    raise LinterUnavailable(f"unknown linter {name!r}: choose one of {', '.join(LINTER_NAMES)}")


def run_linter(linter: Linter, source: str) -> tuple[Finding, ...]:
    """`linter.lint(source)`, with any crash of a linter, ours or a user's, as a LinterFailure."""
    try:
        return linter.lint(source)
    except LintSeqError:
        raise
    except Exception as error:
        raise LinterFailure(
            f"linter {linter.name!r} crashed on a {source.count(chr(10))}-line state: "
            f"{type(error).__name__}: {error}; try another linter"
        ) from error
