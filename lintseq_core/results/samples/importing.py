"""A file becomes a store: read once, a batch of rows at a time, never the whole in memory."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lintseq_core.benchmarks.problem import PromptStyle
from lintseq_core.data import rows as data_rows
from lintseq_core.data.files import whole_file
from lintseq_core.data.row_files import RowFile, TooLong
from lintseq_core.data.sources import RowSource, import_pyarrow_parquet
from lintseq_core.errors import LintSeqError, RecordError, readable
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.fault import Fault, FormatError, fault_of_record
from lintseq_core.results.formats.inspect_logs import SCORER, SCORERS
from lintseq_core.results.formats.reading import MAX_ROW_BYTES, Input, row_file
from lintseq_core.results.formats.recognise import Kind, KnownFile, identify
from lintseq_core.results.sample import Sample, suite_of
from lintseq_core.results.samples.row import Row, row_of_data, row_of_sample
from lintseq_core.results.scores.counting import temperature_of_run
from lintseq_core.results.scores.remarks import file_remarks
from lintseq_core.results.scores.tally import VOTING_TEXTS, Tally, TallyByTemperature, Tests
from lintseq_core.results.styles import StyleVotes

T = TypeVar("T")
VERSION = 7
ROWS, COUNTS, ABOUT = "rows.parquet", "counts.json", "about.json"
PARTIAL = ".partial-"
"""What the folder of a store that is being made begins with."""
ROWS_PER_GROUP = 1_000
MAX_ROWS = 5_000_000
MAX_BYTES = 16 << 30
"""Of a file, unpacked."""
MAX_BAD_ROWS = 50
_VOTING_BYTES = 64 << 20
OTHERS_ARE_READ = "correct or remove the row; the others are read without it"
Progress = Callable[[int, int], None]
"""Called with the bytes read and the rows so far."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not fit its format."""

    row: str
    field: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class About:
    """What a store is made of, and what was left out."""

    name: str
    """Of the file, without its folder."""
    path: str
    kind: Kind
    format: str
    title: str
    why: str
    """What the format was recognised by."""
    n_rows: int
    n_bad_rows: int
    bad_rows: tuple[BadRow, ...] = ()
    """The first of them."""
    by_field: dict[str, int] = field(default_factory=dict)
    """Bad rows by the field that does not fit; "" where it is the row."""
    first_fault: Fault | None = None
    """The first row that does not fit: scores are refused with this message."""
    stopped: str = ""
    """Why the file was not read to its end, if it was not."""
    remarks: tuple[str, ...] = ()
    """How its texts are shown, where that is not as they stand, and `score_remarks`."""
    score_remarks: tuple[str, ...] = ()
    """What the file as a whole says of its verdicts."""
    votes: dict[str, int] = field(default_factory=dict)
    """What its texts look like, the first of them, as `StyleVotes` counts."""
    scorers: tuple[str, ...] = ()
    """Of a log of Inspect with several, in its order."""
    scorer: str = ""
    """The one of them that was chosen to decide; "": the first."""
    n_bytes: int = 0
    seconds: float = 0.0
    version: int = VERSION

    @classmethod
    def read(cls, folder: Path) -> About:
        """What `folder` says; LintSeqError if it is no store of this version."""
        try:
            about = _read_json(folder / ABOUT, cls)
        except (OSError, ValueError) as error:
            raise LintSeqError(f"{folder}: not a store ({error}); import the file again") from None
        if about.version != VERSION:
            raise LintSeqError(f"{folder}: made by another version; import the file again")
        return about


@dataclass(frozen=True, slots=True)
class Counts:
    """The tallies of a file as one choice of `tests` decides, low temperatures first."""

    temperatures: tuple[float | None, ...] = ()
    tallies: tuple[Tally, ...] = ()
    error: Fault | None = None
    """Why there are none."""


def import_file(
    path: Path,
    folder: Path,
    *,
    name: str = "",
    scorer: str = "",
    on_progress: Progress | None = None,
) -> About:
    """The file or folder at `path` as a store in `folder`, which appears whole or not at all.

    `scorer` decides in a log of Inspect with several; by default the first does.
    FormatError for a file whose format is unknown, or none of whose rows fits.
    """
    opened: list[RowFile] = []
    source = Input(path, name or path.name, opened.append)
    if not path.is_file() and not path.is_dir():
        raise FormatError(Fault(str(path), "no such file or folder", "check the path"))
    known = identify(source, scorer=scorer or None)
    if known.kind == "traces":
        raise FormatError(
            Fault(known.source.name, f"{known.title}; the page Generations steps through it")
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=folder.parent))
    try:
        about = _fill(known, opened, partial, on_progress or (lambda *_: None))
        if not about.n_rows:
            first = about.bad_rows[0].what if about.bad_rows else about.stopped or "no row"
            raise FormatError(Fault(source.name, f"no row of it fits {known.title}: {first}"))
        try:
            partial.rename(folder)
        except OSError:
            if not (folder / ABOUT).is_file():  # else another process has just made it
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return about


