"""The family of metrics against enumeration of all draws, and against scorio where it has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations
from math import comb, isnan, nan

import numpy as np
import pytest
import scorio

from lintseq_core.metrics import choosing
from lintseq_core.metrics.choosing import best_at_k, majority_at_k
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.metrics.repeated_sampling import (
    bayes_at_n,
    bayes_scores,
    g_pass_at_k,
    mg_pass_at_k,
    pass_at_cost,
    pass_hat_k,
)

TAUS = (0.0, 0.3, 0.5, 2 / 3, 0.7, 1.0)


def right_ones(n: int, c: int, k: int) -> Iterator[int]:
    """How many are right in each of the C(n, k) ways to draw k of n."""
    passed = [1] * c + [0] * (n - c)
    for drawn in combinations(range(n), k):
        yield sum(passed[one] for one in drawn)


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_each_metric_is_the_mean_over_all_draws(n: int) -> None:
    for c in range(n + 1):
        for k in range(1, n + 1):
            right = np.array(list(right_ones(n, c, k)))
            expected = {
                pass_at_k: (right > 0).mean(),
                pass_hat_k: (right == k).mean(),
                mg_pass_at_k: 2
                / k
                * sum((right >= i).mean() for i in range(-(-k // 2) + 1, k + 1)),
            }
            for metric, value in expected.items():
                assert metric(n, c, k) == pytest.approx(value, abs=1e-12), (metric, n, c, k)
            for tau in TAUS:
                least = next(j for j in range(1, k + 1) if j / k >= tau)
                expected_share = (right >= least).mean()
                assert g_pass_at_k(n, c, k, tau) == pytest.approx(expected_share, abs=1e-12)


def matrix(n: int, seed: int) -> np.ndarray:
    """Thirty problems: all and nothing solved, and what chance gives."""
    rng = np.random.default_rng(seed)
    chances = np.concatenate([[0.0, 1.0], rng.beta(0.5, 1.0, 28)])
    return (rng.random((30, n)) < chances[:, None]).astype(int)


@pytest.mark.parametrize("n", [3, 12, 50, 200])
def test_each_metric_is_scorios(n: int) -> None:
    found = matrix(n, n)
    c = found.sum(axis=1)
    theirs: dict[Callable[..., np.ndarray], Callable[..., float]] = {
        pass_at_k: scorio.eval.pass_at_k,
        pass_hat_k: scorio.eval.pass_hat_k,
        mg_pass_at_k: scorio.eval.mg_pass_at_k,
    }
    for k in sorted({1, 2, 3, n // 2 or 1, n - 1, n}):
        for ours, other in theirs.items():
            assert ours(n, c, k).mean() == pytest.approx(other(found, k), abs=1e-12)
        for tau in TAUS:
            expected = scorio.eval.g_pass_at_k_tau(found, k, tau)
            assert g_pass_at_k(n, c, k, tau).mean() == pytest.approx(expected, abs=1e-12)
    mean, deviation = scorio.eval.bayes(found)
    bayes = bayes_at_n([n] * 30, c)
    assert (bayes.mean, bayes.standard_deviation) == pytest.approx((mean, deviation), abs=1e-12)


def test_thousands_of_samples_lose_no_digits() -> None:
    n, c, k = 3_000, 1_200, 2_000
    for least in (1, 780, 800, 830, 1_200):
        ways = sum(comb(c, j) * comb(n - c, k - j) for j in range(least, c + 1))
        expected = float(Fraction(ways, comb(n, k)))
        assert g_pass_at_k(n, c, k, least / k) == pytest.approx(expected, abs=1e-12)


def test_fewer_samples_than_k_is_nan() -> None:
    for metric in (pass_hat_k, g_pass_at_k, mg_pass_at_k):
        assert np.isnan(metric(3, [0, 3], 4)).all()
    assert isnan(bayes_scores(0, 0)) and isnan(bayes_at_n([0], [0]).mean)
    assert np.isnan(pass_at_cost(3, 1, 1.0, 3.5))


def test_a_budget_buys_samples_and_parts_of_one() -> None:
    whole = pass_at_cost(10, 3, 50.0, [50.0, 100.0, 500.0])
    assert whole == pytest.approx(pass_at_k(10, 3, [1, 2, 10]), abs=1e-12)
    between = pass_at_cost(10, 3, 50.0, 125.0)
    assert between == pytest.approx(pass_at_k(10, 3, [2, 3]).mean(), abs=1e-12)


# ------------------------------------------------------------------ majority and best


def brute_majority(groups: list[tuple[int, int]], k: int) -> float:
    """Over all draws: the modes' share of right ones, each mode as likely."""
    labels = [at for at, (size, _) in enumerate(groups) for _ in range(size)]
    values = []
    for drawn in combinations(labels, k):
        most = max(map(drawn.count, set(drawn)))
        modes = [at for at in set(drawn) if drawn.count(at) == most]
        values.append(np.mean([groups[at][1] / groups[at][0] for at in modes]))
    return float(np.mean(values))


