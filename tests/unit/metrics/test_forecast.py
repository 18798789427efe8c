"""Forecasts by four models: fits against formulas, truths that are known, what cannot be fitted."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from lintseq_core.metrics import forecast as module
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.extrapolation import fit_beta_binomial
from lintseq_core.metrics.forecast import MODEL_NAMES, MODELS, forecast, rate_densities

KS = [20, 100, 1_000]


def drawn(rates: np.ndarray, n: int = 20, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.full(rates.size, n), rng.binomial(n, rates)


def beta_rates(a: float = 0.4, b: float = 1.2, problems: int = 400, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).beta(a, b, problems)


def test_shares_on_the_grid_are_those_of_the_distributions() -> None:
    for a, b in ((0.05, 0.3), (0.3, 1.2), (2.0, 5.0), (40.0, 900.0)):
        for k in (1, 30, 1_000):
            log = math.lgamma(b + k) - math.lgamma(b) - math.lgamma(a + b + k) + math.lgamma(a + b)
            found = module._beta(np.log([[a, b]])) @ module._solved([k])
            assert found == pytest.approx(1 - math.exp(log), abs=2e-3), (a, b, k)
    for a, b in ((0.05, 0.3), (0.3, 1.2), (2.0, 5.0), (8.0, 9_000.0)):
        shares = module._kumaraswamy(np.log([[a, b]]))[0]
        uniform = (np.arange(200_000) + 0.5) / 200_000
        rates = (1 - (1 - uniform) ** (1 / b)) ** (1 / a)
        for k in (1, 30, 1_000):
            expected = (1 - (1 - rates) ** k).mean()
            assert shares @ module._solved([k]) == pytest.approx(expected, abs=2e-3), (a, b, k)
        assert shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_a_beta_is_foreseen_by_every_model_but_the_curves(model: str) -> None:
    rates = beta_rates()
    truth = [float((1 - (1 - rates) ** k).mean()) for k in KS]
    (found,) = forecast(*drawn(rates), KS, [model], n_resamples=60)  # type: ignore[list-item]
    assert (found.low <= found.estimate).all() and (found.estimate <= found.high).all()
    assert (np.diff(found.estimate) > 0).all()
    assert found.estimate == pytest.approx(truth, abs=0.06)
    assert found.low[-1] < truth[-1] < found.high[-1] or model == "curve power law"


def test_the_models_agree_where_a_beta_is_right() -> None:
    n, c = drawn(beta_rates())
    beta, spike, _, tail = forecast(n, c, KS, n_resamples=20)
    assert beta.exponent == pytest.approx(fit_beta_binomial(n, c).alpha)
    assert spike.estimate == pytest.approx(beta.estimate, abs=0.02)
    assert tail.exponent == pytest.approx(beta.exponent, rel=0.15)
    assert spike.never < 0.05


def test_problems_that_are_never_solved_are_found() -> None:
    rng = np.random.default_rng(2)
    rates = np.where(rng.random(400) < 0.3, 0.0, rng.beta(2.0, 3.0, 400))
    _, spike, _, _ = forecast(*drawn(rates), [1_000], n_resamples=40)
    assert spike.never == pytest.approx((rates == 0).mean(), abs=0.05)
    assert spike.low[0] < (rates > 0).mean() < spike.high[0]


def test_a_spike_that_counts_do_not_rule_out_is_in_the_band() -> None:
    n, c = drawn(beta_rates(0.3, 3.0, 100))
    beta, spike, _, _ = forecast(n, c, [10_000], n_resamples=40)
    assert spike.high[0] - spike.low[0] > 1.5 * (beta.high[0] - beta.low[0])
    assert spike.low[0] < beta.estimate[0] < spike.high[0] + 0.02


def test_a_power_law_of_the_curve_is_continued() -> None:
    counts = module._Counts.of(np.array([50] * 200), np.random.default_rng(0).binomial(
        50, beta_rates(0.5, 2.0, 200)))  # fmt: skip
    values, exponent = module._by_power_law(counts, counts.problems[None, :], [10, 100, 1_000])
    steps = np.diff(np.log(-np.log(values[0])))
    assert steps == pytest.approx([-exponent[0] * math.log(10)] * 2, abs=1e-9)


def test_densities_hold_all_problems() -> None:
    n, c = drawn(beta_rates())
    for one in rate_densities(n, c):
        inside = np.trapezoid(one.density, np.log(one.rates))
        never = 0.0 if math.isnan(one.never) else one.never
        assert inside + never == pytest.approx(1.0, abs=0.03), one.model
    assert set(MODELS) == set(MODEL_NAMES)


def test_problems_may_have_different_numbers_of_samples() -> None:
    n = np.array([5, 20, 100, 7, 50, 20])
    for found in forecast(n, [1, 10, 20, 7, 0, 3], [200], n_resamples=10):
        assert 0 <= found.low[0] <= found.estimate[0] <= found.high[0] <= 1


@pytest.mark.parametrize(
    ("c", "ks", "message"),
    [
        ([0, 0], [9], "extrapolation: no sample passes; there is no distribution to fit"),
        ([4, 4], [9], "extrapolation: every sample passes; there is no distribution to fit"),
        ([1, 2], [0], "forecast: k = 0; k is at least 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused(c: list[int], ks: list[int], message: str) -> None:
    with pytest.raises(MetricError) as caught:
        forecast([4, 4], c, ks)
    assert str(caught.value) == message


@pytest.mark.timing
def test_four_models_take_under_a_second() -> None:
    n, c = drawn(beta_rates(problems=164))
    seconds = []
    for _ in range(3):
        start = time.process_time()
        forecast(n, c, KS)
        seconds.append(time.process_time() - start)
    print(f"four models: {1000 * min(seconds):.0f} ms")
    assert min(seconds) < 1.0
