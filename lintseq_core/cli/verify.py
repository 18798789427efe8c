"""`lintseq verify`: does every stored sequence hold what it promises?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from lintseq_core.cli.options import LinterName
from lintseq_core.cli.shell import CHECK_FAILED, Progress, note, shown_name
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.edits.verify import promises_clean_states, verify_sequence
from lintseq_core.errors import LintSeqError, RecordError
from lintseq_core.linting import Linter, get_linter


def verify(
    file: Annotated[
        str, typer.Argument(metavar="FILE.jsonl", help="Sequences, one JSON object a line, or -.")
    ],
    count_with: Annotated[
        LinterName,
        typer.Option(help="Linter that counts findings in rows that promise none (randseq ...)."),
    ] = "pyflakes",
) -> None:
    """Check each row: it replays exactly, only inserts, and lintseq rows stay free of new findings.

    Rows of randseq, of the linter "none" and of compat "upstream" promise no clean states: their
    new findings are counted. Exits with 1 if a row fails, and says which row and step.

    \b
    lintseq sample program.py -s 5 --format json > sequences.jsonl
    lintseq verify sequences.jsonl
    """
    linters = _Linters(count_with)
    name = shown_name(file)
    rows = failed = counted = 0
    with Progress() as progress:
        for number, line in _lines(file):
            rows += 1
            progress.show(f"{rows} rows checked, {failed} failed")
            problems: tuple[str, ...]
            try:
                sequence = EditSequence.from_json(line)
                found = verify_sequence(sequence, linters.for_row(sequence, number))
            except RecordError as error:
                problems = (str(error),)
            else:
                problems = found.problems
                if not promises_clean_states(sequence):
                    counted += found.new_findings
            failed += bool(problems)
            for problem in problems:
                print(f"{name}:{number}: {problem}")
    if not rows:
        raise LintSeqError(f"{name}: no row; expected one JSON object a line")
    print(f"{rows - failed} of {rows} rows hold; {counted} new findings in rows that promise none")
    if failed:
        raise typer.Exit(CHECK_FAILED)


def _lines(file: str) -> Iterator[tuple[int, str]]:
    """The rows with their numbers; bytes that are no UTF-8 make a row that is not JSON."""
    from lintseq_core.data.row_files import TooLong  # 25 ms that no other command should pay
    from lintseq_core.results.formats.reading import open_input, row_file

    with open_input(file) as source:
        for row in row_file(source).rows():
            if isinstance(row.text, TooLong):
                raise LintSeqError(
                    f"{source.name}, {row.place}: {row.text.n_bytes:,} bytes are too much for a row"
                )
            yield row.number, row.text.decode("utf-8", errors="replace")


class _Linters:
    """Linters by row, each made once; says so when a row was made with another version."""

    def __init__(self, count_with: LinterName) -> None:
        self._count_with = count_with
        self._made: dict[str, Linter] = {}
        self._told: set[tuple[str, str]] = set()

    def for_row(self, sequence: EditSequence, number: int) -> Linter:
        promises = promises_clean_states(sequence)
        name = sequence.linter_name if promises else self._count_with
        if name not in self._made:
            self._made[name] = get_linter(name)
        linter = self._made[name]
        made_with = (name, sequence.linter_version)
        if promises and linter.version != sequence.linter_version and made_with not in self._told:
            self._told.add(made_with)
            note(f"row {number} was made with {' '.join(made_with)}, here is {linter.version}")
        return linter
