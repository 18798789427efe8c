"""Model text: how an edit sequence is written for a model, and how a model's output is read.

    instruction
    <|diff|>@@ -0,0 +1,2 @@
    +def double(x):
    +    return 2 * x
    <|diff|>@@ -0,0 +1 @@
    +# Doubling.
    <|diff|>
    <|diff|>

The grammar is anchored to line starts: a code line always carries its "+", so whatever code holds
(`<|diff|>`, "@@", an end marker) cannot be taken for structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lintseq_core.edits.hunks import Edit, Hunk, edit_text, insert_hunks
from lintseq_core.errors import LintSeqError

DIFF_MARKER = "<|diff|>"
_HEADER = re.compile(
    r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@(?P<heading> .*)?"
)
_FILE_HEADER = re.compile(
    r"diff -|index [0-9a-f]+\.\.[0-9a-f]+( [0-7]+)?$|(new|deleted) file mode [0-7]+$|"
    r"(old|new) mode [0-7]+$|(dis)?similarity index [0-9]+%$|(rename|copy) (from|to) "
)
"""Lines that git and `diff -r` write above `---`; no line of an insertion starts so."""
_NO_NEWLINE = "\\ "
"""Starts the remark of diff and git that a file does not end in a newline; no line of the file."""

FaultKind = Literal[
    "text before the first edit",
    "no header",
    "bad header",
    "count differs from the lines",
    "position out of range",
    "hunks out of order",
    "-a inconsistent with +b",
    "deletion",
    "line without +",
    "empty edit before the close",
    "truncated",
    "text after the close",
]
FAULT_KINDS: tuple[FaultKind, ...] = FaultKind.__args__  # type: ignore[attr-defined]
Remedy = Literal["skipped", "placed by +b", "appended", "lines kept", "ignored"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where edit text breaks the grammar, and what lenient reading does about it."""

    kind: FaultKind
    line_number: int
    """1-based, in the text that was parsed."""
    edit_index: int
    """0-based."""
    hunk_index: int
    """0-based, within the edit."""
    detail: str
    remedy: Remedy

    def __str__(self) -> str:
        place = f"line {self.line_number} (edit {self.edit_index + 1}, hunk {self.hunk_index + 1})"
        return f"{place}: {self.kind}: {self.detail}"


