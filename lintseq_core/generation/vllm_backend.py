"""vLLM as a backend: the samples of many tasks at once on GPUs, read when all is drawn.

It needs the extra `vllm`, in an environment of its own. Entropies are not given, edits not timed,
and an edit cannot be drawn again, so there is no guard here. The same seeds give other tokens than
the transformers backend, because vLLM draws them in its own way.

A sample ends at the ids of its end markers. The two empty edits that close it are several tokens,
and vLLM stops at single ids alone: they are given as text, which its tokenizer must spell, so the
engine gets ours, with `<|diff|>`.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lintseq_core.edits.formats import CLOSE, EditFormatName
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.language_model import ModelText, model_text
from lintseq_core.generation.sampling import sample_rngs
from lintseq_core.generation.steps import EditStep, SampledToken, SampleEnd
from lintseq_core.generation.stepwise import Checks, SampleReader
from lintseq_core.generation.types import GenerationRequest, Task
from lintseq_core.generation.whole import WholeReader
from lintseq_core.linting import get_linter


@dataclass(frozen=True, slots=True)
class VllmModel:
    """A model that vLLM serves in this process."""

    engine: Any
    """A `vllm.LLM`."""
    text: ModelText
    revision: str | None
    dtype: str
    edit_format: EditFormatName | None = None
    """What it was trained to write edits in, where it says so."""
    knows_marker: bool = True
    """Whether its own tokenizer has `<|diff|>`."""
    copy: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)
    """Of an adapter and its base, merged; it is there as long as the model is."""


def load_vllm(
    name: str,
    *,
    dtype: str = "auto",
    revision: str | None = None,
    trust_remote_code: bool = False,
    n_gpus: int = 1,
    memory_share: float = 0.9,
) -> VllmModel:
    """The model called `name`, a folder, a preset, an adapter or a name on the Hub.

    An adapter is merged into its base in a temporary folder: vLLM adds adapters to linear layers
    alone, and ours have a row of the embeddings too, that of `<|diff|>`. `n_gpus` share each layer
    (tensor parallelism); `memory_share` of each GPU's memory is taken, weights and all.
    """
    from lintseq_core.models.load import find_adapter, load_tokenizer, place_of, recorded_format
    from lintseq_core.models.tokens import TextEncoder, add_diff_marker

    vllm = _import_vllm()
    if n_gpus < 1 or not 0 < memory_share <= 1:
        raise LintSeqError(
            f"{n_gpus} GPUs, {memory_share} of their memory: expected 1 or more, and above 0 to 1"
        )
    copy = None
    place = name
    if find_adapter(name) is not None:
        copy = tempfile.TemporaryDirectory(prefix="lintseq-merged-")
        place = _merge_into(Path(copy.name), name, trust_remote_code=trust_remote_code)
    else:
        place = place_of(name)
    tokenizer = load_tokenizer(place, name, revision=revision, trust_remote_code=trust_remote_code)
    is_new = add_diff_marker(tokenizer)
    encoder = TextEncoder(tokenizer, name)
    try:
        engine = vllm.LLM(
            model=place,
            dtype=dtype,
            revision=revision,
            tokenizer_revision=revision,
            trust_remote_code=trust_remote_code,
            tensor_parallel_size=n_gpus,
            gpu_memory_utilization=memory_share,
            enable_prefix_caching=True,  # n samples of a prompt read it once
            logprobs_mode="raw_logprobs",  # the model's own, as with transformers
        )
    except (ValueError, RuntimeError) as error:  # pydantic's errors are ValueErrors
        why = " ".join(str(error).split())[:300]
        raise LintSeqError(
            f"vllm cannot load {name} ({why}): if memory is short, more --gpus or another "
            "--memory-share may help"
        ) from None
    config = engine.llm_engine.model_config
    text = model_text(name, tokenizer, encoder, context_length=int(config.max_model_len))
    edit_format = recorded_format(getattr(config, "hf_config", None), name)
    dtype = str(config.dtype).removeprefix("torch.")
    return VllmModel(engine, text, revision, dtype, edit_format, not is_new, copy)


def _merge_into(folder: Path, name: str, *, trust_remote_code: bool) -> str:
    """Write the adapter called `name`, merged into its base, to `folder`."""
    from lintseq_core.models.load import load_model

    loaded = load_model(name, device="cpu", trust_remote_code=trust_remote_code)
    loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
    return str(folder)


def generate_with_vllm(
    model: VllmModel,
    request: GenerationRequest,
    tasks: Sequence[Task],
    samples: Sequence[Sequence[int]],
) -> Iterator[tuple[int, EditStep | SampleEnd]]:
    """The events of `samples`, by index, of each task, in order: (place of the task, event).

    All are drawn in one call of the engine.
    """
    is_stepwise = request.mode == "stepwise"
    if is_stepwise and not model.knows_marker:
        raise LintSeqError(
            f"{model.text.name} has no <|diff|> among its tokens, so it was not trained on edits: "
            "leave out --stepwise, or name a model that 'lintseq train' wrote"
        )
    prompt_of = model.text.stepwise_prompt if is_stepwise else model.text.whole_prompt
    prompts = [prompt_of(task.instruction) for task in tasks]
    keys = [(place, index) for place, indices in enumerate(samples) for index in indices]
    linter, settings = get_linter(request.linter_name), request.settings
    drawn = _draw(model, request, tasks, prompts, keys)
    for (place, index), tokens in zip(keys, drawn, strict=True):
        room = model.text.context_length - len(prompts[place])
        judge = tasks[place].judge
        if request.edit_format is not None:
            checks = Checks(linter, None, judge, None, request.edit_format)
            reader = SampleReader(index, model.text, checks, settings.max_tokens, room)
            for token in tokens:
                yield from ((place, event) for event in reader.push(token))
                if reader.is_finished:
                    break
            is_over = reader.is_finished
        else:
            whole = WholeReader(index, model.text, settings.max_tokens, room, request.stop)
            reason = next((found for token in tokens if (found := whole.push(token))), None)
            is_over = reason is not None
            if reason is not None:
                yield place, whole.end(reason, None, judge)
        if not is_over:
            raise LintSeqError(
                f"vLLM ended sample {index + 1} of {tasks[place].problem or model.text.name} "
                "before its end marker and its limit; is another process using the engine?"
            )


def _draw(
    model: VllmModel,
    request: GenerationRequest,
    tasks: Sequence[Task],
    prompts: Sequence[list[int]],
    keys: Sequence[tuple[int, int]],
) -> Iterator[tuple[SampledToken, ...]]:
    """The tokens of each sample in `keys`, its end marker included where it has one."""
    vllm = _import_vllm()
    settings = request.settings
    stop = [CLOSE] if request.mode == "stepwise" else list(request.stop)
    parameters = [
        vllm.SamplingParams(
            temperature=settings.temperature,
            top_p=settings.top_p,
            min_p=settings.min_p,
            max_tokens=min(settings.max_tokens, model.text.context_length - len(prompts[place])),
            seed=_seed(tasks[place].instruction, request.seed, index),
            stop=stop,
            include_stop_str_in_output=True,
            stop_token_ids=sorted(model.text.eos_ids),
            skip_special_tokens=False,
            spaces_between_special_tokens=False,  # the text of the close has none
            logprobs=0,  # that of the token drawn, and no others
        )
        for place, index in keys
    ]
    asked = [{"prompt_token_ids": list(prompts[place])} for place, _ in keys]
    for output in model.engine.generate(asked, parameters, use_tqdm=False) if asked else ():
        (answer,) = output.outputs
        yield tuple(
            SampledToken(token_id, "", float(known[token_id].logprob), None)
            for token_id, known in zip(answer.token_ids, answer.logprobs, strict=True)
        )


def _seed(instruction: str, seed: int, index: int) -> int:
    """Of one sample, from the stream that the transformers backend draws from."""
    (rng,) = sample_rngs(instruction, seed=seed, indices=[index]).values()
    return int(rng.random() * 2**53)


def _import_vllm() -> Any:
    try:
        return importlib.import_module("vllm")
    except ImportError:
        raise LintSeqError(
            "vllm is not installed: in an environment of its own, pip install 'lintseq-core[vllm]'"
        ) from None