def _fill(known: KnownFile, opened: list[RowFile], folder: Path, on_progress: Progress) -> About:
    start = time.perf_counter()
    reading = _Reading(known)
    bad_rows = BadRows(known.source.name)
    counting = _Counting(known)
    stopped = ""
    n_bytes = 0
    with _Writer(folder / ROWS) as writer:
        try:
            for batch in reading.batches(counting):
                n_bytes = max((one.bytes_read for one in opened), default=0) or n_bytes
                bad_rows.add(batch.faults)
                writer.write(batch.rows)
                on_progress(n_bytes, writer.n_rows)
                if writer.n_rows >= MAX_ROWS or n_bytes > MAX_BYTES:
                    stopped = (
                        f"{known.source.name}: over {MAX_ROWS:,} rows or {MAX_BYTES >> 30} GiB, "
                        "which is the most that is imported; the rest is left out"
                    )
                    break
        except LintSeqError as error:
            stopped = str(error)
    counting.write(folder / COUNTS)
    about = About(
        name=known.source.name,
        path=str(known.source.path),
        kind=known.kind,
        format=known.name,
        title=known.title,
        why=known.why,
        n_rows=writer.n_rows,
        n_bad_rows=bad_rows.total,
        bad_rows=tuple(bad_rows.first),
        by_field=dict(bad_rows.by_field.most_common(20)),
        first_fault=bad_rows.first_fault,
        stopped=stopped,
        remarks=(*filter(None, [reading.shown_as]), *file_remarks(known.meta)),
        score_remarks=file_remarks(known.meta),
        votes=dict(reading.votes.counts),
        scorers=tuple(known.meta.get(SCORERS, ())),
        scorer=str(known.meta.get(SCORER, "")),
        n_bytes=_size(known.source.path) or n_bytes,
        seconds=time.perf_counter() - start,
    )
    _write_json(folder / ABOUT, about)
    return about


def _write_json(path: Path, value: Any) -> None:
    with whole_file(path) as file:  # ASCII: names and words may hold lone surrogates
        file.write(json_text(msgspec.to_builtins(value), ensure_ascii=True).encode())


def _read_json(path: Path, kind: type[T]) -> T:
    """What `_write_json` wrote; ValueError for anything else."""
    try:
        return msgspec.convert(json.loads(path.read_bytes()), kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def _size(path: Path) -> int:
    inside = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in inside)


# --- reading -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Batch:
    """Some rows of a file in order, and what does not fit, with the number of its row."""

    rows: list[Row] = field(default_factory=list)
    faults: list[tuple[int, Fault]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.faults)


