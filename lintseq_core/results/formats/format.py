"""What an importer is: how to recognise a file of one format, and how to read its samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lintseq_core.results.formats.reading import FormatError, Head, Input, each_row
from lintseq_core.results.sample import Sample

Meta = dict[str, Any]
"""What a file says as a whole (date, hash, configuration); filled while its samples are read."""
REMARKS = "lintseq_remarks"
"""In what a file says as a whole: sentences on what limits its verdicts, of the reader's own."""
Reading = Iterator[Sample | FormatError]
"""Samples, and in the place of each that does not fit its format what is wrong with it."""
RowReader = Callable[[dict[str, Any], str, "Numbering"], Iterable[Sample]]
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


def tried(make: Callable[[], Sample]) -> Sample | FormatError:
    """What `make` returns, or the FormatError it raises."""
    try:
        return make()
    except FormatError as error:
        return error


def note_empty(meta: Meta, problems: Sequence[str]) -> None:
    """Say in `meta` that `problems`, by name or place, have no sample."""
    if not problems:
        return
    listed = ", ".join(problems[:5]) + (" ..." if len(problems) > 5 else "")
    remark = f"problems without a sample, left out: {len(problems):,} ({listed:.200})"
    meta[REMARKS] = list(dict.fromkeys((*meta.get(REMARKS, ()), remark)))  # read more than once


def reader_of(read_row: RowReader) -> Callable[[Input, Meta], Reading]:
    """Reads a file of JSON lines whose rows `read_row` reads."""

    def read(source: Input, meta: Meta) -> Reading:
        numbering = Numbering()
        empty: list[str] = []
        for place, row in each_row(source):
            if isinstance(row, FormatError):
                yield row
                continue
            try:
                samples = tuple(read_row(row, place, numbering))
            except FormatError as error:
                yield error
            else:
                yield from samples
                if not samples:
                    empty.append(place.removeprefix(f"{source.name}, "))
        note_empty(meta, empty)

    return read


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
