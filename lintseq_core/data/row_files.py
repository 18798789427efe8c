"""Rows of JSON out of the files that people have: from bytes to one line of JSON a row.

Data sets, samples and results, and traces are all read through here. What a file is is told from
its first bytes, never from its name:

packed    not at all, or by gzip
encoded   as UTF-8, UTF-16 or UTF-32, with or without a byte order mark
laid out  "lines"    one object a line, whose ends are \\n, \\r\\n or \\r
          "values"   objects one after the other that are not one a line: pretty-printed, or glued
          "list"     one list, whose items are the rows
          "parquet", "zip", "empty", "text" (none of these): no rows of JSON

Whatever it is, a row comes out as UTF-8 on one line, with its number and the line it starts on. A
byte order mark within the file, where two files were joined, is left out, and so is the missing
line break between them: a line that holds several whole objects is as many rows. A line that is
no JSON is handed on as it is: who reads rows decides what that means, and the others follow.

Nothing is read whole. Memory holds one row, at most `max_row_bytes`, and a piece of the file.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, NamedTuple, cast

from lintseq_core.errors import LintSeqError

RowLayout = Literal["lines", "values", "list", "parquet", "zip", "empty", "text"]
START_BYTES = 256 << 10
"""What is read of a file to tell what it is."""
_READ_BYTES = 1 << 20
_BOM = codecs.BOM_UTF8
_SPACE = b" \t\r\n"
_GZIP = b"\x1f\x8b"
_DAMAGES = (EOFError, zlib.error, gzip.BadGzipFile)
# The first bytes of text in each encoding: those of a byte order mark, or of "{", "[" or space.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_UNMARKED = (
    (re.compile(rb"[{\[\s]\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0[{\[\s]", re.DOTALL), "utf-32-be"),
    (re.compile(rb"[{\[\s]\0[^\0]", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\0[{\[\s]\0[^\0]", re.DOTALL), "utf-16-be"),
)
_FOREIGN = (
    (rb"\x28\xb5\x2f\xfd", "packed by zstd, which is not unpacked here; unpack it first: zstd -d"),
    (rb"\xfd7zXZ\x00", "packed by xz, which is not unpacked here; unpack it first: xz -d"),
    (rb"BZh[1-9]1AY", "packed by bzip2, which is not unpacked here; unpack it first: bunzip2"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and give the file in it"),
    (rb"\x1f\x8b", "gzip data within gzip data; unpack it once: gunzip"),
    (rb".{257}ustar", "a tar archive; unpack it and give the file in it"),
    (rb"ARROW1|\xff\xff\xff\xff", "an Arrow file; save the table as Parquet"),
    (rb"version https://git-lfs", "a pointer of Git LFS, not the file itself; run: git lfs pull"),
    (rb"(?i:\s*<(!doctype html|html))", "a page of HTML, not the file itself; download it again"),
)  # fmt: skip
_SIGNS = tuple((re.compile(sign, re.DOTALL), what) for sign, what in _FOREIGN)


class RowFileError(LintSeqError):
    """A file that cannot be read, or not further: names the file, the place and the remedy."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """Stands for a row that is not read because it is longer than allowed."""

    n_bytes: int


class Row(NamedTuple):
    """One row as it stands in a file."""

    number: int
    """From 1. Of lines that is the line, blank ones counted, until one holds several objects."""
    line_number: int
    """Of the line on which it starts, from 1."""
    text: bytes | TooLong
    """UTF-8 on one line, which ends in a line break unless the file ends before it."""

    @property
    def place(self) -> str:
        """What messages call it: "row 3", with the line where that is another number."""
        line = f" (line {self.line_number})" if self.line_number != self.number else ""
        return f"row {self.number}{line}"


class RowFile:
    """A file of rows; `rows` and `open` read it once more each time.

    RowFileError for what is known to be something else, such as a file packed by zstd; OSError.
    """

    def __init__(
        self,
        source: Path | bytes | Callable[[], IO[bytes]],
        name: str = "",
        *,
        max_row_bytes: int,
    ) -> None:
        """`source`: where it lies, its bytes, or what opens it; `name` is for messages."""
        self.source = source
        self.name = name or (str(source) if isinstance(source, Path) else "<bytes>")
        self.max_row_bytes = max_row_bytes
        self._reading: IO[bytes] | None = None
        with self._raw() as raw:
            self._is_gzip = raw.read(2) == _GZIP
        try:
            with self._raw() as raw:
                self._encoding = _encoding_of(self._unpacked(raw).read(4))
            with self._raw() as raw:
                start = _start_of(self._decoded(self._unpacked(raw)))
        except _DAMAGES as error:
            raise self._damaged(error) from None
        self._has_mark = start.startswith(_BOM)
        self._has_cr_lines = b"\r" in start and b"\n" not in start
        self.start = start.removeprefix(_BOM)
        """The first START_BYTES of the text as UTF-8, or all of it."""
        self.layout: RowLayout = self._told_layout()

    @property
    def bytes_read(self) -> int:
        """How much of the file, as it lies there, the reading of its rows has taken so far."""
        return 0 if self._reading is None or self._reading.closed else self._reading.tell()

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The text as UTF-8, unpacked and without a byte order mark; for documents of JSON.

        RowFileError, while it is read, where the file is damaged.
        """
        try:
            with self._raw() as self._reading:
                yield self._text(self._reading)
        except _DAMAGES as error:
            raise self._damaged(error) from None

    def refuse_longer(self, n_bytes: int) -> None:
        """Return if the file unpacks to at most `n_bytes`; RowFileError otherwise.

        For what holds all rows at once: a small file may unpack to any size. Unpacks it once.
        """
        size = 0
        with contextlib.suppress(RowFileError), self.open() as text:  # a damage comes up later
            while self._is_gzip and size <= n_bytes and (part := text.read(_READ_BYTES)):
                size += len(part)
        if size > n_bytes:
            raise RowFileError(f"{self.name}: unpacks to more than {n_bytes >> 20} MiB; not read")

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank, one after the other.

        RowFileError where the file cannot be read further, or has no rows of JSON.
        """
        if self.layout == "empty":
            return
        if self.layout not in ("lines", "values", "list"):
            raise RowFileError(f"{self.name}: {self._refusal()}")
        with self._raw() as self._reading:
            text = self._text(self._reading)
            if self.layout == "lines":
                yield from self._lines(text)
                return
            number = 0
            try:
                for row in _Values(text, self).rows():
                    number = row.number
                    yield row
            except _DAMAGES as error:
                raise self._damaged(error, number) from None

    def _raw(self) -> contextlib.AbstractContextManager[IO[bytes]]:
        if isinstance(self.source, bytes):
            return io.BytesIO(self.source)
        return self.source.open("rb") if isinstance(self.source, Path) else self.source()

    def _unpacked(self, raw: IO[bytes]) -> IO[bytes]:
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if self._is_gzip else raw

    def _decoded(self, unpacked: IO[bytes]) -> IO[bytes]:
        if self._encoding == "utf-8":
            return unpacked
        return io.BufferedReader(_Recoded(unpacked, self._encoding, self.name), _READ_BYTES)

    def _text(self, raw: IO[bytes]) -> IO[bytes]:
        text = self._decoded(self._unpacked(raw))
        if self._has_mark:
            text.read(len(_BOM))
        if self._has_cr_lines:
            text = io.BufferedReader(_WithLineFeeds(text), _READ_BYTES)
        return text

    def _told_layout(self) -> RowLayout:
        start = self.start
        if start.startswith((b"PAR1", b"PK\x03\x04")):
            return "parquet" if start.startswith(b"PAR1") else "zip"
        for sign, what in _SIGNS:
            if sign.match(start):
                raise RowFileError(f"{self.name}: {what}")
        text = start.lstrip(_SPACE)
        if not text:
            return "empty" if len(start) < START_BYTES else "lines"
        if text.startswith(b"["):
            return "list"
        if text.startswith(b"{"):
            return _layout_of_objects(text.decode("utf-8", "replace").replace("\r\n", "\n"))
        # Rows after a first one that is damaged are rows all the same.
        return "lines" if re.search(rb"[\r\n]\s*\{", text) else "text"

    def _refusal(self) -> str:
        if self.layout == "parquet":
            return "a Parquet file; expected one JSON object a line, or a JSON list of objects"
        if self.layout == "zip":
            return "a zip archive; unpack it and give the file in it"
        start = self.start[:20].decode("utf-8", "replace")
        return (
            f"starts with {start!r}, which is neither JSON nor Parquet; expected one JSON object "
            "a line, or a JSON list of objects"
        )

    def _lines(self, text: IO[bytes]) -> Iterator[Row]:
        most = self.max_row_bytes
        number = line_number = 0
        readline = text.readline
        try:
            while line := readline(most + 1):
                number += 1
                line_number += 1
                n_bytes = len(line)
                if n_bytes <= most and line[0] == _OPEN and line.find(b"}", 0, n_bytes - 2) < 0:
                    yield Row(number, line_number, line)  # most lines: one flat object
                    continue
                if n_bytes > most and not line.endswith(b"\n"):
                    while line and not line.endswith(b"\n"):
                        line = text.readline(_READ_BYTES)
                        n_bytes += len(line)
                    yield Row(number, line_number, TooLong(n_bytes))
                    continue
                one, *more = _objects_of_line(line)
                if one.strip():
                    yield Row(number, line_number, one)
                for one in more:
                    number += 1
                    yield Row(number, line_number, one)
        except _DAMAGES as error:
            raise self._damaged(error, number) from None

    def _damaged(self, error: Exception, number: int | None = None) -> RowFileError:
        place = f"{self.name}, after row {number}" if number else self.name
        return RowFileError(
            f"{place}: the gzip data is damaged ({error}); copy or download the file again"
        )


def _start_of(text: IO[bytes]) -> bytes:
    """The first START_BYTES, or as many as come before a damage; raises that where none do."""
    parts: list[bytes] = []
    size = 0
    try:
        # What read1 gives comes before a damage; streams of other libraries have read alone.
        read = getattr(text, "read1", text.read)
        while size < START_BYTES and (part := read(START_BYTES - size)):
            parts.append(part)
            size += len(part)
    except _DAMAGES:
        if not parts:
            raise
    return b"".join(parts)


def _encoding_of(first: bytes) -> str:
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            return encoding
    return next((encoding for sign, encoding in _UNMARKED if sign.match(first)), "utf-8")


def _layout_of_objects(text: str) -> RowLayout:
    """How objects are laid out of which `text`, which starts with "{", is the start."""
    try:
        end = json.JSONDecoder().raw_decode(text)[1]
    except json.JSONDecodeError as error:
        # Cut off, and not wrong: within a string, or in the last few characters.
        is_cut = error.msg.startswith("Unterminated string") or len(text) - error.pos < 20
        return "values" if is_cut and re.search(r"[\n\r]", text[: error.pos]) else "lines"
    except (RecursionError, ValueError):
        return "lines"
    if re.search(r"[\n\r]", text[:end]):
        return "values"
    # Glued without any line break: a line of the whole file would be too long to read.
    return "lines" if re.search(r"[\n\r]", text) or not text[end:].strip() else "values"


class _Recoded(io.RawIOBase):
    """Text of another encoding as UTF-8."""

    def __init__(self, file: IO[bytes], encoding: str, name: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._about = (name, encoding.upper()[:6])
        self._ready = b""
        self._has_ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        room = memoryview(cast(bytearray, buffer))
        while not self._ready and not self._has_ended:
            data = self._file.read(_READ_BYTES)
            self._has_ended = not data
            try:
                self._ready = self._decoder.decode(data, final=self._has_ended).encode("utf-8")
            except UnicodeError as error:
                name, encoding = self._about
                reason = getattr(error, "reason", str(error))
                raise RowFileError(
                    f"{name}: not {encoding} throughout ({reason}), though it starts so; "
                    "convert the file to UTF-8"
                ) from None
        n_bytes = min(len(room), len(self._ready))
        room[:n_bytes] = self._ready[:n_bytes]
        self._ready = self._ready[n_bytes:]
        return n_bytes


class _WithLineFeeds(io.RawIOBase):
    """Text whose lines end in "\\r", which stands nowhere else in JSON, with "\\n" instead."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        room = memoryview(cast(bytearray, buffer))
        data = self._file.read(len(room)).replace(b"\r", b"\n")
        room[: len(data)] = data
        return len(data)


