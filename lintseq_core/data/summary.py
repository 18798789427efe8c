"""The numbers of a finished data set, from its rows alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from lintseq_core.data.counts import Counts, count_program, describe
from lintseq_core.data.rows import DataRow, rows_of
from lintseq_core.edits.formats import UNIFIED
from lintseq_core.linting import get_linter

LintedShare = Literal["some", "all", "none"]
_LINTED_FIRST = 16
_LINTED_EVERY = 256


@dataclass(slots=True)
class Summary:
    """What the rows of a data set add up to."""

    rows_read: int = 0
    counts: Counts = field(default_factory=Counts)
    layouts: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    first_unreadable: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe, with mean and percentiles of the histograms."""
        counts = self.counts.to_dict()
        for name in ("lines_per_program", "edits_per_sequence", "lines_per_edit"):
            values = describe(getattr(self.counts, name))
            counts[name] = {
                part: getattr(values, part) if values.count else None for part in values.__slots__
            } | {"histogram": counts[name]}
        return {
            "rows_read": self.rows_read,
            "layouts": dict(self.layouts),
            "methods": dict(self.methods),
            "unreadable": self.unreadable,
            "first_unreadable": self.first_unreadable,
            **counts,
        }


def summarise(
    path: Path,
    *,
    linted: LintedShare = "some",
    on_row: Callable[[int], object] | None = None,
) -> Summary:
    """The sums over all rows of the data set at `path`, in constant memory.

    Neighbouring rows of one program count as one program. `linted`: whether the states of one
    sequence of every program, of some, or of none are linted with pyflakes.
    """
    summary = Summary()
    linter = get_linter("pyflakes")

    def program_of(row: DataRow | tuple[int, str]) -> tuple[str, int | None] | None:
        summary.rows_read += 1
        if on_row is not None:
            on_row(summary.rows_read)
        return (row.program.id, row.index) if isinstance(row, DataRow) else None

    for key, group in groupby(rows_of(path), key=program_of):
        if key is None:
            for number, message in (row for row in group if isinstance(row, tuple)):
                summary.unreadable += 1
                summary.first_unreadable = summary.first_unreadable or f"row {number}: {message}"
            continue
        rows = [row for row in group if isinstance(row, DataRow)]
        sequences = [row.sequence for row in rows if row.sequence is not None]
        done = summary.counts.programs
        some = done < _LINTED_FIRST or done % _LINTED_EVERY == 0
        watched = linter if linted == "all" or (linted == "some" and some) else None
        written = rows[0].edit_format or UNIFIED
        counts = count_program(rows[0].program, sequences, linter=watched, edit_format=written)
        summary.counts.add(counts)
        summary.layouts.update(row.layout for row in rows)
        summary.methods.update(_method(row) for row in rows)
    return summary


def _method(row: DataRow) -> str:
    if row.sequence is None:
        return "whole"
    return row.sequence.method if row.layout == "lintseq" else "edits"
