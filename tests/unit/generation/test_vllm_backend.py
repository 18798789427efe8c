"""The vLLM backend against an engine with vLLM's types."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lintseq_core import get_linter
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.language_model import language_model
from lintseq_core.generation.request import Task, run_model, run_tasks
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import SampleEnd
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.generation.vllm_backend import VllmModel, load_vllm
from lintseq_core.models.load import load_model
from lintseq_core.models.tiny import load_tiny
from tests.unit.generation.scripted import EOS, scripted_model, spelled
from tests.unit.generation.test_stepwise import CLOSE, DEFINE, GOOD, PROGRAM
from tests.unit.generation.vllm_standin import LLM, SamplingParams, stand_in


@pytest.fixture(autouse=True)
def _stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", stand_in())


def numbered(*scripts: list[str]) -> tuple[VllmModel, LLM]:
    """The scripted model of these scripts, behind vLLM's interface."""
    model = scripted_model(*scripts, context_length=600)
    words = sorted({token for script in scripts for token in script} | {EOS})
    ids = [[words.index(token) for token in script] for script in scripts]
    engine = LLM(ids, model.decode)
    return VllmModel(engine, model, None, "bfloat16"), engine


def test_the_same_tokens_give_the_same_steps_as_with_transformers() -> None:
    scripts = [spelled(GOOD), [*spelled(DEFINE), EOS]]
    model, _ = numbered(*scripts)
    settings, linter = SamplingSettings(), get_linter("pyflakes")
    request = GenerationRequest("D.", "stepwise", settings, n_samples=2)
    found = list(run_model(model, request).events)
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


def test_many_problems_are_one_call_and_every_sample_has_a_seed_of_its_own() -> None:
    model, engine = numbered(*[[*spelled(GOOD), EOS]] * 5)
    settings = SamplingSettings(0.7, 0.9, 0.05, 1_000)
    request = GenerationRequest("", "stepwise", settings, n_samples=3, seed=4)
    run = run_tasks(model, request, [Task("Do."), Task("Do it.", "b 1")])
    found = list(run.draw([[0, 1, 2], [0, 2]]))
    ends = [(place, event.sample_index) for place, event in found if isinstance(event, SampleEnd)]
    assert ends == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2)]
    (call,) = engine.calls
    prompts, parameters = zip(*call, strict=True)
    lengths = [len(prompt["prompt_token_ids"]) for prompt in prompts]
    assert lengths == [4, 4, 4, 7, 7]
    seeds = [one.seed for one in parameters]
    assert len(set(seeds)) == 5
    assert {repr(one) for one in parameters[:3]} == {
        repr(
            SamplingParams(
                temperature=0.7, top_p=0.9, min_p=0.05, max_tokens=596, seed=seed,
                stop=[CLOSE], include_stop_str_in_output=True,
                stop_token_ids=sorted(model.text.eos_ids), skip_special_tokens=False,
                spaces_between_special_tokens=False, logprobs=0,
            )
        )
        for seed in seeds[:3]
    }  # fmt: skip
    # A sample that is asked for again, alone, has the seed that it had.
    list(run.draw([[], [2]]))
    assert [one.seed for _, one in engine.calls[1]] == [seeds[4]]


def test_an_end_marker_ends_edits_by_its_id_and_the_close_by_its_text() -> None:
    ended, closed = [*spelled(DEFINE), EOS, "x", "y"], [*spelled(GOOD), "x", "y"]
    model, _ = numbered(ended, closed)
    request = GenerationRequest("D.", "stepwise", n_samples=2)
    events = run_model(model, request).events
    ends = [event for event in events if isinstance(event, SampleEnd)]
    assert [(end.stop_reason, end.text) for end in ends] == [("eos", DEFINE), ("close", GOOD)]


def test_whole_programs_stop_where_they_do_with_transformers() -> None:
    model, _ = numbered(["x = 1\n", "y", EOS], ["x = 1\n", "def", " f"])
    request = GenerationRequest("Do.", "whole", n_samples=2, stop=("\ndef",))
    ends = [event for event in run_model(model, request).events if isinstance(event, SampleEnd)]
    found = [(end.stop_reason, end.text, end.seconds) for end in ends]
    assert found == [("eos", "x = 1\ny", None), ("stop", "x = 1", None)]


