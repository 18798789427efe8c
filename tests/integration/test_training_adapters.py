"""Training an adapter instead of the weights, on the tiny model."""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from lintseq_core.cli import app
from lintseq_core.generation.vllm_backend import load_vllm
from lintseq_core.models.adapters import (
    BASE,
    CONFIG,
    WEIGHTS,
    add_adapter,
    base_sha256,
    compact_adapter,
)
from lintseq_core.models.errors import ModelError
from lintseq_core.models.load import DType, load_model
from lintseq_core.training.config import DataChoice, Execution, Optimization
from lintseq_core.training.errors import CheckpointError, TrainingError
from lintseq_core.training.loop import METRICS
from lintseq_core.training.metrics_log import read_metrics
from lintseq_core.training.run import plan_fine_tuning, run_plan
from tests.integration.test_training import build
from tests.unit.generation.vllm_standin import stand_in

VALUES = Optimization(learning_rate=2e-2, batch_size=4, precision="float64", seed=1, lora_rank=4)
PRECISIONS: tuple[DType, ...] = ("float32", "float64", "bfloat16")
HERE = Execution(micro_batch=2, device="cpu", save_every=2)


@pytest.fixture(scope="module")
def edits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("data"), "edits.jsonl")


def train(
    edits: Path, output: Path, values: Optimization = VALUES, steps: int = 6, **data: int
) -> list[float]:
    torch.set_num_threads(1)
    loaded = load_model("tiny", dtype="float64")
    choice = DataChoice(steps=steps, **data)
    plan = plan_fine_tuning([edits], loaded, data=choice, optimization=values, execution=HERE)
    run_plan(plan, loaded, output, optimization=values, execution=HERE)
    return [step.loss for step in read_metrics(output / METRICS)]


def test_an_adapter_that_is_not_trained_changes_nothing() -> None:
    ids = torch.tensor([[5, 80, 81, 82, 7]])
    plain = load_model("tiny", dtype="float64")
    expected = plain.model(ids).logits
    adapted = add_adapter(plain, rank=3)
    assert torch.equal(adapted.model(ids).logits, expected)


def test_only_the_adapter_is_trained_and_the_loss_falls(edits: Path, tmp_path: Path) -> None:
    losses = train(edits, tmp_path, steps=40)
    assert losses[-1] < losses[0] - 0.4
    weights = (tmp_path / "model" / WEIGHTS).stat().st_size
    assert weights < 250_000
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == sorted(
        [CONFIG, WEIGHTS, BASE, "README.md"]
    )


def test_a_loaded_adapter_is_the_model_that_was_trained(edits: Path, tmp_path: Path) -> None:
    """Merging changes sums of floats, so the logits agree to 1e-9 and not bit by bit."""
    train(edits, tmp_path)
    ids = torch.tensor([[5, 80, 81, 82, 7]])
    merged = load_model(str(tmp_path / "model"), dtype="float64")
    assert not merged.marker_was_added
    assert merged.name == str(tmp_path / "model")
    plain = load_model("tiny", dtype="float64")
    before = plain.model(ids).logits
    import peft

    apart = peft.PeftModel.from_pretrained(plain.model, str(tmp_path / "model"))
    torch.testing.assert_close(merged.model(ids).logits, apart(ids).logits, rtol=0, atol=1e-9)
    assert (merged.model(ids).logits - before).abs().max() > 1e-3


def test_a_resumed_adapter_has_the_losses_of_one_that_was_never_stopped(
    edits: Path, tmp_path: Path
) -> None:
    whole = train(edits, tmp_path / "whole")
    train(edits, tmp_path / "parts", replace(VALUES, max_steps=3))
    assert train(edits, tmp_path / "parts") == pytest.approx(whole, abs=1e-6)


def test_a_checkpoint_of_all_weights_is_not_continued_as_an_adapter(
    edits: Path, tmp_path: Path
) -> None:
    train(edits, tmp_path, replace(VALUES, lora_rank=None, max_steps=2))
    with pytest.raises(CheckpointError, match="lora_rank was None, is 4"):
        train(edits, tmp_path)


