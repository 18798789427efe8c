"""The paper's format: a unified diff without context.

    <|diff|>@@ -0,0 +1,2 @@
    +def double(x):
    +    return 2 * x
    <|diff|>@@ -0,0 +1 @@
    +# Doubling.
    <|diff|>
    <|diff|>

`-a`: how many lines of the state before the edit stand above; `+b`: the 1-based number of the
first new line, counted after the edit's earlier hunks are in; `,n`: how many, left out for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from lintseq_core.edits.formats.diffs import NO_NEWLINE, Line
from lintseq_core.edits.formats.faults import FaultKind, Remedy
from lintseq_core.edits.formats.format import EditFormat, EditFormatName, InsertionPoint
from lintseq_core.edits.formats.reading import Reader
from lintseq_core.edits.hunks import Edit, Hunk, edit_text

_HEADER = re.compile(
    r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@(?P<heading> .*)?"
)


class Unified(EditFormat):
    """`@@ -a,0 +b,n @@`, then the lines."""

    name: ClassVar[EditFormatName] = "unified"
    shape: ClassVar[str] = "@@ -a,0 +b,n @@"
    header: ClassVar[re.Pattern[str]] = _HEADER
    reads_diffs: ClassVar[bool] = True

    def write_edits(self, edits: Iterable[Edit], before: Sequence[str] = ()) -> Iterator[str]:
        return map(edit_text, edits)  # a hunk's numbers say all; nothing of the state is needed

    def opening(self, place: InsertionPoint) -> str:
        return f"@@ -{place.after},0 +{place.at + 1} @@"

    def counted(self, place: InsertionPoint) -> tuple[str, str]:
        return f"@@ -{place.after},0 +{place.at + 1},", " @@"

    def read_hunk(self, reader: Reader, header: Line, body: Sequence[Line]) -> Iterator[Hunk]:
        place = _read_header(reader, header)
        if place is None:
            return
        after, start, count = place
        inserted_lines = _inserted(reader, header, body, count)
        if not inserted_lines:
            return
        remedy = _check_place(reader, header[0], after, start)
        start = min(start, len(reader.program) + 1) if remedy else start
        hunk = Hunk(start, tuple(line[1:] for _, line in inserted_lines), after)
        reader.put_in(hunk)
        yield hunk


def _read_header(reader: Reader, header: Line) -> tuple[int, int, int] | None:
    """`-a`, `+b` and n of a header, or None after a fault that leaves nothing to place."""
    number, text = header
    match = _HEADER.fullmatch(text)
    if match is not None and int(match[2] or 1) > 0:
        gone = match[2] or "1"
        reader.fault("deletion", number, f"{text!r:.60} removes {gone} line(s)", "skipped")
        return None
    if match is None or int(match[3]) == 0 or int(match[4] or 1) == 0:
        reader.fault("bad header", number, f"{text!r:.60}", "skipped")
        return None
    if match["heading"] and not reader.is_diff:  # what diff -p and git add: where the hunk is
        detail = f"text after the second @@: {match['heading'][1:]!r:.60}"
        reader.fault("bad header", number, detail, "ignored")
    return int(match[1]), int(match[3]), int(match[4] or 1)


def _inserted(reader: Reader, header: Line, body: Sequence[Line], count: int) -> Sequence[Line]:
    """The lines that the hunk inserts; none after a fault that spoils it."""
    remarks = [pair for pair in body if pair[1].startswith(NO_NEWLINE)]
    for number, line in remarks if not reader.is_diff else ():
        reader.fault("line without +", number, f"{line!r:.60}", "ignored")
    if remarks:
        body = [pair for pair in body if not pair[1].startswith(NO_NEWLINE)]
    for at, (number, line) in enumerate(body):
        if line.startswith("+"):
            continue
        # In a diff, what follows when all announced lines are there spoils none of them.
        removes = any(text.startswith("-") for _, text in body[at:])
        is_after = reader.is_diff and at == count and not removes
        kind: FaultKind = "deletion" if line.startswith("-") else "line without +"
        reader.fault(kind, number, f"{line!r:.60}", "ignored" if is_after else "skipped")
        return body[:at] if is_after else ()
    if count != len(body):
        remedy: Remedy = "lines kept" if body else "skipped"
        detail = f"header says {count}, found {len(body)}"
        reader.fault("count differs from the lines", header[0], detail, remedy)
    return body


def _check_place(reader: Reader, number: int, after: int, start: int) -> Remedy | None:
    length, inserted = len(reader.program), reader.n_inserted
    if start > length + 1 or after > length - inserted:
        lines = "1 line" if length == 1 else f"{length} lines"
        detail = f"-{after} +{start} in a program of {lines}"
        remedy: Remedy = "appended" if start > length + 1 else "placed by +b"
        reader.fault("position out of range", number, detail, remedy)
        return remedy
    if after <= reader.previous:
        detail = f"-{after} follows -{reader.previous}"
        reader.fault("hunks out of order", number, detail, "placed by +b")
        return "placed by +b"
    if start != after + inserted + 1:
        detail = f"-{after} calls for +{after + inserted + 1}, found +{start}"
        reader.fault("-a inconsistent with +b", number, detail, "placed by +b")
        return "placed by +b"
    return None


def has_hunk(text: str) -> bool:
    """Whether a line of `text` is the header of a hunk."""
    return "@@ -" in text and any(_HEADER.fullmatch(line) for line in text.splitlines())
