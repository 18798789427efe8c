"""Text in place of positions: the line above, then the lines.

    <|diff|>@@
    +def double(x):
    +    return 2 * x
    <|diff|>@@ def double(x):
    +    # Twice.
    <|diff|>
    <|diff|>

`@@ LINE` goes below the only line of the program that is LINE, with all its blanks; `@@` alone at
the top. Where several lines are LINE, a number says which: `@@2 LINE` goes below the second from
the top. An empty line is an anchor like any other: "@@ ", with its blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from lintseq_core.edits.formats.diffs import Line
from lintseq_core.edits.formats.format import (
    NUMBER,
    EditFormat,
    EditFormatName,
    InsertionPoint,
    find_block,
)
from lintseq_core.edits.formats.reading import Reader
from lintseq_core.edits.hunks import Hunk


class Anchored(EditFormat):
    """`@@ LINE`, then the lines that go below LINE."""

    name: ClassVar[EditFormatName] = "anchored"
    shape: ClassVar[str] = "@@ LINE"
    header: ClassVar[re.Pattern[str]] = re.compile(rf"@@(?:({NUMBER})? (.*))?")

    def opening(self, place: InsertionPoint) -> str:
        if place.at == 0:
            return "@@"
        line = place.state.lines[place.at - 1]
        ends = place.state.ends((line,))
        return f"@@ {line}" if len(ends) == 1 else f"@@{ends.index(place.at) + 1} {line}"

    def read_hunk(self, reader: Reader, header: Line, body: Sequence[Line]) -> Iterator[Hunk]:
        number, text = header
        match = self.header.fullmatch(text)
        if match is None:
            reader.fault("bad header", number, f"{text!r:.60}", "skipped")
            return
        lines = reader.inserted(number, body)
        if lines is None:
            return
        at, is_found = 0, True
        if match[2] is not None:
            at, is_found = find_block(reader, number, (match[2],), match[1])
        yield reader.insert(number, at, lines, "placed by its text" if is_found else None)
