from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
import torch

from lintseq_core.errors import LintSeqError
from lintseq_core.generation import torch_draws
from lintseq_core.generation.sampling import SamplingSettings, batches, sample_rngs
from lintseq_core.generation.torch_draws import draw_tokens, mask_logits

PROBS = [0.05, 0.4, 0.25, 0.2, 0.1]
GRID = [(step + 0.5) / 1_000 for step in range(1_000)]


def shares(settings: SamplingSettings, probs: list[float] = PROBS) -> dict[int, float]:
    """How often each token is drawn over evenly spaced uniforms."""
    logits = torch.tensor(probs, dtype=torch.float64).log().expand(len(GRID), -1)
    ids, _, _ = draw_tokens(logits, GRID, settings)
    return {token: count / len(GRID) for token, count in sorted(Counter(ids).items())}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (SamplingSettings(1.0, 1.0, 0.0), dict(enumerate(PROBS))),
        (SamplingSettings(0.0, 1.0, 0.0), {1: 1.0}),
        (SamplingSettings(1.0, 0.39, 0.0), {1: 1.0}),
        (SamplingSettings(1.0, 0.41, 0.0), {1: 0.4 / 0.65, 2: 0.25 / 0.65}),
        (SamplingSettings(1.0, 0.9, 0.0), {1: 0.4 / 0.95, 2: 0.25 / 0.95, 3: 0.2 / 0.95, 4: 0.1 / 0.95}),
        (SamplingSettings(1.0, 1.0, 0.5), {1: 0.4 / 0.85, 2: 0.25 / 0.85, 3: 0.2 / 0.85}),
        (SamplingSettings(1.0, 0.41, 0.7), {1: 1.0}),
        (SamplingSettings(0.5, 1.0, 0.0), {i: p**2 / sum(q**2 for q in PROBS) for i, p in enumerate(PROBS)}),
    ],
)  # fmt: skip
def test_tokens_are_drawn_in_the_proportions_asked_for(
    settings: SamplingSettings, expected: dict[int, float]
) -> None:
    found = shares(settings)
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, abs=0.0021)


def test_figures_are_the_models_own_whatever_is_cut_off() -> None:
    logits = torch.tensor([PROBS], dtype=torch.float64).log()
    entropy = -sum(p * math.log(p) for p in PROBS)
    for settings in (SamplingSettings(1.0, 0.3), SamplingSettings(0.0), SamplingSettings(0.3)):
        (token,), (log_prob,), (found,) = draw_tokens(logits, [0.5], settings)
        assert log_prob == pytest.approx(math.log(PROBS[token]))
        assert found == pytest.approx(entropy)


def test_a_mask_draws_what_it_allows_and_says_what_it_took() -> None:
    logits = torch.tensor([PROBS] * 2, dtype=torch.float64).log()
    all_of_them = np.ones(len(PROBS), dtype=bool)
    few = np.zeros(len(PROBS), dtype=bool)
    few[[1, 3]] = True
    masked, nats = mask_logits(logits, [all_of_them, few])
    assert nats == pytest.approx([0.0, -math.log(PROBS[1] + PROBS[3])])
    settings = SamplingSettings(1.0, 1.0)
    ids, log_probs, _ = draw_tokens(masked, [0.0, 0.0], settings)
    assert ids[1] == 1
    assert log_probs[1] - nats[1] == pytest.approx(math.log(PROBS[1]))  # the model's own
    assert {draw_tokens(masked, [0.0, u], settings)[0][1] for u in GRID} == {1, 3}
    assert draw_tokens(masked, [0.5, 0.5], SamplingSettings(0.0))[0][1] == int(
        max((1, 3), key=lambda index: PROBS[index])
    )


def test_the_ends_of_the_unit_interval_draw_tokens_that_have_a_chance() -> None:
    logits = torch.tensor([[-torch.inf, 0.0, 0.0, -torch.inf]] * 2)
    assert draw_tokens(logits, [0.0, 1 - 2**-53], SamplingSettings(1.0, 1.0))[0] == [1, 2]


def test_a_flat_vocabulary_longer_than_the_short_list_is_cut_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logits = torch.linspace(0, 1, 50, dtype=torch.float64).expand(len(GRID), -1)
    settings = SamplingSettings(1.0, 0.9)
    long = draw_tokens(logits, GRID, settings)
    monkeypatch.setattr(torch_draws, "_SHORT_LIST", 4)
    assert draw_tokens(logits, GRID, settings) == long


def test_a_sample_has_the_stream_of_its_prompt_seed_and_index_alone() -> None:
    many = [rng.random() for rng in sample_rngs("p", seed=1, indices=range(5)).values()]
    assert [rng.random() for rng in sample_rngs("p", seed=1, indices=[3, 1]).values()] == [
        many[3],
        many[1],
    ]
    others = [sample_rngs("q", seed=1, indices=[0]), sample_rngs("p", seed=2, indices=[0])]
    assert len({*many, *(rngs[0].random() for rngs in others)}) == 7


def test_batches_hold_every_sample_once() -> None:
    assert batches([range(5)], 2) == [[(0, [0, 1])], [(0, [2, 3])], [(0, [4])]]
    assert batches([range(5)], None) == batches([range(5)], 9) == [[(0, [0, 1, 2, 3, 4])]]
    assert batches([range(2), [], [0, 4, 5]], 4) == [[(0, [0, 1]), (2, [0, 4])], [(2, [5])]]
    assert batches([[0], [1]], 4, mixes=False) == [[(0, [0])], [(1, [1])]]
    # Unasked: tasks whole, together up to 64 samples.
    assert [len(batch) for batch in batches([[0]] * 130, None)] == [64, 64, 2]
    assert [len(batch) for batch in batches([range(40)] * 2 + [range(100), [0]], None)] == [1] * 4


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("temperature", -0.1, "temperature is -0.1; expected 0 or more"),
        ("temperature", math.nan, "temperature is nan; expected 0 or more"),
        ("temperature", math.inf, "temperature is inf; expected 0 or more"),
        ("top_p", 0.0, "top_p is 0.0; expected above 0 and at most 1"),
        ("top_p", 1.01, "top_p is 1.01; expected above 0 and at most 1"),
        ("min_p", -1.0, "min_p is -1.0; expected from 0 to 1"),
        ("max_tokens", 0, "max_tokens is 0; expected 1 or more"),
    ],
)
def test_settings_out_of_range_are_refused(field: str, value: float, message: str) -> None:
    with pytest.raises(LintSeqError) as error:
        SamplingSettings(**{field: value})  # type: ignore[arg-type]
    assert str(error.value) == message


def test_logits_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(LintSeqError, match="not finite"):
        draw_tokens(torch.tensor([[0.0, torch.nan]]), [0.5], SamplingSettings())
