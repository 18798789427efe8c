"""Tidy tables of runs: plain columns of equal length, one row an observation.

A `Frame` needs numpy at most. `to_pandas` and `to_arrow` hand the same columns on where those
packages are installed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lintseq_core.errors import LintSeqError
from lintseq_core.results.scores.tally import Tally


@dataclass(frozen=True, slots=True)
class Frame:
    """Columns by name, in order, all of one length."""

    columns: Mapping[str, Sequence[Any]]

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise LintSeqError(f"columns of different lengths: {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row as a dictionary."""
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(self.columns, values, strict=True))

    def to_csv(self) -> str:
        """Comma-separated text with a header; nothing for None and for NaN."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        for row in self.rows():
            writer.writerow(
                "" if value is None or value != value else value for value in row.values()
            )
        return text.getvalue()

    def to_pandas(self) -> Any:
        """The columns as a pandas DataFrame; LintSeqError without pandas."""
        try:
            import pandas  # type: ignore[import-untyped]
        except ImportError:
            raise _missing("pandas", "dashboard") from None
        return pandas.DataFrame({name: list(column) for name, column in self.columns.items()})

    def to_arrow(self) -> Any:
        """The columns as a pyarrow Table; LintSeqError without pyarrow."""
        try:
            import pyarrow
        except ImportError:
            raise _missing("pyarrow", "data") from None
        return pyarrow.table({name: list(column) for name, column in self.columns.items()})


def _missing(package: str, extra: str) -> LintSeqError:
    return LintSeqError(f"needs {package}: pip install 'lintseq-core[{extra}]'")


def frame_of(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Frame:
    """The fields `names` of `rows` as columns; None where a row has no such field."""
    return Frame({name: [row.get(name) for row in rows] for name in names})


def problem_frame(runs: Mapping[str, Tally]) -> Frame:
    """run, task_id, n, c, solve_rate: one row a problem of each run."""
    rows = [
        {"run": run, "task_id": task, "n": n, "c": c, "solve_rate": c / n if n else float("nan")}
        for run, found in runs.items()
        for task, n, c in zip(found.task_ids, found.n, found.c, strict=True)
    ]
    return frame_of(rows, ("run", "task_id", "n", "c", "solve_rate"))
