"""A real model on the CPU: five prompts, whole and edit by edit, each through a trace."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.generation.request import run_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.trace import TraceWriter, gather_trace
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.models.load import load_model
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.models.smollm2 import smollm2_folder

PROMPTS = (
    "Write a Python function that counts the vowels of a string.",
    "Write a Python function that returns the sum of the squares of a list.",
    "Write a Python function that reverses the words of a sentence.",
    "Write a Python class for a stack with push, pop and size.",
    "Write a Python function that says whether a number is prime.",
)
pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(1_200),
    pytest.mark.skipif(
        not (smollm2_folder() / "config.json").is_file(),
        reason="needs the weights: lintseq models fetch smollm2-135m",
    ),
]


@cache
def smollm2() -> LoadedModel:
    return load_model("smollm2-135m", dtype="float32", device="cpu")


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("mode", ["whole", "stepwise"])
def test_what_it_says_is_read_and_traced(mode: Any, prompt: str, tmp_path: Path) -> None:
    settings = SamplingSettings(temperature=0.2, max_tokens=100 if mode == "whole" else 40)
    run = run_model(smollm2(), GenerationRequest(prompt, mode, settings))
    events = list(run.events)
    with (tmp_path / "t.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        writer = TraceWriter(stream, run.header)
        for event in events:
            writer.write(event)
    (sample,) = read_trace(tmp_path / "t.jsonl").samples
    (original,) = gather_trace(run.header, events).samples
    assert sample.end is not None
    assert original.end is not None
    assert list(sample.states()) == list(original.states())
    assert sample.end.text == original.end.text
    if mode == "whole":
        assert "def " in sample.end.text  # it was asked through its chat template
    else:
        assert sample.end.faults  # nobody has taught it edits: malformed, and kept
    print(f"\n{mode}: {sample.end.stop_reason}, {sample.end.n_tokens} tokens, {prompt}")
    print(sample.end.program if mode == "whole" else sample.end.text)
