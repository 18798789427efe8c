"""Rows of a source file, one after the other, in constant memory.

Lines or Parquet rows as they are, each with its index and bounded in size; what a row means is for
`fields`, `items` and `rows`.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

from lintseq_core.errors import LintSeqError

FileFormat = Literal["jsonl", "jsonl.gz", "parquet"]
_SUFFIXES: dict[str, FileFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl.gz",
    ".ndjson.gz": "jsonl.gz",
    ".parquet": "parquet",
}
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class TooLong:
    """Stands for a row that is not read because it is longer than allowed."""

    n_bytes: int


Payload = bytes | dict[str, Any] | TooLong
"""A row as it is read: a line of JSON, columns of Parquet, or a row left unread."""
RawRow = tuple[int, Payload]
"""0-based index (the line number less one, the row of a Parquet file) and payload."""


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """What tells whether a source is still the one a build started with."""

    name: str
    n_bytes: int
    mtime_ns: int
    sha256: str


def file_format(path: Path) -> FileFormat:
    """The format that the suffix of `path` names; LintSeqError lists the known ones."""
    for suffix, named in _SUFFIXES.items():
        if path.name.lower().endswith(suffix):
            return named
    raise LintSeqError(f"{path}: unknown kind of file; use one of .jsonl, .jsonl.gz, .parquet")


def identify(path: Path) -> SourceIdentity:
    """Size, time and hash of the file at `path`; reads it once."""
    refuse_directory(path)
    status = path.stat()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return SourceIdentity(path.name, status.st_size, status.st_mtime_ns, digest.hexdigest())


def refuse_directory(path: Path) -> None:
    """Return if `path` is no folder; LintSeqError says what to do with one."""
    if path.is_dir():
        raise LintSeqError(
            f"{path}: a folder; give a .jsonl, .jsonl.gz or .parquet file "
            "('lintseq dataset mine' makes one of a folder of Python code)"
        )


class Source:
    """The rows of one file; `done_share` says how far the reading has come."""

    def __init__(self, path: Path, *, max_row_bytes: int, columns: tuple[str, ...] = ()) -> None:
        """`columns`: the only ones read from a Parquet file; none named reads all."""
        refuse_directory(path)
        self.path = path
        self.format = file_format(path)
        self.done_share = 0.0
        self._max_row_bytes = max_row_bytes
        self._columns = columns

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[RawRow]:
        """Rows with an index in start .. stop - 1. Blank lines count as lines but are no rows."""
        found = self._parquet_rows() if self.format == "parquet" else self._json_rows()
        for index, payload in found:
            if stop is not None and index >= stop:
                return
            if index >= start:
                yield index, payload

    def objects(self, count: int) -> Iterator[dict[str, Any]]:
        """The first rows that are objects, of the first `count`."""
        for _, payload in itertools.islice(self.rows(), count):
            if isinstance(payload, bytes):
                try:
                    payload = json.loads(payload.decode("utf-8-sig"))
                except (ValueError, RecursionError):
                    continue
            if isinstance(payload, dict):
                yield payload

    def _json_rows(self) -> Iterator[RawRow]:
        size = max(self.path.stat().st_size, 1)
        with self.path.open("rb") as raw:
            stream: IO[bytes] = raw
            if self.format == "jsonl.gz":
                stream = cast(IO[bytes], gzip.GzipFile(fileobj=raw))
            index = 0
            try:
                for index, line in self._lines(stream):
                    self.done_share = raw.tell() / size
                    if isinstance(line, TooLong) or line.strip():
                        yield index, line
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise LintSeqError(
                    f"{self.path}, after row {index + 1}: the gzip data is damaged ({error}); "
                    "copy or download the file again"
                ) from None

    def _lines(self, stream: IO[bytes]) -> Iterator[tuple[int, bytes | TooLong]]:
        most = self._max_row_bytes
        for index in itertools.count():
            line = stream.readline(most + 1)
            if not line:
                return
            if len(line) <= most or line.endswith(b"\n"):
                yield index, line
                continue
            n_bytes = len(line)
            while line and not line.endswith(b"\n"):
                line = stream.readline(_CHUNK)
                n_bytes += len(line)
            yield index, TooLong(n_bytes)

    def _parquet_rows(self) -> Iterator[RawRow]:
        parquet = import_pyarrow_parquet()
        import pyarrow

        try:
            with parquet.ParquetFile(self.path) as file:
                total = max(file.metadata.num_rows, 1)
                known = set(file.schema_arrow.names)
                columns = [name for name in self._columns if name in known] or None
                index = 0
                for batch in file.iter_batches(batch_size=64, columns=columns):
                    for row in batch.to_pylist():
                        yield index, row
                        index += 1
                    self.done_share = index / total
        except pyarrow.ArrowInvalid as error:
            what = str(error).splitlines()[0]
            raise LintSeqError(
                f"{self.path}: not a Parquet file that can be read: {what}"
            ) from None


def import_pyarrow_parquet() -> Any:
    """The module pyarrow.parquet; LintSeqError names the extra that brings it."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise LintSeqError(
            "Parquet needs pyarrow: pip install 'lintseq-core[data]', or use .jsonl"
        ) from None
    return pyarrow.parquet
