"""Foreign files of samples and results: rows as objects, and what stands at a file's start.

How rows come out of the bytes is for `data.row_files`. Nothing here holds more than one row, which
has at most MAX_ROW_BYTES.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.row_files import START_BYTES, RowFile, TooLong
from lintseq_core.results.formats.decoding import load_object, parse_prefix
from lintseq_core.results.formats.fault import Fault, FormatError

MAX_ROW_BYTES = 64 << 20
_PREFIXES = (START_BYTES, 4 << 20, MAX_ROW_BYTES)


@dataclass(frozen=True, slots=True)
class Input:
    """A file or folder and the name that messages give it."""

    path: Path
    name: str
    on_open: Callable[[RowFile], None] | None = None
    """Called when it is opened for reading: who shows how far that is looks at `bytes_read`."""


@dataclass(frozen=True, slots=True)
class Head:
    """What can be told from the start of an input without reading it all."""

    kind: str
    """ "lines" for objects that are rows, however they are laid out; else "document", "folder",
    "zip", "parquet"."""
    first: Any = None
    """The first row, or the start of the document; its end may be cut off."""
    is_whole: bool = True
    """Whether `first` is complete."""

    def row(self) -> Mapping[str, Any]:
        """The first row as an object; empty if it is something else."""
        return self.first if isinstance(self.first, dict) else {}


@contextlib.contextmanager
def open_input(file: str) -> Iterator[Input]:
    """The file or folder named `file`; standard input for "-", kept on disk while it is read."""
    if file != "-":
        path = Path(file)
        if not path.exists():
            raise FormatError(Fault(file, "no such file or folder", "check the path"))
        yield Input(path, file)
        return
    with tempfile.NamedTemporaryFile(prefix="lintseq-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Input(Path(copy.name), "<stdin>")


def row_file(source: Input) -> RowFile:
    """The rows of `source`, a file; RowFileError for what is known to be something else."""
    file = RowFile(source.path, source.name, max_row_bytes=MAX_ROW_BYTES)
    if source.on_open is not None:
        source.on_open(file)
    return file


def read_heads(source: Input) -> Iterator[Head]:
    """Kind and start of `source`, with more of it each time until the first row is whole.

    An object that goes on over lines may be the first row or the document: then both come.
    FormatError for what is empty or neither JSON nor an archive.
    """
    if source.path.is_dir():
        yield Head("folder")
        return
    rows = row_file(source)
    if rows.layout in ("zip", "parquet"):
        yield Head(rows.layout)
        return
    if rows.layout == "empty":
        raise FormatError(Fault(source.name, "empty", "expected samples or results"))
    with rows.open() as file:
        start = b""
        for size in _PREFIXES:
            start += file.read(size - len(start))
            # A character cut in two at the end of the prefix is no fault.
            text = start.decode("utf-8", errors="replace").lstrip()
            if not text and len(start) < size:
                raise FormatError(Fault(source.name, "empty", "expected samples or results"))
            if not text.startswith(("{", "[")):
                what = f"starts with {text[:20]!r}, which is neither JSON nor a known archive"
                known = "JSON lines, a JSON document, .parquet, .eval, or a folder of .py files"
                raise FormatError(Fault(source.name, what, f"expected {known}"))
            heads = _heads_of(text, rows, is_all=len(start) < size)
            yield from heads
            if heads[-1].is_whole or len(start) < size:
                return


def _heads_of(text: str, rows: RowFile, *, is_all: bool) -> list[Head]:
    if rows.layout == "list":
        items = text[1:].lstrip()
        if items.startswith("{"):
            first, end = parse_prefix(items)
            return [Head("lines", first, end is not None)]
    first, end = parse_prefix(text)
    if rows.layout == "lines":
        return [Head("lines", first, end is not None)]
    document = Head("document", first, end is not None)
    if rows.layout == "list" or end is None:
        return [document]
    follows = text[end:].lstrip("\ufeff \t\r\n")
    row = Head("lines", first)
    return [row] if follows or not is_all else [row, document]


def each_row(source: Input) -> Iterator[tuple[int, str, dict[str, Any] | Fault]]:
    """Number and place of every row with its object, or with what is wrong with it."""
    name = source.name
    for row in row_file(source).rows():
        number, line_number, text = row
        # Of most rows `row.place`, written out: this is a tenth of the time that reading takes.
        place = f"{name}, row {number}" if number == line_number else f"{name}, {row.place}"
        if isinstance(text, TooLong):
            remedy = "expected one JSON object a line, and line breaks between them"
            raise FormatError(Fault(place, f"longer than {MAX_ROW_BYTES >> 20} MiB", remedy))
        try:
            found: dict[str, Any] | Fault = load_object(text, place)
        except FormatError as error:
            found = error.fault
        yield number, place, found
