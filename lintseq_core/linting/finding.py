"""One linter message, reduced to what LintSeq compares and explains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One message of a linter about one line of one source.

    `code`, the line and `arguments` are its identity (see `edits.closure`); `column` only orders
    findings of one line, so that the reason kept for a line does not depend on the linter's order.
    """

    code: str
    """The linter's own name or number: `UndefinedName`, `SyntaxError`, `E0602`, `F821`."""
    line_number: int
    """1-based, in the source that was linted; may lie beyond its end for errors at the end."""
    column: int
    """0-based."""
    arguments: tuple[str, ...]
    """What the message is about, free of line numbers, which change as lines are deleted."""
    name: str | None = None
    """The identifier of an undefined-name finding, else None."""
