"""What an edit format is: how a hunk says where its lines go.

The frame is the same in every format. A model text is the instruction, then each edit after
"\\n<|diff|>", and two empty edits as the close; an edit is one hunk or several, from the top of
the program down. A hunk begins with a line that starts with "@@", and every line of code carries a
"+" (or, in an original block, a "-"), so whatever code holds (`<|diff|>`, "@@", an end marker)
cannot be taken for structure. A format says what stands above the new lines of a hunk, and reads
it back. Numbers and texts are those of the program as it is then, the edit's earlier hunks in it.

To add a format: a module with a subclass of `EditFormat`, and its name in `registry.py`. Writing,
reading, the mask of what may come next and the tests follow from the three methods.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from lintseq_core.edits.formats.occurrences import Occurrences
from lintseq_core.edits.hunks import Edit, Hunk, insert_hunks

if TYPE_CHECKING:
    from lintseq_core.edits.formats.diffs import Line
    from lintseq_core.edits.formats.reading import Reader

DIFF_MARKER = "<|diff|>"
BORDER = f"\n{DIFF_MARKER}"
CLOSE = BORDER * 2
EditFormatName = Literal["unified", "placed", "anchored", "search_replace"]
NUMBER = "[1-9][0-9]{0,8}"
"""What a position or an occurrence looks like in the formats beside `unified`."""


@dataclass(frozen=True, slots=True)
class InsertionPoint:
    """Where new lines go."""

    state: Occurrences
    """The program as it is then, with the edit's earlier hunks."""
    at: int
    """How many of its lines stand above the new ones."""
    after: int
    """How many of these were there before the edit."""


class EditFormat(ABC):
    """One way to write edits down; instances hold nothing and are shared."""

    name: ClassVar[EditFormatName]
    shape: ClassVar[str]
    """The first line of a hunk, for messages."""
    header: ClassVar[re.Pattern[str]]
    """The first line of a hunk, whole."""
    reads_diffs: ClassVar[bool] = False
    """Whether text without a marker is read as diffs, which need no close."""

    @abstractmethod
    def opening(self, place: InsertionPoint) -> str:
        """What stands above the new lines of a hunk; of one line, where the number is told."""

    def counted(self, place: InsertionPoint) -> tuple[str, str] | None:
        """What stands around the number of lines above a hunk of several; None: it is not told."""
        return None

    @abstractmethod
    def read_hunk(self, reader: Reader, header: Line, body: Sequence[Line]) -> Iterator[Hunk]:
        """The hunks in a header and the lines below it, inserted as they come.

        Each is put in by `reader.insert`; what is wrong goes to `reader.fault`.
        """

    def write_edit(self, edit: Edit, before: Sequence[str]) -> str:
        """The text of `edit`, which applies to the lines `before`; without a final newline."""
        lines = list(before)
        hunks = []
        for hunk in edit:
            place = InsertionPoint(Occurrences(lines), hunk.start - 1, hunk.after)
            around = self.counted(place) if len(hunk.lines) > 1 else None
            if around is None:
                opening = self.opening(place)
            else:
                opening = f"{around[0]}{len(hunk.lines)}{around[1]}"
            hunks.append("\n".join([opening, *(f"+{line}" for line in hunk.lines)]))
            insert_hunks(lines, [hunk])
        return "\n".join(hunks)

    def write_edits(self, edits: Iterable[Edit], before: Sequence[str] = ()) -> Iterator[str]:
        """The text of each of `edits`, the first of which applies to the lines `before`."""
        lines = list(before)
        for edit in edits:
            yield self.write_edit(edit, lines)
            insert_hunks(lines, edit)


def find_block(
    reader: Reader, number: int, block: Sequence[str], occurrence: str | None
) -> tuple[int, bool]:
    """How many lines of the program there are down to the end of `block`, and whether that is so.

    `occurrence` is the number that the header gives, where it gives one. Where the block is not
    there, or at several places, a fault says so, and the place is a guess.
    """
    ends = reader.state().ends(block)
    text = "\n".join(block)
    if not ends:
        reader.fault("text not in the program", number, f"{text!r:.60}", "appended")
        return len(reader.program), False
    if occurrence is None:
        if len(ends) > 1:
            detail = f"{text!r:.60} stands at {len(ends)} places, and no number says at which"
            reader.fault("text at several places", number, detail, "first place taken")
        return ends[0], len(ends) == 1
    if int(occurrence) > len(ends):
        detail = f"number {occurrence} of {text!r:.60}, which stands at {len(ends)}"
        reader.fault("no such occurrence", number, detail, "last place taken")
        return ends[-1], False
    return ends[int(occurrence) - 1], True
