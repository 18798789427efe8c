"""The estimate of memory: its parts, and what a process really takes."""

from __future__ import annotations

import sys
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.models.load import load_outline
from lintseq_core.models.loaded import ModelOutline
from lintseq_core.models.presets import find_preset, preset_config
from lintseq_core.training import memory
from lintseq_core.training.config import Execution, Optimization
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.memory import TOLERANCE, estimate_memory, require_room
from lintseq_core.training.packing import PassSize
from tests.unit.training.small_models import small_config, small_model

PERF = Path(__file__).resolve().parents[3] / "perf"
EXACT = Optimization(1e-3, precision="float32")
HERE = Execution(4, device="cpu")


SIZE = PassSize(4, 64)


def estimate(config: Any, size: PassSize = SIZE, **given: Any) -> Any:
    execution = replace(HERE, gradient_checkpointing=given.pop("again", False))
    shards = given.pop("n_shards", None)
    return estimate_memory(
        config, size, optimization=replace(EXACT, **given), execution=execution, n_shards=shards
    )


@pytest.fixture(scope="module")
def llama() -> Any:
    config = small_config("llama", {})
    config.num_hidden_layers = 1
    return config


def test_weights_gradients_and_optimizer_are_counted(llama: Any) -> None:
    size = 4 * sum(one.numel() for one in small_model(llama).parameters())
    found = estimate(llama)
    assert (found.weights, found.gradients, found.optimizer) == (size, size, 2 * size)
    assert found.gathered == 0
    exact = estimate(llama, precision="float64")
    assert (exact.weights, exact.logits) == (2 * size, 2 * found.logits)
    muon = estimate(llama, optimizer="muon")
    assert size < muon.optimizer < found.optimizer


def test_logits_are_three_times_the_vocabulary_for_each_token(llama: Any) -> None:
    """Log-probabilities, their gradient, and that of the logits, in float32 whatever a pass is in."""
    llama = copy(llama)
    llama.vocab_size = 20_000  # else there is more in a layer than in the logits
    count = 4 * 64 * llama.vocab_size
    assert estimate(llama).logits == 3 * 4 * count
    assert estimate(llama, precision="bf16").logits == 3 * 4 * count


@pytest.mark.parametrize("kind", ["llama", "gemma2"])
def test_activations_grow_with_rows_and_shrink_when_computed_again(kind: str) -> None:
    config = small_config(kind, {"head_dim": 8})
    small, large = (estimate(config, PassSize(rows, 64)) for rows in (4, 8))
    assert large.activations == pytest.approx(2 * small.activations, rel=0.15)
    assert estimate(config, again=True).activations < 0.7 * small.activations


def test_an_adapter_needs_no_gradients_of_frozen_weights(llama: Any) -> None:
    whole, found = estimate(llama), estimate(llama, lora_rank=1)
    assert found.weights > whole.weights
    assert found.gradients < 0.2 * whole.gradients
    assert found.optimizer == 2 * found.gradients
    half = estimate(llama, lora_rank=1, precision="bf16")
    assert half.weights == pytest.approx(whole.weights / 2 + 2 * found.gradients / 2, rel=0.1)


def test_fsdp_shares_out_what_stays_and_gathers_a_layer(llama: Any) -> None:
    whole, found = estimate(llama), estimate(llama, n_shards=4)
    assert found.weights == whole.weights / 4
    assert found.optimizer == whole.optimizer / 4
    assert found.logits == whole.logits
    head = 259 * 32
    layer = sum(one.numel() for one in small_model(llama).model.layers.parameters())
    assert found.gathered == 4 * (head + layer) + 4 * max(head, layer)


def test_nothing_is_made_of_a_model_of_fourteen_billion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of its forty layers, in their full width: 5 GB, were they made."""
    preset = find_preset("phi-3-medium")
    assert preset is not None
    config = preset_config(preset, num_hidden_layers=2)
    peak = _peak_rss()
    found = estimate(config, PassSize(1, 1_024))
    assert found.weights > 3.5e9
    assert _peak_rss() - peak < 0.5e9


def _peak_rss() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def outline() -> ModelOutline:
    return replace(load_outline("tiny"), name="a-model")


def test_a_model_that_does_not_fit_is_refused_with_the_remedies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    need = estimate(outline().config).total
    monkeypatch.setattr(memory, "free_memory", lambda _: need / 2)
    with pytest.raises(TrainingError) as caught:
        require_room(outline(), PassSize(4, 64), EXACT, HERE)
    said = str(caught.value)
    assert said.startswith("a-model does not fit: a step of 4 rows of 64 tokens needs about 5.")
    assert "MB on cpu (weights 0.4 MB, gradients 0.4 MB, optimizer state 0.7 MB, " in said
    assert said.endswith(
        "MB are free there; lower --micro-batch, or use --gradient-checkpointing, --lora RANK, a "
        "smaller model, or several GPUs with FSDP (docs/training.md)"
    )
    assert "\n" not in said
    for free in (need / (1 + TOLERANCE / 2), 2 * need, None):
        monkeypatch.setattr(memory, "free_memory", lambda _, free=free: free)
        require_room(outline(), PassSize(4, 64), EXACT, HERE)


def test_a_class_that_cannot_compute_again_is_refused() -> None:
    model = small_model(small_config("llama", {}))
    type(model).supports_gradient_checkpointing = False
    try:
        with pytest.raises(TrainingError, match="small: its class LlamaForCausalLM cannot compute"):
            memory.recompute_activations(model, "small")
    finally:
        del type(model).supports_gradient_checkpointing
    memory.recompute_activations(model, "small")
    assert model.training or model.eval() is model


def measured(setting: Any) -> tuple[float, float]:
    """GB estimated, and GB of a process."""
    module = _perf()
    return module.estimate(setting) / 1e9, module.measured_bytes(setting) / 1e9


def _perf() -> Any:
    sys.path.insert(0, str(PERF))
    try:
        import memory as measuring
    finally:
        sys.path.remove(str(PERF))
    return measuring


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peaks are told by /proc")
def test_a_small_process_takes_what_the_estimate_says() -> None:
    setting = _perf().Setting(50_304, 64, 2, 2, 128)
    estimated, found = measured(setting)
    assert estimated == pytest.approx(found, rel=TOLERANCE)


@pytest.mark.full
@pytest.mark.timeout(1_200)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peaks are told by /proc")
def test_processes_take_what_the_estimate_says() -> None:
    """30 to 150 million parameters, two vocabularies, with and without activations kept."""
    settings = _perf().SETTINGS
    assert len(settings) >= 6 and {one.vocabulary for one in settings} == {50_304, 256_000}
    found = {setting: measured(setting) for setting in settings}
    off = {setting: guess / real - 1 for setting, (guess, real) in found.items()}
    assert all(abs(one) <= TOLERANCE for one in off.values()), off
