"""`lintseq dataset build`: edit sequences of every program of a source."""

from __future__ import annotations

import math
import shlex
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lintseq_core.cli.options import (
    EditFormatOption,
    LinterOption,
    OptionGroup,
    UniformOption,
    given,
    grouped,
)
from lintseq_core.cli.shell import Progress, note

if TYPE_CHECKING:  # typer looks only into the annotations of `build`
    from lintseq_core.data.building.report import BuildReport
    from lintseq_core.data.building.run import BuildProgress
    from lintseq_core.data.settings import BuildSettings

Engine = Literal["auto", "incremental", "reference"]
Layout = Literal["lintseq", "pylintseq", "messages", "prompt-completion"]
Method = Literal["lintseq", "randseq", "whole"]


@dataclass(frozen=True, slots=True)
class _Making(OptionGroup):
    """How programs become rows."""

    samples: Annotated[
        int | None,
        typer.Option("--samples", "-s", min=1, help="Sequences per program.  [default: 5]"),
    ] = None
    seed: Annotated[int, typer.Option(help="Same seed, same data set.")] = 0
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; the bytes are the same.  [default: one per CPU]"),
    ] = None
    method: Annotated[
        Method, typer.Option(help="randseq: the paper's ablation; whole: its baseline, no edits.")
    ] = "lintseq"
    linter: LinterOption = "pyflakes"
    engine: Annotated[
        Engine, typer.Option(help="Both give the same sequences; incremental is faster.")
    ] = "auto"
    uniform: UniformOption = False
    layout: Annotated[
        Layout | None,
        typer.Option(
            help="What a row holds; pylintseq is the authors', the last two are for trainers."
            "  [default: lintseq; with --method whole prompt-completion]"
        ),
    ] = None
    reasons: Annotated[
        bool, typer.Option("--reasons", help="Keep why lines go together (layout lintseq).")
    ] = False
    eos: Annotated[str, typer.Option(help="End marker of the model text.")] = ""
    edit_format: EditFormatOption = "unified"
    instruction_field: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="As in 'messages.0.content'; '' for none."),
    ] = None
    program_field: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Without these two, common names are looked for."),
    ] = None
    input_field: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Its text goes below the instruction; '' for none."
            "  [default: input, where the instruction is in 'instruction']",
        ),
    ] = None
    dedup: Annotated[
        bool, typer.Option("--dedup/--no-dedup", help="Drop programs that an earlier row has.")
    ] = True
    near_dedup: Annotated[
        float | None,
        typer.Option(metavar="SIMILARITY", help="Drop near-duplicates too, as 0.8 (extra 'data')."),
    ] = None
    limit: Annotated[int | None, typer.Option(min=1, help="Read only the first rows.")] = None
    max_lines: Annotated[
        int | None, typer.Option(min=1, help="Drop longer programs.  [default: 5000]")
    ] = None
    max_row_bytes: Annotated[
        int | None, typer.Option(min=1, help="Drop longer rows unread.  [default: 10 MiB]")
    ] = None
    cpu_limit_s: Annotated[
        float | None,
        typer.Option(
            "--cpu-limit",
            metavar="SECONDS",
            help="Drop a program that takes longer.  [default: 60]",
        ),
    ] = None

    def settings(self, source: Path) -> BuildSettings:
        """What decides the bytes; what nobody named is as in `BuildSettings`, or guessed."""
        from lintseq_core.data.building.dataset import settings_for
        from lintseq_core.data.settings import PAPER_SAMPLES, default_layout

        named = given(**asdict(self) | {"workers": None, "uniform": None})
        by_method = {
            "samples": 1 if self.method == "whole" else PAPER_SAMPLES,
            "layout": default_layout(self.method),
            "indent_bias": None if self.uniform else 1,
        }
        return settings_for(source, **by_method | named)


@grouped
def build(
    source: Annotated[
        Path,
        typer.Argument(metavar="SOURCE", help="Instructions and programs: rows of JSON, Parquet."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="OUT", help="What to write; also .gz, .parquet."),
    ],
    *,
    making: _Making,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first bad row; copies are not bad.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite OUT, or an unfinished build of it.")
    ] = False,
) -> None:
    """Make edit sequences of all programs of a file, with a report beside the data set.

    Python is taken out of Markdown fences. A row that cannot be used is dropped and counted. A
    build that was stopped, even by kill -9, goes on where it was when its command is repeated.

    \b
    lintseq dataset build instructions.jsonl -o edits.jsonl
    lintseq dataset build rows.parquet -o edits.parquet -s 1 --program-field solution
    lintseq dataset build rows.jsonl.gz -o train.jsonl --layout messages --near-dedup 0.8
    lintseq dataset build rows.jsonl -o baseline.jsonl --method whole
    """
    from lintseq_core.data.building.dataset import build_dataset
    from lintseq_core.data.building.report import unused_fields

    settings = making.settings(source)
    if making.program_field is None or making.instruction_field is None:
        read = f"program from {settings.program_field!r}"
        below = f" and {settings.input_field!r} below it" if settings.input_field else ""
        note(f"{read}, instruction from {settings.instruction_field!r}{below}")
    try:
        with Progress() as progress:
            outcome = build_dataset(
                source,
                output,
                settings,
                workers=making.workers,
                force=force,
                strict=strict,
                command=shlex.join(["lintseq", *sys.argv[1:]]),
                on_progress=lambda done: progress.show(_progress_line(done)),
            )
    except KeyboardInterrupt:
        note("stopped; repeat the command to go on")
        raise
    if outcome.is_new:
        print(_summary(outcome.report, output))
        if unused := unused_fields(outcome.report.tally, 8):
            note(f"filled, and not used: {unused}")
    else:
        print(f"{output}: built already, with these settings from this source; nothing written")


def _progress_line(done: BuildProgress) -> str:
    dropped = f", {done.rows_dropped:,} dropped" if done.rows_dropped else ""
    rate = ""
    if done.seconds_left is not None:
        rate = f", {done.rows_per_s:,.0f}/s, {_duration(done.seconds_left)} left"
    return f"{done.rows_read:,} rows read{dropped}, {done.rows_written:,} written{rate}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def _speed(report: BuildReport) -> str:
    speed = report.rows_per_cpu_s
    return "" if math.isnan(speed) else f" ({speed:,.0f} rows per CPU second)"


def _summary(report: BuildReport, output: Path) -> str:
    tally = report.tally
    drops = ", ".join(f"{count:,} {kind}" for kind, count in tally.drops.most_common())
    return (
        f"{output}: {tally.counts.rows:,} rows of {tally.counts.programs:,} programs in "
        f"{_duration(report.wall_s)}{_speed(report)}\n"
        f"dropped {tally.drops.total():,} of {tally.rows_read:,} rows"
        f"{': ' + drops if drops else ''}\n"
        f"report: {output}.report.md"
    )
