"""Rows of a run in progress: appended whole, read back after any kind of end."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text


class Journal:
    """Rows that arrive in any order, each under its index; only one process can hold one.

    Use as a context manager. A line that was cut off by a crash is dropped and its row decided
    again; everything before it counts.
    """

    def __init__(self, path: Path, request: dict[str, Any]) -> None:
        """Begin at `path`, or go on with what is there if it was made for the same `request`."""
        self.path = path
        self.rows: dict[int, dict[str, Any]] = {}
        self._file = path.open("a+b")
        try:
            self._hold()
            self._read(request)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self.rows:  # nothing to go on with: the next run may ask for something else
            self.remove()
        self._file.close()

    def add(self, index: int, row: dict[str, Any]) -> None:
        """Keep `row`: once this returns, a kill does not lose it."""
        self.rows[index] = row
        self._write({"index": index, "row": row})

    def finish(self, output: Path) -> None:
        """Write all rows to `output` in the order of their indices, whole or not at all."""
        with whole_file(output) as file:
            for index in sorted(self.rows):
                file.write(_line(self.rows[index]))

    def remove(self) -> None:
        """Take the journal away, once what it held is safe elsewhere."""
        self.path.unlink(missing_ok=True)

    def _hold(self) -> None:
        if sys.platform == "win32":
            return
        import fcntl

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LintSeqError(f"{self.path}: another command is writing it; wait for it") from None

    def _read(self, request: dict[str, Any]) -> None:
        self._file.seek(0)
        kept = 0
        for line in self._file:
            try:
                entry = json.loads(line) if line.endswith(b"\n") else None
            except (ValueError, RecursionError):
                entry = None
            if not isinstance(entry, dict):
                break
            if kept == 0:
                self._compare(entry, request)
            elif type(entry.get("index")) is int and isinstance(entry.get("row"), dict):
                self.rows[entry["index"]] = entry["row"]
            else:
                break
            kept += len(line)
        self._file.truncate(kept)
        self._file.seek(0, os.SEEK_END)
        if kept == 0:
            self._write(request)

    def _compare(self, there: dict[str, Any], asked: dict[str, Any]) -> None:
        for name in sorted(there.keys() | asked.keys()):
            if there.get(name) != asked.get(name):
                raise LintSeqError(
                    f"{self.path}: belongs to a run with {name} {there.get(name)!r}, not "
                    f"{asked.get(name)!r}; finish that one, or remove the file to begin anew"
                )

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(_line(entry))
        self._file.flush()


def _line(entry: dict[str, Any]) -> bytes:
    return (json_text(entry, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
