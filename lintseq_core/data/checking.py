"""Check every row of a data set, in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lintseq_core.data.building.workers import WorkerPool, available_cpus
from lintseq_core.data.rows import DataRow, open_dataset, read_row
from lintseq_core.data.settings import CPU_LIMIT_S
from lintseq_core.data.sources import RawRow
from lintseq_core.edits.verify import promises_clean_states, verify_sequence
from lintseq_core.errors import LinterFailure, LintSeqError, SourceError
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs import Program


@dataclass(frozen=True, slots=True)
class RowCheck:
    """What was found in one row."""

    number: int
    problems: tuple[str, ...]
    """Each names its step; empty if the row holds."""
    counted: int = 0
    """New findings in the states of a row that promises none."""
    made_with: str = ""
    """Linter and version of a row that promises clean states, else ""."""


@dataclass(frozen=True, slots=True)
class CheckRows:
    """The job of `check_dataset`."""

    count_with: str
    """The linter that counts findings where none is promised."""
    cpu_limit_s: float = 10 * CPU_LIMIT_S

    def open(self) -> Callable[[list[RawRow]], list[RowCheck]]:
        """A checker with linters of its own."""
        linters: dict[str, Linter] = {}

        def linter(name: str) -> Linter:
            if name not in linters:
                linters[name] = get_linter(name)
            return linters[name]

        def check(batch: list[RawRow]) -> list[RowCheck]:
            return [_check_row(row, linter, self.count_with) for row in batch]

        return check

    def lost(self, index: int, why: str) -> list[RowCheck]:
        """A row that failed."""
        return [RowCheck(index + 1, (why,))]

    def join(self, results: list[list[RowCheck]]) -> list[RowCheck]:
        """The checks one after the other."""
        return [check for result in results for check in result]


def check_dataset(
    path: Path, *, count_with: str = "pyflakes", workers: int | None = None
) -> Iterator[RowCheck]:
    """A check of every row of the data set at `path`, in order. Lints every state."""
    rows = open_dataset(path).rows()
    with WorkerPool(CheckRows(count_with), workers or available_cpus()) as pool:
        for result in pool.results(rows):
            yield from result


def _check_row(row: RawRow, linter: Callable[[str], Linter], count_with: str) -> RowCheck:
    index, payload = row
    try:
        found = read_row(index, payload)
        problems = _program_problems(found)
        if found.sequence is None:
            return RowCheck(index + 1, problems)
        promises = promises_clean_states(found.sequence)
        name = found.sequence.linter_name if promises else count_with
        verified = verify_sequence(found.sequence, linter(name))
    except LinterFailure as error:
        return RowCheck(index + 1, (f"the linter failed: {error}",))
    except (LintSeqError, RecursionError) as error:
        return RowCheck(index + 1, (str(error),))
    made_with = f"{name} {found.sequence.linter_version}" if promises else ""
    counted = 0 if promises else verified.new_findings
    return RowCheck(index + 1, (*problems, *verified.problems), counted, made_with)


def _program_problems(row: DataRow) -> tuple[str, ...]:
    if row.expected is not None and row.expected != row.program.text:
        return ("the edits do not write the program of source_response",)
    if row.sequence is None:  # `verify_sequence` looks at the program of the others
        try:
            Program.from_text(row.program.text)
        except SourceError as error:
            return (f"no program: {error}",)
    return ()
