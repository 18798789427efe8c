"""`lintseq dataset stats`: the numbers of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lintseq_core.cli.options import DatasetArgument, JsonOption
from lintseq_core.cli.shell import CHECK_FAILED, Progress, note, write_utf8
from lintseq_core.json_text import json_text


def stats(
    file: DatasetArgument,
    as_json: JsonOption = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Also draw the histograms: .html, or .png (Chromium)."),
    ] = None,
    lint: Annotated[
        Literal["some", "all", "none"],
        typer.Option(help="Programs of which the states of one sequence are linted."),
    ] = "some",
) -> None:
    """Count lines per program, edits per sequence, lines per edit, tokens, clean states.

    Exits with 1 if a row cannot be read.

    \b
    lintseq dataset stats edits.jsonl
    lintseq dataset stats edits.parquet --plot edits.html
    lintseq dataset stats edits.jsonl --json | jq .edits_per_sequence.mean
    """
    from lintseq_core.data.building.report import counts_section
    from lintseq_core.data.summary import summarise

    if plot is not None:
        from lintseq_core.cli.dataset.plot import check_plot_path

        check_plot_path(plot)
    with Progress() as progress:
        summary = summarise(
            file, linted=lint, on_row=lambda rows: progress.show(f"{rows:,} rows read")
        )
    write_utf8()
    if as_json:
        print(json_text(summary.to_dict()))
    else:
        made = ", ".join(f"{count:,} {name}" for name, count in summary.methods.items())
        layouts = ", ".join(summary.layouts)
        print(f"# {file.name}\n")
        print(
            f"{summary.rows_read:,} rows (layout {layouts or 'unknown'}; {made or 'none read'})\n"
        )
        print("\n".join(counts_section(summary.counts)).rstrip())
    if plot is not None:
        from lintseq_core.cli.dataset.plot import write_plot

        write_plot(summary.counts, file.name, plot)
        note(f"histograms written to {plot}")
    if summary.unreadable:
        note(f"{summary.unreadable:,} row(s) cannot be read; {summary.first_unreadable}")
        raise typer.Exit(CHECK_FAILED)
