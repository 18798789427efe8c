"""`python -m lintseq_core.experiments.pocket`."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from lintseq_core.experiments.command import command_of, run_as_module
from lintseq_core.experiments.experiment import write_result
from lintseq_core.experiments.pocket.plan import plan_text
from lintseq_core.experiments.pocket.report import study_result
from lintseq_core.experiments.pocket.running import run_study
from lintseq_core.experiments.pocket.shipping import lay_out_ships
from lintseq_core.experiments.pocket.study import PROFILES, StudyFolder


def main(
    profile: Annotated[
        Literal["smoke", "cpu"], typer.Option(help="smoke: minutes, numbers that mean nothing.")
    ] = "smoke",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder.")] = Path("pocket_study"),
    jobs: Annotated[int, typer.Option(min=1, help="Trainings side by side, a core each.")] = 1,
    hours: Annotated[
        float | None, typer.Option(min=0.0, help="End then; the same command goes on.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave all traces there, some 100 MB a cell.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Report what is there, whether or not it is all.")
    ] = False,
    lay_out: Annotated[
        bool,
        typer.Option("--lay-out", help="Lay out what ships, for assets/make/pocket.py."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count tokens, programs and hours; run none.")
    ] = False,
) -> None:
    """Train, ask and compare the arms; the same command goes on where it was stopped."""
    folder = StudyFolder(PROFILES[profile], output)
    if dry_run:
        print(plan_text(folder.study))
        return
    if lay_out:
        print(lay_out_ships(folder))
        return
    if not report:
        until = None if hours is None else time.time() + 3600 * hours
        if not run_study(folder, jobs=jobs, until=until, keep=keep):
            print("not all is done: the same command goes on", file=sys.stderr)
            return
    result = study_result(profile, folder)
    command = command_of("-m lintseq_core.experiments.pocket").replace(" --report", "")
    shutil.rmtree(output / "report", ignore_errors=True)
    write_result(replace(result, record=replace(result.record, command=command)), output / "report")
    for one in result.judgements:
        print(f"{one.claim.statement}: {one.verdict}. {one.words}.")
    for note in result.notes:
        print(f"Note: {note}")
    print(output / "report")


if __name__ == "__main__":
    run_as_module(main, "pocket")
