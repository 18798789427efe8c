"""The files of the page Data: those that ship, given ones, and those opened in this session.

`load_` marks the cached functions.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard.files.given import GIVEN_VARIABLE, OPENED, files_below
from dashboard.files.loaders import load_examples, load_traces
from dashboard.generations.source import SHIPPED_NOTE, by_task
from lintseq_core import LintSeqError, get_linter, sample_paths
from lintseq_core.data.files import whole_file
from lintseq_core.edits.sequence import Method
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.samples.cache import note_use, table_folder, tables_folder
from lintseq_core.results.samples.facets import Facet, facets_of
from lintseq_core.results.samples.importing import COLUMNS
from lintseq_core.results.samples.kinds import sniff
from lintseq_core.results.samples.store import Found, Table
from lintseq_core.results.samples.structure import STRUCTURE
from lintseq_core.viewer.generated import last_state

N_PATHS = 20
LINTSEQ, RANDSEQ, TINY_MODEL = (
    "examples_lintseq.jsonl",
    "examples_randseq.jsonl",
    "tiny_model.jsonl",
)
MAX_GIVEN = 200


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file that can be looked at."""

    name: str
    """As it is shown and as links say it."""
    path: Path
    note: str = ""


def shipped_files() -> tuple[DataFile, ...]:
    """Edit sequences of the example programs, and samples of the tiny test model."""
    folder = tables_folder() / "shipped"
    sequences = f"The example programs, {N_PATHS} sequences of each, drawn by"
    return (
        DataFile(f"{LINTSEQ} (ships)", folder / LINTSEQ, f"{sequences} LintSeq."),
        DataFile(f"{RANDSEQ} (ships)", folder / RANDSEQ, f"{sequences} RandSeq."),
        DataFile(f"{TINY_MODEL} (ships)", folder / TINY_MODEL, SHIPPED_NOTE),
    )


def write_shipped(path: Path) -> None:
    """Write the file at `path` if it is one that ships. LintSeqError if that cannot be done."""
    if path in {file.path for file in shipped_files()}:
        if not path.is_file():
            load_shipped.clear(str(path))  # somebody emptied the folder since
        try:
            load_shipped(str(path))
        except OSError as error:
            raise LintSeqError(
                f"the example cannot be written: {error}; LINTSEQ_CACHE moves the folder"
            ) from None


@st.cache_resource(max_entries=6, show_spinner="Writing the example")
def load_shipped(path: str) -> None:
    """Write one of the files that ship, once."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = {
        LINTSEQ: lambda: _sequence_rows("lintseq"),
        RANDSEQ: lambda: _sequence_rows("randseq"),
        TINY_MODEL: _trace_rows,
    }
    data = "".join(f"{row}\n" for row in rows[target.name]()).encode()
    # A file that stays the same keeps its table.
    if not target.is_file() or target.read_bytes() != data:
        with whole_file(target) as file:
            file.write(data)


def _sequence_rows(method: Method) -> list[str]:
    linter = get_linter("pyflakes") if method == "lintseq" else None
    rows = []
    for index, example in enumerate(load_examples().values()):
        about = {"instruction": example.what, "index": index, "source_file": f"{example.name}.py"}
        for sequence in sample_paths(
            example.program, seed=0, n_paths=N_PATHS, method=method, linter=linter
        ):
            rows.append(json_text(sequence.to_record() | about))
    return rows


def _trace_rows() -> list[str]:
    rows = []
    for task, traces in by_task(load_traces()).items():
        for read in traces:
            mode = read.trace.header.request.mode
            for sample in read.trace.samples:
                row = {"task_id": task, "sample_id": sample.sample_index, "model": read.model}
                rows.append(json_text(row | {"completion": last_state(sample, mode)}))
    return rows


def all_files() -> dict[str, DataFile]:
    """Every file by name: opened ones first, then given ones, then those that ship."""
    found = [DataFile(name, Path(path)) for name, path in st.session_state.get(OPENED, {}).items()]
    paths = json.loads(os.environ.get(GIVEN_VARIABLE, "") or "[]")
    found += [DataFile(path.name, path) for path in load_given_data(tuple(paths))]
    named: dict[str, DataFile] = {}
    for file in (*found, *shipped_files()):
        if file.path not in {one.path for one in named.values()}:
            name = file.name if file.name not in named else str(file.path)
            named[name] = DataFile(name, file.path, file.note)
    return named


@st.cache_resource(max_entries=4, show_spinner=False)
def load_given_data(paths: tuple[str, ...]) -> tuple[Path, ...]:
    """The files among `paths` and in their folders that hold samples or a data set."""
    found = []
    for path in map(Path, paths):
        for one in [path, *(files_below(path) if path.is_dir() else ())]:
            if len(found) == MAX_GIVEN:
                break
            try:
                sniff(Input(one, one.name))
            except (LintSeqError, OSError):
                continue  # other pages' business
            found.append(one)
    return tuple(found)


def open_file(path: Path, name: str) -> str:
    """Add a file to those of this session; the name it is shown under."""
    opened = st.session_state.setdefault(OPENED, {})
    taken = {one: where for one, where in opened.items() if where != str(path)}
    shown = name if name not in taken else str(path)
    opened[shown] = str(path)
    return shown


def keep_upload(name: str, upload_id: str, content: memoryview) -> Path:
    """The path of a copy of an upload, in a folder of its own, which goes with the server."""
    safe = Path(name).name[-120:] or "upload"
    folder = hashlib.sha256(upload_id.encode()).hexdigest()[:16]
    path = Path(_upload_folder().name, folder, safe)
    if not path.is_file():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return path


@st.cache_resource(max_entries=1)
def _upload_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="lintseq-uploads-")


def open_table(path: Path, scorer: str = "") -> Table | None:
    """The table of a file as `scorer` decides it; None while it is not imported."""
    folder = table_folder(path, scorer)
    if not (folder / COLUMNS).is_file():
        return None
    note_use(folder)
    return load_table(str(folder), (folder / STRUCTURE).is_file())


@st.cache_resource(max_entries=4, show_spinner="Opening the table")
def load_table(folder: str, has_structure: bool) -> Table:
    """The table in a folder; opened again when its programs have been read."""
    return Table(Path(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def load_facets(folder: str, has_structure: bool) -> dict[str, Facet]:
    """The facets of the table in a folder."""
    return facets_of(load_table(folder, has_structure))


@st.cache_resource(max_entries=16, show_spinner="Searching the programs")
def load_found(folder: str, pattern: str, ignore_case: bool) -> Found:
    """What a search finds. LintSeqError for a pattern that cannot be searched for."""
    has_structure = (Path(folder) / STRUCTURE).is_file()
    return load_table(folder, has_structure).search(pattern, ignore_case=ignore_case)


def everything(table: Table) -> np.ndarray:
    """The mask of all rows."""
    return np.ones(table.n_rows, bool)
