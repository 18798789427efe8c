from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import get_scheduler

from lintseq_core.models.presets import PRESETS
from lintseq_core.training.config import (
    FINE_TUNING,
    DataChoice,
    Optimization,
    fine_tuning_preset,
)
from lintseq_core.training.encode import Encoded
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.feed import ShuffledFeed
from lintseq_core.training.optimizer import Muon, make_optimizer, orthogonalised, rate_at


def examples(n: int, size: int = 4) -> list[Encoded]:
    return [Encoded(np.full(size, at, dtype=np.int32), 1) for at in range(n)]


PAPER = [
    # model, learning rate, rows a GPU, GPUs: the table of the authors' scripts
    ("tinycodelm-150m", 3e-4, 16, 1),
    ("tinycodelm-400m", 3e-4, 16, 1),
    ("gemma-2-2b", 5e-5, 2, 2),
    ("phi-3-mini", 5e-5, 2, 2),
    ("llama-3.1-8b", 1e-5, 1, 2),
    ("phi-3-medium", 1e-5, 1, 4),
]


@pytest.mark.parametrize("model, rate, rows, gpus", PAPER)
def test_presets_hold_the_papers_values(model: str, rate: float, rows: int, gpus: int) -> None:
    preset = fine_tuning_preset(model)
    assert (preset.learning_rate, preset.micro_batch, preset.gpus) == (rate, rows, gpus)
    assert preset.optimization() == Optimization(
        learning_rate=rate,
        batch_size=512,
        weight_decay=0.01,
        warmup_ratio=0.001,
        max_length=1024,
        precision="bf16",
        seed=42,
    )


def test_every_model_has_a_fine_tuning_preset_also_under_its_hub_name() -> None:
    bases = {preset.name for preset in PRESETS if preset.origin != "shipped"}
    assert {preset.model for preset in FINE_TUNING} == bases
    assert fine_tuning_preset("google/gemma-2-2b") is fine_tuning_preset("gemma-2-2b")


def test_a_pocket_model_is_trained_with_muon_and_all_others_with_adamw() -> None:
    found = {preset.model: preset.optimization().optimizer for preset in FINE_TUNING}
    assert found == dict.fromkeys(found, "adamw") | {"pocket": "muon"}


def test_an_unknown_model_needs_a_learning_rate() -> None:
    with pytest.raises(TrainingError, match=r"give a learning rate \(--lr\), or name a preset"):
        fine_tuning_preset("somebody/model")


@pytest.mark.parametrize(
    "choice, sequences, epochs",
    [
        (DataChoice(target="whole"), 5.0, 10),
        (DataChoice(target="edits"), 5.0, 2),
        (DataChoice(target="edits"), 4.9, 2),
        (DataChoice(target="edits"), 1.0, 10),
        (DataChoice(target="edits"), 40.0, 1),
        (DataChoice(target="edits", epochs=3), 5.0, 3),
    ],
)
def test_edits_take_as_many_steps_as_programs(
    choice: DataChoice, sequences: float, epochs: int
) -> None:
    assert choice.epochs_for(sequences) == epochs


def test_the_papers_runs_take_the_papers_number_of_steps() -> None:
    one = Encoded(np.zeros(2, dtype=np.int32), 1)
    whole = ShuffledFeed([one] * 88_900, batch_size=512, epochs=10, seed=42)
    edits = ShuffledFeed([one] * 444_500, batch_size=512, epochs=2, seed=42)
    assert (whole.total_steps, edits.total_steps) == (1_740, 1_738)


def test_a_token_budget_ends_a_run_at_the_step_that_reaches_it() -> None:
    feed = ShuffledFeed(examples(10), batch_size=4, epochs=1, seed=0, token_budget=40)
    # 3 trained tokens each; steps of 4, 4, 2 examples an epoch: 30 tokens, then 12
    assert feed.total_steps == 4
    seen = sum(one.n_trained() for step in feed.steps(0) for row in step.rows for one in row)
    assert seen == 42


def test_a_budget_without_its_match_is_refused() -> None:
    with pytest.raises(TrainingError, match="give both or neither"):
        DataChoice(token_budget=10)


def test_an_epoch_has_every_example_once_in_an_order_of_its_own() -> None:
    feed = ShuffledFeed(examples(7), batch_size=3, epochs=2, seed=1)
    steps = list(feed.steps(0))
    order = [int(row[0].ids[0]) for step in steps for row in step.rows]
    assert sorted(order[:7]) == sorted(order[7:]) == list(range(7))
    assert order[:7] != order[7:]
    assert [step.ends_epoch for step in steps] == [False, False, True] * 2


@pytest.mark.parametrize("start", range(6))
def test_a_feed_goes_on_from_any_step(start: int) -> None:
    feed = ShuffledFeed(examples(7), batch_size=3, epochs=2, seed=1, packed_length=8)
    every = [[one.ids.tolist() for row in step.rows for one in row] for step in feed.steps(0)]
    later = [[one.ids.tolist() for row in step.rows for one in row] for step in feed.steps(start)]
    assert later == every[start:]


