"""The vLLM backend against a stub that keeps to vLLM's documented names and shapes."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from lintseq_core import get_linter
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.language_model import language_model
from lintseq_core.generation.request import run_vllm
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import SampleEnd
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.generation.vllm_backend import (
    VllmModel,
    generate_stepwise_vllm,
    generate_whole_vllm,
    load_vllm,
)
from lintseq_core.models.load import load_model
from lintseq_core.models.tiny import load_tiny
from tests.unit.generation.scripted import EOS, scripted_model, spelled
from tests.unit.generation.test_stepwise import DEFINE, GOOD, PROGRAM


@dataclass
class SamplingParams:
    """The arguments that the backend may use; another one is a TypeError, as with vLLM."""

    temperature: float = 1.0
    top_p: float = 1.0
    min_p: float = 0.0
    max_tokens: int | None = 16
    seed: int | None = None
    stop: str | list[str] | None = None
    include_stop_str_in_output: bool = False
    stop_token_ids: list[int] = field(default_factory=list)
    skip_special_tokens: bool = True
    logprobs: int | None = None


class Engine:
    """Answers prompt i with the token ids of answer i."""

    def __init__(self, answers: list[list[int]] | None = None, **options: Any) -> None:
        self.answers, self.options, self.asked = answers or [], options, []
        self.llm_engine = SimpleNamespace(
            model_config=SimpleNamespace(max_model_len=512, dtype="torch.bfloat16")
        )

    def generate(self, prompts: Any, parameters: Any, *, use_tqdm: bool = True) -> list[Any]:
        self.asked = list(zip(prompts, parameters, strict=True))
        return [
            SimpleNamespace(
                outputs=[
                    SimpleNamespace(
                        token_ids=tuple(ids),
                        logprobs=[{i: SimpleNamespace(logprob=-0.5), 999: None} for i in ids],
                        finish_reason="stop",
                    )
                ]
            )
            for ids in self.answers[: len(prompts)]
        ]


@pytest.fixture(autouse=True)
def _stub(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = ModuleType("vllm")
    stub.SamplingParams, stub.LLM = SamplingParams, Engine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vllm", stub)


def numbered(*scripts: list[str]) -> tuple[VllmModel, Engine]:
    """The scripted model of these scripts, behind vLLM's interface."""
    model = scripted_model(*scripts, context_length=600)
    words = sorted({token for script in scripts for token in script} | {EOS})
    engine = Engine([[words.index(token) for token in script] for script in scripts])
    return VllmModel(engine, model, None, "bfloat16"), engine


def test_the_same_tokens_give_the_same_steps_as_with_transformers() -> None:
    scripts = [spelled(GOOD), [*spelled(DEFINE), EOS]]
    model, _ = numbered(*scripts)
    settings, linter = SamplingSettings(), get_linter("pyflakes")
    found = list(generate_stepwise_vllm(model, "D.", settings=settings, linter=linter, n_samples=2))
    # vLLM gives no entropies and no times, and the stub's probabilities are all alike.
    for index, script in enumerate(scripts):
        alone = generate_stepwise(scripted_model(script), "D.", settings=settings, linter=linter)
        ours = [event for event in found if event.sample_index == index]
        for other, event in zip(alone, ours, strict=True):
            same: dict[str, Any] = {"sample_index": index, "seconds": None, "tokens": ()}
            if isinstance(event, SampleEnd):
                same["log_prob"] = 0.0
                assert event.log_prob == pytest.approx(-0.5 * event.n_tokens)
            else:
                assert event.entropy is None
            assert replace(event, **same) == replace(other, **same)


