"""Held-out loss, early stopping, checkpoints that are kept, chats, and the card: on the tiny model."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from lintseq_core.cli import app
from lintseq_core.generation.language_model import model_text
from lintseq_core.models.errors import ModelError
from lintseq_core.models.load import load_model
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.training import loop
from lintseq_core.training.config import DataChoice, Execution
from lintseq_core.training.encode import encode_examples
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.examples import read_examples
from lintseq_core.training.loop import CHECKPOINTS, METRICS, MODEL
from lintseq_core.training.losses import token_losses
from lintseq_core.training.run import plan_fine_tuning
from tests.integration.test_training import (
    COMMAND,
    EXACT,
    FOUR_EPOCHS,
    HERE,
    PROGRAMS,
    build,
    losses,
    run,
)

APART = [("Say bye.", "def bye(name):\n    print('bye', name)\n    return 1\n")]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def edits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("data"), "edits.jsonl")


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 sequences of a program that is not trained on."""
    return build(tmp_path_factory.mktemp("apart"), "apart.jsonl", APART)


@pytest.mark.parametrize("packing", [True, False])
def test_the_held_out_loss_is_that_of_the_model_at_each_checkpoint(
    edits: Path, apart: Path, tmp_path: Path, packing: bool
) -> None:
    choice = replace(FOUR_EPOCHS, held_out=str(apart))
    metrics, outcome = run(
        edits, tmp_path / "run", choice=choice, execution=replace(HERE, packing=packing)
    )
    found = {step.step: step.held_out_loss for step in metrics if step.held_out_loss is not None}
    assert list(found) == [3, 6, 8]
    assert (outcome.best, outcome.ended_early) == (None, False)
    loaded = load_model(str(tmp_path / "run" / CHECKPOINTS / "step-000006"), dtype="float64")
    examples = list(encode_examples(read_examples(apart, "edits"), loaded.encoder))
    told = [(float(costs.sum()), len(costs)) for _, costs in token_losses(loaded, examples)]
    expected = sum(loss for loss, _ in told) / sum(n for _, n in told)
    assert found[6] == pytest.approx(expected, rel=1e-5)


def test_what_is_held_out_changes_no_step(edits: Path, apart: Path, tmp_path: Path) -> None:
    expected, _ = run(edits, tmp_path / "one")
    found, _ = run(edits, tmp_path / "two", choice=replace(FOUR_EPOCHS, held_out=str(apart)))
    assert losses(found) == losses(expected)
    row = json.loads((tmp_path / "one" / METRICS).read_text().splitlines()[0])
    assert "held_out_loss" not in row


def test_a_share_holds_out_whole_programs_the_same_for_every_target(edits: Path) -> None:
    loaded = load_model("tiny")
    held: list[set[str]] = []
    for target in ("edits", "whole"):
        plan = plan_fine_tuning(
            [edits], loaded, data=DataChoice(target=target, held_out=0.6),  # type: ignore[arg-type]
            optimization=EXACT, execution=HERE,
        )  # fmt: skip
        assert 0 < plan.programs < len(PROGRAMS)
        texts = {loaded.encoder.decode(one.ids[: one.n_prompt]) for one in plan.held_out}
        held.append({text.partition("\n")[0] for text in texts})
        assert len(texts) + plan.programs == len(PROGRAMS)
    assert held[0] == held[1]


@pytest.mark.parametrize("share", [0.0, 1.0, 5.0, -0.1])
def test_a_share_of_nothing_or_of_all_is_refused(share: float) -> None:
    with pytest.raises(TrainingError, match=r"give one between 0 and 1, as 0\.05, or the path"):
        DataChoice(held_out=share)


def test_a_share_that_holds_out_no_program_is_refused(edits: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"held out: 0.001 leaves no program of 3 apart"):
        run(edits, tmp_path / "run", choice=replace(FOUR_EPOCHS, held_out=0.001))


def test_an_early_stop_with_nothing_held_out_is_refused(edits: Path, tmp_path: Path) -> None:
    given = ["train", str(edits), "-o", str(tmp_path / "run"), *COMMAND, "--patience", "2"]
    found = CliRunner().invoke(app, given)
    assert str(found.exception) == (
        "patience 2: there is no held-out loss to wait for; keep programs apart with --held-out "
        "0.05, or name a data set: --held-out FILE"
    )
    assert not (tmp_path / "run").exists()