@pytest.mark.parametrize(
    "step, rate", [(0, 0.0), (1, 0.5), (2, 1.0), (6, 0.5), (9, 0.125), (10, 0.0)]
)
def test_the_rate_rises_to_its_peak_and_falls_in_a_line(step: int, rate: float) -> None:
    assert rate_at(step, Optimization(1.0, warmup_steps=2), 10) == pytest.approx(rate)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant", "warmup-stable-decay"])
@pytest.mark.parametrize("warmup", [0, 3])
def test_schedules_are_those_of_transformers(schedule: str, warmup: int) -> None:
    """Up to its end, which transformers has one step later for a rate that comes down."""
    values = Optimization(0.5, warmup_steps=warmup, schedule=schedule, decay_ratio=0.25)  # type: ignore[arg-type]
    kind = {"constant": "constant_with_warmup", "warmup-stable-decay": "warmup_stable_decay"}
    more: dict[str, Any] = (
        {"num_decay_steps": 5, "decay_type": "linear"} if schedule == "warmup-stable-decay" else {}
    )
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.5)
    scheduler = get_scheduler(
        kind.get(schedule, schedule), optimizer, num_warmup_steps=warmup, num_training_steps=20,
        scheduler_specific_kwargs=more,
    )  # fmt: skip
    for step in range(20):
        expected = scheduler.get_last_lr()[0]
        assert rate_at(step, values, 20) == pytest.approx(expected, abs=1e-9), step
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("schedule", ["linear", "cosine", "warmup-stable-decay"])
def test_a_schedule_ends_at_its_least_rate(schedule: str) -> None:
    values = Optimization(1.0, warmup_steps=2, schedule=schedule, least_learning_rate=0.1)  # type: ignore[arg-type]
    rates = [rate_at(step, values, 50) for step in range(51)]
    assert rates[2] == max(rates) == 1.0
    assert rates[50] == pytest.approx(0.1)
    assert rates[2:] == sorted(rates[2:], reverse=True)


def test_biases_and_norms_do_not_decay() -> None:
    from lintseq_core.models.tiny import load_tiny

    model, _ = load_tiny()
    decayed, kept = make_optimizer(model, learning_rate=1.0, weight_decay=0.01).param_groups
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.01, 0.0)
    norms = {id(p) for name, p in model.named_parameters() if "norm" in name or "bias" in name}
    assert {id(p) for p in kept["params"]} == norms
    assert len(decayed["params"]) + len(kept["params"]) == len(list(model.parameters()))


def test_muon_takes_hidden_matrices_and_leaves_the_rest_to_adamw() -> None:
    from lintseq_core.models.tiny import load_tiny

    model, _ = load_tiny()
    groups = make_optimizer(model, learning_rate=1.0, weight_decay=0.01, kind="muon").param_groups
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = [
        (group["is_hidden"], group["weight_decay"], {names[id(p)] for p in group["params"]})
        for group in groups
    ]
    norms = {name for name in names.values() if "norm" in name}
    table = {"model.embed_tokens.weight"}
    hidden = set(names.values()) - norms - table
    assert found == [(True, 0.01, hidden), (False, 0.01, table), (False, 0.0, norms)]


@pytest.mark.parametrize("shape", [(8, 8), (4, 16), (30, 7)])
def test_an_orthogonalised_matrix_turns_and_hardly_stretches(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * 1e3
    found = orthogonalised(matrix)
    assert found.dtype == torch.float32
    values = torch.linalg.svdvals(found)
    assert 0.6 < float(values.min()) <= float(values.max()) < 1.3
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    nearest = u @ v
    assert float((found * nearest).sum() / found.norm() / nearest.norm()) > 0.97


def test_the_part_of_muon_that_is_adamw_takes_the_steps_of_torchs() -> None:
    start = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    rates = {"lr": 0.1}
    optimizers = [
        Muon([{"params": [ours], "is_hidden": False, "weight_decay": 0.2}], **rates),
        torch.optim.AdamW([{"params": [theirs], "weight_decay": 0.2}], **rates),
    ]
    for step in range(5):
        for parameter, optimizer in zip((ours, theirs), optimizers, strict=True):
            parameter.grad = torch.full_like(parameter, step - 1.5) * start
            optimizer.step()
    assert torch.allclose(ours, theirs, rtol=1e-5)


def test_a_checkpoint_from_before_there_was_a_choice_of_optimizer_is_of_an_adamw_run() -> None:
    values = Optimization(1e-3).losses_depend_on()
    assert "optimizer" not in values and "schedule" not in values and "decay_ratio" not in values
    assert "max_steps" not in values
    assert Optimization(1e-3, optimizer="muon").losses_depend_on() == values | {"optimizer": "muon"}
