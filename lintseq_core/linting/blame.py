"""Which line of a broken program a syntax error is put down to."""

from __future__ import annotations

import re

from lintseq_core.programs.blocks import indent_width

_EMPTY_BLOCK = re.compile(r"expected an indented block after .* on line (\d+)")
TRY = re.compile(r"\s*try\s*:")
HANDLER = re.compile(r"\s*(?:except|finally)\b")
_LINE_NUMBER = re.compile(r"\bline \d+")


def blame_line_number(message: str, line_number: int, column: int, source: str) -> int:
    """The 1-based line to delete for a syntax error of CPython; may lie beyond the end of `source`.

    An empty block is its header's fault, a `try` without handlers its own. `line_number` (1-based)
    and `column` (0-based, -1 if the parser gave none) are where the parser noticed.
    """
    if header := _EMPTY_BLOCK.match(message):
        return int(header[1])
    if message.startswith("expected 'except' or 'finally' block"):
        return open_try(line_number, column, source.split("\n")) or line_number
    return line_number


def without_line_numbers(message: str) -> str:
    """`message` with each "line 12" as "line", so that it stays equal as lines are deleted."""
    return _LINE_NUMBER.sub("line", message)


def open_try(line_number: int, column: int, lines: list[str]) -> int | None:
    """The last `try` at or above `line_number` that no `except` or `finally` has answered.

    Algorithm page: the nearest `try` above with the same or a smaller indent than the reported
    line. Here: matched like brackets, because the reported line can be further out than the `try`
    it ends (a function's last statement), or preceded by an inner `try` that has its handlers.
    """
    last = min(line_number, len(lines))
    # At the end of the file the parser points behind the last line, else at the line after the
    # block, which can itself be the next `try`.
    at_end = last and column > indent_width(lines[last - 1])
    answered: set[int] = set()
    for number in range(last if at_end else last - 1, 0, -1):
        line = lines[number - 1]
        indent = indent_width(line)
        if HANDLER.match(line):
            answered.add(indent)
        elif TRY.match(line):
            if indent not in answered:
                return number
            answered.discard(indent)
    return None
