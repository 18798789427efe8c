from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lintseq_core.errors import LintSeqError
from lintseq_core.generation import numpy_draws, torch_draws
from lintseq_core.generation.sampling import SamplingSettings

SETTINGS = [
    SamplingSettings(temperature, top_p, min_p)
    for temperature in (0.0, 0.3, 0.8, 1.0, 1.7)
    for top_p in (0.2, 0.95, 1.0)
    for min_p in (0.0, 0.1)
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_ids_are_torchs_for_the_same_logits_and_uniforms(settings: SamplingSettings) -> None:
    draw = np.random.default_rng(0)
    logits = (draw.normal(size=(1_000, 768)) * draw.uniform(0, 8, (1_000, 1))).astype(np.float32)
    logits[::3] = logits[::3].round(1)  # tokens that are alike
    logits[::5, 100:] = -np.inf  # tokens without a chance
    uniforms = draw.uniform(size=1_000).tolist()
    uniforms[:2] = [0.0, 1 - 2**-53]
    ids, log_probs, entropies = numpy_draws.draw_tokens(logits, uniforms, settings)
    expected = torch_draws.draw_tokens(torch.from_numpy(logits), uniforms, settings)
    assert ids == expected[0]
    assert log_probs == pytest.approx(expected[1], abs=1e-5)
    assert entropies == pytest.approx(expected[2], abs=1e-5)
    assert np.isfinite(log_probs).all()


def test_figures_are_the_models_own_whatever_is_cut_off() -> None:
    probs = [0.05, 0.4, 0.25, 0.2, 0.1]
    logits = np.log(np.float32([probs]))
    for settings in (SamplingSettings(1.0, 0.3), SamplingSettings(0.0), SamplingSettings(0.3)):
        (token,), (log_prob,), (entropy,) = numpy_draws.draw_tokens(logits, [0.5], settings)
        assert log_prob == pytest.approx(math.log(probs[token]), abs=1e-6)
        assert entropy == pytest.approx(-sum(p * math.log(p) for p in probs), abs=1e-6)


def test_the_ends_of_the_unit_interval_draw_tokens_that_have_a_chance() -> None:
    logits = np.float32([[-np.inf, 0.0, 0.0, -np.inf]] * 2)
    settings = SamplingSettings(1.0, 1.0)
    assert numpy_draws.draw_tokens(logits, [0.0, 1 - 2**-53], settings)[0] == [1, 2]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_logits_that_are_no_numbers_are_refused(wrong: float) -> None:
    with pytest.raises(LintSeqError, match="not finite"):
        numpy_draws.draw_tokens(np.float32([[0.0, wrong]]), [0.5], SamplingSettings())
