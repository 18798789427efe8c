"""Reading edit text: the frame of markers and hunks, which all formats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lintseq_core.edits.formats.diffs import Line, split_diffs
from lintseq_core.edits.formats.faults import Fault, FaultKind, ParsedEdits, Remedy
from lintseq_core.edits.formats.format import DIFF_MARKER, EditFormat
from lintseq_core.edits.formats.occurrences import Occurrences
from lintseq_core.edits.hunks import Hunk, insert_hunks


class Reader:
    """Reads one text; faults gather as it goes, and `program` follows the edits."""

    def __init__(self, text: str, edit_format: EditFormat, before: Sequence[str]) -> None:
        self.lines: list[Line] = list(enumerate(text.split("\n"), start=1))
        if self.lines[-1][1] == "" and len(self.lines) > 1:
            self.lines.pop()  # the newline that ends a file
        self.program = list(before)
        self.faults: list[Fault] = []
        self.edit_index = self.hunk_index = 0
        self.previous = -1
        """`after` of the hunk before in this edit; -1: there is none."""
        self.n_inserted = 0
        """Lines that this edit has put in so far."""
        self.is_diff = False
        """Whether the text is a diff of another tool: it has no marker."""
        self._format = edit_format
        self._is_new: list[bool] = []  # by line of the program: whether this edit inserted it

    def read(self) -> ParsedEdits:
        """The edits and all faults."""
        edits = []
        for index, piece in self._pieces():
            self.edit_index = index
            self.previous, self.n_inserted = -1, 0
            self._is_new = [False] * len(self.program)
            hunks = tuple(self._read_hunks(piece))
            if hunks:
                edits.append(hunks)
        return ParsedEdits(tuple(edits), tuple(self.faults))

    def fault(self, kind: FaultKind, line_number: int, detail: str, remedy: Remedy) -> None:
        """Note what is wrong in the hunk that is being read."""
        self.faults.append(
            Fault(kind, line_number, self.edit_index, self.hunk_index, detail, remedy)
        )

    def state(self) -> Occurrences:
        """The program as it is now."""
        return Occurrences(self.program)

    def inserted(self, number: int, body: Sequence[Line]) -> list[str] | None:
        """The lines in `body`, all after a "+"; None after a fault that spoils the hunk.

        `number` is that of the line of its header.
        """
        for at, line in body:
            if not line.startswith("+"):
                wrong: FaultKind = "deletion" if line.startswith("-") else "line without +"
                self.fault(wrong, at, f"{line!r:.60}", "skipped")
                return None
        if not body:
            self.fault("no line to insert", number, "no line with a + below the header", "skipped")
            return None
        return [line[1:] for _, line in body]

    def insert(self, number: int, at: int, lines: Sequence[str], remedy: Remedy | None) -> Hunk:
        """Put `lines` below line `at` of the program; a fault if that is above an earlier hunk.

        `remedy` names by what the place was found all the same; None where it is a guess already.
        """
        after = at - sum(self._is_new[:at])
        if remedy is not None and after <= self.previous:
            found = f"below line {at} of the program, which is above the end of the hunk before"
            self.fault("hunks out of order", number, found, remedy)
        hunk = Hunk(at + 1, tuple(lines), after)
        self.put_in(hunk)
        return hunk

    def put_in(self, hunk: Hunk) -> None:
        """Put the lines of `hunk` into the program."""
        insert_hunks(self.program, [hunk])
        self._is_new[hunk.start - 1 : hunk.start - 1] = [True] * len(hunk.lines)
        self.previous = hunk.after
        self.n_inserted += len(hunk.lines)

    def _pieces(self) -> Iterable[tuple[int, list[Line]]]:
        """The edits' lines, each with its index."""
        self.is_diff = self._format.reads_diffs and not any(
            line.startswith(DIFF_MARKER) for _, line in self.lines
        )
        if self.is_diff:
            return enumerate(split_diffs(self.lines))
        return self._until_close(self._split_at_markers())

    def _split_at_markers(self) -> list[list[Line]]:
        """The lines between markers; what follows a marker on its line is a piece's first line."""
        pieces: list[list[Line]] = []
        for number, line in self.lines:
            if line.startswith(DIFF_MARKER):
                pieces.append([(number, line.removeprefix(DIFF_MARKER))])
            elif pieces:
                pieces[-1].append((number, line))
            elif line.startswith("@@"):  # the prompt ended in the marker
                pieces.append([(number, line)])
            elif line:
                self.fault("text before the first edit", number, f"{line!r:.60}", "ignored")
        return pieces

    def _until_close(self, pieces: list[list[Line]]) -> list[tuple[int, list[Line]]]:
        """The pieces that are edits, each with its index, and a fault for a close that is wrong."""
        empty = [all(line == "" for _, line in piece) for piece in pieces]
        edits = []
        for index, piece in enumerate(pieces):
            self.edit_index = index
            following = pieces[index + 1] if index + 1 < len(pieces) else []
            if not empty[index]:
                edits.append((index, piece))
            elif following and not any(line.startswith("@@") for _, line in following):
                # The second closing marker, whatever a model went on to say behind it.
                said = [pair for pair in following if pair[1]]
                said += [pair for later in pieces[index + 2 :] for pair in later]
                for number, line in said[:1]:
                    self.fault("text after the close", number, f"{line!r:.60}", "ignored")
                return edits
            elif following:
                self.fault("empty edit before the close", piece[0][0], "no hunk", "skipped")
        last = self.lines[-1][0]
        closers = "one" if empty and empty[-1] else "none"
        self.fault("truncated", last, f"{closers} of the two closing markers", "ignored")
        return edits

    def _read_hunks(self, piece: Sequence[Line]) -> Iterator[Hunk]:
        for index, (header, body) in enumerate(_split_hunks(piece)):
            self.hunk_index = index
            if header[1].startswith("@@"):
                yield from self._format.read_hunk(self, header, body)
            else:
                expected = f"expected {self._format.shape!r}, found {header[1]!r:.60}"
                self.fault("no header", header[0], expected, "skipped")


def _split_hunks(piece: Sequence[Line]) -> Iterator[tuple[Line, list[Line]]]:
    """Each header with its body; lines before the first header come as a header of their own."""
    header: Line | None = None
    body: list[Line] = []
    for number, line in piece:
        if header is None or line.startswith("@@"):
            if header is not None:
                yield header, body
            header, body = (number, line), []
        else:
            body.append((number, line))
    if header is not None:
        yield header, body
