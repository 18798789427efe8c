"""A file that was imported, opened: DuckDB answers what is asked of its rows.

The few numbers and words of every row stay in memory, texts on the disk. The connection is to a
database in memory that can open no file: what a visitor types is a parameter and never SQL, and if
it were SQL, it could read and write nothing.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.errors import LintSeqError
from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.sample import Sample
from lintseq_core.results.samples.importing import ROWS, About, read_counts
from lintseq_core.results.samples.row import edit_sizes, text_of
from lintseq_core.results.samples.structure import STRUCTURE
from lintseq_core.results.scores.tally import SUITE_NAMES, Tally, Tests

MAX_PATTERN = 500
SEARCH_S = 20.0
"""After so long a search ends and says how far it came."""
_SEARCHED_AT_ONCE = 50_000
_EVERY_LINE = "(?m)"
_MEMORY_BYTES, _MEMORY_BYTES_A_ROW = 256 << 20, 512
_MAX_THREADS = 4
_NARROW = (
    "index", "number", "place", "task", "sample", "verdict", "passed", "base_passed", "suite",
    "outcomes", "model", "temperature", "flags", "method", "n_faults", "n_characters", "n_lines",
    "n_edits", "largest_edit",
)  # fmt: skip
_TEXT = "coalesce(program, solution, completion, '')"


@dataclass(frozen=True, slots=True)
class FullRow:
    """One row with everything the file says about it."""

    index: int
    number: int
    """Where it stands in the file, from 1."""
    task: str
    sample: int
    text: str
    births: tuple[int, ...] | None
    written: str | None
    """What the model wrote, where that is edits."""
    prompt: str | None
    record: str | None
    verdict: str | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of rows tells of one, without its program."""

    index: int
    task: str
    sample: int
    verdict: str | None
    passed: bool | None
    tests: str | None
    """By which tests of EvalPlus it is decided, where the file says so."""
    model: str | None
    method: str | None
    flags: str | None
    temperature: float | None
    n_lines: int
    n_edits: int
    n_faults: int
    state: int | None
    """A `ParseState`; this and those below are None until all programs have been read."""
    features: int | None
    """Bits of `BITS`."""
    is_copy: bool | None
    """Of an earlier row of the same problem."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Which rows a search found."""

    rows: NDArray[np.int64]
    """Their indices, in order."""
    n_searched: int
    """Rows looked at; fewer than there are if it took too long."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Some rows of a store: those that meet a condition and that a search found, if there was one.

    `condition` is SQL that is written in this package; all else stands in `parameters`.
    """

    condition: str = "true"
    parameters: tuple[object, ...] = ()
    found: Found | None = None

    def and_also(self, condition: str, *parameters: object) -> Selection:
        """Those of these rows that meet another condition too."""
        both = f"{self.condition} AND ({condition})"
        return Selection(both, (*self.parameters, *parameters), self.found)


EVERYTHING = Selection()


