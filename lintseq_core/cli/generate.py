"""`lintseq generate`: programs from a model, whole or edit by edit.

For one instruction, or for the problems of a benchmark: then a trace for each, and samples for
`lintseq evaluate`.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import typer

from lintseq_core.cli.options import (
    EditFormatName,
    LinterName,
    OptionGroup,
    RevisionOption,
    TasksOption,
    TrustOption,
    grouped,
)
from lintseq_core.cli.shell import Progress, note, read_text, write_utf8
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

if TYPE_CHECKING:
    from lintseq_core.benchmarks import Problem
    from lintseq_core.execution.backends import Backend
    from lintseq_core.generation.request import GenerationRun
    from lintseq_core.generation.steps import EditStep, SampleEnd
    from lintseq_core.generation.trace import GenerationTrace
    from lintseq_core.generation.types import GenerationRequest, Judge
    from lintseq_core.models.loaded import LoadedModel
    from lintseq_core.models.pocket.folder import PocketModel

SAMPLES = "samples.jsonl"
"""What the folder of a benchmark's traces holds beside them, for `lintseq evaluate`."""
Start = Callable[
    ["GenerationRequest", "Judge | None", "str | None"], "tuple[GenerationRun, Progress]"
]
"""From a request, the judge of a problem and its name to a run and how it is shown."""
DType = Literal["auto", "float32", "bfloat16", "float16", "float64"]


@dataclass(frozen=True, slots=True)
class _Model(OptionGroup):
    panel: ClassVar = "Model"

    model: Annotated[
        str | None,
        typer.Option(
            help="From 'lintseq models list', a folder, a Hub name.",
            show_default="smollm2-135m-lintseq with --stepwise, else smollm2-135m",
        ),
    ] = None
    revision: RevisionOption = None
    trust_remote_code: TrustOption = False
    device: Annotated[str, typer.Option(help="auto (a GPU if any), cpu, cuda:1, ...")] = "auto"
    dtype: Annotated[DType, typer.Option(help="auto: as the weights are stored.")] = "auto"
    backend: Annotated[
        Literal["transformers", "numpy", "vllm"] | None,
        typer.Option(
            help="numpy: pocket models, without torch; vllm: many samples on a GPU.",
            show_default="numpy for a pocket model, else transformers",
        ),
    ] = None

    def hub(self) -> dict[str, Any]:
        """What is asked for beside the name, of transformers and vllm."""
        return {
            "dtype": self.dtype,
            "revision": self.revision,
            "trust_remote_code": self.trust_remote_code,
        }


@dataclass(frozen=True, slots=True)
class _Sampling(OptionGroup):
    panel: ClassVar = "Sampling"

    temperature: Annotated[float, typer.Option(help="0: always the likeliest token.")] = 1.0
    top_p: Annotated[float, typer.Option(help="Probability mass to draw from.")] = 0.95
    min_p: Annotated[float, typer.Option(help="Least share of the likeliest token's.")] = 0.0
    max_tokens: Annotated[int, typer.Option(help="For one sample; rejected edits count.")] = 512
    seed: Annotated[int, typer.Option(help="Same seed, same samples.")] = 0
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1, help="Samples at once: lower it if memory runs out.", show_default="all"
        ),
    ] = None
    stop: Annotated[
        list[str] | None, typer.Option(help="Text that ends a whole program; may be repeated.")
    ] = None


@dataclass(frozen=True, slots=True)
class _Edits(OptionGroup):
    panel: ClassVar = "Edit by edit"

    linter: Annotated[
        LinterName | None, typer.Option(help="What finds new errors.", show_default="pyflakes")
    ] = None
    guard: Annotated[
        Literal["lint", "format"] | None,
        typer.Option(
            help="lint: draw an edit again that breaks or adds a finding. format: draw only tokens "
            "that keep edits well formed and close them in time; it changes the distribution."
        ),
    ] = None
    retries: Annotated[
        int | None, typer.Option(min=1, help="How often, with --guard lint.", show_default="3")
    ] = None
    edit_format: Annotated[
        EditFormatName | None,
        typer.Option(help="How edits are written.", show_default="the model's, else unified"),
    ] = None


@dataclass(frozen=True, slots=True)
class _OfBenchmark(OptionGroup):
    panel: ClassVar = "Problems of a benchmark, in place of an INSTRUCTION"

    benchmark: Annotated[
        str | None,
        typer.Option("--benchmark", "-b", help="As 'lintseq evaluate'; -o is a folder."),
    ] = None
    task: Annotated[
        list[str] | None,
        typer.Option(help="Only this problem; may be repeated.", show_default="all"),
    ] = None
    tasks: TasksOption = None
    data: Annotated[
        Path | None, typer.Option(help="The benchmark's file.", show_default="package or Hub")
    ] = None
    allow_execution: Annotated[
        bool,
        typer.Option("--allow-execution", help="Run the tests after each edit, in a box."),
    ] = False


