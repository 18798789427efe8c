"""`lintseq generate`: programs from a model, whole or edit by edit.

For one instruction, or for the problems of a benchmark: then a trace for each, and samples for
`lintseq evaluate`.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
    from lintseq_core.generation.request import Model
    from lintseq_core.generation.steps import EditStep, SampleEnd
    from lintseq_core.generation.trace import GenerationTrace, TraceHeader, TraceWriter
    from lintseq_core.generation.types import GenerationRequest, Task

    Event = EditStep | SampleEnd

SAMPLES = "samples.jsonl"
"""What the folder of a benchmark's traces holds beside them, for `lintseq evaluate`."""
DType = Literal["auto", "float32", "bfloat16", "float16", "float64"]


@dataclass(frozen=True, slots=True)
class _Model(OptionGroup):
    panel: ClassVar = "Model"

    model: Annotated[
        str | None,
        typer.Option(
            help="From 'lintseq models list', a folder, a Hub name; a server's name for it.",
            show_default="smollm2-135m-lintseq with --stepwise, else smollm2-135m",
        ),
    ] = None
    revision: RevisionOption = None
    trust_remote_code: TrustOption = False
    device: Annotated[str, typer.Option(help="auto (a GPU if any), cpu, cuda:1, ...")] = "auto"
    dtype: Annotated[DType, typer.Option(help="auto: as the weights are stored.")] = "auto"
    backend: Annotated[
        Literal["transformers", "numpy", "vllm", "server"] | None,
        typer.Option(
            help="numpy: pocket models, without torch; vllm: many samples on GPUs; server: a model "
            "behind an OpenAI-compatible server.",
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
class _Server(OptionGroup):
    panel: ClassVar = "With --backend server; its key is LINTSEQ_SERVER_KEY in the environment"

    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Such as http://localhost:8000/v1."),
    ] = None
    endpoint: Annotated[
        Literal["chat", "completions"] | None,
        typer.Option(help="How whole programs are asked for.", show_default="chat"),
    ] = None
    parallel: Annotated[
        int | None, typer.Option(min=1, help="Requests at a time, at most.", show_default="4")
    ] = None


@dataclass(frozen=True, slots=True)
class _Vllm(OptionGroup):
    panel: ClassVar = "With --backend vllm"

    gpus: Annotated[
        int | None,
        typer.Option(min=1, help="GPUs that share each layer.", show_default="1"),
    ] = None
    memory_share: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=1, help="Of each GPU's memory, weights and all.", show_default="0.9"
        ),
    ] = None


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
            min=1,
            help="Samples at once: lower it if memory runs out.",
            show_default="all of a problem, several problems up to 64",
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
    server: _Server,
    vllm: _Vllm,
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
    lintseq generate "Count vowels." --backend server --model NAME \\
        --base-url http://localhost:8000/v1
    """
    if (instruction is None) == (problems.benchmark is None):
        raise typer.BadParameter("give an INSTRUCTION, or --benchmark")
    if problems.benchmark is None and problems != _OfBenchmark():
        raise typer.BadParameter("--task, --tasks, --data and --allow-execution need --benchmark")
    if problems.task and problems.tasks:
        raise typer.BadParameter("--task names problems, --tasks counts them: give one of the two")
    if problems.benchmark is not None and (output is None or format == "json"):
        raise typer.BadParameter("--benchmark writes traces: give a folder, -o FOLDER")
    _check_together(chosen, server, vllm, sampling, edits, stepwise=stepwise)
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
    model = _load(chosen, server, vllm, request)
    if problems.benchmark is not None:
        assert output is not None
        _generate_for_problems(model, request, output, problems, force=force)
        return
    _generate_one(model, request, output, format, force=force)


def _check_together(
    chosen: _Model,
    server: _Server,
    vllm: _Vllm,
    sampling: _Sampling,
    edits: _Edits,
    *,
    stepwise: bool,
) -> None:
    """Refuse the first option that says nothing beside the others, with why."""
    on_server, in_vllm = chosen.backend == "server", chosen.backend == "vllm"
    own = _Model(model=chosen.model, backend=chosen.backend)
    for option, is_idle, why in (
        ("--guard", edits.guard and not stepwise, "it checks edits, so it needs --stepwise"),
        ("--guard", edits.guard and in_vllm, "vllm cannot draw an edit again, nor under a mask"),
        ("--guard", edits.guard and on_server, "a server draws by itself: no edit again, no mask"),
        ("--base-url", server != _Server() and not on_server, "it needs --backend server"),
        ("--base-url", on_server and server.base_url is None, "--backend server needs it"),
        ("--model", on_server and chosen.model is None, "the server's name for it is needed"),
        ("--backend", on_server and chosen != own, "the server has loaded the model its own way"),
        (
            "--endpoint",
            server.endpoint is not None and stepwise,
            "edits are always asked for as completions",
        ),
        ("--gpus", vllm != _Vllm() and not in_vllm, "it needs --backend vllm"),
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
        ("--batch-size", in_vllm and sampling.batch_size is not None, "vllm makes its own batches"),
        (
            "--device",
            in_vllm and chosen.device not in ("auto", "cuda"),
            "vllm takes the GPUs that CUDA_VISIBLE_DEVICES names",
        ),
    ):
        if is_idle:
            raise typer.BadParameter(why, param_hint=option)


def _load(chosen: _Model, server: _Server, vllm: _Vllm, request: GenerationRequest) -> Model:
    """The model of the backend asked for."""
    stepwise = request.mode == "stepwise"
    name = chosen.model or ("smollm2-135m-lintseq" if stepwise else "smollm2-135m")
    if chosen.backend == "server":
        return _load_server(name, server, request)
    if chosen.backend == "vllm":
        from lintseq_core.generation.vllm_backend import load_vllm

        share = 0.9 if vllm.memory_share is None else vllm.memory_share
        return load_vllm(name, **chosen.hub(), n_gpus=vllm.gpus or 1, memory_share=share)
    from lintseq_core.models.pocket.folder import find_pocket

    folder = None if chosen.backend == "transformers" else find_pocket(name)
    if folder is not None:
        return _load_numpy(name, folder, chosen)
    if chosen.backend == "numpy":
        raise LintSeqError(
            f"{name} is no pocket model, which alone numpy runs: name the folder that 'lintseq "
            "train --model pocket' left, or leave out --backend numpy"
        )
    from lintseq_core.models.extra import quiet_progress
    from lintseq_core.models.load import load_model

    quiet_progress()
    loaded = load_model(name, device=chosen.device, **chosen.hub())
    if stepwise and loaded.marker_was_added:
        note(f"{name} has not been trained on edits: <|diff|> is new to it")
    return loaded


def _load_server(name: str, server: _Server, request: GenerationRequest) -> Model:
    from lintseq_core.generation.server_backend import check_fields, load_server

    assert server.base_url is not None
    model = load_server(
        name,
        server.base_url,
        endpoint=server.endpoint or "chat",
        n_parallel=server.parallel or 4,
        on_note=note,
    )
    check_fields(model, request)
    return model


def _load_numpy(name: str, folder: Path, chosen: _Model) -> Model:
    from lintseq_core.models.pocket.folder import load_pocket

    for option, is_idle, why in (
        ("--device", chosen.device not in ("auto", "cpu"), "numpy computes on the CPU"),
        ("--dtype", chosen.dtype not in ("auto", "float32"), "numpy computes in float32"),
        ("--revision", chosen.revision is not None, "a folder has only one"),
    ):
        if is_idle:
            raise typer.BadParameter(f"{why}: use --backend transformers", param_hint=option)
    return load_pocket(name, folder)


def _generate_one(
    model: Model,
    request: GenerationRequest,
    output: Path | None,
    format: Literal["terminal", "json"],
    *,
    force: bool,
) -> None:
    """Answer one instruction; a trace of the same request that is not whole is gone on with."""
    from lintseq_core.generation.request import run_tasks
    from lintseq_core.generation.types import Task

    progress = _Drawn()
    run = run_tasks(model, request, [Task(request.instruction)], on_draw=progress.tell)
    (header,) = run.headers
    kept: list[Event] = []
    if output is not None and output.exists() and not force:
        kept = _kept_of_unfinished(output, header)
    done = {event.sample_index for event in kept}
    with contextlib.ExitStack() as files:
        takers = _takers(header, files, output, format, kept)
        events = run.draw([[index for index in range(request.n_samples) if index not in done]])
        while True:
            with progress:  # nothing of it is left on the screen where an event is printed
                event = next(events, None)
            if event is None:
                return
            for take in takers:
                take(event[1])


def _kept_of_unfinished(output: Path, header: TraceHeader) -> list[Event]:
    """What the trace `output` has of finished samples, where it is of the same run and not whole.

    LintSeqError where it is another file.
    """
    try:
        known = _kept(output, header, is_judged=False)
    except LintSeqError:
        known = None
    if known is None or known.is_whole:
        raise LintSeqError(f"{output} exists; choose another name, or replace it with --force")
    if known.events:
        note(f"{output} has {known.n_samples} of {header.request.n_samples} samples: going on")
    return known.events


class _Drawn(Progress):
    """Shows how much is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._n_drawn = 0

    def tell(self, n_live: int) -> None:
        """One more round of tokens of `n_live` samples."""
        self.show(f"{self._n_drawn:,} tokens drawn, {n_live:,} samples being written")
        self._n_drawn += n_live


