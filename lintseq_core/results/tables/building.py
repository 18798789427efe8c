"""A file becomes a table: read once, a block at a time, never more than a block in memory."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lintseq_core.data.files import whole_file
from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.errors import LintSeqError, readable
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.inspect_logs import SCORER, SCORERS
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.scores.remarks import file_remarks
from lintseq_core.results.tables.blocks import Block, read_blocks
from lintseq_core.results.tables.columns import ColumnBuilder, arrow_of, words_table
from lintseq_core.results.tables.sniffing import Kind, Sniffed, sniff

VERSION = 3
TEXTS, COLUMNS, ABOUT = "texts.parquet", "columns.parquet", "about.json"
PARTIAL = ".partial-"
"""What the folder of a table that is being made begins with."""
ROWS_PER_GROUP = 1_000
MAX_ROWS = 5_000_000
MAX_BYTES = 16 << 30
"""Of a file, unpacked."""
MAX_PROBLEMS = 50
OTHERS_ARE_READ = "correct or remove the row; the others are read without it"
Progress = Callable[[int, int], None]
"""Called with the bytes read and the rows so far."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that does not fit its format."""

    row: str
    field: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class About:
    """What a table is made of, and what was left out."""

    name: str
    """Of the file, without its folder."""
    path: str
    kind: Kind
    format: str
    title: str
    why: str
    """What the format was recognised by."""
    n_rows: int
    n_problems: int
    problems: tuple[Problem, ...] = ()
    """The first of them."""
    by_field: dict[str, int] = field(default_factory=dict)
    """Problems by the field that does not fit; "" where it is the row."""
    stopped: str = ""
    """Why the file was not read to its end, if it was not."""
    remarks: tuple[str, ...] = ()
    """What the file as a whole says of its verdicts."""
    scorers: tuple[str, ...] = ()
    """Of a log of Inspect with several, in its order."""
    scorer: str = ""
    """The one of them that was chosen to decide; "": the first."""
    n_bytes: int = 0
    seconds: float = 0.0
    version: int = VERSION

    @classmethod
    def read(cls, folder: Path) -> About:
        """What `folder` says; LintSeqError if it is no table of this version."""
        try:
            raw = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            problems = tuple(Problem(**one) for one in raw.pop("problems"))
            raw |= {name: tuple(raw[name]) for name in ("remarks", "scorers")}
            about = cls(problems=problems, **raw)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise LintSeqError(f"{folder}: no table ({error}); import the file again") from None
        if about.version != VERSION:
            raise LintSeqError(f"{folder}: made by another version; import the file again")
        return about


def build_table(
    path: Path,
    folder: Path,
    *,
    name: str = "",
    scorer: str = "",
    on_progress: Progress | None = None,
) -> About:
    """The file or folder at `path` as a table in `folder`, which appears whole or not at all.

    `scorer` decides in a log of Inspect with several; by default the first does.
    FormatError for a file whose format is unknown, or none of whose rows fits.
    """
    source = Input(path, name or path.name)
    if not path.is_file() and not path.is_dir():
        raise FormatError(Fault(str(path), "no such file or folder", "check the path"))
    sniffed = sniff(source, scorer=scorer or None)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=folder.parent))
    try:
        about = _fill(sniffed, partial, on_progress or (lambda *_: None))
        if not about.n_rows:
            first = about.problems[0].what if about.problems else about.stopped or "no row"
            what = f"no row of it fits {sniffed.title}: {first}"
            raise FormatError(Fault(source.name, what))
        try:
            partial.rename(folder)
        except OSError:
            if not (folder / ABOUT).is_file():  # else another process has just made it
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return about


