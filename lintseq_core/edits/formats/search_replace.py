"""Original and updated block: lines of the program after "-", what they become after "+".

    <|diff|>@@
    +def double(x):
    +    return 2 * x
    <|diff|>@@
    -def double(x):
    +def double(x):
    +    # Twice.
    <|diff|>
    <|diff|>

The original block stands at one place of the program; without one, the lines go to the top. It is
the line above the new ones, or the two or three lines above where fewer stand at several places.
Where three do too, it is the one line, and a number says at which of its places, from the top:
`@@2` is the second. Places may overlap.

The updated block has all lines of the original in their order, since edits only insert. Read from
the top, each original line is the first one like it; what is left is new. A model may put new lines
between those of the original block; what is written here has them below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import ClassVar

from lintseq_core.edits.formats.diffs import Line
from lintseq_core.edits.formats.faults import Remedy
from lintseq_core.edits.formats.format import (
    NUMBER,
    EditFormat,
    EditFormatName,
    InsertionPoint,
    find_block,
)
from lintseq_core.edits.formats.reading import Reader
from lintseq_core.edits.hunks import Hunk

MOST_LINES = 3
"""Of an original block that is written; unified diffs have as many lines of context."""


class SearchReplace(EditFormat):
    """`@@`, the original block, the updated block."""

    name: ClassVar[EditFormatName] = "search_replace"
    shape: ClassVar[str] = "@@"
    header: ClassVar[re.Pattern[str]] = re.compile(rf"@@({NUMBER})?")

    def opening(self, place: InsertionPoint) -> str:
        number, block = _shortest_block(place)
        signed = [*(f"-{line}" for line in block), *(f"+{line}" for line in block)]
        return "\n".join([f"@@{number}", *signed])

    def read_hunk(self, reader: Reader, header: Line, body: Sequence[Line]) -> Iterator[Hunk]:
        number, text = header
        match = self.header.fullmatch(text)
        original = [line[1:] for _, line in takewhile(lambda one: one[1][:1] == "-", body)]
        if match is None or (match[1] and not original):
            reader.fault("bad header", number, f"{text!r:.60}", "skipped")
            return
        updated = reader.inserted(number, body[len(original) :])
        if updated is None:
            return
        runs = _new_runs(original, updated)
        if runs is None:
            gone = "the updated block lacks a line of the original one"
            reader.fault("deletion", number, gone, "skipped")
        elif not runs:
            reader.fault("no line to insert", number, "both blocks are the same", "skipped")
        else:
            end, is_found = 0, True
            if original:
                end, is_found = find_block(reader, number, original, match[1])
            is_there = tuple(reader.program[end - len(original) : end]) == tuple(original)
            for n_above, lines in runs:  # from the top down: what is in moves what is below
                at = end - len(original) + n_above if is_there else end
                remedy: Remedy | None = "placed by its text" if is_found else None
                yield reader.insert(number, at, lines, remedy)
                end += len(lines)


def _shortest_block(place: InsertionPoint) -> tuple[str, Sequence[str]]:
    """The number in the header, or "", and the original block of new lines at `place`."""
    state, at = place.state, place.at
    for size in range(1, min(MOST_LINES, at) + 1):
        block = state.lines[at - size : at]
        if len(state.ends(block)) == 1:
            return "", block
    if at == 0:
        return "", ()
    line = state.lines[at - 1 : at]
    return str(state.ends(line).index(at) + 1), line


def _new_runs(
    original: Sequence[str], updated: Sequence[str]
) -> list[tuple[int, list[str]]] | None:
    """New lines of `updated`, each run with how many of `original` are above; None: one lacks."""
    runs: list[tuple[int, list[str]]] = []
    n_above = 0
    for line in updated:
        if n_above < len(original) and line == original[n_above]:
            n_above += 1
        elif runs and runs[-1][0] == n_above:
            runs[-1][1].append(line)
        else:
            runs.append((n_above, [line]))
    return runs if n_above == len(original) else None
