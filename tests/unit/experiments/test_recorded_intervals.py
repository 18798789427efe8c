"""Recorded intervals are those of the counts that the records hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from lintseq_core.experiments.experiment import Recorded, recorded_results
from lintseq_core.metrics.intervals import Interval, mean_interval, score_interval, share_interval
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.scores.pass_at_k import compare, score
from lintseq_core.results.scores.tally import Tally, tally

GENERATIONS = Path(__file__).resolve().parents[3] / "assets" / "generations"


def recorded(experiment: str) -> Recorded:
    (found,) = (one for one in recorded_results(experiment) if one.profile == "cpu")
    return found


def counted(arm: str) -> Tally:
    with open_input(str(GENERATIONS / f"smollm2-135m-{arm}.jsonl")) as file:
        return tally(recognise(file).samples(), file.name)


def ends(low: float, high: float) -> object:
    return pytest.approx((low, high), abs=1e-9)


def test_scores_of_the_shipped_adapters() -> None:
    for row in recorded("shipped_adapters").tables["scores"].rows():
        (one,) = score(counted(row["arm"]), [row["k"]])
        assert (row["low"], row["high"]) == ends(one.low, one.high)
        assert row["standard_error"] == pytest.approx(one.standard_error)


def test_differences_of_the_shipped_adapters() -> None:
    found = recorded("shipped_adapters")
    for row in found.tables["differences"].rows():
        (one,) = compare(counted(row["arm"]), counted(row["less"]), [row["k"]])
        gap = one.paired.difference
        assert (row["low"], row["high"]) == ends(gap.low, gap.high)
    assert (found.effects[0].low / 100, found.effects[0].high / 100) == ends(gap.low, gap.high)


def test_well_formed_answers_of_the_shipped_adapter() -> None:
    (row,) = recorded("shipped_adapters").tables["well_formed"].rows()
    one = share_interval(row["well_formed"], row["held_out"])
    assert (row["low"], row["high"]) == ends(one.low, one.high)


def test_scores_of_the_small_models() -> None:
    """At most one problem of each is solved, so the means tell every score."""
    found = recorded("small_models")
    for row in found.tables["scores"].rows():
        n = row["n_problems"]
        one = score_interval([n * row["value"]] + [0.0] * (n - 1))
        assert (row["low"], row["high"]) == ends(one.low, one.high)


def measured(experiment: str) -> list[Interval]:
    tables = recorded(experiment).tables
    if experiment == "pretraining":
        losses = [row["loss"] for row in tables["losses"].rows()]
        part = len(losses) // 4
        return [mean_interval([a - b for a, b in zip(losses, losses[-part:], strict=False)])]
    programs = list(tables["programs"].rows())
    surplus = [row["randseq_edits"] - row["expected_of_randseq"] for row in programs]
    return [mean_interval(surplus), mean_interval([row["token_inflation"] for row in programs])]


@pytest.mark.parametrize("experiment", ["edit_data", "pretraining"])
def test_intervals_of_measures(experiment: str) -> None:
    told = [one for one in recorded(experiment).effects if one.n]
    for effect, found in zip(told, measured(experiment), strict=True):
        assert (effect.low, effect.high) == ends(found.low, found.high)
        assert effect.estimate == pytest.approx(found.estimate)


@pytest.mark.parametrize("experiment", ["small_models", "shipped_adapters"])
def test_no_recorded_score_is_sure(experiment: str) -> None:
    tables = recorded(experiment).tables
    rows = [*tables["scores"].rows(), *tables["differences"].rows()]
    assert all(row["high"] - row["low"] > 0.01 for row in rows)