def scripted(monkeypatch: pytest.MonkeyPatch, told: list[float]) -> None:
    """Held-out losses as `told`, one after the other."""
    left = iter(told)
    monkeypatch.setattr(loop._Run, "_held_out_loss", lambda _: next(left))


def weights(folder: Path) -> Any:
    return load_model(str(folder), dtype="float64").model.state_dict()


def test_a_run_ends_when_patience_is_over_and_leaves_its_best_model(
    edits: Path, apart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, [3.0, 2.0, 2.5, 2.1, 1.0])
    choice = replace(FOUR_EPOCHS, held_out=str(apart))
    every = Execution(micro_batch=2, device="cpu", save_every=1, patience=2, keep_checkpoints=1)
    metrics, outcome = run(edits, tmp_path / "run", choice=choice, execution=every)
    assert [step.held_out_loss for step in metrics] == [3.0, 2.0, 2.5, 2.1]
    assert (outcome.best, outcome.ended_early, outcome.steps) == ((2, 2.0), True, 4)
    kept = sorted(one.name for one in (tmp_path / "run" / CHECKPOINTS).iterdir())
    assert kept == ["step-000002", "step-000004"]
    best = weights(tmp_path / "run" / CHECKPOINTS / kept[0])
    last = weights(tmp_path / "run" / CHECKPOINTS / kept[1])
    found = weights(tmp_path / "run" / MODEL)
    assert all(torch.equal(found[name], best[name]) for name in best)
    assert not all(torch.equal(found[name], last[name]) for name in last)
    assert not (tmp_path / "run" / MODEL / "state.json").exists()
    # Repeated, there is nothing left to do.
    again, outcome = run(edits, tmp_path / "run", choice=choice, execution=every)
    assert (again, outcome.last, outcome.ended_early) == (metrics, None, True)


def test_a_resumed_run_remembers_what_its_patience_has_seen(
    edits: Path, apart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, [2.0, 3.0, 4.0, 1.0])
    choice = replace(FOUR_EPOCHS, held_out=str(apart))
    every = Execution(micro_batch=2, device="cpu", save_every=1, patience=2)
    run(edits, tmp_path / "run", choice=choice, execution=every,
        optimization=replace(EXACT, max_steps=2))  # fmt: skip
    _, outcome = run(edits, tmp_path / "run", choice=choice, execution=every)
    assert (outcome.steps, outcome.best) == (3, (1, 2.0))


def test_the_newest_checkpoints_stay(edits: Path, tmp_path: Path) -> None:
    every = Execution(micro_batch=2, device="cpu", save_every=1, keep_checkpoints=2)
    run(edits, tmp_path / "run", execution=every)
    folders = sorted((tmp_path / "run" / CHECKPOINTS).iterdir())
    assert [(one.name, (one / "optimizer.pt").exists()) for one in folders] == [
        ("step-000007", False), ("step-000008", True),
    ]  # fmt: skip


def test_activations_computed_again_change_no_loss(edits: Path, tmp_path: Path) -> None:
    expected, _ = run(edits, tmp_path / "one")
    again = replace(HERE, gradient_checkpointing=True)
    loaded = load_model("tiny", dtype="float64")
    found, _ = run(edits, tmp_path / "two", execution=again, loaded=loaded)
    assert loaded.model.is_gradient_checkpointing
    assert losses(found) == pytest.approx(losses(expected), abs=1e-12)
    assert [step.grad_norm for step in found] == pytest.approx(
        [step.grad_norm for step in expected], rel=1e-9
    )


