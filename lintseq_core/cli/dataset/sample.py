"""`lintseq dataset sample`: some rows of a data set to look at."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from lintseq_core.cli.options import DatasetArgument, RowCountOption, RowSeedOption
from lintseq_core.cli.shell import Progress
from lintseq_core.errors import LintSeqError

if TYPE_CHECKING:
    from rich.console import Console

    from lintseq_core.data.rows import DataRow
    from lintseq_core.data.sources import RawRow
    from lintseq_core.edits import EditSequence


def sample(
    file: DatasetArgument,
    count: RowCountOption = 3,
    seed: RowSeedOption = 0,
) -> None:
    """Print rows drawn at random, each row as likely as another: instruction, then edit by edit.

    \b
    lintseq dataset sample edits.jsonl -n 3 --seed 1
    """
    from lintseq_core.cli.terminal import make_console
    from lintseq_core.data.rows import read_row

    drawn = _draw(file, count, random.Random(seed))
    if not drawn:
        raise LintSeqError(f"{file}: no row; expected one JSON object a line")
    console = make_console()
    for index, payload in sorted(drawn, key=lambda row: row[0]):
        try:
            row = read_row(index, payload)
        except LintSeqError as error:
            raise LintSeqError(f"{file}, row {index + 1}: {error}") from None
        _print_row(console, row, file.name)


def _draw(file: DatasetArgument, count: int, rng: random.Random) -> list[RawRow]:
    """Reservoir sampling: one pass, memory for `count` rows."""
    from lintseq_core.data.rows import open_dataset

    kept: list[RawRow] = []
    with Progress() as progress:
        for seen, row in enumerate(open_dataset(file).rows()):
            progress.show(f"{seen:,} rows read")
            if len(kept) < count:
                kept.append(row)
                continue
            place = rng.randrange(seen + 1)
            if place < count:
                kept[place] = row
    return kept


def _print_row(console: Console, row: DataRow, name: str) -> None:
    from rich.text import Text

    from lintseq_core.cli.terminal import print_sequence, printable

    lines = len(row.program.lines)
    heading = f"{name}, row {row.number}: {lines} line{'' if lines == 1 else 's'}"
    if row.sequence is not None:
        edits = row.sequence.n_edits
        heading += f" in {edits} edit{'' if edits == 1 else 's'}"
    if row.sequence is not None and row.sequence.path_index is not None:
        heading += f" (seed {row.sequence.seed}, sequence {row.sequence.path_index + 1})"
    console.rule(style="dim")
    for line in row.instruction.split("\n"):
        console.print(Text(printable(line), style="italic"))
    console.print()
    if row.sequence is not None:
        print_sequence(console, _with_reasons(row.sequence), heading)
        return
    console.print(Text(heading, style="bold"))
    for line in row.program.lines:
        console.print(Text(f"  {printable(line)}"))
    console.print()


def _with_reasons(sequence: EditSequence) -> EditSequence:
    """`sequence` drawn again from its seed, which brings the reasons, if that gives the same."""
    from lintseq_core.edits import SamplingConfig, sample_path
    from lintseq_core.linting import get_linter

    seed, path_index = sequence.seed, sequence.path_index
    if sequence.reasons or seed is None or path_index is None or sequence.compat is not None:
        return sequence
    try:
        again = sample_path(
            sequence.program,
            seed=seed,
            path_index=path_index,
            method=sequence.method,
            linter=get_linter(sequence.linter_name),
            config=SamplingConfig(indent_bias=sequence.indent_bias),
        )
    except LintSeqError:  # another linter version, or a program that does not compile here
        return sequence
    return again if again.birth_steps == sequence.birth_steps else sequence
