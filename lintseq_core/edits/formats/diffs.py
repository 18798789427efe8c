"""Diffs as git and `diff` write them: files, and lines that are no part of a hunk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Line = tuple[int, str]  # 1-based line number in the text, text
NO_NEWLINE = "\\ "
"""Starts the remark of diff and git that a file does not end in a newline; no line of the file."""
_FILE_HEADER = re.compile(
    r"diff -|index [0-9a-f]+\.\.[0-9a-f]+( [0-7]+)?$|(new|deleted) file mode [0-7]+$|"
    r"(old|new) mode [0-7]+$|(dis)?similarity index [0-9]+%$|(rename|copy) (from|to) "
)
"""Lines that git and `diff -r` write above `---`; no line of an insertion starts so."""


def diffed_files(text: str) -> tuple[str, ...]:
    """The names of the files that the diffs in `text` are of, as their `+++` lines give them."""
    lines = list(enumerate(text.split("\n"), start=1))
    names = (
        lines[index + 1][1].removeprefix("+++ ").partition("\t")[0].removeprefix("b/")
        for index in range(len(lines) - 1)
        if _starts_diff(lines, index)
    )
    return tuple(dict.fromkeys(names))


def _starts_diff(lines: Sequence[Line], index: int) -> bool:
    """Whether a diff's two lines of names stand here: an insertion has no line that starts so."""
    following = lines[index + 1][1] if index + 1 < len(lines) else ""
    return lines[index][1].startswith("--- ") and following.startswith("+++ ")


def split_diffs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The hunks of each diff, without what stands above them about files."""
    piece: list[Line] = []
    index = 0
    while index < len(lines):
        if _starts_diff(lines, index):
            if piece:
                yield piece
            piece, index = [], index + 2
        elif _FILE_HEADER.match(lines[index][1]):
            index += 1
        else:
            if piece or lines[index][1]:  # blank lines before a diff are no part of it
                piece.append(lines[index])
            index += 1
    if piece:
        yield piece
