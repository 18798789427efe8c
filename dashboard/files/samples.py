"""Where files of samples, results, traces and data sets are opened, for every page.

No other module of the dashboard asks the library to open one. A file of samples is read once, into
a store that lies in the cache by the content of the file; what pages count, compare, list and
search comes out of that. `load_` marks the cached functions; `modified` and `size` are there for
the cache: a file that has changed is read again.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

import lintseq_core
from dashboard.files.brought import Kind
from dashboard.files.shipped import ASSETS
from dashboard.shared import background
from dashboard.shared.background import Job
from lintseq_core import EditSequence, LintSeqError
from lintseq_core.benchmarks import PromptStyle
from lintseq_core.data.row_files import RowFile, RowFileError
from lintseq_core.results.belonging import Keys
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import KnownFile, identify
from lintseq_core.results.record import RunRecord, read_record, record_path
from lintseq_core.results.sample import Sample
from lintseq_core.results.sampled import MAX_PER_PROBLEM, MAX_SEQUENCES, SampledRun
from lintseq_core.results.sampled_files import VerdictsAt, runs_of_samples, verdicts_of
from lintseq_core.results.samples.cache import (
    note_use,
    prune_stores,
    store_folder,
    stores_folder,
)
from lintseq_core.results.samples.importing import (
    ABOUT,
    Preview,
    import_file,
    preview,
)
from lintseq_core.results.samples.store import Store
from lintseq_core.results.samples.structure import STRUCTURE, build_structure
from lintseq_core.results.scores.counting import CountedFile, require_complete, scorers_of
from lintseq_core.results.scores.remarks import remarks
from lintseq_core.results.scores.tally import Tally, Tests, find_record
from lintseq_core.results.styles import StyleDecision, StyleVotes
from lintseq_core.viewer.rows import read_sequences
from lintseq_core.viewer.traces import ReadTrace, read_traces

SUFFIXES = (".jsonl", ".json", ".gz", ".parquet", ".eval", ".py")
"""What a browser offers for an upload; what a file is, is told by its content."""
MAX_FILES = 50
"""Whose runs are kept in memory."""
MAX_TRACE_BYTES = 10_000_000
MAX_FIRST_ROW_BYTES = 20_000_000
MAX_SEQUENCES_BYTES = 20_000_000
SMALL_BYTES = 8_000_000
"""Up to which a file is read while the page waits: some 0.2 s."""
FEW_BYTES = 300_000
"""Up to which its programs are, and a file that is packed: it may unpack to any size."""
PACKED = (b"\x1f\x8b", b"PK", b"PAR1")
"""What files of gzip, zip and Parquet begin with."""
MAX_JOBS = 50
UPLOADS = "lintseq-uploads-"
"""What the folder of uploads is called: their stores lie in it too, and go with them."""
WAITING = "files_on_their_way"
"""In the session: files still being imported; the page leaves them out until then."""
_jobs: dict[str, Job] = {}
"""The last reading of each store's folder by a process of its own, over or not."""
T = TypeVar("T")


# ------------------------------------------------------------------ what a file is


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is."""

    kind: Kind
    title: str


PROGRAM = Recognised("programs", "a Python program")


def recognise_file(path: Path, name: str) -> Recognised:
    """What is at `path`, which messages call `name`; LintSeqError says what was looked for."""
    found = identify_file(path, name)
    n_bytes = path.stat().st_size
    if found.kind == "traces" and n_bytes > MAX_TRACE_BYTES:
        what = (
            f"a trace of {n_bytes / 1e6:,.1f} MB; the explorer takes {MAX_TRACE_BYTES // 10**6} MB "
            "of one"
        )
        raise FormatError(Fault(name, what, "draw fewer samples (`lintseq generate -n`)"))
    is_ours = found.kind == "data set" and found.name == "lintseq"
    return Recognised("sequences" if is_ours else found.kind, found.title)


def identify_file(path: Path, name: str) -> KnownFile:
    """What a file or folder is, and by what it was recognised. LintSeqError, OSError."""
    return identify(Input(path, name))


def preview_file(known: KnownFile) -> Preview:
    """The first rows of a file before it is imported, and what of them does not fit."""
    return preview(known)


@st.cache_resource(max_entries=2_000, show_spinner=False)
def load_recognised(
    path: str, modified: int, size: int, may_be_program: bool = False
) -> Recognised | None:
    """What a file on the server is; None for what is other pages' business."""
    try:
        return recognise_file(Path(path), Path(path).name)
    except LintSeqError:
        return PROGRAM if may_be_program and is_program(Path(path)) else None
    except OSError:
        return Recognised("results", "cannot be opened")  # whoever reads it says why


