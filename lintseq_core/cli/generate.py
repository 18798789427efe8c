"""`lintseq generate`: programs from a model, whole or edit by edit."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lintseq_core.cli.generate_benchmark import Start, generate_benchmark
from lintseq_core.cli.options import LinterName
from lintseq_core.cli.progress import Progress
from lintseq_core.cli.source import note, read_text, write_utf8
from lintseq_core.errors import LintSeqError

if TYPE_CHECKING:
    from lintseq_core.generation.request import GenerationRun
    from lintseq_core.generation.steps import EditStep, SampleEnd
    from lintseq_core.generation.types import GenerationRequest, Judge

DType = Literal["auto", "float32", "bfloat16", "float16", "float64"]


_MODEL, _SAMPLING, _EDITS = "Model", "Sampling", "Edit by edit"
_BENCHMARK = "Problems of a benchmark, in place of an INSTRUCTION"


def generate(
    instruction: Annotated[
        str | None,
        typer.Argument(metavar="INSTRUCTION", help="What to write, or - for standard input."),
    ] = None,
    stepwise: Annotated[
        bool, typer.Option("--stepwise", help="Edit by edit; for models trained on edits.")
    ] = False,
    samples: Annotated[int, typer.Option("--samples", "-n", min=1, help="How many programs.")] = 1,
    format: Annotated[
        Literal["terminal", "json"], typer.Option("--format", "-f", help="json: the trace.")
    ] = "terminal",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="TRACE.jsonl", help="Write the trace; a folder for many."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace traces that are there.")] = False,
    model: Annotated[
        str | None,
        typer.Option(
            help="From 'lintseq models list', a folder, a Hub name.",
            show_default="smollm2-135m-lintseq with --stepwise, else smollm2-135m",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    revision: Annotated[
        str | None,
        typer.Option(help="Commit, tag or branch on the Hub.", rich_help_panel=_MODEL),
    ] = None,
    trust_remote_code: Annotated[
        bool,
        typer.Option(
            "--trust-remote-code", help="Run code that comes with it.", rich_help_panel=_MODEL
        ),
    ] = False,
    device: Annotated[
        str, typer.Option(help="auto (a GPU if any), cpu, cuda:1, ...", rich_help_panel=_MODEL)
    ] = "auto",
    dtype: Annotated[
        DType, typer.Option(help="auto: as the weights are stored.", rich_help_panel=_MODEL)
    ] = "auto",
    backend: Annotated[
        Literal["transformers", "vllm"],
        typer.Option(help="vllm: many samples on a GPU.", rich_help_panel=_MODEL),
    ] = "transformers",
    temperature: Annotated[
        float, typer.Option(help="0: always the likeliest token.", rich_help_panel=_SAMPLING)
    ] = 1.0,
    top_p: Annotated[
        float, typer.Option(help="Probability mass to draw from.", rich_help_panel=_SAMPLING)
    ] = 0.95,
    min_p: Annotated[
        float, typer.Option(help="Least share of the likeliest token's.", rich_help_panel=_SAMPLING)
    ] = 0.0,
    max_tokens: Annotated[
        int, typer.Option(help="For one sample; rejected edits count.", rich_help_panel=_SAMPLING)
    ] = 512,
    seed: Annotated[
        int, typer.Option(help="Same seed, same samples.", rich_help_panel=_SAMPLING)
    ] = 0,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Samples at once: lower it if memory runs out.",
            show_default="all",
            rich_help_panel=_SAMPLING,
        ),
    ] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option(
            help="Text that ends a whole program; may be repeated.", rich_help_panel=_SAMPLING
        ),
    ] = None,
    linter: Annotated[
        LinterName | None,
        typer.Option(
            help="What finds new errors.", show_default="pyflakes", rich_help_panel=_EDITS
        ),
    ] = None,
    guard: Annotated[
        Literal["lint"] | None,
        typer.Option(
            help="lint: draw an edit again that breaks or adds a finding.", rich_help_panel=_EDITS
        ),
    ] = None,
    retries: Annotated[
        int | None,
        typer.Option(
            min=1, help="How often, with --guard.", show_default="3", rich_help_panel=_EDITS
        ),
    ] = None,
    benchmark: Annotated[
        str | None,
        typer.Option(
            "--benchmark",
            "-b",
            help="As 'lintseq evaluate'; -o is a folder.",
            rich_help_panel=_BENCHMARK,
        ),
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this problem; may be repeated.",
            show_default="all",
            rich_help_panel=_BENCHMARK,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="The benchmark's file.",
            show_default="package or Hub",
            rich_help_panel=_BENCHMARK,
        ),
    ] = None,
    allow_execution: Annotated[
        bool,
        typer.Option(
            "--allow-execution",
            help="Run the tests after each edit, in a box.",
            rich_help_panel=_BENCHMARK,
        ),
    ] = False,
) -> None:
    """Write programs with a model: whole, or with --stepwise edit by edit.

    Whole programs are asked for through the chat template of a model that has
    one. Edits are shown as they come, with tokens, probability, faults and new
    findings; output that breaks the grammar is kept and its faults are named.
    A trace holds everything, and can be read while it is written.

    \b
    lintseq generate "Write a function that counts vowels."
    lintseq generate "Count vowels." --model runs/edits/model --stepwise
    lintseq generate "Count vowels." --model runs/edits/model --stepwise \\
        --guard lint -n 5 -o trace.jsonl
    cat task.txt | lintseq generate - --model tiny --stepwise --format json
    lintseq generate -b humaneval --model runs/edits/model --stepwise -n 20 -o runs/he
    """
    if (instruction is None) == (benchmark is None):
        raise typer.BadParameter("give an INSTRUCTION, or --benchmark")
    if benchmark is None and (task or data or allow_execution):
        raise typer.BadParameter("--task, --data and --allow-execution need --benchmark")
    if benchmark is not None and (output is None or format == "json"):
        raise typer.BadParameter("--benchmark writes traces: give a folder, -o FOLDER")
    if guard and not stepwise:
        raise typer.BadParameter("it checks edits, so it needs --stepwise", param_hint="--guard")
    if guard and backend == "vllm":
        raise typer.BadParameter("vllm cannot draw an edit again", param_hint="--guard")
    if retries is not None and not guard:
        raise typer.BadParameter("nothing is drawn again without --guard", param_hint="--retries")
    if linter is not None and not stepwise:
        raise typer.BadParameter("it checks edits, so it needs --stepwise", param_hint="--linter")
    if stop and stepwise:
        raise typer.BadParameter("edits end by themselves", param_hint="--stop")
    if backend == "vllm" and batch_size is not None:
        raise typer.BadParameter("vllm makes its own batches", param_hint="--batch-size")
    if backend == "vllm" and device not in ("auto", "cuda"):
        raise typer.BadParameter(
            "vllm takes the GPUs that CUDA_VISIBLE_DEVICES names", param_hint="--device"
        )
    if force and output is None:
        raise typer.BadParameter("it replaces traces, so it needs --output", param_hint="--force")
    from lintseq_core.generation.sampling import SamplingSettings
    from lintseq_core.generation.types import GenerationRequest

    request = GenerationRequest(
        instruction=read_text("-").strip("\n") if instruction == "-" else instruction or "",
        mode="stepwise" if stepwise else "whole",
        settings=SamplingSettings(temperature, top_p, min_p, max_tokens),
        n_samples=samples,
        batch_size=batch_size,
        seed=seed,
        linter_name=linter or "pyflakes",
        n_retries=(retries or 3) if guard else None,
        stop=tuple(stop or ()),
    )
    if benchmark is None and output is not None and output.exists() and not force:
        raise LintSeqError(f"{output} exists; choose another name, or replace it with --force")
    if model is None:
        model = "smollm2-135m-lintseq" if stepwise else "smollm2-135m"
    hub = {"dtype": dtype, "revision": revision, "trust_remote_code": trust_remote_code}
    if backend == "vllm":
        start = _start_vllm(model, **hub)
    else:
        start = _start_transformers(model, stepwise=stepwise, device=device, **hub)
    if benchmark is not None:
        assert output is not None
        generate_benchmark(
            start,
            request,
            output,
            benchmark=benchmark,
            tasks=task or (),
            data=data,
            judged=allow_execution,
            force=force,
        )
        return
    run, progress = start(request, None, None)
    with contextlib.ExitStack() as files:
        takers = _takers(run, files, output, format)
        while True:
            with progress:  # nothing of it is left on the screen where an event is printed
                event = next(run.events, None)
            if event is None:
                return
            for take in takers:
                take(event)


def _start_transformers(model: str, *, stepwise: bool, **options: Any) -> Start:
    from lintseq_core.generation.request import run_model
    from lintseq_core.models.extra import quiet_progress
    from lintseq_core.models.load import load_model

    quiet_progress()
    loaded = load_model(model, **options)
    if stepwise and loaded.marker_was_added:
        note(f"{model} has not been trained on edits: <|diff|> is new to it")

    def start(
        request: GenerationRequest, judge: Judge | None, problem: str | None
    ) -> tuple[GenerationRun, Progress]:
        progress, n_drawn = Progress(), 0

        def tell(n_live: int) -> None:
            nonlocal n_drawn
            left = f"{n_live} of {request.n_samples} samples unfinished"
            progress.show(f"{n_drawn} tokens drawn, {left}")
            n_drawn += n_live

        return run_model(loaded, request, judge=judge, problem=problem, on_draw=tell), progress

    return start


def _start_vllm(model: str, **options: Any) -> Start:
    from lintseq_core.generation.request import run_vllm
    from lintseq_core.generation.vllm_backend import load_vllm

    loaded = load_vllm(model, **options)
    return lambda request, judge, problem: (
        run_vllm(loaded, request, judge=judge, problem=problem),
        Progress(),
    )


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
