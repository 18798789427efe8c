"""An engine with the names, types and ways of vLLM's (0.20), as read from its source.

`LLM`: vllm/entrypoints/llm.py and EngineArgs; `SamplingParams`: vllm/sampling_params.py, a struct
that refuses other arguments; outputs: vllm/outputs.py and vllm/logprobs.py. A text ends as in
vllm/v1/engine/detokenizer.py and vllm/v1/core/sched/utils.py. Tokens come from scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec


class SamplingParams(msgspec.Struct, omit_defaults=True, dict=True, kw_only=True):
    n: int = 1
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None
    stop: str | list[str] | None = None
    stop_token_ids: list[int] | None = None
    ignore_eos: bool = False
    max_tokens: int | None = 16
    min_tokens: int = 0
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    detokenize: bool = True
    skip_special_tokens: bool = True
    spaces_between_special_tokens: bool = True
    include_stop_str_in_output: bool = False

    def __post_init__(self) -> None:
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, got {self.max_tokens}.")
        if self.seed is not None and not -(2**63) <= self.seed < 2**63:
            raise ValueError("seed must be an int64")


@dataclass
class Logprob:
    logprob: float
    rank: int | None = None
    decoded_token: str | None = None


@dataclass
class CompletionOutput:
    index: int
    text: str
    token_ids: Sequence[int]
    cumulative_logprob: float | None
    logprobs: list[dict[int, Logprob]] | None
    finish_reason: str | None = None
    stop_reason: int | str | None = None


@dataclass
class RequestOutput:
    request_id: str
    prompt: str | None
    prompt_token_ids: list[int] | None
    outputs: list[CompletionOutput]
    finished: bool = True


ENGINE_OPTIONS = frozenset(
    [
        "model",
        "tokenizer",
        "tokenizer_mode",
        "trust_remote_code",
        "tensor_parallel_size",
        "dtype",
        "quantization",
        "revision",
        "tokenizer_revision",
        "seed",
        "gpu_memory_utilization",
        "swap_space",
        "cpu_offload_gb",
        "enforce_eager",
        "max_model_len",
        "max_num_seqs",
        "enable_prefix_caching",
        "enable_lora",
        "max_lora_rank",
        "logprobs_mode",
    ]
)


@dataclass
class LLM:
    """Says script i to request i, and goes on with its last token where a script is at its end."""

    scripts: list[list[int]] = field(default_factory=list)
    decode: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    calls: list[list[tuple[dict[str, Any], SamplingParams]]] = field(default_factory=list)

    @classmethod
    def made(cls, model: str, **options: Any) -> LLM:
        if unknown := options.keys() - ENGINE_OPTIONS:
            raise TypeError(f"EngineArgs.__init__() got an unexpected keyword argument {unknown}")
        return cls(options={"model": model, **options})

    @property
    def llm_engine(self) -> Any:
        config = SimpleNamespace(max_model_len=512, dtype="torch.bfloat16", hf_config=None)
        return SimpleNamespace(model_config=config)

    def generate(
        self,
        prompts: Sequence[dict[str, Any]],
        sampling_params: Sequence[SamplingParams] | None = None,
        *,
        use_tqdm: bool = True,
        lora_request: Any = None,
    ) -> list[RequestOutput]:
        assert sampling_params is not None
        if len(prompts) != len(sampling_params):
            raise ValueError("The lengths of prompts and sampling_params must be the same.")
        self.calls.append(list(zip(prompts, sampling_params, strict=True)))
        return [
            RequestOutput(str(number), None, prompt["prompt_token_ids"], [self._say(script, asked)])
            for number, (prompt, asked, script) in enumerate(
                zip(prompts, sampling_params, self.scripts, strict=False)
            )
        ]

    def _say(self, script: list[int], asked: SamplingParams) -> CompletionOutput:
        ids: list[int] = []
        finish, stop_reason = "length", None
        stops = [asked.stop] if isinstance(asked.stop, str) else asked.stop or []
        while len(ids) < (asked.max_tokens or 10_000):
            ids.append(script[min(len(ids), len(script) - 1)])
            text = self.decode(ids)
            found = [one for one in stops if one in text]
            if ids[-1] in (asked.stop_token_ids or []):
                finish, stop_reason = "stop", ids[-1]
                break
            if found:
                finish, stop_reason = "stop", found[0]
                break
        figures = None
        if asked.logprobs is not None:
            figures = [{one: Logprob(-0.5, 1, None)} for one in ids]
        return CompletionOutput(0, self.decode(ids), ids, None, figures, finish, stop_reason)


def stand_in() -> ModuleType:
    """To be `sys.modules["vllm"]`."""
    module = ModuleType("vllm")
    module.SamplingParams, module.LLM = SamplingParams, LLM.made  # type: ignore[attr-defined]
    return module