class _Reading:
    """The rows of one file; of a file of samples, in the style that its first ones tell."""

    def __init__(self, known: KnownFile) -> None:
        self._known = known
        self.votes = StyleVotes(most=VOTING_TEXTS)
        self.shown_as = ""

    def batches(self, counting: _Counting | None = None) -> Iterator[Batch]:
        """All rows; where the file cannot be read further, its error comes after those before."""
        rows = self._data_rows() if self._known.kind == "data set" else self._sample_rows(counting)
        batch = Batch()
        try:
            for number, one in rows:
                if isinstance(one, Fault):
                    batch.faults.append((number, one))
                else:
                    batch.rows.append(one)
                if len(batch) == ROWS_PER_GROUP:
                    yield batch
                    batch = Batch()
        except LintSeqError:
            if len(batch):
                yield batch
            raise
        yield batch

    def _sample_rows(self, counting: _Counting | None) -> Iterator[tuple[int, Row | Fault]]:
        known = self._known
        assert known.format is not None
        name = known.source.name
        reading = known.format.read_numbered(known.source, known.meta)
        first, error = self._first(reading)
        style = self._style()
        for number, one in _and_then(first, error, reading):
            if isinstance(one, Fault):
                yield number, one
                continue
            if counting is not None:
                counting.add(one)
            try:
                yield number, row_of_sample(one, number, name, style)
            except FormatError as error:
                yield number, error.fault
            except RecordError as error:  # edits in a format that is not known
                yield number, fault_of_record(error, one.place)

    def _first(
        self, reading: Iterator[tuple[int, Sample | Fault]]
    ) -> tuple[list[tuple[int, Sample | Fault]], LintSeqError | None]:
        """The first samples, which vote for the style; the error that ends them, if one does."""
        first = []
        n_characters = 0
        try:
            for number, one in islice(reading, VOTING_TEXTS):
                first.append((number, one))
                if isinstance(one, Sample):
                    self.votes.add(one)
                    n_characters += len(one.text)
                if n_characters > _VOTING_BYTES:
                    break
        except LintSeqError as error:
            return first, error
        return first, None

    def _style(self) -> PromptStyle | None:
        """The style of a file of answers; None where texts are as they are, edits too."""
        counts = self.votes.counts
        try:
            decision = self.votes.decide(self._known.source.name)
        except FormatError:
            if counts["instruction"]:
                self.shown_as = (
                    f"of {counts.total():,} texts {counts['instruction']:,} are answers with code "
                    "fences, which is not nearly all: each text is shown as it stands"
                )
            return None
        if decision.style not in ("instruction", "markdown"):
            return None
        self.shown_as = f"shown is the code of answers, without what stands around it ({decision})"
        return decision.style

    def _data_rows(self) -> Iterator[tuple[int, Row | Fault]]:
        name = self._known.source.name
        for number, payload in self._payloads():
            try:
                row = data_rows.read_row(number - 1, payload)
                yield number, row_of_data(row, number, payload)
            except RecordError as error:
                yield number, fault_of_record(error, f"{name}, row {number}")
            except (LintSeqError, RecursionError) as error:
                yield number, Fault(f"{name}, row {number}", str(error))

    def _payloads(self) -> Iterator[tuple[int, Any]]:
        source = self._known.source
        if not self._known.is_lines:
            found = RowSource(Path(source.path), max_row_bytes=MAX_ROW_BYTES)
            yield from ((index + 1, payload) for index, payload in found.rows())
            return
        for row in row_file(source).rows():
            if isinstance(row.text, TooLong):
                what = f"longer than {MAX_ROW_BYTES >> 20} MiB"
                remedy = "expected one JSON object a line, and line breaks between them"
                raise FormatError(Fault(f"{source.name}, {row.place}", what, remedy))
            yield row.number, row.text


def _and_then(first: Iterable[Any], error: LintSeqError | None, rest: Iterable[Any]) -> Any:
    yield from first
    if error is not None:
        raise error
    yield from rest


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file as they would be imported."""

    rows: tuple[Row, ...]
    bad_rows: tuple[BadRow, ...]
    n_bad_rows: int
    n_seen: int
    error: str = ""
    """Why no more could be read, if so."""


def preview(known: KnownFile) -> Preview:
    """The first ROWS_PER_GROUP rows of a file, and what of them does not fit."""
    bad_rows = BadRows(known.source.name)
    batch, error = Batch(), ""
    try:
        batch = next(_Reading(known).batches())
    except LintSeqError as caught:
        error = str(caught)
    bad_rows.add(batch.faults)
    rows = tuple(batch.rows)
    return Preview(rows, tuple(bad_rows.first), bad_rows.total, len(batch), error)


class BadRows:
    """The rows that do not fit: the first of them, and how many by field."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.first: list[BadRow] = []
        self.first_fault: Fault | None = None
        self.total = 0
        self.by_field: Counter[str] = Counter()

    def add(self, faults: Iterable[tuple[int, Fault]]) -> None:
        """Count those of a batch."""
        for number, fault in faults:
            self.total += 1
            self.by_field[fault.field] += 1
            self.first_fault = self.first_fault or fault
            if len(self.first) < MAX_BAD_ROWS:
                self.first.append(bad_row_of(fault, number, self._name))


def bad_row_of(fault: Fault, number: int, name: str) -> BadRow:
    """`fault` of a row, its place without the file's name.

    >>> fault = Fault("f, row 2", "field 'x' is a list", "write one row a sample", field="x")
    >>> bad_row_of(fault, 2, "f")
    BadRow(row='row 2', field='x', what="field 'x' is a list", remedy='write one row a sample')
    """
    row = fault.place.removeprefix(name).removeprefix(", ").removeprefix("/") or f"row {number}"
    return BadRow(
        row=readable(row)[:120],
        field=fault.field,
        what=readable(fault.what)[:400],
        remedy=readable(fault.remedy or OTHERS_ARE_READ)[:400],
    )


