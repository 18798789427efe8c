"""`lintseq dataset verify`: does every row of a data set hold what it promises?"""

from __future__ import annotations

from typing import Annotated

import typer

from lintseq_core.cli.options import DatasetArgument, LinterName
from lintseq_core.cli.shell import CHECK_FAILED, Progress, note
from lintseq_core.errors import LintSeqError

_SHOWN = 20


def verify(
    file: DatasetArgument,
    count_with: Annotated[
        LinterName,
        typer.Option(help="Linter that counts findings in rows that promise none."),
    ] = "pyflakes",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes.  [default: one per CPU]")
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help=f"Name every problem, not only the first {_SHOWN}.")
    ] = False,
) -> None:
    """Check each row: it replays exactly, only inserts, and lintseq rows stay free of new findings.

    Only rows of the layout lintseq that method lintseq made with a linter promise clean states; in
    others new findings are counted. Exits with 1 if a row fails, and says which row and step.

    \b
    lintseq dataset verify edits.jsonl
    lintseq dataset verify authors.jsonl.gz --workers 4
    """
    from lintseq_core.data.checking import check_dataset
    from lintseq_core.linting import get_linter

    rows = failed = counted = shown = 0
    makers: set[str] = set()
    with Progress() as progress:
        for check in check_dataset(file, count_with=count_with, workers=workers):
            rows += 1
            counted += check.counted
            failed += bool(check.problems)
            if check.made_with:
                makers.add(check.made_with)
            for problem in check.problems:
                shown += 1
                if show_all or shown <= _SHOWN:
                    print(f"{file}:{check.number}: {problem}")
            progress.show(f"{rows:,} rows checked, {failed:,} failed")
    if not rows:
        raise LintSeqError(f"{file}: no row; expected one JSON object a line")
    if not show_all and shown > _SHOWN:
        note(f"{shown - _SHOWN:,} more problems; --all names them")
    for maker in sorted(makers):
        name, version = maker.split(" ", 1)
        here = get_linter(name).version
        if here != version:
            note(f"rows were made with {maker}, here is {here}")
    print(
        f"{rows - failed:,} of {rows:,} rows hold; "
        f"{counted:,} new findings in rows that promise none"
    )
    if failed:
        raise typer.Exit(CHECK_FAILED)
