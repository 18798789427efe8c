"""A folder of runs: one folder each, named after time, name and content, never overwritten."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lintseq_core.data.files import file_sha256, sync_folder
from lintseq_core.errors import LintSeqError
from lintseq_core.results.record import RunRecord, RunRecordError, read_record, write_record

RECORD_NAME = "record.json"
_PARTIAL = ".partial-"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run in a store: its folder and its record."""

    folder: Path
    record: RunRecord

    def file(self, name: str) -> Path:
        """The file `name` of the run; LintSeqError if it is missing or not the one recorded."""
        path = self.folder / name
        if not path.is_file():
            raise LintSeqError(f"{path}: the run has no such file; see {self.folder / RECORD_NAME}")
        expected = self.record.hashes.get(name)
        if expected is not None and file_sha256(path) != expected:
            raise LintSeqError(
                f"{path}: not the file that was recorded (sha256 {expected[:12]}… expected); "
                "restore it or record the run again"
            )
        return path


@dataclass(frozen=True, slots=True)
class Listing:
    """The runs of a store, oldest first, and one line for each folder that cannot be read."""

    runs: tuple[StoredRun, ...]
    unreadable: tuple[str, ...]


def run_folder_name(record: RunRecord) -> str:
    """UTC time, name and 8 digits of the record's sha256, as in 20261124T194000Z_base_0f3a9c21."""
    time = re.sub(r"[^0-9TZ]", "", record.created)
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", record.name).strip("-.") or "run"
    return f"{time}_{name}_{hashlib.sha256(record.to_json().encode()).hexdigest()[:8]}"


def save_run(store: Path, record: RunRecord, files: Mapping[str, Path]) -> StoredRun:
    """Copy `files` into a new folder of `store` with a record that holds their sha256.

    The folder appears at once with everything in it, or not at all.
    """
    for name in files:
        if Path(name).name != name or name in {RECORD_NAME, "..", "."}:
            raise LintSeqError(f"{name!r}: not a name for a file of a run; use a plain file name")
    store.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=store))
    try:
        hashes = dict(record.hashes)
        for name, source in files.items():
            shutil.copyfile(source, partial / name)
            hashes[name] = file_sha256(partial / name)
        complete = replace(record, hashes=hashes)
        write_record(complete, partial / RECORD_NAME)
        folder = store / run_folder_name(complete)
        if folder.exists():
            raise LintSeqError(f"{folder}: this run is already stored; nothing was changed")
        partial.chmod(0o755)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(store)
    return StoredRun(folder, complete)


def list_runs(store: Path) -> Listing:
    """Every run of `store`, oldest first; folders that an interrupted save left are passed over."""
    runs: list[StoredRun] = []
    unreadable: list[str] = []
    for folder in _folders(store):
        try:
            runs.append(StoredRun(folder, read_record(folder / RECORD_NAME)))
        except FileNotFoundError:
            unreadable.append(f"{folder}: no {RECORD_NAME}; not a stored run")
        except RunRecordError as error:
            unreadable.append(str(error))
    runs.sort(key=lambda run: (run.record.created, run.folder.name))
    return Listing(tuple(runs), tuple(unreadable))


def _folders(store: Path) -> Iterator[Path]:
    if not store.is_dir():
        raise LintSeqError(f"{store}: no folder of runs; check the path")
    for path in sorted(store.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            yield path
