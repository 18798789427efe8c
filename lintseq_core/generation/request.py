"""A run that answers a request to a model: a trace's header and its events to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lintseq_core.edits.formats import UNIFIED, EditFormatName
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.guard import LintGuard
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.types import GenerationRequest, Judge
from lintseq_core.linting import get_linter
from lintseq_core.models.pocket.folder import PocketModel

if TYPE_CHECKING:
    from lintseq_core.generation.trace import TraceHeader
    from lintseq_core.generation.vllm_backend import VllmModel
    from lintseq_core.models.loaded import LoadedModel

__all__ = ["GenerationRequest", "GenerationRun", "run_model", "run_vllm"]


@dataclass(frozen=True, slots=True)
class GenerationRun:
    """A run that has not drawn yet; it draws as `events` are taken."""

    header: TraceHeader
    events: Iterator[EditStep | SampleEnd]


def run_model(
    loaded: LoadedModel | PocketModel,
    request: GenerationRequest,
    *,
    judge: Judge | None = None,
    problem: str | None = None,
    on_draw: Callable[[int], None] | None = None,
) -> GenerationRun:
    """A run of a transformers model, or of a pocket model in numpy.

    LintSeqError if the prompt is empty or leaves no room.
    `judge` is asked about every state and about whole programs, `problem` is its name in the trace.
    LintSeqError too if the request names another edit format than the model records.
    """
    from lintseq_core.generation.language_model import language_model
    from lintseq_core.generation.stepwise import generate_stepwise
    from lintseq_core.generation.whole import generate_whole

    request = with_format(request, loaded.edit_format, loaded.name)
    model = language_model(loaded)
    common = _common(request, judge) | {"batch_size": request.batch_size, "on_draw": on_draw}
    events: Iterator[EditStep | SampleEnd]
    if request.mode == "stepwise":
        prompt = model.stepwise_prompt(request.instruction)
        guard = None if request.n_retries is None else LintGuard(request.n_retries)
        linter = get_linter(request.linter_name)
        common |= {"edit_format": request.edit_format, "masked": request.format_guard}
        if request.format_guard:
            model.vocabulary()  # a tokenizer that cannot be masked is refused before anything runs
        events = generate_stepwise(model, request.instruction, linter=linter, guard=guard, **common)
    else:
        prompt = model.whole_prompt(request.instruction)
        events = generate_whole(model, request.instruction, stop=request.stop, **common)
    if isinstance(loaded, PocketModel):
        how: dict[str, Any] = {
            "revision": None,
            "dtype": "float32",
            "device": "cpu",
            "backend": "numpy",
        }
    else:
        how = {
            "revision": loaded.revision,
            "dtype": str(loaded.model.dtype).removeprefix("torch."),
            "device": str(loaded.model.device),
            "backend": "transformers",
        }
    header = _header(
        request, model=loaded.name, n_prompt_tokens=len(prompt), problem=problem, **how
    )
    return GenerationRun(header, events)


def run_vllm(
    model: VllmModel,
    request: GenerationRequest,
    *,
    judge: Judge | None = None,
    problem: str | None = None,
) -> GenerationRun:
    """A run of a model in vLLM; there is no guard."""
    from lintseq_core.generation.vllm_backend import generate_stepwise_vllm, generate_whole_vllm

    if request.n_retries is not None:
        raise LintSeqError("vllm cannot draw an edit again: leave out the guard")
    if request.format_guard:
        raise LintSeqError("vllm draws by itself, without a mask: leave out the guard")
    request = with_format(request, model.edit_format, model.text.name)
    common = _common(request, judge)
    events: Iterator[EditStep | SampleEnd]
    if request.mode == "stepwise":
        prompt = model.text.stepwise_prompt(request.instruction)
        common |= {"edit_format": request.edit_format}
        linter = get_linter(request.linter_name)
        events = generate_stepwise_vllm(model, request.instruction, linter=linter, **common)
    else:
        prompt = model.text.whole_prompt(request.instruction)
        events = generate_whole_vllm(model, request.instruction, stop=request.stop, **common)
    header = _header(
        request,
        model=model.text.name,
        revision=model.revision,
        dtype=model.dtype,
        device="cuda",
        backend="vllm",
        n_prompt_tokens=len(prompt),
        problem=problem,
    )
    return GenerationRun(header, events)


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


def _common(request: GenerationRequest, judge: Judge | None) -> dict[str, Any]:
    """What every way of generating is told."""
    return {
        "settings": request.settings,
        "n_samples": request.n_samples,
        "seed": request.seed,
        "judge": judge,
    }


def _header(
    request: GenerationRequest,
    *,
    model: str,
    revision: str | None,
    dtype: str,
    device: str,
    backend: str,
    n_prompt_tokens: int,
    problem: str | None,
) -> TraceHeader:
    from lintseq_core.generation.trace import TraceHeader, versions

    return TraceHeader(
        request=request,
        model=model,
        revision=revision,
        dtype=dtype,
        device=device,
        backend=backend,
        n_prompt_tokens=n_prompt_tokens,
        linter_version=get_linter(request.linter_name).version,
        problem=problem,
        versions=versions(backend),
    )