class EditParseError(LintSeqError):
    """Edit text that breaks the grammar; `faults` names every fault with its place."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0]}{more}")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class ParsedEdits:
    """Edits that can be applied, and every fault met on the way."""

    edits: tuple[Edit, ...]
    faults: tuple[Fault, ...]


def model_text(edits: Iterable[Edit], *, instruction: str = "", eos: str = "") -> str:
    """`instruction`, each edit after "\\n<|diff|>", two empty edits as the close, `eos`."""
    pieces = [*(edit_text(edit) for edit in edits), "", ""]
    return instruction + "".join(f"\n{DIFF_MARKER}{piece}" for piece in pieces) + eos


def parse_edits(
    text: str, *, strict: bool = True, eos: str = "", base_line_count: int = 0
) -> ParsedEdits:
    """The edits in `text`: model text without its instruction, or unified diffs.

    `strict` raises EditParseError with every fault. Otherwise hunks that are no insertion are
    skipped, the others placed by their `+b` (appended beyond the end), and `faults` reports each.
    Text without a line that starts with `<|diff|>` is read as diffs, which need no close: with or
    without `---`/`+++` headers, as `git diff -U0` and `diff -U0 -p` write them too.
    `base_line_count` is the length of the program the first edit applies to.
    """
    reader = _Reader(text.removesuffix(eos) if eos else text, base_line_count)
    parsed = ParsedEdits(*reader.read())
    if strict and parsed.faults:
        raise EditParseError(parsed.faults)
    return parsed


def apply_edits(edits: Iterable[Edit], base: str = "") -> str:
    """The program after all `edits`, inserted into `base`; every line ends in "\\n"."""
    lines = base.removesuffix("\n").split("\n") if base else []
    for edit in edits:
        insert_hunks(lines, edit)
    return "".join(f"{line}\n" for line in lines)


_Line = tuple[int, str]  # 1-based line number in the text, text


class _Reader:
    """Reads one text; faults gather as it goes, and `length` follows the program's line count."""

    def __init__(self, text: str, base_line_count: int) -> None:
        self.lines: list[_Line] = list(enumerate(text.split("\n"), start=1))
        self.length = base_line_count
        self.faults: list[Fault] = []
        self.is_diff = False
        self.edit_index = 0
        self.hunk_index = 0

    def fault(self, kind: FaultKind, line_number: int, detail: str, remedy: Remedy) -> None:
        self.faults.append(
            Fault(kind, line_number, self.edit_index, self.hunk_index, detail, remedy)
        )

    def read(self) -> tuple[tuple[Edit, ...], tuple[Fault, ...]]:
        if self.lines[-1][1] == "" and len(self.lines) > 1:
            self.lines.pop()  # the newline that ends a file
        if any(line.startswith(DIFF_MARKER) for _, line in self.lines):
            pieces = self._until_close(self._split_at_markers())
        else:
            self.is_diff = True
            pieces = list(enumerate(_split_diffs(self.lines)))
        edits = []
        for self.edit_index, piece in pieces:
            hunks = tuple(self._read_hunks(piece))
            if hunks:
                edits.append(hunks)
        return tuple(edits), tuple(self.faults)

    def _split_at_markers(self) -> list[list[_Line]]:
        """The lines between markers; what follows a marker on its line is a piece's first line."""
        pieces: list[list[_Line]] = []
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

    def _until_close(self, pieces: list[list[_Line]]) -> list[tuple[int, list[_Line]]]:
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
        closers = "one" if empty[-1] else "none"
        self.fault("truncated", last, f"{closers} of the two closing markers", "ignored")
        return edits

    def _read_hunks(self, piece: Sequence[_Line]) -> Iterator[Hunk]:
        inserted, previous = 0, -1
        for self.hunk_index, (header, body) in enumerate(_split_hunks(piece)):
            place = self._read_header(header, body)
            if place is None:
                continue
            after, start, count = place
            inserted_lines = self._inserted(header, body, count)
            if not inserted_lines:
                continue
            remedy = self._check_place(header[0], after, start, inserted, previous)
            start = min(start, self.length + 1) if remedy else start
            yield Hunk(start, tuple(line[1:] for _, line in inserted_lines), after)
            inserted += len(inserted_lines)
            previous = after
            self.length += len(inserted_lines)

    def _read_header(self, header: _Line, body: Sequence[_Line]) -> tuple[int, int, int] | None:
        """`-a`, `+b` and n of a header, or None after a fault that leaves nothing to place."""
        number, text = header
        if not text.startswith("@@"):
            self.fault(
                "no header", number, f"expected '@@ -a,0 +b,n @@', found {text!r:.60}", "skipped"
            )
            return None
        match = _HEADER.fullmatch(text)
        if match is not None and int(match[2] or 1) > 0:
            gone = match[2] or "1"
            self.fault("deletion", number, f"{text!r:.60} removes {gone} line(s)", "skipped")
            return None
        if match is None or int(match[3]) == 0 or int(match[4] or 1) == 0:
            self.fault("bad header", number, f"{text!r:.60}", "skipped")
            return None
        if match["heading"] and not self.is_diff:  # what diff -p and git add: where the hunk is
            detail = f"text after the second @@: {match['heading'][1:]!r:.60}"
            self.fault("bad header", number, detail, "ignored")
        return int(match[1]), int(match[3]), int(match[4] or 1)

    def _inserted(self, header: _Line, body: Sequence[_Line], count: int) -> Sequence[_Line]:
        """The lines that the hunk inserts; none after a fault that spoils it."""
        remarks = [pair for pair in body if pair[1].startswith(_NO_NEWLINE)]
        for number, line in remarks if not self.is_diff else ():
            self.fault("line without +", number, f"{line!r:.60}", "ignored")
        if remarks:
            body = [pair for pair in body if not pair[1].startswith(_NO_NEWLINE)]
        for at, (number, line) in enumerate(body):
            if line.startswith("+"):
                continue
            # In a diff, what follows when all announced lines are there spoils none of them.
            removes = any(text.startswith("-") for _, text in body[at:])
            is_after = self.is_diff and at == count and not removes
            kind: FaultKind = "deletion" if line.startswith("-") else "line without +"
            self.fault(kind, number, f"{line!r:.60}", "ignored" if is_after else "skipped")
            return body[:at] if is_after else ()
        if count != len(body):
            remedy: Remedy = "lines kept" if body else "skipped"
            detail = f"header says {count}, found {len(body)}"
            self.fault("count differs from the lines", header[0], detail, remedy)
        return body

    def _check_place(
        self, number: int, after: int, start: int, inserted: int, previous: int
    ) -> Remedy | None:
        if start > self.length + 1 or after > self.length - inserted:
            lines = "1 line" if self.length == 1 else f"{self.length} lines"
            detail = f"-{after} +{start} in a program of {lines}"
            remedy: Remedy = "appended" if start > self.length + 1 else "placed by +b"
            self.fault("position out of range", number, detail, remedy)
            return remedy
        if after <= previous:
            detail = f"-{after} follows -{previous}"
            self.fault("hunks out of order", number, detail, "placed by +b")
            return "placed by +b"
        if start != after + inserted + 1:
            detail = f"-{after} calls for +{after + inserted + 1}, found +{start}"
            self.fault("-a inconsistent with +b", number, detail, "placed by +b")
            return "placed by +b"
        return None


def _split_hunks(piece: Sequence[_Line]) -> Iterator[tuple[_Line, list[_Line]]]:
    """Each header with its body; lines before the first header come as a header of their own."""
    header: _Line | None = None
    body: list[_Line] = []
    for number, line in piece:
        if header is None or line.startswith("@@"):
            if header is not None:
                yield header, body
            header, body = (number, line), []
        else:
            body.append((number, line))
    if header is not None:
        yield header, body


def has_hunk(text: str) -> bool:
    """Whether a line of `text` is the header of a hunk."""
    return "@@ -" in text and any(_HEADER.fullmatch(line) for line in text.splitlines())


def diffed_files(text: str) -> tuple[str, ...]:
    """The names of the files that the diffs in `text` are of, as their `+++` lines give them."""
    lines = list(enumerate(text.split("\n"), start=1))
    names = (
        lines[index + 1][1].removeprefix("+++ ").partition("\t")[0].removeprefix("b/")
        for index in range(len(lines) - 1)
        if _starts_diff(lines, index)
    )
    return tuple(dict.fromkeys(names))


def _starts_diff(lines: Sequence[_Line], index: int) -> bool:
    """Whether a diff's two lines of names stand here: an insertion has no line that starts so."""
    following = lines[index + 1][1] if index + 1 < len(lines) else ""
    return lines[index][1].startswith("--- ") and following.startswith("+++ ")


def _split_diffs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The hunks of each diff, without what stands above them about files."""
    piece: list[_Line] = []
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