# --- writing -------------------------------------------------------------------------------------


class _Counting:
    """The tallies of a file in the making, for each choice of tests that its rows leave."""

    def __init__(self, known: KnownFile) -> None:
        self._known = known
        self._making: dict[Tests, TallyByTemperature] = {}
        self._errors: dict[Tests, Fault] = {}
        self._is_first = True

    def add(self, sample: Sample) -> None:
        """Count one sample more."""
        if self._is_first:
            self._is_first = False
            choices: tuple[Tests, ...] = ("all", "base") if suite_of(sample) else ("all",)
            self._making = {
                tests: TallyByTemperature(self._known.source.name, tests) for tests in choices
            }
        for tests, counting in list(self._making.items()):
            try:
                counting.add(sample)
            except FormatError as error:
                self._errors[tests] = error.fault
                del self._making[tests]

    def write(self, path: Path) -> None:
        """Write the `Counts` of each choice of tests to `path`."""
        found = {tests: Counts(error=error) for tests, error in self._errors.items()}
        for tests, counting in self._making.items():
            try:
                tallies = counting.tallies()
            except FormatError as error:
                found[tests] = Counts(error=error.fault)
                continue
            if tallies.keys() == {None}:
                of_run = temperature_of_run(self._known.source.name, self._known.meta)
                tallies = {of_run: tallies[None]}
            found[tests] = Counts(tuple(tallies), tuple(tallies.values()))
        _write_json(path, found)


def read_counts(folder: Path, tests: Tests, name: str) -> dict[float | None, Tally]:
    """The tallies of a store by temperature, called `name`; FormatError says why there are none."""
    try:
        found = _read_json(folder / COUNTS, dict[str, Counts])
    except (OSError, ValueError) as error:
        raise LintSeqError(
            f"{folder}: the store is damaged ({error}); remove the folder and import again"
        ) from None
    if tests not in found:
        if not found:
            raise FormatError(Fault(name, "a data set, no samples", "it has no scores"))
        what, remedy = (
            "base tests were not decided apart",
            f"let all tests decide (without --tests {tests})",
        )
        raise FormatError(Fault(name, what, remedy))
    counts = found[tests]
    if counts.error is not None:
        raise FormatError(counts.error)
    pairs = zip(counts.temperatures, counts.tallies, strict=True)
    return {temperature: replace(tally, name=name) for temperature, tally in pairs}


class _Writer:
    """Writes rows to Parquet, in groups that are read one at a time, while others are read."""

    def __init__(self, path: Path) -> None:
        self.n_rows = 0
        self._schema = _schema()
        self._writer = import_pyarrow_parquet().ParquetWriter(
            path,
            self._schema,
            compression="lz4",
            use_dictionary=[
                name
                for name in self._schema.names
                if name not in ("completion", "solution", "program", "record")
            ],
            write_statistics=["index", "task"],
        )
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._writing is not None:
                self._writing.result()
        finally:
            self._thread.shutdown()
            self._writer.close()

    def write(self, rows: list[Row]) -> None:
        """Write `rows` as one group, soon."""
        if not rows:
            return
        import pyarrow as pa

        columns = zip(*rows, strict=True)
        kinds = self._schema.types[1:]
        arrays = [_array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        index = pa.array(range(self.n_rows, self.n_rows + len(rows)), pa.int64())
        table = pa.table([index, *arrays], schema=self._schema)
        if self._writing is not None:
            self._writing.result()
        self._writing = self._thread.submit(self._writer.write_table, table)
        self.n_rows += len(rows)


def _array(column: tuple[Any, ...], kind: Any) -> Any:
    """`column` as an Arrow array; a lone surrogate becomes a question mark."""
    import pyarrow as pa

    try:
        return pa.array(column, kind)
    except UnicodeEncodeError:
        sound = [None if one is None else one.encode("utf-8", "replace").decode() for one in column]
        return pa.array(sound, kind)


def _schema() -> Any:
    import pyarrow as pa

    text, count, flag = pa.string(), pa.int32(), pa.bool_()
    types = {"number": pa.int64(), "sample": pa.int64(), "births": pa.list_(pa.int32())}
    types |= {"passed": flag, "base_passed": flag, "temperature": pa.float64()}
    types |= dict.fromkeys(
        ("n_faults", "n_characters", "n_lines", "n_edits", "largest_edit"), count
    )
    fields = [(name, types.get(name, text)) for name in Row._fields]
    return pa.schema([("index", pa.int64()), *fields])
