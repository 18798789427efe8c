"""`lintseq generate`: programs from a model, whole or edit by edit."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lintseq_core.cli.progress import Progress
from lintseq_core.cli.source import LinterName, note, read_text, write_utf8
from lintseq_core.errors import LintSeqError

if TYPE_CHECKING:
    from lintseq_core.generation.request import GenerationRequest, GenerationRun
    from lintseq_core.generation.steps import EditStep, SampleEnd

DType = Literal["auto", "float32", "bfloat16", "float16", "float64"]


def generate(
    instruction: Annotated[
        str, typer.Argument(metavar="INSTRUCTION", help="What to write, or - for standard input.")
    ],
    model: Annotated[
        str, typer.Option(help="tiny, smollm2-135m, a folder, or a name on the Hub.")
    ] = "smollm2-135m",
    stepwise: Annotated[
        bool, typer.Option("--stepwise", help="Edit by edit; for models trained on edits.")
    ] = False,
    samples: Annotated[int, typer.Option("--samples", "-n", min=1, help="How many.")] = 1,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="How many at once, where memory is short.")
    ] = None,
    temperature: Annotated[float, typer.Option(help="0: always the likeliest token.")] = 1.0,
    top_p: Annotated[float, typer.Option(help="Probability mass to draw from.")] = 0.95,
    min_p: Annotated[float, typer.Option(help="Least share of the likeliest token's.")] = 0.0,
    max_tokens: Annotated[int, typer.Option(help="For one sample; rejected edits count.")] = 512,
    seed: Annotated[int, typer.Option(help="Same seed, same samples.")] = 0,
    guard: Annotated[
        Literal["lint"] | None,
        typer.Option(help="lint: draw an edit again that breaks or adds a finding."),
    ] = None,
    retries: Annotated[int, typer.Option(min=1, help="How often, with --guard.")] = 3,
    linter: Annotated[
        LinterName, typer.Option(help="What finds new errors, with --stepwise.")
    ] = "pyflakes",
    stop: Annotated[
        list[str] | None, typer.Option(help="Text that ends a whole program; may be repeated.")
    ] = None,
    format: Annotated[
        Literal["terminal", "json"], typer.Option("--format", "-f", help="json: the trace.")
    ] = "terminal",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="TRACE.jsonl", help="Also write the trace here."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace TRACE.jsonl.")] = False,
    backend: Annotated[
        Literal["transformers", "vllm"], typer.Option(help="vllm: many samples on a GPU.")
    ] = "transformers",
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1, ...; auto: a GPU if any.")
    ] = "auto",
    dtype: Annotated[DType, typer.Option(help="auto: as the weights are stored.")] = "auto",
    revision: Annotated[str | None, typer.Option(help="Commit, tag or branch on the Hub.")] = None,
) -> None:
    """Generate programs from a model: whole, or with --stepwise edit by edit as they come.

    Without --stepwise, a model with a chat template is asked through it. With it, each edit is
    shown with its tokens, probability, faults and new findings; output that breaks the grammar is
    kept and its faults named. A trace holds everything, and can be read while it is written.

    \b
    lintseq generate "Write a function that counts vowels."
    lintseq generate "Count vowels." --model my-model --stepwise -n 5 -o trace.jsonl
    lintseq generate "Count vowels." --model my-model --stepwise --guard lint --seed 3
    cat task.txt | lintseq generate - --model tiny --stepwise --format json
    """
    if guard and not stepwise:
        raise typer.BadParameter("it checks edits, so it needs --stepwise", param_hint="--guard")
    if guard and backend == "vllm":
        raise typer.BadParameter("vllm cannot draw an edit again", param_hint="--guard")
    if stop and stepwise:
        raise typer.BadParameter("edits end by themselves", param_hint="--stop")
    from lintseq_core.generation.request import GenerationRequest
    from lintseq_core.generation.sampling import SamplingSettings

    request = GenerationRequest(
        instruction=read_text("-").strip("\n") if instruction == "-" else instruction,
        mode="stepwise" if stepwise else "whole",
        settings=SamplingSettings(temperature, top_p, min_p, max_tokens),
        n_samples=samples,
        batch_size=batch_size,
        seed=seed,
        linter_name=linter,
        n_retries=retries if guard else None,
        stop=tuple(stop or ()),
    )
    if output is not None and output.exists() and not force:
        raise LintSeqError(f"{output} exists; choose another name, or replace it with --force")
    if backend == "vllm":
        run, progress = _run_vllm(request, model, dtype, revision), Progress()
    else:
        run, progress = _run_transformers(request, model, dtype, device, revision)
    with contextlib.ExitStack() as files:
        takers = _takers(run, files, output, format)
        while True:
            with progress:  # nothing of it is left on the screen where an event is printed
                event = next(run.events, None)
            if event is None:
                return
            for take in takers:
                take(event)


def _run_transformers(
    request: GenerationRequest,
    model: str,
    dtype: DType,
    device: str,
    revision: str | None,
) -> tuple[GenerationRun, Progress]:
    from lintseq_core.generation.request import run_model
    from lintseq_core.models.load import load_model
    from lintseq_core.models.presets import import_transformers

    import_transformers().utils.logging.disable_progress_bar()  # of weights read from the disk
    loaded = load_model(model, dtype=dtype, device=device, revision=revision)
    if request.mode == "stepwise" and loaded.marker_was_added:
        note(f"{model} has not been trained on edits: <|diff|> is new to it")
    progress, n_drawn = Progress(), 0

    def tell(n_live: int) -> None:
        nonlocal n_drawn
        progress.show(f"{n_drawn} tokens drawn, {n_live} of {request.n_samples} samples unfinished")
        n_drawn += n_live

    return run_model(loaded, request, on_draw=tell), progress


def _run_vllm(
    request: GenerationRequest, model: str, dtype: DType, revision: str | None
) -> GenerationRun:
    from lintseq_core.generation.request import run_vllm
    from lintseq_core.generation.vllm_backend import load_vllm

    return run_vllm(load_vllm(model, dtype=dtype, revision=revision), request)


def _takers(
    run: GenerationRun,
    files: contextlib.ExitStack,
    output: Path | None,
    format: Literal["terminal", "json"],
) -> list[Callable[[EditStep | SampleEnd], None]]:
    """Where each event goes, as soon as it is there."""
    from lintseq_core.generation.trace import TraceWriter

    takers: list[Callable[[EditStep | SampleEnd], None]] = []
    if output is not None:
        stream = files.enter_context(output.open("w", encoding="utf-8", newline="\n"))
        takers.append(TraceWriter(stream, run.header).write)
    if format == "json":
        write_utf8()
        takers.append(TraceWriter(sys.stdout, run.header).write)
    else:
        from lintseq_core.cli.generated import Printer

        takers.append(Printer(run.header.request.n_samples).take)
    return takers
