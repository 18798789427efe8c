"""The promise of a batch over tasks: nobody can tell that others are written beside one's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lintseq_core import get_linter
from lintseq_core.generation.decoder import TransformersDecoder
from lintseq_core.generation.guard import LintGuard
from lintseq_core.generation.language_model import LanguageModel
from lintseq_core.generation.numpy_decoder import NumpyDecoder, pocket_language_model
from lintseq_core.generation.request import run_model, run_tasks
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.stepwise import generate_stepwise_tasks
from lintseq_core.generation.types import GenerationRequest, Task
from lintseq_core.generation.whole import generate_whole, generate_whole_tasks
from lintseq_core.models.load import load_model
from lintseq_core.models.pocket.folder import CONFIG, WEIGHTS, load_pocket
from lintseq_core.models.pocket.network import Network
from lintseq_core.models.pocket.weights import read_weights
from tests.unit.generation.test_batches import told, wild
from tests.unit.models.pocket.made import save_pocket

TASKS = [
    Task("Write it."),
    Task("Write a program that adds two numbers and says what comes of it."),
    Task("Sum."),
    Task("Write something longer, in several lines:\n" * 3),
]
SAMPLES = [[0, 1, 2], [4], [], [0, 2]]


def pocket_model(folder: Path, dtype: type) -> LanguageModel:
    saved = save_pocket(folder)
    model = load_pocket("made", saved)
    network = Network(
        model.network.shape, read_weights(saved / WEIGHTS), dtype=dtype,
        n_tokens=model.tokenizer.n_tokens,
    )  # fmt: skip
    assert (saved / CONFIG).is_file()
    return replace(pocket_language_model(model), decoder=NumpyDecoder(network))


def by_task(events: Iterable[tuple[int, EditStep | SampleEnd]]) -> dict[object, list[object]]:
    found: dict[object, list[object]] = defaultdict(list)
    for place, event in events:
        found[place, event.sample_index].append(told(event))
    return found


def beside_and_alone(
    model: LanguageModel, *, settings: SamplingSettings, guard: LintGuard | None = None,
    batch_size: int | None = None, masked: bool = False,
) -> tuple[dict[object, list[object]], dict[object, list[object]]]:  # fmt: skip
    how = {
        "settings": settings, "linter": get_linter("pyflakes"), "seed": 5, "guard": guard,
        "masked": masked,
    }  # fmt: skip
    beside = generate_stepwise_tasks(model, TASKS, SAMPLES, batch_size=batch_size, **how)
    alone = (
        (place, event)
        for place, task in enumerate(TASKS)
        for index in SAMPLES[place]
        for _, event in generate_stepwise_tasks(model, [task], [[index]], **how)
    )
    return by_task(beside), by_task(alone)


@pytest.mark.parametrize(
    ("guard", "batch_size"), [(None, None), (LintGuard(2), 2)], ids=["together", "guarded in twos"]
)
def test_edits_of_several_tasks_are_those_of_each_alone(
    guard: LintGuard | None, batch_size: int | None
) -> None:
    settings = SamplingSettings(1.0, 0.95, 0.0, 40)
    beside, alone = beside_and_alone(
        wild(), settings=settings, guard=guard, batch_size=batch_size
    )  # fmt: skip
    assert beside == alone
    assert beside.keys() == {(0, 0), (0, 1), (0, 2), (1, 4), (3, 0), (3, 2)}


def test_edits_of_several_tasks_in_numpy_are_those_of_each_alone_under_a_mask_too(
    tmp_path: Path,
) -> None:
    model = pocket_model(tmp_path, np.float64)
    logits, _ = model.decoder.start([[5, 6]], [1])
    assert logits.dtype == np.float64
    for masked, n_tokens in ((False, 40), (True, 24)):
        settings = SamplingSettings(1.0, 0.95, 0.0, n_tokens)
        beside, alone = beside_and_alone(model, settings=settings, masked=masked)
        assert beside == alone


def test_programs_of_several_tasks_are_those_of_each_alone_in_float32() -> None:
    loaded = load_model("tiny")
    request = GenerationRequest("", "whole", SamplingSettings(max_tokens=20), n_samples=2, seed=1)
    tasks = [Task(f"{'Sum. ' * (number % 7)}{number}") for number in range(10)]
    run = run_tasks(loaded, request, tasks)
    beside = by_task(run.draw([[0, 1]] * len(tasks)))
    alone = by_task(
        (place, event)
        for place, task in enumerate(tasks)
        for event in run_model(loaded, replace(request, instruction=task.instruction)).events
    )
    assert len(beside) == 20
    assert sum(beside[key] == alone[key] for key in alone) >= 0.99 * len(alone)
    for header, task in zip(run.headers, tasks, strict=True):
        assert header.request.instruction == task.instruction


def test_each_task_has_its_own_judge() -> None:
    def judge(word: str) -> Task:
        return Task(f"Do {word}.", word, lambda program: word)

    words = ["a", "b"]
    run = run_tasks(
        load_model("tiny"), GenerationRequest("", "whole", SamplingSettings(max_tokens=5)),
        [judge(word) for word in words],
    )  # fmt: skip
    found = {place: event.verdict for place, event in run.draw([[0], [0]])}
    assert found == {0: "a", 1: "b"}
    assert [header.problem for header in run.headers] == words


def test_a_model_that_keeps_a_window_reads_one_task_at_a_time() -> None:
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=259, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, sliding_window=8, pad_token_id=257,
    )  # fmt: skip
    decoder = TransformersDecoder(MistralForCausalLM(config).double())
    assert not decoder.mixes_prompts
    assert TransformersDecoder(load_model("tiny").model).mixes_prompts
    model = replace(wild(), decoder=decoder)
    settings = SamplingSettings(max_tokens=20)
    found = by_task(
        generate_whole_tasks(model, TASKS, [[0]] * len(TASKS), settings=settings)
    )  # fmt: skip
    for place, task in enumerate(TASKS):
        (end,) = generate_whole(model, task.instruction, settings=settings)
        assert found[place, 0] == [told(end)]


def test_a_prompt_without_room_is_named_by_its_problem() -> None:
    long = Task("x" * 2_000, "mini 7", None)
    with pytest.raises(Exception, match="mini 7: the prompt has 2,001 tokens"):
        run_tasks(load_model("tiny"), GenerationRequest("", "whole"), [Task("Do."), long])