def _fill(sniffed: Sniffed, folder: Path, on_progress: Progress) -> About:
    start = time.perf_counter()
    columns = ColumnBuilder()
    problems = Problems(sniffed.source.name)
    stopped = ""
    n_bytes = 0
    with _TextWriter(folder / TEXTS) as texts:
        try:
            for block in _one_ahead(read_blocks(sniffed)):
                n_bytes = block.n_bytes
                problems.add(block)
                table = block.columns
                if table is None and block.rows:
                    table = arrow_of(block.rows)
                if table is not None and table.num_rows:
                    columns.add(table)
                    texts.write(table)
                on_progress(n_bytes, columns.n_rows)
                if columns.n_rows >= MAX_ROWS or n_bytes > MAX_BYTES:
                    stopped = (
                        f"{sniffed.source.name}: larger than a table may be; the rest is left out"
                    )
                    break
        except LintSeqError as error:
            stopped = str(error)
    _write_columns(columns, folder / COLUMNS)
    about = About(
        name=sniffed.source.name,
        path=str(sniffed.source.path),
        kind=sniffed.kind,
        format=sniffed.name,
        title=sniffed.title,
        why=sniffed.why,
        n_rows=columns.n_rows,
        n_problems=problems.total,
        problems=tuple(problems.first),
        by_field=dict(problems.by_field.most_common(20)),
        stopped=stopped,
        remarks=file_remarks(sniffed.meta),
        scorers=tuple(sniffed.meta.get(SCORERS, ())),
        scorer=str(sniffed.meta.get(SCORER, "")),
        n_bytes=n_bytes,
        seconds=time.perf_counter() - start,
    )
    with whole_file(folder / ABOUT) as file:
        file.write(json_text(asdict(about), ensure_ascii=True).encode())
    return about


def _one_ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """`blocks`, the next of them read while one is used: reading and writing leave Python alone."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = reader.submit(next, blocks, None)
            yield block


class Problems:
    """The rows that do not fit: the first of them, and how many by field."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.first: list[Problem] = []
        self.total = 0
        self.by_field: Counter[str] = Counter()

    def add(self, block: Block) -> None:
        """Count those of a block."""
        for number, fault in block.faults:
            self.total += 1
            self.by_field[fault.field] += 1
            if len(self.first) < MAX_PROBLEMS:
                self.first.append(problem_of(fault, number, self._name))


def problem_of(fault: Fault, number: int, name: str) -> Problem:
    """`fault` of a row, its place without the file's name.

    >>> fault = Fault("f, row 2", "field 'x' is a list", "write one row a sample", field="x")
    >>> problem_of(fault, 2, "f")
    Problem(row='row 2', field='x', what="field 'x' is a list", remedy='write one row a sample')
    """
    row = fault.place.removeprefix(name).removeprefix(", ").removeprefix("/") or f"row {number}"
    return Problem(
        row=readable(row)[:120],
        field=fault.field,
        what=readable(fault.what)[:400],
        remedy=readable(fault.remedy or OTHERS_ARE_READ)[:400],
    )


class _TextWriter:
    """Writes the columns that are read a page at a time."""

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        text = pa.string()
        self._schema = pa.schema([
            ("text", text), ("births", pa.list_(pa.int32())), ("written", text), ("prompt", text),
            ("record", text),
        ])  # fmt: skip
        parquet = import_pyarrow_parquet()
        self._writer = parquet.ParquetWriter(
            path, self._schema, compression="lz4", use_dictionary=["prompt"], write_statistics=False
        )

    def __enter__(self) -> _TextWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write(self, table: Any) -> None:
        import pyarrow as pa

        have = [
            table[one.name].combine_chunks()
            if one.name in table.column_names
            else pa.nulls(table.num_rows, one.type)
            for one in self._schema
        ]
        self._writer.write_table(pa.table(have, schema=self._schema), row_group_size=ROWS_PER_GROUP)


def _write_columns(columns: ColumnBuilder, path: Path) -> None:
    import pyarrow as pa

    arrays = {name: pa.array(found) for name, found in columns.numbers().items()}
    arrays |= words_table(columns.words())
    import_pyarrow_parquet().write_table(pa.table(arrays), path, compression="lz4")
