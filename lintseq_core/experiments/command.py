"""The command of every experiment, `python -m lintseq_core.experiments.NAME`, and of scripts."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import Experiment, write_result
from lintseq_core.experiments.profiles import MEANING, Profile

if TYPE_CHECKING:
    from lintseq_core.results.frames import Frame

BAD_INPUT = 3


def main(experiment: Experiment[Any], arguments: list[str] | None = None) -> None:
    """Run the command line of `experiment`; an error is one line on stderr and exit code 3."""

    def command(
        profile: Annotated[
            Profile, typer.Option(help="; ".join(f"{k}: {v}" for k, v in MEANING.items()))
        ] = "smoke",
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Count steps, tokens, FLOPs and hours; run none.")
        ] = False,
        output: Annotated[
            Path | None,
            typer.Option("-o", "--output", help="Folder for tables, verdicts and record."),
        ] = None,
    ) -> None:
        try:
            config = experiment.config(profile)
            if dry_run:
                _print_plan(experiment, config)
                return
            if output is not None and (output / "record.json").exists():
                raise LintSeqError(f"{output}: holds a record already; choose another folder")
            result = experiment.run(config)
            for name, frame in result.tables.items():
                print(f"{name}\n{as_text(frame)}")
            for one in result.judgements:
                print(f"{one.claim.statement}: {one.verdict}. {one.words}.")
            for note in result.notes:
                print(f"Note: {note}")
            beside = beside_record(result)
            print(beside if isinstance(beside, str) else f"beside the record\n{as_text(beside)}")
            if output is not None:
                write_result(result, output)
                print(output)
        except LintSeqError as error:
            print(f"{experiment.name}: error: {error}", file=sys.stderr)
            raise typer.Exit(BAD_INPUT) from None

    command.__doc__ = experiment.title
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    app(args=arguments, prog_name=f"python -m lintseq_core.experiments.{experiment.name}")


def _print_plan(experiment: Experiment[Any], config: Any) -> None:
    from lintseq_core.experiments.plans import plan_text

    if experiment.plan is None:
        print(f"{experiment.name}: seconds on a CPU; nothing to plan")
        return
    for one in experiment.plan(config):
        print(plan_text(one))


def as_text(frame: Frame, *, most: int = 40) -> str:
    """The frame in columns of plain text, its first `most` rows."""
    rows = [
        [_cell(value) for value in row.values()]
        for row, _ in zip(frame.rows(), range(most), strict=False)
    ]
    table = [list(frame.columns), *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(frame.columns))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in table
    ]
    if len(frame) > most:
        lines.append(f"... {len(frame) - most} more rows")
    return "\n".join(f"  {line}" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def command_of(program: str) -> str:
    """The command line that runs this process, for a record; `program` as in "-m module"."""
    return f"python {program} {shlex.join(sys.argv[1:])}".rstrip()


def run_as_module(command: Callable[..., None], name: str) -> None:
    """Run `command` on this process's arguments; an error of ours is one line and exit code 1."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    try:
        app()
    except LintSeqError as error:
        sys.exit(f"{name}: error: {error}")