@pytest.mark.parametrize("mode", ["whole", "stepwise"])
def test_a_sample_that_vllm_breaks_off_is_an_error_not_a_short_program(
    mode: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = numbered(["x", "y"])
    say = LLM._say

    def broken(self: LLM, script: list[int], asked: SamplingParams) -> Any:
        answer = say(self, script, asked)
        answer.token_ids, answer.logprobs = answer.token_ids[:2], (answer.logprobs or [])[:2]
        return answer

    monkeypatch.setattr(LLM, "_say", broken)
    with pytest.raises(LintSeqError, match="vLLM ended sample 1 of scripted before"):
        list(run_model(model, GenerationRequest("Do.", mode)).events)


def test_a_run_says_which_backend_drew(tmp_path: Any) -> None:
    model, _ = numbered(spelled(GOOD))
    run = run_model(model, GenerationRequest("Do.", "stepwise"))
    assert (run.header.backend, run.header.dtype, run.header.n_prompt_tokens) == (
        "vllm", "bfloat16", 4,
    )  # fmt: skip
    end = list(run.events)[-1]
    assert isinstance(end, SampleEnd)
    assert end.program == PROGRAM
    with pytest.raises(LintSeqError, match="vllm cannot draw an edit again"):
        run_model(model, GenerationRequest("Do.", "stepwise", n_retries=2))
    with pytest.raises(LintSeqError, match="vllm draws by itself, without a mask"):
        run_model(model, GenerationRequest("Do.", "stepwise", format_guard=True))
    placed = replace(model, edit_format="placed")
    assert (
        run_model(placed, GenerationRequest("Do.", "stepwise")).header.request.edit_format
        == "placed"
    )
    with pytest.raises(
        LintSeqError, match="was trained on edits in the format placed, and anchored"
    ):
        run_model(placed, GenerationRequest("Do.", "stepwise", edit_format="anchored"))
    untaught = replace(model, knows_marker=False)
    with pytest.raises(LintSeqError, match="so it was not trained on edits: leave out --stepwise"):
        list(run_model(untaught, GenerationRequest("Do.", "stepwise")).events)


def test_a_folder_is_loaded_with_its_own_tokenizer_and_the_engines_context(tmp_path: Path) -> None:
    model, tokenizer = load_tiny()
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = load_vllm(str(tmp_path), dtype="bfloat16", n_gpus=2, memory_share=0.5)
    assert loaded.engine.options == {
        "model": str(tmp_path),
        "dtype": "bfloat16",
        "revision": None,
        "tokenizer_revision": None,
        "trust_remote_code": False,
        "enable_prefix_caching": True,
        "logprobs_mode": "raw_logprobs",
        "tensor_parallel_size": 2,
        "gpu_memory_utilization": 0.5,
    }
    assert loaded.text.context_length == 512
    assert loaded.dtype == "bfloat16"
    tiny = language_model(load_model("tiny"))
    assert loaded.text.stepwise_prompt("Do.") == tiny.stepwise_prompt("Do.")


def test_a_model_that_vllm_cannot_load_is_a_line_with_the_knobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = load_tiny()
    tokenizer.save_pretrained(tmp_path)
    model.config.save_pretrained(tmp_path)

    def full(model: str, **options: Any) -> None:
        raise ValueError("No available memory for the cache blocks.\nTry increasing it.")

    monkeypatch.setattr(sys.modules["vllm"], "LLM", full)
    with pytest.raises(LintSeqError) as error:
        load_vllm(str(tmp_path))
    assert str(error.value) == (
        f"vllm cannot load {tmp_path} (No available memory for the cache blocks. Try increasing "
        "it.): if memory is short, more --gpus or another --memory-share may help"
    )
    with pytest.raises(LintSeqError, match=r"0 GPUs, 0\.9 of their memory: expected 1 or more"):
        load_vllm(str(tmp_path), n_gpus=0)


def test_a_missing_vllm_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(LintSeqError, match=r"pip install 'lintseq-core\[vllm\]'"):
        load_vllm("anything")
