"""Runs that answer a request to a model: headers of traces, and their events to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from lintseq_core.edits.formats import UNIFIED, EditFormatName
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.guard import LintGuard
from lintseq_core.generation.server_backend import ServerModel, generate_on_server
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.types import GenerationRequest, Judge, Task
from lintseq_core.generation.vllm_backend import VllmModel, generate_with_vllm
from lintseq_core.linting import get_linter
from lintseq_core.models.pocket.folder import PocketModel

if TYPE_CHECKING:
    from lintseq_core.generation.language_model import LanguageModel, ModelText
    from lintseq_core.generation.trace import TraceHeader
    from lintseq_core.models.loaded import LoadedModel

__all__ = ["GenerationRequest", "GenerationRun", "Task", "TasksRun", "run_model", "run_tasks"]

Model: TypeAlias = "LoadedModel | PocketModel | VllmModel | ServerModel"
"""Of transformers, in numpy, in vLLM, behind a server."""
Event: TypeAlias = EditStep | SampleEnd
_Draw: TypeAlias = Callable[[Sequence[Sequence[int]]], Iterator[tuple[int, Event]]]


@dataclass(frozen=True, slots=True)
class GenerationRun:
    """A run that has not drawn yet; it draws as `events` are taken."""

    header: TraceHeader
    events: Iterator[Event]


@dataclass(frozen=True, slots=True)
class TasksRun:
    """A run of several tasks that has not drawn yet."""

    headers: tuple[TraceHeader, ...]
    """One a task."""
    draw: _Draw
    """From the indices of samples, for each task those that are wanted, to events as they come,
    each with the 0-based place of its task."""


def run_model(
    model: Model,
    request: GenerationRequest,
    *,
    judge: Judge | None = None,
    problem: str | None = None,
    on_draw: Callable[[int], None] | None = None,
) -> GenerationRun:
    """A run of `model`; as `run_tasks` for the instruction of `request` alone.

    `judge` is asked about every state and about whole programs, `problem` is its name in the trace.
    """
    task = Task(request.instruction, problem, judge)
    run = run_tasks(model, request, [task], on_draw=on_draw)
    events = (event for _, event in run.draw([range(request.n_samples)]))
    return GenerationRun(run.headers[0], events)


def run_tasks(
    model: Model,
    request: GenerationRequest,
    tasks: Sequence[Task],
    *,
    on_draw: Callable[[int], None] | None = None,
) -> TasksRun:
    """A run in which `model` answers all `tasks` at once, each as `request` says.

    In transformers and numpy a sample is the same as if its task were alone. LintSeqError if a
    prompt is empty or leaves no room, if the request names another edit format than the model
    records, or where the backend cannot do what is asked. `on_draw` is told how many samples are
    live as tokens come; not by vLLM.
    """
    draw: _Draw
    text: ModelText
    if isinstance(model, VllmModel):
        request = with_format(_unguarded(request, "vllm"), model.edit_format, model.text.name)
        text, draw = model.text, partial(generate_with_vllm, model, request, tasks)
        backend = _Backend("vllm", model.revision, model.dtype, "cuda")
    elif isinstance(model, ServerModel):
        request = with_format(_unguarded(request, "the server"), None, model.name)
        text = model.text
        draw = partial(generate_on_server, model, request, tasks, on_draw=on_draw)
        backend = _Backend("server", None, "as served", f"a server ({model.how(request)})")
    else:
        from lintseq_core.generation.language_model import language_model

        request = with_format(request, model.edit_format, model.name)
        text = language = language_model(model)
        if request.format_guard:
            language.vocabulary()  # a tokenizer that cannot be masked is refused before all else
        draw = partial(_draw_here, language, request, tasks, on_draw)
        backend = _backend_of(model)
    return TasksRun(tuple(_header(task, request, text, backend) for task in tasks), draw)


def with_format(
    request: GenerationRequest, recorded: EditFormatName | None, name: str
) -> GenerationRequest:
    """`request` with the edit format that is read; whole programs have none.

    `recorded` is what the model called `name` was trained on, where it says so.
    """
    if request.mode == "whole":
        return request
    if recorded is not None and request.edit_format not in (None, recorded):
        raise LintSeqError(
            f"{name} was trained on edits in the format {recorded}, and {request.edit_format} was "
            f"asked for: --edit-format {recorded}, or leave it out"
        )
    return replace(request, edit_format=request.edit_format or recorded or UNIFIED)


def _unguarded(request: GenerationRequest, who: str) -> GenerationRequest:
    if request.n_retries is not None:
        raise LintSeqError(f"{who} cannot draw an edit again: leave out the guard")
    if request.format_guard:
        raise LintSeqError(f"{who} draws by itself, without a mask: leave out the guard")
    return request


def _draw_here(
    model: LanguageModel,
    request: GenerationRequest,
    tasks: Sequence[Task],
    on_draw: Callable[[int], None] | None,
    samples: Sequence[Sequence[int]],
) -> Iterator[tuple[int, Event]]:
    """By transformers or in numpy."""
    from lintseq_core.generation.stepwise import generate_stepwise_tasks
    from lintseq_core.generation.whole import generate_whole_tasks

    common: dict[str, Any] = {
        "settings": request.settings,
        "batch_size": request.batch_size,
        "seed": request.seed,
        "on_draw": on_draw,
    }
    if request.mode == "whole":
        return generate_whole_tasks(model, tasks, samples, stop=request.stop, **common)
    assert request.edit_format is not None
    return generate_stepwise_tasks(
        model,
        tasks,
        samples,
        linter=get_linter(request.linter_name),
        guard=None if request.n_retries is None else LintGuard(request.n_retries),
        edit_format=request.edit_format,
        masked=request.format_guard,
        **common,
    )


@dataclass(frozen=True, slots=True)
class _Backend:
    """What a trace says of who computed it."""

    name: str
    revision: str | None
    dtype: str
    device: str


def _backend_of(model: LoadedModel | PocketModel) -> _Backend:
    if isinstance(model, PocketModel):
        return _Backend("numpy", None, "float32", "cpu")
    dtype = str(model.model.dtype).removeprefix("torch.")
    return _Backend("transformers", model.revision, dtype, str(model.model.device))


def _header(
    task: Task, request: GenerationRequest, text: ModelText, backend: _Backend
) -> TraceHeader:
    """LintSeqError, with the name of its problem, where there is no room for a task's prompt."""
    from lintseq_core.generation.trace import TraceHeader, versions

    prompt_of = text.stepwise_prompt if request.mode == "stepwise" else text.whole_prompt
    try:
        n_prompt_tokens = len(prompt_of(task.instruction))
    except LintSeqError as error:
        raise LintSeqError(f"{task.problem}: {error}" if task.problem else str(error)) from None
    return TraceHeader(
        request=replace(request, instruction=task.instruction),
        model=text.name,
        revision=backend.revision,
        dtype=backend.dtype,
        device=backend.device,
        backend=backend.name,
        n_prompt_tokens=n_prompt_tokens,
        linter_version=get_linter(request.linter_name).version,
        problem=task.problem,
        versions=versions(backend.name),
    )
