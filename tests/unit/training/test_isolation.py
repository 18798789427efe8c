from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from lintseq_core.models.presets import find_preset
from lintseq_core.training.encode import Encoded
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.isolation import require_isolation
from lintseq_core.training.packing import MicroBatch, Row, pack, stack
from tests.unit.training.small_models import (
    PRESET_NAMES,
    SMALL,
    WINDOW,
    saved,
    small_config,
    small_model,
    small_preset_config,
)

PAD = 257
SIZES = [(40, 7), (22, 0), (9, 3), (31, 30), (17, 5), (1, 0), (2, 1)]
"""Tokens of each example, most over a window, and of its prompt."""
CPU = torch.device("cpu")


def examples(seed: int = 0) -> list[Encoded]:
    rng = np.random.default_rng(seed)
    return [Encoded(rng.integers(0, 256, size).astype(np.int32), n) for size, n in SIZES]


def logits(model: Any, batch: MicroBatch) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(
            input_ids=batch.input_ids,
            position_ids=batch.position_ids,
            use_cache=False,
        ).logits
    return found


def of_each(model: Any, rows: list[Row]) -> dict[bytes, tuple[torch.Tensor, torch.Tensor]]:
    """Logits and losses of each example in a batch of `rows`, by its ids."""
    batch = stack(rows, PAD)
    found = logits(model, batch)
    losses = torch.zeros(batch.labels.shape, dtype=torch.float64)
    losses[:, 1:] = cross_entropy(
        found[:, :-1].transpose(1, 2), batch.labels[:, 1:], reduction="none"
    )
    parts = {}
    for index, row in enumerate(rows):
        start = 0
        for example in row:
            stop = start + len(example.ids)
            parts[example.ids.tobytes()] = (found[index, start:stop], losses[index, start:stop])
            start = stop
    return parts


@pytest.mark.parametrize("attention", [None, "eager"])
@pytest.mark.parametrize("name", PRESET_NAMES)
def test_packed_equals_padded_for_every_preset(name: str, attention: str | None) -> None:
    preset = find_preset(name)
    assert preset is not None
    model = small_model(small_preset_config(preset), attention=attention)
    given = examples()
    rows = pack(given, 64)
    assert max(len(row) for row in rows) > 1
    packed = of_each(model, rows)
    padded = of_each(model, [(example,) for example in given])
    for example in given:
        alone = of_each(model, [(example,)])
        key = example.ids.tobytes()
        for found in (packed[key], padded[key]):
            for values, expected in zip(found, alone[key], strict=True):
                torch.testing.assert_close(values, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_no_token_of_a_packed_row_sees_later_ones_for_every_preset(name: str) -> None:
    preset = find_preset(name)
    assert preset is not None
    model = small_model(small_preset_config(preset))
    given = examples()
    row = tuple(given[at] for at in (1, 3, 2))
    changed = Encoded(np.r_[given[3].ids[:20], given[0].ids[:11]].astype(np.int32), 0)
    before, after = (
        logits(model, stack([(row[0], middle, row[2])], PAD))[0] for middle in (row[1], changed)
    )
    seen = 22 + 20
    torch.testing.assert_close(before[:seen], after[:seen], atol=1e-9, rtol=0)
    assert (before[seen : 22 + 31] - after[seen : 22 + 31]).abs().max() > 0.1


def test_the_presets_with_a_window_are_tried_beyond_it() -> None:
    found = set()
    for name in PRESET_NAMES:
        preset = find_preset(name)
        assert preset is not None
        if getattr(small_preset_config(preset), "sliding_window", None) == WINDOW:
            found.add(name)
    assert found == {"gemma-2-2b", "phi-3-mini", "phi-3-medium"}


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_every_preset_passes_the_trial_of_a_packed_run(name: str, tmp_path: Path) -> None:
    preset = find_preset(name)
    assert preset is not None
    loaded = saved(tmp_path, small_model(small_preset_config(preset)))
    loaded.model.train()
    require_isolation(loaded.model, loaded, packs=True, device=CPU)
    assert loaded.model.training
    loaded.model.to(torch.bfloat16)
    require_isolation(loaded.model, loaded, packs=True, device=CPU)


NOT_KEPT_APART = [
    ("mamba", {}, "MambaForCausalLM"),
    ("bloom", {"n_layer": 2, "n_head": 4}, "BloomForCausalLM, eager attention"),
    ("opt", {"ffn_dim": 64, "word_embed_proj_dim": 32}, "OPTForCausalLM, sdpa attention"),
]


@pytest.mark.parametrize("kind, fields, described", NOT_KEPT_APART)
def test_a_model_that_cannot_keep_examples_apart_is_refused_packed_and_trains_padded(
    kind: str, fields: dict[str, Any], described: str, tmp_path: Path
) -> None:
    loaded = saved(tmp_path, small_model(small_config(kind, fields)))
    require_isolation(loaded.model, loaded, packs=False, device=CPU)
    with pytest.raises(TrainingError) as caught:
        require_isolation(loaded.model, loaded, packs=True, device=CPU)
    assert str(caught.value).startswith(f"{tmp_path} ({described}")
    assert str(caught.value).endswith(
        "): examples that share a row are not kept apart, so packed losses would not be those of "
        "examples alone; train with --padding (packing=False)"
    )


@pytest.mark.parametrize("packs", [False, True])
def test_a_model_whose_tokens_see_later_ones_is_refused(packs: bool, tmp_path: Path) -> None:
    loaded = saved(tmp_path, small_model(small_config("bert", {})))
    with pytest.raises(TrainingError) as caught:
        require_isolation(loaded.model, loaded, packs=packs, device=CPU)
    assert str(caught.value) == (
        f"{tmp_path} (BertLMHeadModel, sdpa attention): a token sees those behind it, so training "
        "would teach it to copy them; give a causal language model"
    )


def test_logits_that_are_no_numbers_are_left_to_the_first_step(tmp_path: Path) -> None:
    loaded = saved(tmp_path, small_model(small_config("llama", SMALL)))
    with torch.no_grad():
        loaded.model.get_input_embeddings().weight.fill_(torch.nan)
    require_isolation(loaded.model, loaded, packs=True, device=CPU)
