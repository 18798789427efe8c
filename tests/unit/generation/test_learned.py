"""A model that has learned one edit sequence writes it again, through every real part."""

from __future__ import annotations

import pytest
import torch

from lintseq_core import Program, get_linter, sample_paths
from lintseq_core.edits import EditSequence
from lintseq_core.generation.guard import LintGuard
from lintseq_core.generation.language_model import language_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.models.load import load_model
from lintseq_core.models.loaded import LoadedModel

INSTRUCTION = "Count them."
SOURCE = "def count(xs):\n    n = 0\n    for x in xs:\n        n += 1\n    return n\n"


@pytest.fixture(scope="module")
def learned() -> tuple[LoadedModel, EditSequence]:
    """The tiny model after about a hundred steps on one sequence of several edits."""
    paths = sample_paths(Program.from_text(SOURCE), seed=0, n_paths=20)
    sequence = max(paths, key=lambda path: path.n_edits)
    loaded = load_model("tiny")
    marker = [loaded.encoder.diff_id]
    ids = loaded.encoder.prompt_ids(INSTRUCTION, edits=True)
    for edit in sequence.edits():
        ids += [*loaded.encoder.encode([f"{edit}\n"])[0], *marker]
    ids += [ord("\n"), *marker, loaded.encoder.eos_id]
    batch = torch.tensor([ids])
    optimizer = torch.optim.AdamW(loaded.model.parameters(), lr=5e-3)
    for _ in range(300):
        loss = loaded.model(batch, labels=batch).loss
        if loss.item() < 0.01:
            break
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.01
    return loaded, sequence


@pytest.mark.parametrize("guard", [None, LintGuard(2)], ids=["plain", "guarded"])
@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_it_writes_the_sequence_edit_by_edit(
    learned: tuple[LoadedModel, EditSequence], temperature: float, guard: LintGuard | None
) -> None:
    loaded, sequence = learned
    assert sequence.n_edits > 1
    events = list(
        generate_stepwise(
            language_model(loaded),
            INSTRUCTION,
            settings=SamplingSettings(temperature=temperature),
            linter=get_linter("pyflakes"),
            n_samples=3,
            guard=guard,
        )
    )
    ends = [event for event in events if isinstance(event, SampleEnd)]
    assert {(end.program, end.stop_reason, end.faults) for end in ends} == {(SOURCE, "close", ())}
    for index in range(3):
        steps = [e for e in events if isinstance(e, EditStep) and e.sample_index == index]
        assert [step.text for step in steps] == list(sequence.edits())
        assert ["", *(step.state for step in steps)] == list(sequence.states())
        assert all(step.log_prob > -1 and not step.new_findings for step in steps)


def test_what_it_learned_is_what_lintseq_writes(
    learned: tuple[LoadedModel, EditSequence],
) -> None:
    loaded, sequence = learned
    (end,) = [
        event
        for event in generate_stepwise(
            language_model(loaded),
            INSTRUCTION,
            settings=SamplingSettings(temperature=0),
            linter=get_linter("none"),
        )
        if isinstance(event, SampleEnd)
    ]
    text = sequence.to_model_text(INSTRUCTION)
    assert f"{INSTRUCTION}\n<|diff|>{end.text}" == text
