"""vLLM as a backend: many samples at once on GPUs; the same steps, read when all is drawn.

It needs the extra `vllm`, in an environment of its own. Entropies are not given, edits not timed,
and an edit cannot be drawn again, so there is no guard here. The same seeds give other tokens than
the transformers backend, because vLLM draws them in its own way.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lintseq_core.edits.formats import CLOSE, UNIFIED, EditFormatName
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.language_model import ModelText, model_text
from lintseq_core.generation.sampling import SamplingSettings, sample_rngs
from lintseq_core.generation.steps import EditStep, SampledToken, SampleEnd
from lintseq_core.generation.stepwise import Checks, SampleReader
from lintseq_core.generation.types import Judge
from lintseq_core.generation.whole import WholeReader
from lintseq_core.linting import Linter


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


def load_vllm(
    name: str,
    *,
    dtype: str = "auto",
    revision: str | None = None,
    trust_remote_code: bool = False,
    **engine_options: Any,
) -> VllmModel:
    """The model called `name`, a folder or a name on the Hub, with `<|diff|>` in its tokenizer.

    `engine_options` go to `vllm.LLM`: tensor_parallel_size, gpu_memory_utilization, ...
    """
    from lintseq_core.models.load import find_adapter, load_tokenizer, recorded_format

    if find_adapter(name) is not None:
        raise LintSeqError(
            f"{name} is an adapter, and vllm is given whole models here: leave out --backend vllm, "
            "or name a model with --model"
        )
    vllm = _import_vllm()
    from lintseq_core.models.tokens import TextEncoder

    tokenizer = load_tokenizer(name, name, revision=revision, trust_remote_code=trust_remote_code)
    encoder = TextEncoder(tokenizer, name)
    engine = vllm.LLM(
        model=name,
        dtype=dtype,
        revision=revision,
        tokenizer_revision=revision,
        trust_remote_code=trust_remote_code,
        enable_prefix_caching=True,  # n samples of a prompt read it once
        logprobs_mode="raw_logprobs",  # the model's own, as with transformers
        **engine_options,
    )
    config = engine.llm_engine.model_config
    text = model_text(name, tokenizer, encoder, context_length=int(config.max_model_len))
    edit_format = recorded_format(getattr(config, "hf_config", None), name)
    return VllmModel(engine, text, revision, str(config.dtype).removeprefix("torch."), edit_format)


def generate_stepwise_vllm(
    model: VllmModel,
    instruction: str,
    *,
    settings: SamplingSettings,
    linter: Linter,
    n_samples: int = 1,
    seed: int = 0,
    judge: Judge | None = None,
    edit_format: str = UNIFIED,
) -> Iterator[EditStep | SampleEnd]:
    """As `stepwise.generate_stepwise`, sample after sample."""
    prompt = model.text.stepwise_prompt(instruction)
    room = model.text.context_length - len(prompt)
    seeds = _seeds(instruction, seed, n_samples)
    checks = Checks(linter, None, judge, None, edit_format)
    for index, tokens in enumerate(_draw(model, prompt, settings, seeds, [CLOSE])):
        reader = SampleReader(index, model.text, checks, settings.max_tokens, room)
        for token in tokens:
            yield from reader.push(token)
            if reader.is_finished:
                break
        if not reader.is_finished:
            raise _ended_early(model, index)


def generate_whole_vllm(
    model: VllmModel,
    instruction: str,
    *,
    settings: SamplingSettings,
    n_samples: int = 1,
    seed: int = 0,
    stop: Sequence[str] = (),
    judge: Judge | None = None,
) -> Iterator[SampleEnd]:
    """As `whole.generate_whole`, sample after sample."""
    prompt = model.text.whole_prompt(instruction)
    room = model.text.context_length - len(prompt)
    seeds = _seeds(instruction, seed, n_samples)
    for index, tokens in enumerate(_draw(model, prompt, settings, seeds, stop)):
        reader = WholeReader(index, model.text, settings.max_tokens, room, stop)
        for token in tokens:
            if reason := reader.push(token):
                yield reader.end(reason, None, judge)
                break
        else:
            raise _ended_early(model, index)


def _draw(
    model: VllmModel,
    prompt: Sequence[int],
    settings: SamplingSettings,
    seeds: Sequence[int],
    stop: Sequence[str],
) -> Iterator[tuple[SampledToken, ...]]:
    """The tokens of one sample for each seed, its end marker included where it has one."""
    vllm = _import_vllm()
    parameters = [
        vllm.SamplingParams(
            temperature=settings.temperature,
            top_p=settings.top_p,
            min_p=settings.min_p,
            max_tokens=min(settings.max_tokens, model.text.context_length - len(prompt)),
            seed=seed,
            stop=list(stop),
            include_stop_str_in_output=True,
            stop_token_ids=sorted(model.text.eos_ids),
            skip_special_tokens=False,
            logprobs=0,  # that of the token drawn, and no others
        )
        for seed in seeds
    ]
    prompts = [{"prompt_token_ids": list(prompt)} for _ in seeds]
    for request in model.engine.generate(prompts, parameters, use_tqdm=False):
        (answer,) = request.outputs
        yield tuple(
            SampledToken(token_id, "", float(known[token_id].logprob), None)
            for token_id, known in zip(answer.token_ids, answer.logprobs, strict=True)
        )


def _seeds(instruction: str, seed: int, n_samples: int) -> list[int]:
    """One seed per sample, from the streams that the transformers backend draws from."""
    rngs = sample_rngs(instruction, seed=seed, indices=range(n_samples))
    return [int(rng.random() * 2**53) for rng in rngs.values()]


def _ended_early(model: VllmModel, sample_index: int) -> LintSeqError:
    return LintSeqError(
        f"vLLM ended sample {sample_index + 1} of {model.text.name} before its end marker and its "
        "limit; is another process using the engine?"
    )


def _import_vllm() -> Any:
    try:
        return importlib.import_module("vllm")
    except ImportError:
        raise LintSeqError(
            "vllm is not installed: in an environment of its own, pip install 'lintseq-core[vllm]'"
        ) from None
