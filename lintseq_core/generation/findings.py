"""Which findings an edit adds to a program that it only inserts lines into."""

from __future__ import annotations

from collections.abc import Sequence

from lintseq_core.edits.hunks import Edit
from lintseq_core.linting import Finding


def added_findings(
    before: Sequence[Finding], after: Sequence[Finding], edits: Sequence[Edit], n_lines: int
) -> tuple[Finding, ...]:
    """Those of `after` that `before` has not: same code, arguments and line, moved by `edits`.

    `n_lines`: of the program before, for findings beyond its end.
    """
    numbers = list(range(1, n_lines + 1))
    moved = _moved_numbers(numbers, edits)
    known = {
        (finding.code, moved.get(min(finding.line_number, n_lines)), finding.arguments)
        for finding in before
    }
    n_after = n_lines + sum(len(hunk.lines) for edit in edits for hunk in edit)
    return tuple(
        finding
        for finding in after
        if (finding.code, min(finding.line_number, n_after), finding.arguments) not in known
    )


def _moved_numbers(numbers: list[int], edits: Sequence[Edit]) -> dict[int, int]:
    """For each 1-based line number before the edits, the one after them."""
    places: list[int | None] = list(numbers)
    for edit in edits:
        for hunk in edit:
            places[hunk.start - 1 : hunk.start - 1] = [None] * len(hunk.lines)
    return {old: new for new, old in enumerate(places, start=1) if old is not None}
