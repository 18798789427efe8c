"""`lintseq sample`: edit sequences of one program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import typer

from lintseq_core.cli.options import (
    DefinitionOption,
    EditFormatName,
    EditFormatOption,
    FileArgument,
    LinterOption,
    UniformOption,
)
from lintseq_core.cli.shell import Progress, read_program, shown_name, write_utf8
from lintseq_core.edits import EditSequence, SamplingConfig, sample_path
from lintseq_core.linting import get_linter
from lintseq_core.programs import Program

Format = Literal["terminal", "json", "diff", "model"]


def sample(
    file: FileArgument,
    linter: LinterOption = "pyflakes",
    seed: Annotated[int, typer.Option(help="Same seed, same sequences.")] = 0,
    samples: Annotated[
        int, typer.Option("--samples", "-s", min=1, help="How many sequences (the paper's s).")
    ] = 1,
    path: Annotated[
        int,
        typer.Option(
            "--path",
            min=0,
            help="Index of the first sequence, from 0 as in files: --path 2 is sequence 3.",
        ),
    ] = 0,
    method: Annotated[
        Literal["lintseq", "randseq"],
        typer.Option(help="randseq is the paper's ablation: no linter."),
    ] = "lintseq",
    format: Annotated[
        Format,
        typer.Option("--format", "-f", help="json: one object a line; model: training text."),
    ] = "terminal",
    definition: DefinitionOption = None,
    uniform: UniformOption = False,
    compat: Annotated[
        Literal["upstream"] | None,
        typer.Option(help="upstream: follow the authors' package, defects included."),
    ] = None,
    instruction: Annotated[
        str, typer.Option(help="Text in front of the edits, with --format model.")
    ] = "",
    eos: Annotated[str, typer.Option(help="End marker, with --format model.")] = "",
    edit_format: EditFormatOption = "unified",
    apart: Annotated[
        bool,
        typer.Option("--apart", help="Told as it was taken apart, last edit first."),
    ] = False,
) -> None:
    """Print edit sequences of a program: how to write it, edit by edit.

    \b
    lintseq sample program.py
    lintseq sample program.py --def Tree.add --seed 7
    lintseq sample program.py --apart
    lintseq sample program.py --format model --edit-format anchored
    lintseq sample program.py -s 5 --format json > sequences.jsonl
    cat program.py | lintseq sample - --method randseq --format diff
    """
    if edit_format != "unified" and format != "model":
        raise typer.BadParameter(
            f"only --format model is written in it; --format {format} has no other than unified",
            param_hint="--edit-format",
        )
    if apart and format != "terminal":
        raise typer.BadParameter(
            f"it is how a sequence is told in words; --format {format} has none",
            param_hint="--apart",
        )
    program = read_program(file, definition)
    chosen = get_linter(linter, compat=compat)
    config = SamplingConfig(indent_bias=None if uniform else 1, compat=compat)

    def sequences() -> Iterator[EditSequence]:
        with Progress() as progress:
            for number in range(samples):

                def tell(left: int, number: int = number) -> None:
                    of = f"sequence {path + number + 1}, {number + 1} of {samples}"
                    progress.show(f"{of}: {left} of {len(program.lines)} lines left")

                yield sample_path(
                    program,
                    seed=seed,
                    path_index=path + number,
                    method=method,
                    linter=chosen,
                    config=config,
                    on_deletion=tell,
                )

    _print(program, sequences(), path, format, file, instruction, eos, edit_format, apart)


def _print(
    program: Program,
    sequences: Iterator[EditSequence],
    path: int,
    format: Format,
    file: str,
    instruction: str,
    eos: str,
    edit_format: EditFormatName,
    apart: bool,
) -> None:
    if format == "terminal":
        from lintseq_core.cli.terminal import make_console, print_sequence

        console = make_console()
        for number, sequence in enumerate(sequences, start=1):
            by = "randseq"
            if sequence.method == "lintseq":
                by = f"lintseq with {sequence.linter_name} {sequence.linter_version}"
            where = f"seed {sequence.seed}, sequence {path + number}"
            size = f"{_count(len(program.lines), 'line')} in {_count(sequence.n_edits, 'edit')}"
            heading = f"{shown_name(file)}: {size} ({by}, {where})"
            print_sequence(console, sequence, heading, apart=apart)
        return
    write_utf8()
    for sequence in sequences:
        if format == "json":
            print(sequence.to_json(), flush=True)
        elif format == "model":
            print(sequence.to_model_text(instruction, eos, edit_format), flush=True)
        else:
            print(_diffs(sequence, "program.py" if file == "-" else file), flush=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _diffs(sequence: EditSequence, name: str) -> str:
    """The edits as unified diffs of one file, which `patch` applies one after the other."""
    return "\n".join(
        f"--- {name}\tstep {step}\n+++ {name}\tstep {step + 1}\n{edit}"
        for step, edit in enumerate(sequence.edits())
    )
