"""Positions alone: `@@ +b`, then the lines.

    <|diff|>@@ +1
    +def double(x):
    +    return 2 * x
    <|diff|>@@ +1
    +# Doubling.
    <|diff|>
    <|diff|>

`+b` is that of the unified diff: the 1-based number of the first new line, counted after the edit's
earlier hunks are in. What a unified diff says besides, how many lines stand above and how many
are new, follows from the rest of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from lintseq_core.edits.formats.diffs import Line
from lintseq_core.edits.formats.format import NUMBER, EditFormat, EditFormatName, InsertionPoint
from lintseq_core.edits.formats.reading import Reader
from lintseq_core.edits.hunks import Hunk


class Placed(EditFormat):
    """`@@ +b`, then the lines."""

    name: ClassVar[EditFormatName] = "placed"
    shape: ClassVar[str] = "@@ +b"
    header: ClassVar[re.Pattern[str]] = re.compile(rf"@@ \+({NUMBER})")

    def opening(self, place: InsertionPoint) -> str:
        return f"@@ +{place.at + 1}"

    def read_hunk(self, reader: Reader, header: Line, body: Sequence[Line]) -> Iterator[Hunk]:
        number, text = header
        match = self.header.fullmatch(text)
        if match is None:
            reader.fault("bad header", number, f"{text!r:.60}", "skipped")
            return
        lines = reader.inserted(number, body)
        if lines is None:
            return
        length, start = len(reader.program), int(match[1])
        if start <= length + 1:
            yield reader.insert(number, start - 1, lines, "placed by +b")
        else:
            detail = f"+{start} in a program of {length} line{'' if length == 1 else 's'}"
            reader.fault("position out of range", number, detail, "appended")
            yield reader.insert(number, length, lines, None)
