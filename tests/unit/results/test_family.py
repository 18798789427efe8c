"""The metrics by name: of problems, of runs with behaviours and ranks, of seeds, and what lacks."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import get_args

import numpy as np
import pytest

from lintseq_core.cli.passk import MetricName as CommandMetricName
from lintseq_core.errors import LintSeqError
from lintseq_core.metrics.crossed import crossed_interval
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import TOO_FEW
from lintseq_core.metrics.repeated_sampling import g_pass_at_k, pass_hat_k
from lintseq_core.results.sample import Sample
from lintseq_core.results.scores.family import (
    MEANING,
    METRIC_NAMES,
    NO_BEHAVIOUR,
    NO_RANKS,
    Metric,
    metric_values,
    read_metric,
)
from lintseq_core.results.scores.pass_at_k import compare, score, score_frame, score_of_seeds
from lintseq_core.results.scores.simulated import simulate_run
from lintseq_core.results.scores.tally import ScoreError, Tally, tally

SAMPLES = [  # task, what each test said, passed, score
    ("a", "11", True, 0.9),
    ("a", "11", True, 0.1),
    ("a", "10", False, 0.5),
    ("a", "0", False, 0.5),
    ("b", "00", False, 0.2),
    ("b", "11", True, 0.2),
]


def samples(**changes: object) -> list[Sample]:
    rows = []
    for number, (task, tests, passed, at) in enumerate(SAMPLES):
        verdict = "passed" if passed else "timeout_cpu" if len(tests) == 1 else "wrong_answer"
        extra = {"tests": tests, "at": at} | changes
        rows.append(Sample(task, number, f"row {number + 1}", passed=passed, verdict=verdict,
                           extra=extra))  # fmt: skip
    return rows


def run(seed: int = 1, **changes: float) -> Tally:
    values = {"mean": 0.4, "spread": 0.5, "n_problems": 20, "n_samples": 10} | changes
    return simulate_run("a", seed=seed, **values).tally  # type: ignore[arg-type]


def test_behaviours_and_ranks_are_counted_with_the_samples() -> None:
    found = tally([*samples(), *samples()], "r", by="at")  # rows that repeat count once
    assert found.behaviours == (((2, 2), (1, 0), (1, 0)), ((1, 1), (1, 0)))
    assert found.ranked == (((1, 1), (2, 0), (1, 1)), ((2, 1),))
    best = metric_values(found, [1, 4], Metric("best@k")).values
    assert best == pytest.approx(np.array([[0.5, 1.0], [0.5, np.nan]]), nan_ok=True)
    majority = metric_values(found, [1, 2], Metric("majority@k")).values
    assert majority == pytest.approx(np.array([[0.5, 0.5], [0.5, 0.5]]))


def test_what_a_run_lacks_is_said_and_its_scores_are_nan() -> None:
    for name, reason in (("majority@k", NO_BEHAVIOUR), ("best@k", NO_RANKS)):
        (found,) = score(run(), [2], metric=Metric(name))  # type: ignore[arg-type]
        assert isnan(found.value) and isnan(found.low) and found.reason == reason
    assert not tally(samples(tests=None), "r").behaviours
    (few,) = score(run(n_problems=3), [2])
    assert isnan(few.low) and few.reason == TOO_FEW and not isnan(few.value)
    (short,) = score(run(), [11], metric=Metric("pass^k"))
    assert isnan(short.value) and short.reason == "no problem has the samples that pass^11 takes"


def test_a_row_without_the_field_that_ranks_is_named() -> None:
    with pytest.raises(ScoreError) as caught:
        tally(samples(at="high"), "r", by="at")
    assert str(caught.value) == (
        "row 1: has no number in its field 'at'; name a field that ranks every sample (--by)"
    )


def test_scores_are_means_of_the_estimators_with_intervals_over_problems() -> None:
    found = run()
    for metric, values in (
        (Metric("pass^k"), pass_hat_k(found.n, found.c, 4)),
        (Metric("g-pass@k", tau=0.75), g_pass_at_k(found.n, found.c, 4, 0.75)),
    ):
        (one,) = score(found, [4], metric=metric)
        assert one.value == pytest.approx(values.mean(), abs=1e-12)
        assert one.low < one.value < one.high and one.n_problems == 20
    at_cost = metric_values(found, [150], Metric("pass@cost", cost=50.0)).values
    assert at_cost == pytest.approx(metric_values(found, [3]).values, abs=1e-12)


def test_every_metric_is_in_the_frame() -> None:
    found = tally(samples(), "r", by="at")
    frame = score_frame({"r": found}, [1, 2], [Metric(name) for name in METRIC_NAMES])
    assert list(frame.columns) == [
        "run", "metric", "k", "value", "low", "high", "problems", "reason",
    ]  # fmt: skip
    assert len(frame) == 2 * len(METRIC_NAMES) - 1  # bayes@n has no k
    assert all(0 <= value <= 1 for value in frame.columns["value"])
    assert set(MEANING) == set(METRIC_NAMES)
    assert get_args(CommandMetricName) == METRIC_NAMES


def test_seeds_are_drawn_anew_with_the_problems() -> None:
    seeds = [run(seed) for seed in (1, 2, 3)]
    (found,) = score_of_seeds(seeds, [2], metric=Metric("pass^k"))
    values = np.stack([pass_hat_k(one.n, one.c, 2) for one in seeds])
    expected = crossed_interval(values, bounds=(0.0, 1.0))
    assert (found.value, found.low, found.high, found.n_seeds) == (
        pytest.approx(expected.estimate), expected.low, expected.high, 3,
    )  # fmt: skip
    other = replace(run(), task_ids=tuple(f"x{n}" for n in range(20)))
    with pytest.raises(MetricError, match="share no problem"):
        score_of_seeds([run(), other], [1])


def test_runs_are_compared_by_any_metric() -> None:
    (found,) = compare(run(1, mean=0.7), run(2), [2], metric=Metric("pass^k"))
    assert found.paired.difference.estimate == pytest.approx(found.a - found.b)
    assert found.paired.is_told_from_none


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pass", f"metric 'pass': one of {', '.join(METRIC_NAMES)}"),
        ("pass@cost", "pass@cost: say what a sample costs, in the unit of the budgets (--cost)"),
    ],
)
def test_metrics_that_are_none_are_refused(name: str, message: str) -> None:
    with pytest.raises(LintSeqError) as caught:
        read_metric(name)
    assert str(caught.value) == message
