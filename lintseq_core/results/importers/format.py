"""What an importer is: how to recognise a file of one format, and how to read its samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lintseq_core.results.reading import Head, Input
from lintseq_core.results.sample import Sample

Meta = dict[str, Any]
"""What a file says as a whole (date, hash, configuration); filled while its samples are read."""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format of one tool."""

    name: str
    title: str
    """Whose file it is, for messages."""
    signs: str
    """What it is recognised by."""
    fits: Callable[[Head, Input], bool]
    read: Callable[[Input, Meta], Iterator[Sample]]
    fits_start: bool = False
    """Whether the start of the first value is enough for `fits`, as for documents of any size."""
    has_verdicts: bool = False
    """Whether its rows say which samples pass."""


class Numbering:
    """Numbers the samples of each problem in the order in which they come, from 0."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def next_id(self, task_id: str) -> int:
        """The number of the sample of `task_id` that comes now."""
        number = self._counts[task_id]
        self._counts[task_id] += 1
        return number
