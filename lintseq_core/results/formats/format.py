"""What a format is: how to recognise a file of it, to read its samples, and to write some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.reading import Head, Input, each_row
from lintseq_core.results.sample import Sample

Meta = dict[str, Any]
"""What a file says as a whole (date, hash, configuration); filled while its samples are read."""
REMARKS = "lintseq_remarks"
"""In what a file says as a whole: sentences on what limits its verdicts, of the reader's own."""
Row = dict[str, Any]
"""An object of a file, its fields in their order."""
Reading = Iterator[Sample | Fault]
"""Samples, and in the place of each that does not fit its format what is wrong with it."""
NumberedReading = Iterator[tuple[int, Sample | Fault]]
"""The same with where each stands in the file, from 1: the number of its row, if it has rows."""
RowReader = Callable[[Row, str, "Numbering"], Iterable[Sample]]
"""The samples of a row, read at the place that messages name; FormatError if it does not fit.

A row of a problem without a sample gives none; who reads the whole file says so."""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format of one tool."""

    name: str
    title: str
    """Whose file it is, for messages."""
    signs: str
    """What it is recognised by."""
    fits: Callable[[Head, Input], bool]
    read: Callable[[Input, Meta], Reading]
    """Goes on after what does not fit, where it can; FormatError where it cannot."""
    fits_start: bool = False
    """Whether the start of the first value is enough for `fits`, as for documents of any size."""
    has_verdicts: bool = False
    """Whether its rows say which samples pass."""
    read_row: RowReader | None = None
    """Of a format of JSON lines."""
    row_of: Callable[[Sample], Row] | None = None
    """The row that a sample becomes in JSON lines; FormatError if it has not what it needs."""
    document_of: Callable[[Iterable[Sample], Meta], str] | None = None
    """The text of a file that is one document: all samples are held in memory."""
    write: Callable[[Iterable[Sample], Path], None] | None = None
    """Writes a folder or a file that is no text; whole or not at all."""

    def read_numbered(self, source: Input, meta: Meta) -> NumberedReading:
        """What `read` gives, with the number of each."""
        if self.read_row is None:
            return enumerate(self.read(source, meta), start=1)
        return read_numbered(source, meta, self.read_row)


def lines_of(
    name: str,
    title: str,
    signs: str,
    *,
    fits: Callable[[Head], bool],
    read_row: RowReader,
    row_of: Callable[[Sample], Row] | None = None,
    has_verdicts: bool = False,
) -> Format:
    """A format of JSON lines whose rows `read_row` reads; `fits` is asked of such files alone."""
    return Format(
        name=name,
        title=title,
        signs=signs,
        fits=lambda head, _: head.kind == "lines" and fits(head),
        read=_reader_of(read_row),
        has_verdicts=has_verdicts,
        read_row=read_row,
        row_of=row_of,
    )


def _reader_of(read_row: RowReader) -> Callable[[Input, Meta], Reading]:
    def read(source: Input, meta: Meta) -> Reading:
        return (one for _, one in read_numbered(source, meta, read_row))

    return read


def read_numbered(source: Input, meta: Meta, read_row: RowReader) -> NumberedReading:
    """The samples of JSON lines that `read_row` reads, each with the number of its row."""
    numbering = Numbering()
    empty: list[str] = []
    for number, place, row in each_row(source):
        if isinstance(row, Fault):
            yield number, row
            continue
        try:
            samples = tuple(read_row(row, place, numbering))
        except FormatError as error:
            yield number, error.fault
        else:
            for sample in samples:
                yield number, sample
            if not samples:
                empty.append(place.removeprefix(f"{source.name}, "))
    note_empty(meta, empty)


def tried(make: Callable[[], Sample]) -> Sample | Fault:
    """What `make` returns, or what is wrong where it raises FormatError."""
    try:
        return make()
    except FormatError as error:
        return error.fault


def note_empty(meta: Meta, problems: Sequence[str]) -> None:
    """Say in `meta` that `problems`, by name or place, have no sample."""
    if not problems:
        return
    listed = ", ".join(problems[:5]) + (" ..." if len(problems) > 5 else "")
    remark = f"problems without a sample, left out: {len(problems):,} ({listed:.200})"
    meta[REMARKS] = list(dict.fromkeys((*meta.get(REMARKS, ()), remark)))  # read more than once


class Numbering:
    """Numbers the samples of each problem in the order in which they come, from 0."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def first(self, name: str, value: str) -> str:
        """The `value` that this was first called with for `name`: what the file begins with."""
        return self._first.setdefault(name, value)

    def next_id(self, task_id: str) -> int:
        """The number of the sample of `task_id` that comes now."""
        number = self._counts[task_id]
        self._counts[task_id] += 1
        return number


def whole_program(sample: Sample) -> str:
    """The program that is run; FormatError if only what follows the prompt is known."""
    require_program(sample)
    if sample.solution is None:
        remedy = "name the problems: --problems HumanEval.jsonl.gz"
        raise FormatError(Fault(sample.place, "only what follows the prompt is known", remedy))
    return sample.solution


def require_program(sample: Sample) -> None:
    """Return if `sample` has a text; FormatError for a verdict alone."""
    if sample.solution is None and sample.completion is None:
        raise FormatError(Fault(sample.place, "no program", "the file has verdicts only"))


def require_verdict(sample: Sample, remedy: str = "run 'lintseq evaluate' first") -> bool:
    """Whether `sample` passed; FormatError if that is not decided."""
    if sample.passed is None:
        raise FormatError(Fault(sample.place, "no verdict", remedy))
    return sample.passed