@grouped
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
    *,
    chosen: _Model,
    sampling: _Sampling,
    edits: _Edits,
    problems: _OfBenchmark,
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
    if (instruction is None) == (problems.benchmark is None):
        raise typer.BadParameter("give an INSTRUCTION, or --benchmark")
    if problems.benchmark is None and problems != _OfBenchmark():
        raise typer.BadParameter("--task, --tasks, --data and --allow-execution need --benchmark")
    if problems.task and problems.tasks:
        raise typer.BadParameter("--task names problems, --tasks counts them: give one of the two")
    if problems.benchmark is not None and (output is None or format == "json"):
        raise typer.BadParameter("--benchmark writes traces: give a folder, -o FOLDER")
    _check_together(chosen, sampling, edits, stepwise=stepwise)
    if force and output is None:
        raise typer.BadParameter("it replaces traces, so it needs --output", param_hint="--force")
    # Before numpy is loaded: its threads wait for each other over matrices as small as these.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from lintseq_core.generation.sampling import SamplingSettings
    from lintseq_core.generation.types import GenerationRequest

    request = GenerationRequest(
        instruction=read_text("-").strip("\n") if instruction == "-" else instruction or "",
        mode="stepwise" if stepwise else "whole",
        settings=SamplingSettings(
            sampling.temperature, sampling.top_p, sampling.min_p, sampling.max_tokens
        ),
        n_samples=samples,
        batch_size=sampling.batch_size,
        seed=sampling.seed,
        linter_name=edits.linter or "pyflakes",
        n_retries=(edits.retries or 3) if edits.guard == "lint" else None,
        stop=tuple(sampling.stop or ()),
        edit_format=edits.edit_format,
        format_guard=edits.guard == "format",
    )
    if problems.benchmark is None and output is not None and output.exists() and not force:
        raise LintSeqError(f"{output} exists; choose another name, or replace it with --force")
    start = _start(chosen, stepwise=stepwise)
    if problems.benchmark is not None:
        assert output is not None
        _generate_for_problems(start, request, output, problems, force=force)
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


def _check_together(chosen: _Model, sampling: _Sampling, edits: _Edits, *, stepwise: bool) -> None:
    """Refuse the first option that says nothing beside the others, with why."""
    vllm = chosen.backend == "vllm"
    for option, is_idle, why in (
        ("--guard", edits.guard and not stepwise, "it checks edits, so it needs --stepwise"),
        ("--guard", edits.guard and vllm, "vllm cannot draw an edit again, nor under a mask"),
        (
            "--retries",
            edits.retries is not None and edits.guard != "lint",
            "nothing is drawn again without --guard lint",
        ),
        (
            "--edit-format",
            edits.edit_format is not None and not stepwise,
            "whole programs have no edits, so it needs --stepwise",
        ),
        (
            "--linter",
            edits.linter is not None and not stepwise,
            "it checks edits, so it needs --stepwise",
        ),
        ("--stop", sampling.stop and stepwise, "edits end by themselves"),
        ("--batch-size", vllm and sampling.batch_size is not None, "vllm makes its own batches"),
        (
            "--device",
            vllm and chosen.device not in ("auto", "cuda"),
            "vllm takes the GPUs that CUDA_VISIBLE_DEVICES names",
        ),
    ):
        if is_idle:
            raise typer.BadParameter(why, param_hint=option)


def _start(chosen: _Model, *, stepwise: bool) -> Start:
    """The model of the backend asked for, loaded."""
    model = chosen.model or ("smollm2-135m-lintseq" if stepwise else "smollm2-135m")
    if chosen.backend == "vllm":
        return _start_vllm(model, **chosen.hub())
    from lintseq_core.models.pocket.folder import find_pocket

    folder = None if chosen.backend == "transformers" else find_pocket(model)
    if folder is not None:
        return _start_numpy(model, folder, chosen)
    if chosen.backend == "numpy":
        raise LintSeqError(
            f"{model} is no pocket model, which alone numpy runs: name the folder that 'lintseq "
            "train --model pocket' left, or leave out --backend numpy"
        )
    return _start_transformers(model, stepwise=stepwise, device=chosen.device, **chosen.hub())


def _start_numpy(model: str, folder: Path, chosen: _Model) -> Start:
    from lintseq_core.models.pocket.folder import load_pocket

    for option, is_idle, why in (
        ("--device", chosen.device not in ("auto", "cpu"), "numpy computes on the CPU"),
        ("--dtype", chosen.dtype not in ("auto", "float32"), "numpy computes in float32"),
        ("--revision", chosen.revision is not None, "a folder has only one"),
    ):
        if is_idle:
            raise typer.BadParameter(f"{why}: use --backend transformers", param_hint=option)
    return _start_model(load_pocket(model, folder))