def is_program(path: Path) -> bool:
    """Whether a small file holds Python that does something: a lone word is an expression too."""
    try:
        if not path.is_file() or path.stat().st_size > FEW_BYTES:
            return False
        parsed = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return any(not isinstance(statement, ast.Expr) for statement in parsed.body)


def first_row(path: Path) -> dict[str, Any]:
    """The first row of the file, if it is an object; else an empty one."""
    if path.suffix == ".py" or path.is_dir():
        return {}
    try:
        first = next(RowFile(path, max_row_bytes=MAX_FIRST_ROW_BYTES).rows(), None)
        row = json.loads(first.text) if first and isinstance(first.text, bytes) else None
    except (RowFileError, ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def holds_samples(path: Path) -> bool:
    """Whether a file holds samples, results or traces, told by its content alone.

    A file that cannot be opened may hold some: whoever reads it says why it cannot.
    """
    try:
        return identify_file(path, path.name).kind != "data set"
    except LintSeqError:
        return False
    except OSError:
        return True


# ------------------------------------------------------------------ stores


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where the store of what a file holds now, as `scorer` decides it, is or will be."""

    path: Path
    name: str
    scorer: str
    folder: Path

    @property
    def has_rows(self) -> bool:
        """Whether its rows are there."""
        return (self.folder / ABOUT).is_file()

    @property
    def has_structure(self) -> bool:
        """Whether its programs have been read too."""
        return (self.folder / STRUCTURE).is_file()

    def open(self) -> Store | None:
        """The store; None while its rows are not there."""
        if not self.has_rows:
            return None
        note_use(self.folder)
        # Copies of a file have one store: each says where it lies itself.
        store = copy.copy(load_store(str(self.folder), self.has_structure))
        store.about = replace(store.about, path=str(self.path))
        return store

    def make(self) -> None:
        """Read the file while the page waits, and its programs if they are few. LintSeqError."""
        if not self.has_rows and is_small(self.path):
            import_file(self.path, self.folder, name=self.name, scorer=self.scorer)
            prune_stores(stores_folder())
        if self.has_rows and not self.has_structure and size_of(self.path) <= FEW_BYTES:
            build_structure(self.folder)

    def make_apart(self, job: Job) -> None:
        """Read it in a process of its own; `job` says how far it is. LintSeqError."""
        job.of = size_of(self.path)
        package = str(Path(lintseq_core.__file__).resolve().parents[1])
        paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        command = [sys.executable, "-m", "lintseq_core.results.samples", str(self.path)]
        command += [str(self.folder), self.name, self.scorer]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )
        last: dict[str, object] = {}
        assert process.stdout is not None
        with process:
            for line in process.stdout:
                last = json.loads(line)
                job.events.append(last["stage"]) if last["stage"] not in job.events else None
                if last["stage"] == "rows":
                    job.done = int(str(last["done"]))
                elif last["stage"] == "programs":
                    job.done, job.of = int(str(last["done"])), int(str(last["of"]))
        if last.get("stage") == "error":
            raise LintSeqError(str(last["said"]))
        if last.get("stage") != "done":
            raise LintSeqError(
                f"{self.name}: the import ended early (code {process.returncode}): out of memory, "
                "or a file that a parser does not survive; try a part of the file"
            )
        prune_stores(stores_folder())

    def job(self) -> Job:
        """Its reading by a process of its own: what runs or has failed, else a new one."""
        key = self.folder.name
        job = _jobs.get(key)
        if job is None or (job.is_over and not job.error):
            job = background.start(f"store {key}", self.make_apart) or _jobs.get(key)
            job = job or Job("store")
            _jobs[key] = job
            for old in [key for key, one in _jobs.items() if one.is_over][:-MAX_JOBS]:
                _jobs.pop(old)
        return job

    def forget_job(self) -> None:
        """Let a reading that has failed be tried again."""
        _jobs.pop(self.folder.name, None)


def store_place(path: Path, name: str, scorer: str = "") -> StorePlace:
    """Where the store of a file is or will be. OSError where the file cannot be looked at.

    `scorer` decides in a log of Inspect with several; by default the first does.
    """
    folder = store_folder(path, name, scorer)
    if any(part.startswith(UPLOADS) for part in path.parts):
        folder = path.parent / ".stores" / folder.name
    elif not _is_writable(folder):
        folder = Path(load_spare_folder().name, folder.name)
    return StorePlace(path, name, scorer, folder)


def _is_writable(folder: Path) -> bool:
    """Whether a folder can be made there."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return there.is_dir() and os.access(there, os.W_OK)


@st.cache_resource(max_entries=1)
def load_spare_folder() -> tempfile.TemporaryDirectory[str]:
    """Where stores lie on a machine whose cache cannot be written; it goes with the server."""
    return tempfile.TemporaryDirectory(prefix="lintseq-stores-")


def size_of(path: Path) -> int:
    """The bytes of a file, or of the files in a folder."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files)


def is_small(path: Path) -> bool:
    """Whether a file or folder is read while the page waits."""
    n_bytes = size_of(path)
    if path.is_relative_to(ASSETS):  # what ships unpacks to what it is known to
        return True
    if n_bytes <= FEW_BYTES or n_bytes > SMALL_BYTES or path.is_dir():
        return n_bytes <= SMALL_BYTES
    with path.open("rb") as file:
        return not file.read(4).startswith(PACKED)


@st.cache_resource(max_entries=8, show_spinner="Opening the file")
def load_store(folder: str, has_structure: bool) -> Store:
    """The store in a folder; opened again when its programs have been read."""
    return Store(Path(folder))


def shipped_folder() -> Path:
    """Where the examples of the page Data are written."""
    return stores_folder() / "shipped"


def decided_store(path: Path, name: str, deciding: Deciding) -> Store | None:
    """The store of a file of samples as `deciding` says; None while it is on its way.

    LintSeqError for what is none, or cannot be read to its end, OSError.
    """
    try:
        store = _ready(path, name)
    except LintSeqError:
        if deciding.scorer and deciding.scorer in scorers_of(str(path)):
            return _ready(path, name, deciding.scorer)
        raise
    if store is not None and deciding.scorer in store.about.scorers[1:]:
        return _ready(path, name, deciding.scorer)
    return store


def _ready(path: Path, name: str, scorer: str = "") -> Store | None:
    place = store_place(path, name, scorer)
    if not place.has_rows:
        if not is_small(path):
            job = place.job()
            if job.error:
                raise LintSeqError(job.error)
            st.session_state.setdefault(WAITING, {})[place.folder.name] = place
            return place.open()
        with st.spinner("Reading the file"):
            place.make()
    return place.open()


def show_waiting() -> None:
    """How far the files are that this page is drawn without; it is drawn anew when one has come."""
    waiting: dict[str, StorePlace] = st.session_state.get(WAITING, {})
    for key in [key for key, place in waiting.items() if place.has_rows]:
        waiting.pop(key)
    if waiting:
        _show_waiting(list(waiting.values()))


@st.fragment(run_every=0.5)
def _show_waiting(places: Sequence[StorePlace]) -> None:
    for place in places:
        job = _jobs.get(place.folder.name)
        if place.has_rows or job is None or job.is_over:
            st.rerun()
        share = min(1.0, job.done / job.of) if job.of and "rows" in job.events else 0.0
        st.progress(share, text=f"Reading {place.name} ({share:.0%})")


# ------------------------------------------------------------------ counted samples


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decides which samples pass, where a file leaves a choice."""

    tests: Tests = "all"
    """Of EvalPlus; "base" goes for files that have both."""
    scorer: str = ""
    """Of Inspect; goes for the logs that have it."""


AS_FILES_SAY = Deciding()


@dataclass(frozen=True, slots=True)
class Run:
    """Counted samples of one temperature, and what limits what they mean."""

    tally: Tally
    remarks: tuple[str, ...] = ()
    path: str = ""
    """Of a given file, for the command that says the same."""
    file: str = ""
    """What an upload is called."""
    temperature: float | None = None
    is_part: bool = False
    """Whether its file holds other temperatures too."""
    scorer: str = ""
    """The one that was chosen, of several in a log of Inspect; "" for the first."""

    @property
    def tests(self) -> Tests:
        """What chooses its tests in a command: the base tests of EvalPlus, or all there are."""
        return "base" if self.tally.suite == "base" else "all"


def counted(
    path: Path, deciding: Deciding = AS_FILES_SAY, name: str = ""
) -> dict[float | None, Run] | None:
    """The runs in a file, by temperature; None if no sample is decided, or it is not yet here.

    `name`: what an upload is called. LintSeqError says which row does not fit.
    """
    if stamped(load_recognised, path) is None:
        return None
    store = decided_store(path, name or path.name, deciding)
    if store is None or store.about.kind == "data set":
        return None
    return load_counted(store, str(path), deciding.tests, name)


def _folder(store: Store) -> str:
    """What tells stores apart in a cache: the folder, which belongs to a content and a name."""
    return str(store.folder)


@st.cache_resource(
    max_entries=MAX_FILES, show_spinner="Counting samples", hash_funcs={Store: _folder}
)
def load_counted(
    store: Store, path: str, tests: Tests, name: str
) -> dict[float | None, Run] | None:
    """The runs in a store, by temperature; None if no sample is decided."""
    record = None if name else find_record(Path(path))
    tallies = store.tallies("all", name or path)
    if tests == "base" and {one.suite for one in tallies.values()} == {"plus"}:
        tallies = store.tallies("base", name or path)
    found = CountedFile(name or path, tallies, record, store.about.score_remarks)
    if not found.n_samples or found.undecided == found.n_samples:
        return None
    require_complete(found)
    return {
        temperature: Run(
            one,
            (*remarks(one, found.record, (1, min(one.n))), *found.remarks),
            path="" if name else path,
            file=name or path,
            temperature=temperature,
            is_part=len(tallies) > 1,
            scorer=store.about.scorer,
        )
        for temperature, one in tallies.items()
    }


def scorers_in_file(path: Path, name: str) -> tuple[str, ...]:
    """The scorers of a log of Inspect that has several; of other files none. OSError."""
    found = stamped(load_recognised, path)
    if found is None or "Inspect" not in found.title:
        return ()
    try:
        store = _ready(path, name)
    except LintSeqError:
        return stamped(load_scorers, path)  # none can decide unasked
    return store.about.scorers if store is not None else ()


@st.cache_resource(max_entries=200, show_spinner="Looking for scorers")
def load_scorers(path: str, modified: int, size: int) -> tuple[str, ...]:
    """The scorers of a log of Inspect of which none decides unless it is chosen."""
    return scorers_of(path)


# ------------------------------------------------------------------ programs and verdicts


@dataclass(frozen=True, slots=True)
class SamplesFile:
    """A file as read: runs of its programs where it has them, else verdicts of samples."""

    keys: Keys
    """The samples that it tells of."""
    runs: dict[float | None, SampledRun]
    verdicts: VerdictsAt

    @property
    def has_outcomes(self) -> bool:
        """Whether its own rows say how each test went."""
        return any(run.has_outcomes for run in self.runs.values())


def sampled(
    path: Path,
    benchmark: str | None,
    deciding: Deciding = AS_FILES_SAY,
    style: PromptStyle | None = None,
    name: str = "",
) -> SamplesFile | None:
    """What a file holds; None for none of samples or results, and for what is not yet here.

    `benchmark`: whose prompts the samples continue. `name`: what an upload is called.
    """
    if stamped(load_recognised, path) is None:
        return None  # other pages' business
    shown = name or path.name
    store = decided_store(path, shown, deciding)
    if store is None or store.about.kind == "data set":
        return None
    store.require_whole()
    return load_sampled(store, str(path), shown, benchmark or "", deciding.tests, style)


@st.cache_resource(
    max_entries=MAX_FILES, show_spinner="Reading samples", hash_funcs={Store: _folder}
)
def load_sampled(
    store: Store, path: str, name: str, benchmark: str, tests: Tests, style: PromptStyle | None
) -> SamplesFile:
    """The runs of a store, or the verdicts of one without programs."""
    if not store.has_programs:
        return SamplesFile(load_keys(store), {}, verdicts_of(store.samples(most=0), tests))
    few = store.samples(most=MAX_PER_PROBLEM)
    votes = store.about.votes
    runs = runs_of_samples(few, name, path, benchmark, style=style, tests=tests, votes=votes)
    said = store.about.score_remarks
    scorer = store.about.scorer
    runs = {
        key: replace(run, scorer=scorer, remarks=(*run.remarks, *said)) for key, run in runs.items()
    }
    return SamplesFile(load_keys(store), runs, {})


def keys_of(path: Path, name: str) -> Keys:
    """The samples that a file tells of; LintSeqError, OSError where it cannot be read."""
    store = _ready(path, name)
    return load_keys(store) if store is not None else frozenset()


@st.cache_resource(
    max_entries=MAX_FILES,
    show_spinner="Looking at the samples of this file",
    hash_funcs={Store: _folder},
)
def load_keys(store: Store) -> Keys:
    """The samples that a store tells of."""
    return store.keys()


def has_programs(path: Path, name: str) -> bool:
    """Whether the first sample of a file comes with its program; False where there is none."""
    try:
        store = _ready(path, name)
    except LintSeqError:
        return False
    return store is not None and store.about.kind != "data set" and store.has_programs


def record_of(path: Path) -> RunRecord | None:
    """The run record of the results at `path`; ScoreError if it describes another file."""
    return stamped(load_record_of, path)


@st.cache_resource(max_entries=200, show_spinner="Comparing the file with its run record")
def load_record_of(path: str, modified: int, size: int) -> RunRecord | None:
    """The run record of a file of results, which is hashed for it."""
    return find_record(Path(path))


def record_beside(path: Path) -> RunRecord | None:
    """The record that stands beside `path`, whatever it says; None for one that cannot be read."""
    try:
        return stamped(load_record, record_path(path))
    except (LintSeqError, OSError):
        return None  # there is none, or the page that shows the results says what is wrong with it


@st.cache_resource(max_entries=200, show_spinner=False)
def load_record(path: str, modified: int, size: int) -> RunRecord:
    """The run record in a file. RunRecordError names what does not fit."""
    return read_record(Path(path))


# ------------------------------------------------------------------ samples of one problem


def samples_of(path: Path, name: str, task: str, scorer: str = "") -> list[Sample]:
    """The samples of one problem of a file; none while it is on its way. LintSeqError, OSError."""
    store = decided_store(path, name, Deciding(scorer=scorer))
    return [] if store is None else list(store.samples(task))


def style_of_file(path: Path, name: str) -> StyleDecision:
    """The style that a file is written in; FormatError where its samples disagree."""
    store = _ready(path, name)
    votes = store.about.votes if store is not None else {}
    return StyleVotes(Counter(votes)).decide(name)


# ------------------------------------------------------------------ traces


@st.cache_resource(max_entries=16, show_spinner="Reading the trace")
def load_traces_of(
    path: str, modified: int, size: int, name: str
) -> tuple[tuple[ReadTrace, ...], tuple[str, ...]]:
    """The traces of a file, and what in it was left out."""
    return read_traces(Path(path).read_bytes(), name)


# ------------------------------------------------------------------ edit sequences


@st.cache_resource(max_entries=16, show_spinner="Reading the edit sequences")
def load_sequences_of(
    path: str, modified: int, size: int, name: str
) -> tuple[tuple[EditSequence, ...], tuple[str, ...]]:
    """The edit sequences of a file, the first of them, and what in it was left out."""
    if size > MAX_SEQUENCES_BYTES:
        return (), (
            f"{name}: larger than {MAX_SEQUENCES_BYTES // 10**6} MB; the page Data takes it",
        )
    return read_sequences(Path(path).read_bytes(), name, max_rows=MAX_SEQUENCES)


def stamped(load: Callable[..., T], path: Path, *more: Any, **named: Any) -> T:
    """`load` of the file at `path` as it is now. OSError where it cannot be looked at."""
    about = path.stat()
    return load(str(path), about.st_mtime_ns, about.st_size, *more, **named)
