"""Foreign files of samples and results: rows as objects, and what stands at a file's start.

How rows come out of the bytes is for `data.row_files`. Nothing here holds more than one row, which
has at most MAX_ROW_BYTES.
"""

from __future__ import annotations

import contextlib
import json
import reprlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lintseq_core.data.fields import kind_of
from lintseq_core.data.row_files import START_BYTES, RowFile, TooLong
from lintseq_core.errors import LintSeqError
from lintseq_core.results.formats.json_stream import parse_prefix

MAX_ROW_BYTES = 64 << 20
MAX_COUNT = (1 << 53) - 1
"""The largest number that every reader of JSON gives back as it is."""
_PREFIXES = (START_BYTES, 4 << 20, MAX_ROW_BYTES)
_decode = json.JSONDecoder().decode


class FormatError(LintSeqError):
    """A file, row or field that does not fit its format: names the place and the remedy."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
        """The field that does not fit, where it is one."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file or folder and the name that messages give it."""

    path: Path
    name: str


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
            raise FormatError(f"{file}: no such file or folder; check the path")
        yield Input(path, file)
        return
    with tempfile.NamedTemporaryFile(prefix="lintseq-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Input(Path(copy.name), "<stdin>")


def row_file(source: Input) -> RowFile:
    """The rows of `source`, a file; RowFileError for what is known to be something else."""
    return RowFile(source.path, source.name, max_row_bytes=MAX_ROW_BYTES)


@contextlib.contextmanager
def open_bytes(source: Input) -> Iterator[IO[bytes]]:
    """The text of `source` as UTF-8, unpacked; damaged gzip is a RowFileError."""
    with row_file(source).open() as file:
        yield file


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
        raise FormatError(f"{source.name}: empty; expected samples or results")
    with rows.open() as file:
        start = b""
        for size in _PREFIXES:
            start += file.read(size - len(start))
            # A character cut in two at the end of the prefix is no fault.
            text = start.decode("utf-8", errors="replace").lstrip()
            if not text and len(start) < size:
                raise FormatError(f"{source.name}: empty; expected samples or results")
            if not text.startswith(("{", "[")):
                raise FormatError(
                    f"{source.name}: starts with {text[:20]!r}, which is neither JSON nor a known "
                    "archive; expected JSON lines, a JSON document, .parquet, .eval, or a folder "
                    "of .py files"
                )
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


def json_rows(source: Input) -> Iterator[tuple[str, dict[str, Any]]]:
    """Place and object of every row; FormatError names the row that is none."""
    for place, row in each_row(source):
        if isinstance(row, FormatError):
            raise row
        yield place, row


def each_row(source: Input) -> Iterator[tuple[str, dict[str, Any] | FormatError]]:
    """Place of every row with its object, or with what is wrong with it."""
    name = source.name
    for row in row_file(source).rows():
        number, line_number, text = row
        # Of most rows `row.place`, written out: this is a tenth of the time that reading takes.
        place = f"{name}, row {number}" if number == line_number else f"{name}, {row.place}"
        if isinstance(text, TooLong):
            raise FormatError(
                f"{place}: longer than {MAX_ROW_BYTES >> 20} MiB; expected one JSON object "
                "a line, and line breaks between them"
            )
        yield place, _tried_object(text, place)


def load_json(data: bytes, place: str) -> Any:
    """The value in `data`; FormatError says why there is none."""
    try:
        return _decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{place}: not UTF-8 (byte {error.start + 1} is 0x{data[error.start]:02x}); "
            "convert the file to UTF-8"
        ) from None
    except RecursionError:
        raise FormatError(f"{place}: nested too deeply; no known format looks so") from None
    except json.JSONDecodeError as error:
        hint = "correct or remove the row"
        if not data.endswith(b"\n"):
            hint = "the file ends within the row: copy it again, or remove the row"
        where = f"character {error.pos + 1:,}"
        raise FormatError(f"{place}, {where}: not JSON ({error.msg}); {hint}") from None
    except ValueError as error:  # a number of more digits than Python turns into one
        raise FormatError(f"{place}: not JSON that can be read ({error})") from None


def _tried_object(line: bytes, place: str) -> dict[str, Any] | FormatError:
    try:
        return object_of(line, place)
    except FormatError as error:
        return error


def object_of(line: bytes, place: str) -> dict[str, Any]:
    """The object in a row; FormatError if it is none."""
    value = load_json(line, place)
    if not isinstance(value, dict):
        raise FormatError(f"{place}: {kind_of(value)}, expected a JSON object")
    return value


def text_field(row: Mapping[str, Any], name: str, place: str) -> str:
    """The string in field `name` of `row`; FormatError names row and field."""
    if name not in row:
        has = ", ".join(list(row)[:6]) or "nothing"
        raise FormatError(f"{place}: no field {name!r} (it has {has})", field=name)
    value = row[name]
    if isinstance(value, list):
        raise FormatError(
            f"{place}: field {name!r} is a list; write one row a sample and repeat the task_id",
            field=name,
        )
    if not isinstance(value, str):
        raise FormatError(
            f"{place}: field {name!r} is {kind_of(value)}, expected a string", field=name
        )
    return value


def flag_field(row: Mapping[str, Any], name: str, place: str) -> bool:
    """The true or false in field `name` of `row`; FormatError names row and field."""
    value = row.get(name)
    if not isinstance(value, bool):
        what = kind_of(value) if name in row else "missing"
        raise FormatError(f"{place}: field {name!r} is {what}, expected true or false", field=name)
    return value


def count_field(row: Mapping[str, Any], name: str, place: str, *, first: int = 0) -> int:
    """The whole number from `first` in field `name` of `row`, `first` itself if it is left out.

    FormatError names row and field of what is none, or is over `MAX_COUNT`.
    """
    value = row.get(name, first)
    if isinstance(value, bool) or not isinstance(value, int) or value < first:
        raise FormatError(
            f"{place}: field {name!r} is {value!r:.60}, expected a number from {first}", field=name
        )
    if value > MAX_COUNT:
        raise FormatError(
            f"{place}: field {name!r} is {reprlib.repr(value)}, expected at most {MAX_COUNT:,}",
            field=name,
        )
    return value


def task_field(row: Mapping[str, Any], place: str, name: str = "task_id") -> str:
    """The problem's name in field `name`, a string or a whole number (MBPP's are numbers)."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_field(row, name, place)