def _start_transformers(model: str, *, stepwise: bool, **options: Any) -> Start:
    from lintseq_core.models.extra import quiet_progress
    from lintseq_core.models.load import load_model

    quiet_progress()
    loaded = load_model(model, **options)
    if stepwise and loaded.marker_was_added:
        note(f"{model} has not been trained on edits: <|diff|> is new to it")
    return _start_model(loaded)


def _start_model(loaded: LoadedModel | PocketModel) -> Start:
    from lintseq_core.generation.request import run_model

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
        from lintseq_core.cli.terminal import GenerationPrinter

        takers.append(GenerationPrinter(run.header.request.n_samples).take)
    return takers


def _generate_for_problems(
    start: Start, request: GenerationRequest, folder: Path, asked: _OfBenchmark, *, force: bool
) -> None:
    """Write a trace for each problem, then the samples; traces that are whole already are kept.

    `force`: keep no trace.
    """
    from lintseq_core.benchmarks import get_benchmark
    from lintseq_core.data.files import whole_file
    from lintseq_core.generation.problems import ProblemJudge, sample_rows

    assert asked.benchmark is not None
    chosen = get_benchmark(asked.benchmark)
    known = chosen.problems(asked.data)
    if asked.tasks is not None:
        known = known.spread(asked.tasks)
    problems = [known.named(task) for task in asked.task] if asked.task else list(known)
    folder.mkdir(parents=True, exist_ok=True)
    # The samples appear when all are there: half a file would be scored as if it were whole.
    with _boxes(asked.allow_execution) as backend, whole_file(folder / SAMPLES) as samples:
        for problem in problems:
            this = replace(request, instruction=problem.instruction)
            judge = None if backend is None else ProblemJudge(chosen, problem, backend)
            path = folder / _trace_name(problem)
            if force:
                path.unlink(missing_ok=True)
            trace = _trace(start, this, path, f"{asked.benchmark} {problem.task_id}", judge)
            for row in sample_rows(trace, chosen, problem):
                samples.write((json_text(row) + "\n").encode())
            print(_summary(problem, trace), flush=True)
            if judge is not None and judge.reference_failed:
                note(
                    f"{problem.task_id}: the reference solution does not pass here; programs that "
                    "timed out had the default limit"
                )


def _trace(
    start: Start,
    request: GenerationRequest,
    path: Path,
    name: str,
    judge: Judge | None,
) -> GenerationTrace:
    """The whole trace at `path`, generated if it is not there."""
    from lintseq_core.generation.trace import TraceWriter
    from lintseq_core.generation.trace_reading import read_trace

    try:
        run, progress = start(request, judge, name)
    except LintSeqError as error:
        raise LintSeqError(f"{name}: {error}") from None
    if path.exists() and path.stat().st_size:
        known = read_trace(path)
        if known.header != run.header:
            raise LintSeqError(
                f"{path} is of another request or version; use the same, another folder, or --force"
            )
        ends = [sample.end for sample in known.samples]
        whole = len(ends) == request.n_samples and None not in ends
        judged = all(end is None or (end.verdict is None) == (judge is None) for end in ends)
        if whole and judged:
            return known
    with path.open("w", encoding="utf-8", newline="\n") as stream, progress:
        writer = TraceWriter(stream, run.header)
        for event in run.events:
            writer.write(event)
    return read_trace(path)


@contextlib.contextmanager
def _boxes(judged: bool) -> Iterator[Backend | None]:
    if not judged:
        yield None
        return
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation

    backend, _ = choose(Isolation.BOX)
    try:
        yield backend
    finally:
        backend.close()


def _trace_name(problem: Problem) -> str:
    safe = "".join(c if c.isalnum() or c in "-._" else "_" for c in problem.task_id)
    return f"{safe}.jsonl"


def _summary(problem: Problem, trace: GenerationTrace) -> str:
    ends = [sample.end for sample in trace.samples if sample.end is not None]
    parts = [
        f"{len(ends)} samples",
        f"{sum(end.n_tokens for end in ends):,} tokens",
        f"{sum(end.compiles for end in ends)} compile",
    ]
    costs = [end.mask.nats for end in ends if end.mask is not None]
    if costs:
        parts.append(f"the mask took {sum(costs) / len(costs):.1f} nats a sample")
    verdicts = [end.verdict for end in ends if end.verdict is not None]
    if verdicts:
        parts.append(f"{verdicts.count('passed')} passed")
    return f"{problem.task_id}: {', '.join(parts)}"
