"""A real model server, `transformers serve`, against the same model in this process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.edits import EditSequence
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.request import run_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.server_backend import check_fields, load_server
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.models.loaded import LoadedModel
from tests.serving import free_port, wait_until_healthy
from tests.unit.generation.test_learned import INSTRUCTION, SOURCE, learned

__all__ = ["learned"]  # the fixture
pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(1_200),
    pytest.mark.skipif(find_spec("fastapi") is None, reason="needs the extra server"),
]
GREEDY = SamplingSettings(temperature=0, max_tokens=400)


@pytest.fixture(scope="module")
def served(
    learned: tuple[LoadedModel, EditSequence], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Where the server is, and what it calls the model."""
    folder = tmp_path_factory.mktemp("model")
    learned[0].model.save_pretrained(folder)
    learned[0].tokenizer.save_pretrained(folder)
    port = free_port()
    command = Path(sys.executable).with_name("transformers")
    with subprocess.Popen(
        [command, "serve", "--host", "localhost", "--port", str(port), "--device", "cpu"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    ) as process:
        try:
            wait_until_healthy(process, f"http://localhost:{port}/health", 600)
            yield f"http://localhost:{port}/v1", str(folder)
        finally:
            process.terminate()


def told(events: Any) -> list[tuple[Any, ...]]:
    """What does not depend on who computes it."""
    return [
        (event.text, event.program, event.stop_reason, event.faults)
        if isinstance(event, SampleEnd)
        else (event.text, event.state, event.faults, event.new_findings)
        for event in events
    ]


def test_greedy_edits_are_those_of_the_model_in_this_process(
    learned: tuple[LoadedModel, EditSequence], served: tuple[str, str]
) -> None:
    url, name = served
    notes: list[str] = []
    model = load_server(name, url, on_note=notes.append)
    request = GenerationRequest(INSTRUCTION, "stepwise", GREEDY)
    found = list(run_model(model, request).events)
    assert told(found) == told(run_model(learned[0], request).events)
    assert found[-1].program == SOURCE  # type: ignore[union-attr]
    assert sum(isinstance(event, EditStep) for event in found) == learned[1].n_edits
    assert "the server gives no log-probabilities: traces have none" in notes


def test_greedy_programs_are_those_of_the_model_in_this_process(
    learned: tuple[LoadedModel, EditSequence], served: tuple[str, str]
) -> None:
    url, name = served
    model = load_server(name, url, endpoint="completions")
    request = GenerationRequest("x = 1", "whole", SamplingSettings(temperature=0, max_tokens=60))
    assert told(run_model(model, request).events) == told(run_model(learned[0], request).events)


def test_what_it_does_not_have_is_named(served: tuple[str, str]) -> None:
    url, name = served
    notes: list[str] = []
    model = load_server(name, url, on_note=notes.append)
    request = GenerationRequest(INSTRUCTION, "stepwise", GREEDY, n_samples=3)
    ends = [event for event in run_model(model, request).events if isinstance(event, SampleEnd)]
    assert sorted(end.sample_index for end in ends) == [0, 1, 2]
    assert {end.program for end in ends} == {SOURCE}
    assert any(note.startswith("the server ignores n, 1 of 3 choices came") for note in notes)
    warm = GenerationRequest(INSTRUCTION, "stepwise", SamplingSettings(1.0, 0.95))
    check_fields(model, warm)
    # A model whose generation settings do not say do_sample is never sampled from.
    assert any("ignores temperature or seed" in note for note in notes)
    cut = GenerationRequest(INSTRUCTION, "stepwise", SamplingSettings(1.0, 0.95, 0.1))
    with pytest.raises(LintSeqError, match=r"refuses the request.*min_p"):
        list(run_model(model, cut).events)