class Store:
    """The store in a folder; nothing of it is ever changed. May be asked by several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.about = About.read(folder)
        self._lock = threading.Lock()
        parquet = import_pyarrow_parquet()
        duckdb = import_duckdb()
        try:
            narrow = parquet.read_table(folder / ROWS, columns=list(_NARROW))
            self.has_structure = (folder / STRUCTURE).is_file()
            if self.has_structure:
                structure = parquet.read_table(folder / STRUCTURE)
                for name in structure.column_names:
                    narrow = narrow.append_column(name, structure[name])
            with parquet.ParquetFile(folder / ROWS) as file:
                groups = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
            self._starts = np.r_[0, np.cumsum(groups)]
            self._database = _database(duckdb, folder, narrow)
        except duckdb.OutOfMemoryException:
            raise self._too_much() from None
        except (OSError, KeyError, ValueError, duckdb.Error) as error:  # ArrowInvalid: a ValueError
            raise LintSeqError(
                f"{folder}: the store is damaged ({error}); remove the folder and import again"
            ) from None
        self.has_edits = bool(self.one("count(*) FILTER (n_edits > 0)"))
        """Whether any program is written as edits."""

    @property
    def n_rows(self) -> int:
        """Rows of the file that fit its format."""
        return self.about.n_rows

    def ask(
        self, columns: str, selection: Selection = EVERYTHING, rest: str = ""
    ) -> list[tuple[Any, ...]]:
        """What SQL of this package says of some rows: SELECT `columns` ... `rest`."""
        return self._rows(f"SELECT {columns} {_from(selection)} {rest}", selection)

    def ask_of(
        self, inner: str, selection: Selection, columns: str, rest: str = ""
    ) -> list[tuple[Any, ...]]:
        """The same of a SELECT `inner` of some rows: SELECT `columns` FROM that, `rest`."""
        sql = f"SELECT {columns} FROM (SELECT {inner} {_from(selection)}) {rest}"
        return self._rows(sql, selection)

    def one(self, column: str, selection: Selection = EVERYTHING) -> Any:
        """The one value that SQL of this package makes of some rows."""
        return self.ask(column, selection)[0][0]

    def column(
        self, column: str, selection: Selection = EVERYTHING, rest: str = ""
    ) -> NDArray[Any]:
        """A value of each of some rows, in their order unless `rest` sorts them."""
        order = rest or 'ORDER BY "index"'
        sql = f"SELECT {column} AS found {_from(selection)} {order}"
        with self._answer(sql, selection) as answer:
            return np.asarray(answer.fetchnumpy()["found"])

    def _rows(self, sql: str, selection: Selection) -> list[tuple[Any, ...]]:
        with self._answer(sql, selection) as answer:
            rows: list[tuple[Any, ...]] = answer.fetchall()
        return rows

    @contextmanager
    def _answer(self, sql: str, selection: Selection) -> Iterator[Any]:
        """What the database says, to be fetched while no other thread asks it.

        LintSeqError, in words for who asked, where it takes more memory than a store may use.
        """
        with self._lock:
            try:
                if selection.found is not None:
                    import pyarrow as pa

                    self._database.register("found", pa.table({"index": selection.found.rows}))
                yield self._database.execute(sql, list(selection.parameters))
            except import_duckdb().OutOfMemoryException:
                raise self._too_much() from None

    def _too_much(self) -> LintSeqError:
        limit = _memory_bytes(self.n_rows) / 1e6
        return LintSeqError(
            f"{self.about.name}: this takes more than the {limit:,.0f} MB of memory that its "
            f"{self.n_rows:,} rows may use; choose fewer rows, or split the file and open a part"
        )

    def search(self, pattern: str, *, ignore_case: bool = False) -> Found:
        """The rows whose program holds the regular expression `pattern`, "^" and "$" at every line.

        RE2 reads it, whose time grows with the text alone; look-ahead, look-behind and
        back-references are not in it. LintSeqError for what it does not take.
        """
        self._check(pattern)
        sql = (
            f'SELECT "index" FROM texts WHERE "index" >= ? AND "index" < ? '
            f"AND regexp_matches({_TEXT}, ?, ?)"
        )
        end = time.monotonic() + SEARCH_S
        parts: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        n_searched = 0
        while n_searched < self.n_rows and time.monotonic() < end:
            stop = min(n_searched + _SEARCHED_AT_ONCE, self.n_rows)
            asked = (n_searched, stop, by_line(pattern), "i" if ignore_case else "c")
            with self._answer(sql, Selection(parameters=asked)) as answer:
                parts.append(np.asarray(answer.fetchnumpy()["index"], np.int64))
            n_searched = stop
        return Found(np.sort(np.concatenate(parts)), n_searched)

    def _check(self, pattern: str) -> None:
        """Return if RE2 takes `pattern`; LintSeqError says what it does not take."""
        if len(pattern) > MAX_PATTERN:
            raise LintSeqError(f"the pattern is longer than {MAX_PATTERN} characters; shorten it")
        try:
            pattern.encode("utf-8")
            self._rows("SELECT regexp_matches('', ?)", Selection(parameters=(by_line(pattern),)))
        except UnicodeEncodeError:
            raise LintSeqError(
                "the pattern holds a lone surrogate (invalid Unicode); type it again"
            ) from None
        except import_duckdb().Error as error:
            raise _refused(error) from None

    def texts(self, indices: Sequence[int]) -> list[str]:
        """The programs of some rows."""
        names = ["program", "solution", "completion"]
        return [text_of(*(row[name] for name in names)) for row in self._read(indices, names)]

    def edit_sizes(self, indices: Sequence[int]) -> list[tuple[int, ...]]:
        """How many lines each edit of some rows inserts; () for a program in one piece."""
        return [edit_sizes(row["births"]) for row in self._read(indices, ["births"])]

    def listed(self, indices: Sequence[int]) -> list[Listed]:
        """What a list of rows tells of these."""
        made = ("state", "features", "is_copy") if self.has_structure else ()
        names = [name for name in Listed.__slots__ if name in _NARROW and name != "sample"]
        columns = [f'"{name}"' for name in (*names, *made)]
        selection = EVERYTHING.and_also('"index" IN (SELECT unnest(?))', list(indices))
        rows = self.ask(", ".join([*columns, "coalesce(sample, of_task)", "tests"]), selection)
        found = {}
        for row in rows:
            values = dict(zip((*names, *made, "sample", "tests"), row, strict=True))
            values |= {name: None for name in Listed.__slots__ if name not in values}
            found[values["index"]] = Listed(**values)
        return [found[index] for index in indices]

    def row(self, index: int) -> FullRow:
        """The row with this 0-based index in the store."""
        (held,) = self._read([index])
        (listed,) = self.listed([index])
        births = held["births"]
        return FullRow(
            index=index,
            number=held["number"],
            task=held["task"],
            sample=listed.sample,
            text=text_of(held["program"], held["solution"], held["completion"]),
            births=None if births is None else tuple(births),
            written=None if births is None else held["completion"],
            prompt=held["prompt"],
            record=held["record"],
            verdict=held["verdict"],
            passed=held["passed"],
        )

    @property
    def has_programs(self) -> bool:
        """Whether the first sample comes with a text, and not with a verdict alone."""
        (first,) = self._read([0], ["completion", "solution"])
        return first["completion"] is not None or first["solution"] is not None

    def keys(self) -> frozenset[tuple[str, int]]:
        """task_id and sample_id of every sample."""
        return frozenset(self.ask("task, coalesce(sample, of_task)"))

    def tallies(self, tests: Tests = "all", name: str = "") -> dict[float | None, Tally]:
        """The samples counted as `count_file` counts them, called `name`, by temperature.

        FormatError for a file that has a row that does not fit: a score must not depend on what was
        left out.
        """
        self.require_whole()
        return read_counts(self.folder, tests, name or self.about.name)

    def require_whole(self) -> None:
        """Return if every row of the file is here; FormatError names the first that is not."""
        if self.about.first_fault is not None:
            raise FormatError(self.about.first_fault)
        if self.about.stopped:
            raise LintSeqError(self.about.stopped)

    def samples(self, task: str | None = None, *, most: int | None = None) -> Iterator[Sample]:
        """The samples as their file has them, or those of the problem `task`.

        With `most`, only the first of each problem and temperature come with their texts: enough
        where few are read and all are counted. Of what a tool wrote beside, only what this package
        reads is in `extra`.
        """
        selection = EVERYTHING if task is None else EVERYTHING.and_also("task = ?", task)
        place = 'row_number() OVER (PARTITION BY task, temperature ORDER BY "index")'
        names = ["index", *_FACTS]
        columns = ", ".join([place, *(f'"{name}"' for name in names)])
        chosen = self.ask(columns, selection, 'ORDER BY "index"')
        few = [row[1] for row in chosen if most is None or row[0] <= most]
        texts = dict(zip(few, self._read(few, list(_TEXTS)), strict=True))
        for _, *values in chosen:
            row = dict(zip(names, values, strict=True))
            yield _sample_of(row | texts.get(row["index"], _NO_TEXTS), self.about.name)

    def _read(self, indices: Sequence[int], columns: list[str] | None = None) -> list[Any]:
        """Some rows, by their indices, out of the groups that hold them."""
        found: dict[int, Any] = {}
        with import_pyarrow_parquet().ParquetFile(self.folder / ROWS) as file:
            for group, inside in self._by_group(indices).items():
                start = int(self._starts[group])
                places = [index - start for index in inside]
                rows = file.read_row_group(group, columns).take(places).to_pylist()
                found |= zip(inside, rows, strict=True)
        return [found[index] for index in indices]

    def _by_group(self, indices: Sequence[int]) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for index in indices:
            if not 0 <= index < self.n_rows:
                raise LintSeqError(f"row {index + 1}: there are {self.n_rows:,} rows")
            group = int(np.searchsorted(self._starts, index, side="right")) - 1
            groups.setdefault(group, []).append(index)
        return groups


def _from(selection: Selection) -> str:
    is_found = "" if selection.found is None else ' AND "index" IN (SELECT "index" FROM found)'
    return f"FROM rows WHERE {selection.condition}{is_found}"


_TEXTS = ("completion", "solution", "prompt", "told", "edit_format")
_NO_TEXTS = dict.fromkeys(_TEXTS)
_FACTS = (
    "number", "place", "task", "sample", "verdict", "passed", "base_passed", "suite", "outcomes",
    "model", "temperature", "flags",
)  # fmt: skip


def _sample_of(row: dict[str, Any], name: str) -> Sample:
    """The sample that a row was made of, as far as this package reads it."""
    extra = {"tests": row["outcomes"], "model": row["model"], "temperature": row["temperature"]}
    extra["edit_format"] = row["edit_format"]
    suite, base = row["suite"], row["base_passed"]
    if suite == "base":
        extra["base_status"] = "pass" if row["passed"] else "fail"
    place = row["place"] or f"row {row['number']}"
    return Sample(
        task_id=row["task"],
        sample_id=row["sample"] or 0,
        place=f"{name}, {place}",
        completion=row["completion"],
        solution=row["solution"],
        prompt=row["prompt"],
        passed=row["passed"],
        verdict=row["told"] or row["verdict"],
        base_passed=base if suite == "plus" else None,
        flags=tuple(row["flags"].split(", ")) if row["flags"] else (),
        extra={key: value for key, value in extra.items() if value is not None},
    )


def import_duckdb() -> Any:
    """The module duckdb; LintSeqError names the extra that brings it."""
    try:
        import duckdb
    except ImportError:
        raise LintSeqError(
            "browsing and searching files needs duckdb: pip install 'lintseq-core[data]'"
        ) from None
    return duckdb


def _database(duckdb: Any, folder: Path, narrow: Any) -> Any:
    """A database in memory with the rows of a store, closed to everything outside it."""
    import pyarrow.dataset

    database = duckdb.connect(":memory:")
    database.register("texts", pyarrow.dataset.dataset(folder / ROWS))
    database.register("narrow", narrow)
    memory = _memory_bytes(narrow.num_rows)
    threads = min(_MAX_THREADS, os.cpu_count() or 1)
    for setting in (
        f"memory_limit = '{memory} B'",
        f"threads = {threads}",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        database.execute(f"SET {setting}")
    named = " ".join(f"WHEN '{suite}' THEN '{words}'" for suite, words in SUITE_NAMES.items())
    database.execute(
        "CREATE TABLE rows AS SELECT *, "
        f"CASE WHEN passed IS NOT NULL THEN CASE suite {named} END END AS tests, "
        'row_number() OVER (PARTITION BY task ORDER BY "index") - 1 AS of_task '
        'FROM narrow ORDER BY "index"'
    )
    database.unregister("narrow")
    return database


def _memory_bytes(n_rows: int) -> int:
    """What a database of so many rows may use."""
    return _MEMORY_BYTES + _MEMORY_BYTES_A_ROW * n_rows


def by_line(pattern: str) -> str:
    """`pattern` with "^" and "$" at every line, and otherwise as it was typed.

    A flag in front, and no group around it: "a)(b" would close the group and mean something else.
    """
    return f"{_EVERY_LINE}{pattern}"


def _refused(error: Exception) -> LintSeqError:
    said = str(error).removeprefix("Invalid Input Error: ").splitlines()[0]
    said = said.replace(f": {_EVERY_LINE}", ": ", 1)[:200]
    return LintSeqError(
        f"the pattern cannot be searched for: {said}; put a backslash before a sign that is meant "
        "as itself; look-ahead, look-behind and back-references are not known here"
    )