def test_clipping_bounds_the_gradient_of_the_mean_loss(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    norms: list[float] = []
    step = torch.optim.AdamW.step

    def noted(self: Any, *given: Any, **named: Any) -> Any:
        grads = [p.grad for group in self.param_groups for p in group["params"]]
        norms.append(float(torch.nn.utils.get_total_norm(grads)))
        return step(self, *given, **named)

    monkeypatch.setattr(torch.optim.AdamW, "step", noted)
    values = replace(EXACT, max_grad_norm=0.01, max_steps=3)
    metrics, _ = run(edits, tmp_path / "run", optimization=values)
    trained = [one.trained_tokens for one in metrics]
    assert norms == pytest.approx([0.01 * n for n in trained], rel=1e-4)
    assert all(one.grad_norm > norm for one, norm in zip(metrics, norms, strict=True))


CHAT = (
    "{% for m in messages %}<u>{{ m['content'] }}</u>\n{% endfor %}"
    "{% if add_generation_prompt %}<a>{% endif %}"
)


def in_chat() -> LoadedModel:
    loaded = load_model("tiny", dtype="float64")
    loaded.tokenizer.chat_template = CHAT
    return loaded


@pytest.mark.parametrize("target", ["edits", "whole"])
def test_a_model_is_asked_in_the_chat_that_it_was_trained_in(
    edits: Path, tmp_path: Path, target: str
) -> None:
    loaded = in_chat()
    choice = DataChoice(target=target, epochs=1, in_chat=True)  # type: ignore[arg-type]
    plan = plan_fine_tuning([edits], loaded, data=choice, optimization=EXACT, execution=HERE)
    first = next(iter(plan.feed.steps(0))).rows[0][0]
    marker = "<|diff|>" if target == "edits" else ""
    assert loaded.encoder.decode(first.ids[: first.n_prompt]).endswith("</u>\n<a>")
    assert loaded.encoder.decode(first.ids).count("<u>") == 1
    short = replace(EXACT, max_steps=1)
    _, outcome = run(edits, tmp_path / "run", loaded=loaded, choice=choice, optimization=short)
    trained = load_model(str(outcome.model_folder))
    assert trained.encoder.in_chat
    text = model_text(
        "m", trained.tokenizer, trained.encoder, context_length=trained.context_length
    )
    instruction = loaded.encoder.decode(first.ids[: first.n_prompt])[3:-8]
    asked = text.stepwise_prompt if target == "edits" else text.whole_prompt
    prompt = asked(instruction)
    assert trained.encoder.decode(prompt) == f"<u>{instruction}</u>\n<a>{marker}"
    assert prompt == first.ids[: len(prompt)].tolist()


def test_a_model_trained_without_a_chat_is_asked_without(edits: Path, tmp_path: Path) -> None:
    _, outcome = run(edits, tmp_path / "run", loaded=in_chat(),
                     optimization=replace(EXACT, max_steps=1))  # fmt: skip
    trained = load_model(str(outcome.model_folder))
    assert (trained.tokenizer.chat_template, trained.encoder.in_chat) == (None, False)


def test_an_instruction_that_spells_special_tokens_is_text_in_a_chat() -> None:
    loaded = in_chat()
    loaded.tokenizer.init_kwargs["lintseq_chat"] = True
    ids = loaded.encoder.prompt_ids("Print <|endoftext|> and <|diff|>.", edits=True)
    assert ids.count(loaded.encoder.eos_id) == 0
    assert ids.count(loaded.encoder.diff_id) == 1
    assert loaded.encoder.decode(ids) == "<u>Print <|endoftext|> and <|diff|>.</u>\n<a><|diff|>"


def test_a_chat_without_a_template_is_refused(edits: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="tiny: its tokenizer has no chat template; train without"):
        run(edits, tmp_path / "run", choice=dataclasses.replace(FOUR_EPOCHS, in_chat=True))


def test_a_card_says_how_the_model_was_made(edits: Path, apart: Path, tmp_path: Path) -> None:
    choice = replace(FOUR_EPOCHS, held_out=str(apart))
    metrics, outcome = run(edits, tmp_path / "run", choice=choice)
    card = (outcome.model_folder / "README.md").read_text()
    assert card.startswith("---\nlibrary_name: transformers\n")
    for line in (
        "| base | tiny |",
        "| writes | edits, unified |",
        "| asked | with the instruction and a line break; no chat template |",
        f"| training | 8 steps, {metrics[-1].trained_tokens_total:,} trained tokens |",
        "| learning rate | 0.005, linear |",
        f"| held-out loss | {metrics[-1].held_out_loss:.4f} nats a token |",
    ):
        assert f"{line}\n" in card
    assert str(tmp_path) not in card and not math.isnan(metrics[-1].loss)


def test_the_command_ends_early_and_says_so(
    edits: Path, apart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, [2.0, 3.0])
    given = ["train", str(edits), "-o", str(tmp_path / "run"), *COMMAND, "--held-out", str(apart)]
    done = CliRunner().invoke(app, [*given, "--patience", "1", "--save-every", "1"])
    assert done.exit_code == 0, done.output
    assert done.stderr.endswith(
        "lintseq: note: ended early; the model is that of step 1: held-out loss 2.0000 a token\n"
    )
    assert ", 2 more held out" in done.stderr
