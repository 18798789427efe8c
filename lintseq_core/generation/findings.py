"""Which findings an edit adds to a program that it only inserts lines into."""

from __future__ import annotations

from collections.abc import Sequence

from lintseq_core.edits.hunks import Edit
from lintseq_core.linting import Finding, Linter, run_linter
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


def _unplaced(text: str, message: str) -> Finding:
    line_number = 1 + text.count("\n", 0, max(text.find("\0"), 0))
    return Finding("SyntaxError", line_number, 0, (message,))


def _moved_numbers(numbers: list[int], edits: Sequence[Edit]) -> dict[int, int]:
    """For each 1-based line number before the edits, the one after them."""
    places: list[int | None] = list(numbers)
    for edit in edits:
        for hunk in edit:
            places[hunk.start - 1 : hunk.start - 1] = [None] * len(hunk.lines)
    return {old: new for new, old in enumerate(places, start=1) if old is not None}
