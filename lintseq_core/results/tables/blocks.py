"""Rows of a file a few megabytes at a time: fast where all fit, one by one where one does not.

JSON lines of the flat formats are parsed by pyarrow, a block at once. A block with anything that
pyarrow or the rules of the format do not take is read again, row by row, by the importer, which
says what is wrong with which row. Both ways give the same rows; a test holds them to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from lintseq_core.benchmarks.problem import PromptStyle
from lintseq_core.data import rows as data_rows
from lintseq_core.data.row_files import rows_of_lines
from lintseq_core.data.sources import Source
from lintseq_core.errors import LintSeqError
from lintseq_core.results.formats.decoding import load_object
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.format import REMARKS, Numbering, note_empty
from lintseq_core.results.formats.reading import MAX_ROW_BYTES, row_file
from lintseq_core.results.sample import Sample
from lintseq_core.results.scores.tally import VOTING_TEXTS
from lintseq_core.results.styles import StyleVotes
from lintseq_core.results.tables.flat import FLAT, FlatReader
from lintseq_core.results.tables.rows import UNNUMBERED, TableRow, row_of_data, row_of_sample
from lintseq_core.results.tables.sniffing import Sniffed

BLOCK_BYTES = 8 << 20
BLOCK_ROWS = 1_000


@dataclass(slots=True)
class Block:
    """Some rows of a file in order: as Arrow columns, or one by one."""

    columns: Any = None
    """An Arrow table with the fields of TableRow and `number`; None where `rows` has them."""
    rows: list[tuple[int, TableRow]] = field(default_factory=list)
    faults: list[tuple[int, Fault]] = field(default_factory=list)
    """Number of the row, counted from 1, and what is wrong with it."""
    n_bytes: int = 0
    """Of the file, read so far."""


def read_blocks(sniffed: Sniffed) -> Iterator[Block]:
    """All rows of a file; FormatError where it cannot be read further."""
    style = _style(sniffed)
    if sniffed.is_lines:
        yield from _line_blocks(sniffed, style)
    elif sniffed.kind == "data set":
        yield from _gathered(_parquet_data(sniffed))
    else:
        yield from _gathered(_samples(sniffed, style))


def _style(sniffed: Sniffed) -> PromptStyle | None:
    """The style of a file of answers, by its first samples; None where texts are as they are.

    `sniffed.meta` is told what was decided. Edits are known by themselves, text by text.
    """
    if sniffed.format is None:
        return None
    votes = StyleVotes(most=VOTING_TEXTS)
    with suppress(LintSeqError):  # a damaged file is named when its rows are read
        for sample in islice(sniffed.format.read(sniffed.source, {}), VOTING_TEXTS):
            if isinstance(sample, Sample):
                votes.add(sample)
    style: PromptStyle | None = None
    try:
        decision = votes.decide(sniffed.source.name)
    except FormatError:
        if not votes.counts["instruction"]:
            return None
        remark = (
            f"of {votes.counts.total():,} texts {votes.counts['instruction']:,} are answers with "
            "code fences, which is not nearly all: each text is shown as it stands"
        )
    else:
        if decision.style not in ("instruction", "markdown"):
            return None
        style = decision.style
        remark = f"shown is the code of answers, without what stands around it ({decision})"
    sniffed.meta[REMARKS] = list(dict.fromkeys((*sniffed.meta.get(REMARKS, ()), remark)))
    return style


def _line_blocks(sniffed: Sniffed, style: PromptStyle | None) -> Iterator[Block]:
    is_flat = sniffed.name in FLAT and style is None
    flat = FlatReader(sniffed.name, sniffed.first or {}) if is_flat else None
    empty: list[str] = []
    read = _row_reader(sniffed, style, empty)
    number = 1
    for raw, n_bytes in row_file(sniffed.source).blocks(BLOCK_BYTES):
        columns = flat.read(raw, number) if flat else None
        if columns is not None:
            yield Block(columns=columns, n_bytes=n_bytes)
            number += columns.num_rows
            continue
        rows, number = rows_of_lines(raw, number)
        for at in range(0, len(rows), BLOCK_ROWS):
            block = Block(n_bytes=n_bytes)
            for row_number, text in rows[at : at + BLOCK_ROWS]:
                _read_into(block, row_number, partial(read, text, row_number))
            yield block
    note_empty(sniffed.meta, empty)


def _read_into(block: Block, number: int, read: Any) -> None:
    try:
        block.rows += [(number, row) for row in read()]
    except FormatError as error:
        block.faults.append((number, error.fault))


def _row_reader(sniffed: Sniffed, style: PromptStyle | None, empty: list[str]) -> Any:
    """Reads the rows of a line; FormatError if it does not fit. `empty` gathers lines without."""
    name = sniffed.source.name
    if sniffed.format is not None and sniffed.format.read_row is not None:
        reading = (sniffed.format.read_row, name, _Unnumbered(), style, empty)
        return partial(_sample_rows, *reading)
    return partial(_data_line, name)


class _Unnumbered(Numbering):
    """Leaves numbers open: blocks that are read at once do not pass here."""

    def next_id(self, task_id: str) -> int:
        return UNNUMBERED


def _sample_rows(
    read_row: Any,
    name: str,
    numbering: Numbering,
    style: PromptStyle | None,
    empty: list[str],
    line: bytes,
    number: int,
) -> Iterable[TableRow]:
    place = f"{name}, row {number}"
    samples = read_row(load_object(line, place), place, numbering)
    rows = [row_of_sample(sample, style) for sample in samples]
    if not rows:
        empty.append(f"row {number}")
    return rows


def _data_line(name: str, line: bytes, number: int) -> Iterable[TableRow]:
    return (_data_row(name, number, line),)


def _data_row(name: str, number: int, raw: Any) -> TableRow:
    try:
        return row_of_data(data_rows.read_row(number - 1, raw), raw)
    except (LintSeqError, RecursionError) as error:
        told = str(error)
        at = told.partition(":")[0]
        field_name = at.partition("[")[0] if at.replace("_", "").isidentifier() else ""
        raise FormatError(Fault(f"{name}, row {number}", told, field=field_name)) from None


def _samples(sniffed: Sniffed, style: PromptStyle | None) -> Iterator[tuple[int, TableRow | Fault]]:
    assert sniffed.format is not None
    for number, one in enumerate(sniffed.format.read(sniffed.source, sniffed.meta), start=1):
        yield number, one if isinstance(one, Fault) else row_of_sample(one, style)


def _parquet_data(sniffed: Sniffed) -> Iterator[tuple[int, TableRow | Fault]]:
    name = sniffed.source.name
    source = Source(Path(sniffed.source.path), max_row_bytes=MAX_ROW_BYTES)
    for index, payload in source.rows():
        try:
            yield index + 1, _data_row(name, index + 1, payload)
        except FormatError as error:
            yield index + 1, error.fault


def _gathered(found: Iterator[tuple[int, TableRow | Fault]]) -> Iterator[Block]:
    block = Block()
    n_bytes = n_seen = 0
    try:
        for number, one in found:
            n_seen += 1
            if isinstance(one, Fault):
                block.faults.append((number, one))
            else:
                n_bytes += len(one.text)
                block.rows.append((number, one))
            if n_seen % BLOCK_ROWS == 0:
                block.n_bytes = n_bytes
                yield block
                block = Block()
    except LintSeqError:
        if block.rows or block.faults:
            yield block  # what stands before the damage
        raise
    block.n_bytes = n_bytes
    yield block