def test_every_sample_is_a_request_with_a_seed_of_its_own_and_the_settings() -> None:
    model, engine = numbered(*[[*spelled(GOOD), EOS]] * 3)
    settings = SamplingSettings(0.7, 0.9, 0.05, 1_000)
    list(
        generate_stepwise_vllm(
            model, "Do.", settings=settings, linter=get_linter("none"), n_samples=3, seed=4
        )
    )
    prompts, parameters = zip(*engine.asked, strict=True)
    assert prompts == ({"prompt_token_ids": [0, 0, 0, 0]},) * 3
    assert len({p.seed for p in parameters}) == 3
    assert {replace(p, seed=0).__repr__() for p in parameters} == {
        repr(
            SamplingParams(
                temperature=0.7, top_p=0.9, min_p=0.05, max_tokens=596, seed=0,
                stop=["\n<|diff|>\n<|diff|>"], include_stop_str_in_output=True,
                stop_token_ids=sorted(model.text.eos_ids), skip_special_tokens=False, logprobs=0,
            )
        )
    }  # fmt: skip


def test_whole_programs_stop_where_they_do_with_transformers() -> None:
    model, _ = numbered(["x = 1\n", "y", EOS], ["x = 1\n", "def", " f"])
    ends = list(
        generate_whole_vllm(
            model, "Do.", settings=SamplingSettings(), n_samples=2, stop=["\ndef"]
        )
    )  # fmt: skip
    found = [(end.stop_reason, end.text, end.seconds) for end in ends]
    assert found == [("eos", "x = 1\ny", None), ("stop", "x = 1", None)]


def test_a_sample_that_vllm_breaks_off_is_an_error_not_a_short_program() -> None:
    model, _ = numbered(["x", "y"])
    for run in (generate_whole_vllm, generate_stepwise_vllm):
        more = {} if run is generate_whole_vllm else {"linter": get_linter("none")}
        with pytest.raises(LintSeqError, match="vLLM ended sample 1 of scripted before"):
            list(run(model, "Do.", settings=SamplingSettings(), **more))  # type: ignore[operator]


def test_a_run_says_which_backend_drew(tmp_path: Any) -> None:
    model, _ = numbered(spelled(GOOD))
    run = run_vllm(model, GenerationRequest("Do.", "stepwise"))
    assert (run.header.backend, run.header.dtype, run.header.n_prompt_tokens) == (
        "vllm", "bfloat16", 4,
    )  # fmt: skip
    end = list(run.events)[-1]
    assert isinstance(end, SampleEnd)
    assert end.program == PROGRAM
    with pytest.raises(LintSeqError, match="vllm cannot draw an edit again"):
        run_vllm(model, GenerationRequest("Do.", "stepwise", n_retries=2))
    with pytest.raises(LintSeqError, match="vllm draws by itself, without a mask"):
        run_vllm(model, GenerationRequest("Do.", "stepwise", format_guard=True))
    placed = replace(model, edit_format="placed")
    assert (
        run_vllm(placed, GenerationRequest("Do.", "stepwise")).header.request.edit_format
        == "placed"
    )
    with pytest.raises(
        LintSeqError, match="was trained on edits in the format placed, and anchored"
    ):
        run_vllm(placed, GenerationRequest("Do.", "stepwise", edit_format="anchored"))


def test_a_folder_is_loaded_with_its_own_tokenizer_and_the_engines_context(tmp_path: Any) -> None:
    model, tokenizer = load_tiny()
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = load_vllm(str(tmp_path), dtype="bfloat16", tensor_parallel_size=2)
    assert loaded.engine.options == {
        "model": str(tmp_path),
        "dtype": "bfloat16",
        "revision": None,
        "tokenizer_revision": None,
        "trust_remote_code": False,
        "enable_prefix_caching": True,
        "logprobs_mode": "raw_logprobs",
        "tensor_parallel_size": 2,
    }
    assert loaded.text.context_length == 512
    assert loaded.dtype == "bfloat16"
    tiny = language_model(load_model("tiny"))
    assert loaded.text.stepwise_prompt("Do.") == tiny.stepwise_prompt("Do.")


def test_a_missing_vllm_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(LintSeqError, match=r"pip install 'lintseq-core\[vllm\]'"):
        load_vllm("anything")