def test_steps_say_when_a_run_and_its_schedule_end(edits: Path, tmp_path: Path) -> None:
    train(edits, tmp_path, steps=5)
    metrics = list(read_metrics(tmp_path / METRICS))
    assert [step.total_steps for step in metrics] == [5] * 5
    assert metrics[-1].learning_rate == pytest.approx(VALUES.learning_rate / 5)


@pytest.mark.parametrize(
    "given",
    [
        {"steps": 3, "epochs": 2},
        {"steps": 3, "match": "tokens", "token_budget": 9},
        {"epochs": 3, "match": "tokens", "token_budget": 9},
    ],
)
def test_two_ends_of_a_run_at_once_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match="say when a run ends: give one"):
        DataChoice(**given)


def test_an_adapter_of_unknown_base_is_refused(edits: Path, tmp_path: Path) -> None:
    train(edits, tmp_path, steps=2)
    (tmp_path / "model" / BASE).unlink()
    with pytest.raises(ModelError, match="its base model and prompts are not known"):
        load_model(str(tmp_path / "model"))


def test_an_adapter_of_another_shape_is_refused(edits: Path, tmp_path: Path) -> None:
    train(edits, tmp_path, steps=2)
    config = tmp_path / "model" / CONFIG
    config.write_text(json.dumps(json.loads(config.read_text()) | {"r": 2}))
    with pytest.raises(ModelError, match="does not fit tiny"):
        load_model(str(tmp_path / "model"))


