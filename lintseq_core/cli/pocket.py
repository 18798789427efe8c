"""`lintseq pocket`: the tasks of the benchmark Pocket, and rows to train on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lintseq_core.cli.options import RowCountOption, RowSeedOption
from lintseq_core.cli.shell import Progress, help_of
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable

SplitName = Literal["train", "validation", "test"]
DifficultyOption = Annotated[
    list[int] | None,
    typer.Option(
        min=1,
        max=5,
        help="Steps of a task; may be repeated. -b pocket has 1 and 2.",
        show_default="all, from 1 to 5",
    ),
]
OutputOption = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE.jsonl", help="Where the rows go.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


def data(
    output: OutputOption,
    count: RowCountOption = 20_000,
    seed: RowSeedOption = 0,
    split: Annotated[SplitName, typer.Option(help="Whose tasks the rows are.")] = "train",
    difficulty: DifficultyOption = None,
    force: ForceOption = False,
) -> None:
    """Write instructions with programs that follow them, for training.

    Each row is a task drawn at random, in words and in a way to write drawn at
    random. No task of another split has the same combination of parts. Models that
    are asked -b pocket learn from tasks of as many steps: --difficulty 1
    --difficulty 2.

    \b
    lintseq pocket data -n 20000 --difficulty 1 --difficulty 2 -o rows.jsonl
    lintseq dataset build rows.jsonl -o edits.jsonl
    """
    from lintseq_core.benchmarks.pocket.rows import instruction_rows
    from lintseq_core.benchmarks.pocket.task import DIFFICULTIES

    levels = difficulty or DIFFICULTIES
    _write(output, instruction_rows(count, seed=seed, split=split, difficulties=levels), force)


def tasks(
    output: OutputOption,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many tasks.")] = 200,
    seed: RowSeedOption = 0,
    split: Annotated[SplitName, typer.Option(help="Whose tasks.")] = "validation",
    difficulty: DifficultyOption = None,
    force: ForceOption = False,
) -> None:
    """Write tasks with a program that solves each and ten tests, for evaluation.

    The file is read by -b pocket --data FILE, which without a file takes 200
    held-out tasks: those of --split test --difficulty 1 --difficulty 2.

    \b
    lintseq pocket tasks -n 50 --difficulty 3 -o validation.jsonl
    lintseq generate -b pocket --data validation.jsonl --model tiny -o runs/pocket
    """
    from lintseq_core.benchmarks.pocket import held_out
    from lintseq_core.benchmarks.pocket.task import DIFFICULTIES

    levels = difficulty or DIFFICULTIES
    rows = held_out.task_rows(split, count, difficulties=levels, seed=seed)
    _write(output, rows, force)


def _write(output: Path, rows: Iterable[dict[str, Any]], force: bool) -> None:
    from lintseq_core.data.files import whole_file

    if output.exists() and not force:
        raise LintSeqError(f"{output} exists; choose another name, or replace it with --force")
    if not output.parent.is_dir():
        raise LintSeqError(f"{output.parent}: no such folder; make it first")
    n = 0
    with whole_file(output) as file, Progress() as progress:
        for n, row in enumerate(rows, start=1):
            file.write((json_text(row) + "\n").encode())
            progress.show(f"{n:,} rows written")
    print(f"{output}: {n:,} rows")


pocket_app = typer.Typer(
    help="Small Python tasks: rows to train on, and tasks to test with.", no_args_is_help=True
)
for command in (data, tasks):
    pocket_app.command(help=help_of(command))(command)