def _takers(
    header: TraceHeader,
    files: contextlib.ExitStack,
    output: Path | None,
    format: Literal["terminal", "json"],
    kept: Sequence[Event],
) -> list[Callable[[Event], None]]:
    """Where each event goes, as soon as it is there; `kept` is there already."""
    from lintseq_core.generation.trace import TraceWriter

    takers: list[Callable[[Event], None]] = []
    if output is not None:
        takers.append(files.enter_context(_trace_file(output, header, kept)).write)
    if format == "json":
        write_utf8()
        told = TraceWriter(sys.stdout, header).write
    else:
        from lintseq_core.cli.terminal import GenerationPrinter

        told = GenerationPrinter(header.request.n_samples).take
    for event in kept:
        told(event)
    return [*takers, told]


@contextlib.contextmanager
def _trace_file(path: Path, header: TraceHeader, kept: Sequence[Event]) -> Iterator[TraceWriter]:
    """The trace at `path`, begun with `kept`, which is safe at any time, and gone on with."""
    from lintseq_core.data.files import whole_file
    from lintseq_core.generation.trace import TraceWriter

    begun = io.StringIO()
    writer = TraceWriter(begun, header)
    for event in kept:
        writer.write(event)
    if kept:
        with whole_file(path) as file:
            file.write(begun.getvalue().encode("utf-8", "surrogatepass"))
    with path.open("a" if kept else "w", encoding="utf-8", newline="\n") as stream:
        yield TraceWriter(stream, None if kept else header)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a trace has that is there already."""

    events: list[Event]
    """Of samples that have ended."""
    n_samples: int
    is_whole: bool


def _kept(path: Path, header: TraceHeader, *, is_judged: bool) -> _Kept:
    """What of the trace at `path` a run with `header` need not draw again.

    LintSeqError if it is of another request. `is_judged`: samples without verdicts do not count.
    """
    from lintseq_core.generation.trace_reading import read_trace

    known = read_trace(path)
    if known.header != header:
        raise LintSeqError(
            f"{path} is of another request or version; use the same, another folder, or --force"
        )
    ended = [
        sample
        for sample in known.samples
        if sample.end is not None and (sample.end.verdict is None) != is_judged
    ]
    events = [event for sample in ended for event in (*sample.steps, sample.end)]
    n_wanted = header.request.n_samples
    is_whole = len(ended) == n_wanted == len(known.samples)
    return _Kept([event for event in events if event is not None], len(ended), is_whole)


def _generate_for_problems(
    model: Model, request: GenerationRequest, folder: Path, asked: _OfBenchmark, *, force: bool
) -> None:
    """Write a trace for each problem, then the samples; what is finished already is kept.

    `force`: keep nothing.
    """
    from lintseq_core.benchmarks import get_benchmark
    from lintseq_core.data.files import whole_file
    from lintseq_core.generation.problems import ProblemJudge, sample_rows
    from lintseq_core.generation.trace_reading import read_trace
    from lintseq_core.generation.types import Task

    assert asked.benchmark is not None
    chosen = get_benchmark(asked.benchmark)
    known = chosen.problems(asked.data)
    if asked.tasks is not None:
        known = known.spread(asked.tasks)
    problems = [known.named(task) for task in asked.task] if asked.task else list(known)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / _trace_name(problem) for problem in problems]
    # The samples appear when all are there: half a file would be scored as if it were whole.
    with _boxes(asked.allow_execution) as backend, whole_file(folder / SAMPLES) as samples:
        judges = [
            None if backend is None else ProblemJudge(chosen, problem, backend)
            for problem in problems
        ]
        tasks = [
            Task(problem.instruction, f"{asked.benchmark} {problem.task_id}", judge)
            for problem, judge in zip(problems, judges, strict=True)
        ]
        if force:
            for path in paths:
                path.unlink(missing_ok=True)
        whole = _write_traces(model, request, tasks, paths, is_judged=asked.allow_execution)
        # In the order of the problems, each as soon as all before it are whole.
        for problem, path, judge, _ in zip(problems, paths, judges, whole, strict=True):
            trace = read_trace(path)
            for row in sample_rows(trace, chosen, problem):
                samples.write((json_text(row) + "\n").encode())
            print(_summary(problem, trace), flush=True)
            if judge is not None and judge.reference_failed:
                note(
                    f"{problem.task_id}: the reference solution does not pass here; programs that "
                    "timed out had the default limit"
                )


def _write_traces(
    model: Model,
    request: GenerationRequest,
    tasks: Sequence[Task],
    paths: Sequence[Path],
    *,
    is_judged: bool,
) -> Iterator[None]:
    """Draw what the traces at `paths` lack, all tasks together; yields as each task is whole."""
    from lintseq_core.generation.request import run_tasks
    from lintseq_core.generation.steps import SampleEnd

    progress = _Drawn()
    run = run_tasks(model, request, tasks, on_draw=progress.tell)
    kept: list[list[Event]] = []
    for path, header in zip(paths, run.headers, strict=True):
        is_there = path.exists() and path.stat().st_size > 0
        kept.append(_kept(path, header, is_judged=is_judged).events if is_there else [])
    wanted = [
        sorted(set(range(request.n_samples)) - {event.sample_index for event in events})
        for events in kept
    ]
    left = list(map(len, wanted))
    n_told = 0
    with contextlib.ExitStack() as opened:
        writers: dict[int, tuple[TraceWriter, contextlib.ExitStack]] = {}
        events = run.draw(wanted)
        while n_told < len(tasks):
            if left[n_told] == 0:
                n_told += 1
                yield
                continue
            with progress:
                place, event = next(events)
            if place not in writers:
                file = opened.enter_context(contextlib.ExitStack())
                made = _trace_file(paths[place], run.headers[place], kept[place])
                writers[place] = file.enter_context(made), file
            writer, file = writers[place]
            writer.write(event)
            left[place] -= isinstance(event, SampleEnd)
            if left[place] == 0:
                file.close()


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