def test_the_command_trains_an_adapter_and_generates_with_it(edits: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    run = tmp_path / "run"
    command = ["train", str(edits), "-o", str(run), "--lora", "4", "--lr", "0.01"]
    done = runner.invoke(app, [*command, "--steps", "2", "--batch-size", "4", "--device", "cpu"])
    assert done.exit_code == 0, done.output
    asked = ["generate", "Double a number.", "--model", str(run / "model"), "--stepwise"]
    done = runner.invoke(app, [*asked, "--max-tokens", "5", "--device", "cpu"])
    assert done.exit_code == 0, done.output


def test_a_compact_adapter_is_half_as_large_and_nearly_the_same(
    edits: Path, tmp_path: Path
) -> None:
    train(edits, tmp_path)
    compact_adapter(tmp_path / "model", tmp_path / "compact")
    size, small = ((tmp_path / name / WEIGHTS).stat().st_size for name in ("model", "compact"))
    assert small < 0.4 * size  # from float64 here
    ids = torch.tensor([[5, 80, 81, 82, 7]])
    expected = load_model(str(tmp_path / "model"), dtype="float32").model(ids).logits
    found = load_model(str(tmp_path / "compact"), dtype="float32").model(ids).logits
    torch.testing.assert_close(found, expected, rtol=0, atol=0.05)


def test_vllm_is_given_an_adapter_merged_into_its_base(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(edits, tmp_path, steps=2)
    monkeypatch.setitem(sys.modules, "vllm", stand_in())
    name = str(tmp_path / "model")
    loaded = load_vllm(name)
    folder = loaded.engine.options["model"]
    assert loaded.text.name == name
    assert loaded.knows_marker
    ids = torch.tensor([[5, 80, 81, 82, 7]])
    merged, expected = load_model(folder), load_model(name)
    torch.testing.assert_close(merged.model(ids).logits, expected.model(ids).logits)
    assert Path(folder).is_dir()
    del loaded
    gc.collect()
    assert not Path(folder).exists()


def test_a_marker_that_is_new_to_a_model_gets_a_row_that_is_kept(
    edits: Path, tmp_path: Path
) -> None:
    """As with SmolLM2: the row of the marker is trained, in the input and the tied output."""
    known = load_model("tiny", dtype="float64")
    ids = torch.tensor([[5, 80, known.encoder.diff_id, 82, 7]])
    loaded = replace(known, marker_was_added=True)
    row = loaded.model.get_input_embeddings().weight[known.encoder.diff_id].clone()
    plan = plan_fine_tuning(
        [edits], loaded, data=DataChoice(steps=4), optimization=VALUES, execution=HERE
    )
    run_plan(plan, loaded, tmp_path, optimization=VALUES, execution=HERE)
    merged = load_model(str(tmp_path / "model"), dtype="float64").model
    import peft

    plain = load_model("tiny", dtype="float64").model
    apart = peft.PeftModel.from_pretrained(plain, str(tmp_path / "model"))
    torch.testing.assert_close(merged(ids).logits, apart(ids).logits, rtol=0, atol=1e-9)
    new = merged.get_input_embeddings().weight[known.encoder.diff_id]
    assert (new - row).abs().max() > 1e-3
    assert torch.equal(new, merged.get_output_embeddings().weight[known.encoder.diff_id])


def merge(*given: str) -> Any:
    return CliRunner().invoke(app, ["models", "merge", *given])


def test_a_merged_model_is_the_model_with_its_adapter(edits: Path, tmp_path: Path) -> None:
    train(edits, tmp_path)
    folder, merged = str(tmp_path / "model"), tmp_path / "merged"
    done = merge(folder, "-o", str(merged), "--precision", "float32")
    assert done.stdout == f"{merged}\n"
    ids = torch.tensor([[5, 80, 81, 82, 7]])
    found = load_model(str(merged))
    assert found.edit_format == "unified"
    expected = load_model(folder, dtype="float32").model(ids).logits
    torch.testing.assert_close(found.model(ids).logits, expected, rtol=0, atol=1e-6)
    assert not (merged / CONFIG).exists()
    assert "needs no base any more" in (merged / "README.md").read_text()
    again = merge(folder, "-o", str(merged))
    assert str(again.exception) == f"{merged} holds a model already; give another folder"
    small = merge(folder, "-o", str(tmp_path / "small"))
    assert small.exit_code == 0
    weights = load_model(str(tmp_path / "small")).model
    assert {one.dtype for one in weights.parameters()} == {torch.bfloat16}


def test_an_adapter_of_another_base_is_refused(edits: Path, tmp_path: Path) -> None:
    """Of the same shape, so that only its weights tell."""
    train(edits, tmp_path, steps=2)
    other = load_model("tiny", seed=7)
    other.model.save_pretrained(tmp_path / "other")
    other.tokenizer.save_pretrained(tmp_path / "other")
    folder, base = str(tmp_path / "model"), str(tmp_path / "other")
    refused = merge(folder, "-o", str(tmp_path / "merged"), "--base", base)
    assert str(refused.exception) == (
        f"{folder}: an adapter for the weights of tiny, and those of {base} are others; give the "
        "base it was trained on"
    )
    assert not (tmp_path / "merged").exists()


def test_an_adapter_from_before_its_base_had_a_hash_is_merged(edits: Path, tmp_path: Path) -> None:
    train(edits, tmp_path, steps=2)
    about = tmp_path / "model" / BASE
    known = json.loads(about.read_text())
    del known["base_sha256"]
    about.write_text(json.dumps(known))
    assert load_model(str(tmp_path / "model")).edit_format == "unified"


def test_the_hash_of_a_base_does_not_depend_on_its_precision() -> None:
    hashes = {base_sha256(load_model("tiny", dtype=one).model) for one in PRECISIONS}
    assert len(hashes) == 1
    assert base_sha256(load_model("tiny", seed=7).model) not in hashes


def test_a_whole_model_is_no_adapter_to_merge(tmp_path: Path) -> None:
    refused = merge("tiny", "-o", str(tmp_path / "merged"))
    assert str(refused.exception) == (
        "tiny: not an adapter; give the folder that 'lintseq train --lora' left"
    )


def test_an_adapter_is_asked_in_the_chat_that_it_was_trained_in(
    edits: Path, tmp_path: Path
) -> None:
    base = load_model("tiny", dtype="float64")
    base.tokenizer.chat_template = "<u>{{ messages[0]['content'] }}</u>"
    base.model.save_pretrained(tmp_path / "base")
    base.tokenizer.save_pretrained(tmp_path / "base")
    loaded = load_model(str(tmp_path / "base"), dtype="float64")
    choice = DataChoice(steps=1, in_chat=True)
    plan = plan_fine_tuning([edits], loaded, data=choice, optimization=VALUES, execution=HERE)
    run_plan(plan, loaded, tmp_path, optimization=VALUES, execution=HERE)
    assert json.loads((tmp_path / "model" / BASE).read_text())["schema"] == 3
    found = load_model(str(tmp_path / "model"))
    ids = found.encoder.prompt_ids("Say hi.", edits=True)
    assert found.encoder.decode(ids) == "<u>Say hi.</u><|diff|>"
