"""Rows of a source file, one after the other, in constant memory.

Lines or Parquet rows as they are, each with its index and bounded in size: how they come out of
the bytes of a file is for `row_files`, what a row means for `fields`, `items` and `rows`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lintseq_core.data.row_files import RowFile, TooLong
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


Payload = bytes | dict[str, Any] | TooLong
"""A row as it is read: JSON on one line, columns of Parquet, or a row left unread."""
RawRow = tuple[int, Payload]
"""0-based index (the number of the row less one, as `row_files` counts them) and payload."""


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """What tells whether a source is still the one a build started with."""

    name: str
    n_bytes: int
    mtime_ns: int
    sha256: str


def file_format(path: Path) -> FileFormat:
    """The format to write that the suffix of `path` names; LintSeqError lists the known ones."""
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
            f"{path}: a folder; give a file of JSON lines, a JSON list or Parquet "
            "('lintseq dataset mine' makes one of a folder of Python code)"
        )


class RowSource:
    """The rows of one file; `done_share` says how far the reading has come."""

    def __init__(self, path: Path, *, max_row_bytes: int, columns: tuple[str, ...] = ()) -> None:
        """`columns`: the only ones read from a Parquet file; none named reads all."""
        refuse_directory(path)
        self.path = path
        self._file = RowFile(path, max_row_bytes=max_row_bytes)
        self.is_parquet = self._file.layout == "parquet"
        self._size = max(path.stat().st_size, 1)
        self._parquet_share = 0.0
        self._columns = columns

    @property
    def done_share(self) -> float:
        """Of the file, how much has been read; from 0 to 1."""
        return self._parquet_share if self.is_parquet else self._file.bytes_read / self._size

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[RawRow]:
        """Rows with an index in start .. stop - 1. Blank lines count as lines but are no rows."""
        for index, payload in self._parquet_rows() if self.is_parquet else self._json_rows():
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

    def unread_columns(self, *, most: int) -> dict[str, int]:
        """Of a Parquet file, the columns that are not read and how many rows fill them.

        As its metadata says; at most `most`.
        """
        if not self.is_parquet or not self._columns:
            return {}
        counts: dict[str, int] = {}
        with import_pyarrow_parquet().ParquetFile(self.path) as file:
            for group in map(file.metadata.row_group, range(file.metadata.num_row_groups)):
                for column in map(group.column, range(group.num_columns)):
                    name = column.path_in_schema.partition(".")[0]
                    known = column.statistics if column.is_stats_set else None
                    n_null = known.null_count if known is not None and known.has_null_count else 0
                    filled = group.num_rows - n_null
                    if name == column.path_in_schema and name not in self._columns:
                        counts[name] = counts.get(name, 0) + filled
        return {name: min(count, most) for name, count in counts.items() if count}

    def _json_rows(self) -> Iterator[RawRow]:
        for number, _, text in self._file.rows():
            yield number - 1, text

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
                    self._parquet_share = index / total
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