# --- where a value ends --------------------------------------------------------------------------
# Brackets and strings alone decide that: whether the rest is JSON is for the reader of the row.

_IN_STRING = re.compile(rb'[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+')
_TOKEN = re.compile(rb'"[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+"|[{}\[\]"]')
_SCALAR = re.compile(rb'[^\s,:\[\]{}"]*')
_BETWEEN = re.compile(rb"(?:[ \t\r\n]|\xef\xbb\xbf)*")
_GLUE = re.compile(rb"\}(?:[ \t\r\n]|\xef\xbb\xbf)*\{")
_QUOTE, _BACKSLASH = b'"\\'
_OPEN = b"{"[0]
_PAIRS = {b"}"[0]: b"{"[0], b"]"[0]: b"["[0]}


class _NoValueError(Exception):
    """What was expected at a place in the text."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.at = at


class _Scan:
    """Looks for the end of one value, in as many pieces of text as it comes in."""

    def __init__(self) -> None:
        self._open = bytearray()
        self._is_in_string = False

    def go(self, text: bytes, at: int) -> tuple[int, bool]:
        """How far `text` from `at` on belongs to the value, and whether it ends there."""
        while True:
            if self._is_in_string:
                at = _end_of(_IN_STRING, text, at)
                if at < len(text) and text[at] == _QUOTE:
                    self._is_in_string = False
                    at += 1
                    if not self._open:
                        return at, True
                elif at == len(text) or (text[at] == _BACKSLASH and at + 1 == len(text)):
                    return at, False
                else:
                    raise _NoValueError("a string that does not end on its line", at)
            token = _TOKEN.search(text, at)
            if token is None:
                return len(text), False
            at = token.end()
            sign = text[token.start()]
            if sign == _QUOTE:
                self._is_in_string = at - token.start() == 1
                if not self._open and not self._is_in_string:
                    return at, True
            elif sign not in _PAIRS:
                self._open.append(sign)
            elif not self._open or self._open.pop() != _PAIRS[sign]:
                raise _NoValueError(f"a {chr(sign)!r} that closes nothing", token.start())
            elif not self._open:
                return at, True


def _end_of(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    match = pattern.match(text, at)
    assert match is not None  # they match the empty text too
    return match.end()


def _objects_of_line(line: bytes) -> list[bytes]:
    """The objects that `line` is made of, each with a line end; `line` itself where that is one,
    or where it is anything else than whole objects (the last may be cut off)."""
    if line.startswith(_BOM):
        line = line.removeprefix(_BOM)
    if _GLUE.search(line) is None:
        return [line]
    found = []
    at, is_whole = 0, True
    while (start := _end_of(_BETWEEN, line, at)) < len(line):
        if line[start] != b"{"[0] or not is_whole:
            return [line]
        try:
            at, is_whole = _Scan().go(line, start)
        except _NoValueError:
            return [line]
        found.append(line[start:at])
    if len(found) < 2:
        return [line]
    last = line[len(line.rstrip(b"\r\n")) :] if is_whole else b""
    return [*(one + b"\n" for one in found[:-1]), found[-1] + last]


class _Values:
    """The rows of text that is not one object a line."""

    def __init__(self, file: IO[bytes], about: RowFile) -> None:
        self._file = file
        self._name = about.name
        self._most = about.max_row_bytes
        self._is_list = about.layout == "list"
        self._text = b""
        self._at = 0
        self._line_number = 1  # of the place `_at`
        self._number = 0
        self._has_ended = False

    def rows(self) -> Iterator[Row]:
        if self._is_list:
            self._next()
            self._move(self._at + 1)
        while (sign := self._next()) and not (self._is_list and sign == b"]" and not self._number):
            self._number += 1
            row = Row(self._number, self._line_number, b"")
            yield row._replace(text=self._value(sign, row))
            if self._is_list and not self._has_another():
                break
        if self._is_list:
            self._finish_list()

    def _has_another(self) -> bool:
        """Whether a comma follows, after which there must be an item."""
        sign = self._next()
        if sign != b",":
            return False
        self._move(self._at + 1)
        if self._next() in (b"", b"]", b","):
            raise self._error("no item after a comma")
        return True

    def _finish_list(self) -> None:
        sign = self._next()
        if sign != b"]":
            what = (
                f"{chr(sign[0])!r} where ',' or ']' is expected" if sign else "the list has no end"
            )
            raise self._error(what)
        self._move(self._at + 1)
        if self._next():
            raise self._error("text after the end of the list")

    def _next(self) -> bytes:
        """The next character that is no space; b"" at the end."""
        while True:
            self._move(_end_of(_BETWEEN, self._text, self._at))
            # A byte order mark may be cut in two.
            if len(self._text) - self._at >= len(_BOM) or self._has_ended:
                return self._text[self._at : self._at + 1]
            self._fill()

    def _value(self, sign: bytes, row: Row) -> bytes | TooLong:
        """The text of the value that starts here, on one line; TooLong if it is left unread."""
        if sign not in b'{["':
            return self._scalar(sign, row)
        if sign != b"{" and not self._is_list:
            raise self._error(f"{chr(sign[0])!r} where an object is expected", row)
        scan = _Scan()
        end, n_dropped = self._at, 0
        while True:
            try:
                end, is_whole = scan.go(self._text, end)
            except _NoValueError as error:
                self._move(error.at)
                raise self._error(str(error), row) from None
            if is_whole:
                break
            if self._has_ended:
                self._move(end)
                self._line_number = row.line_number
                raise self._error("the file ends within it", row)
            if n_dropped or end - self._at > self._most:
                n_dropped += end - self._at
                self._move(end)
            reached = end - self._at
            self._fill()
            end = self._at + reached
        text = self._text[self._at : end]
        self._move(end)
        if n_dropped or len(text) > self._most:
            return TooLong(n_dropped + len(text))
        return text.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n"

    def _scalar(self, sign: bytes, row: Row) -> bytes:
        """A number or word, which is no row but an item of a list."""
        if not self._is_list:
            raise self._error(f"{chr(sign[0])!r} where an object is expected", row)
        while (end := _end_of(_SCALAR, self._text, self._at)) == len(self._text):
            if self._has_ended or end - self._at > 1_000:
                break
            self._fill()
        if end == self._at:
            raise self._error(f"{chr(sign[0])!r} where an item is expected", row)
        text = self._text[self._at : end]
        self._move(end)
        return text + b"\n"

    def _move(self, at: int) -> None:
        self._line_number += self._text.count(b"\n", self._at, at)
        self._at = at

    def _fill(self) -> None:
        data = self._file.read(_READ_BYTES)
        self._has_ended = not data
        self._text = self._text[self._at :] + data
        self._at = 0

    def _error(self, what: str, row: Row | None = None) -> RowFileError:
        """`what` is wrong with `row`, or with what stands after the last one."""
        place = f"{'' if row else 'after '}row {self._number} (line {self._line_number})"
        remedy = "it cannot be read further: correct the file"
        if self._has_ended and self._at >= len(self._text.rstrip()):
            remedy = "copy the file again, or end it there"
        return RowFileError(f"{self._name}, {place}: {what}; {remedy}")