GROUPS = [
    [(1, 1)],
    [(2, 2), (2, 0)],
    [(4, 0), (3, 3), (1, 0), (1, 1)],
    [(3, 3), (3, 0), (3, 0), (2, 1)],
    [(1, 0)] * 6 + [(2, 2)],
]


@pytest.mark.parametrize("groups", GROUPS)
def test_majority_is_the_mean_over_all_draws(groups: list[tuple[int, int]]) -> None:
    ks = range(1, sum(size for size, _ in groups) + 1)
    found = majority_at_k([groups], ks)
    assert found.values[0] == pytest.approx([brute_majority(groups, k) for k in ks], abs=1e-12)
    assert not found.simulation_errors.any()


def test_a_simulated_majority_is_within_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = majority_at_k(GROUPS, [1, 3, 5]).values
    monkeypatch.setattr(choosing, "MOST_ENUMERATED", 0)
    drawn = majority_at_k(GROUPS, [1, 3, 5], n_draws=4_000, seed=3)
    known = ~np.isnan(exact)
    gaps = np.nanmean(np.where(known, drawn.values, nan), axis=0) - np.nanmean(exact, axis=0)
    assert (drawn.simulation_errors > 0).all() and (drawn.simulation_errors < 0.01).all()
    assert (np.abs(gaps) < 4 * drawn.simulation_errors).all()
    assert (np.isnan(drawn.values) == ~known).all()


def brute_best(groups: list[tuple[int, int]], k: int) -> float:
    ranks = [(at, right / size) for at, (size, right) in enumerate(groups) for _ in range(size)]
    return float(np.mean([min(drawn)[1] for drawn in combinations(ranks, k)]))


@pytest.mark.parametrize("groups", GROUPS)
def test_the_best_scored_is_the_mean_over_all_draws(groups: list[tuple[int, int]]) -> None:
    n = sum(size for size, _ in groups)
    ks = range(1, n + 2)
    (found,) = best_at_k([groups], ks)
    assert found[:n] == pytest.approx([brute_best(groups, k) for k in ks[:n]], abs=1e-12)
    assert isnan(found[n])


def test_the_most_alike_differ_from_the_best_only_where_there_is_a_choice() -> None:
    groups = [[(3, 2), (2, 0)]]
    for choose in (lambda ks: best_at_k(groups, ks), lambda ks: majority_at_k(groups, ks).values):
        assert choose([1])[0] == pytest.approx([2 / 5])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: g_pass_at_k(3, 1, 1, 1.5), "G-Pass@k: tau = 1.5; a share from 0 to 1"),
        (lambda: pass_hat_k(3, 4, 1), "pass@k: c = 4 of n = 3 samples pass; c is 0 to n"),
        (
            lambda: pass_at_cost(3, 1, 0.0, 1.0),
            "pass@k at a cost: 0.0 a sample; a number above 0",
        ),
        (
            lambda: pass_at_cost(3, 1, 1.0, -1.0),
            "pass@k at a cost: a budget is a number from 0",
        ),
        (
            lambda: best_at_k([[(2, 3)]], [1]),
            "a group of 2 samples, 3 right: 0 to all of 1 at least",
        ),
    ],
)
def test_what_means_nothing_is_refused(asked: Callable[[], object], message: str) -> None:
    with pytest.raises(MetricError) as caught:
        asked()
    assert str(caught.value) == message
