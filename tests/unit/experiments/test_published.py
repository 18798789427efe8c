"""What the paper's own numbers say about its claims, and the arithmetic behind that."""

import math

import pytest

from lintseq_core.experiments import (
    diversity,
    linter_ablation,
    pass_at_1,
    pretraining,
    recorded_models,
    small_models,
    test_time_scaling,
)
from lintseq_core.experiments.claims import Claim, Effect, judge
from lintseq_core.experiments.experiment import Result, make_record, recorded_results, write_result
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import published


def test_slopes_are_those_gathered_with_the_numbers():
    for row in test_time_scaling.slope_frame().rows():
        for variant, name in (("LintSeqInstruct", "lintseq"), ("Instruct", "instruct")):
            (known,) = published(
                "slope of score against FLOPs", benchmark=row["benchmark"], model=row["model"],
                variant=variant,
            )  # fmt: skip
            assert row[name] == pytest.approx(known.value, abs=0.15)


def test_steeper_slopes_follow_from_the_published_curves_and_a_lead_at_small_budgets_does_not():
    verdicts = {one.claim: one.verdict for one in test_time_scaling.published_judgements()}
    assert [verdicts[claim] for claim in test_time_scaling.STEEPER.values()] == ["holds"] * 3
    assert verdicts[test_time_scaling.EQUAL_BUDGET] == "holds"
    assert verdicts[test_time_scaling.SMALL_BUDGET] == "cannot be told"


def test_a_curve_is_read_between_its_points_on_a_logarithmic_axis():
    low, high = (
        published("pass@k", benchmark="HumanEval", model="Phi-3 3.8B", variant="Instruct", k=k,
                  place=test_time_scaling.PLACE)[0]
        for k in (1, 5)
    )  # fmt: skip
    middle = math.sqrt(low.flops * high.flops)
    read = test_time_scaling._at([low, high], middle)
    assert read == pytest.approx((low.value + high.value) / 2)
    assert test_time_scaling._at([low, high], high.flops) == pytest.approx(high.value)


def test_pass_at_1_matches_over_the_models_and_not_for_each():
    differences = {
        (row["benchmark"], row["model"]): row["difference"]
        for row in pass_at_1.published_frame().rows()
    }
    assert len(differences) == 12
    assert differences["HumanEval", "Phi-3 14B"] == pytest.approx(-1.0)
    assert differences["HumanEval", "TinyCodeLM 150M"] == pytest.approx(3.7)
    assert [one.verdict for one in pass_at_1.published_judgements()] == ["holds"] * 3


def test_table_1_the_ablation_and_growth_are_judged_by_their_own_numbers():
    (gain,) = small_models.published_judgements()
    assert (gain.verdict, gain.effect.n) == ("holds", 16)
    assert linter_ablation.published_judgement().effect.estimate == pytest.approx(3.425)
    assert linter_ablation.published_judgement().verdict == "holds"
    growth = diversity.growth_judgement()
    assert (growth.verdict, growth.effect.n) == ("holds", 8)


def test_the_published_days_of_both_models_fit_one_count():
    small, large = pretraining.time_frame().rows()
    assert (small["gpu_hours"], large["gpu_hours"]) == (192, 576)
    assert small["share_of_peak"] == pytest.approx(large["share_of_peak"], rel=0.01)
    assert small["share_if_two_passes"] == pytest.approx(2 * small["share_of_peak"])


CLAIM = Claim("more", "here")


@pytest.fixture
def record(tmp_path, monkeypatch):
    """A record as `small_models` writes it."""
    keys = {"arm": "lintseq", "seed": 1, "suite": "humanevalpack", "temperature": 0.8}
    scores = [keys | {"k": k, "value": v, "low": v / 2, "high": 2 * v, "n_problems": 10}
              for k, v in ((1, 0.1), (5, 0.3))]  # fmt: skip
    gap = keys | {"less": "whole", "k": 1, "difference": 0.05, "low": 0.01, "high": 0.09,
                  "n_problems": 10}  # fmt: skip
    cost = keys | {"flops_kaplan": 5e12, "tokens_per_sample": 90.5, "seconds": 3.0}
    tables = {
        "scores": frame_of(scores, tuple(scores[0])),
        "differences": frame_of([gap], tuple(gap)),
        "cost": frame_of([cost], tuple(cost)),
    }
    from tests.unit.experiments.test_contract import Config

    made = make_record("small_models", "cpu", Config())
    object.__setattr__(made, "config", {"profile": "cpu", "n_samples": 5})
    judged = judge(CLAIM, Effect("a less b", 1, 0.5, 2, n=10))
    write_result(
        Result("small_models", "cpu", tables, (judged,), made), tmp_path / "small_models" / "cpu"
    )
    monkeypatch.setattr(
        recorded_models, "recorded_results", lambda name: recorded_results(name, tmp_path)
    )


def test_a_recorded_difference_is_judged_by_its_interval(record):
    (found,) = recorded_models.recorded_judgements(CLAIM, "lintseq", "whole", 1)
    assert (found.verdict, found.effect.n) == ("holds", 10)
    assert found.words.startswith(
        "humanevalpack, T 0.8, seed 1, recorded with profile cpu, pass@1 of lintseq less that of "
        "whole: 5 points, 95% interval 1 to 9"
    )
    assert recorded_models.recorded_judgements(CLAIM, "lintseq", "randseq", 1) == ()


def test_a_recorded_curve_stands_at_its_flops(record):
    rows = list(recorded_models.scaling_frame().rows())
    assert [(row["k"], row["flops"], row["score"]) for row in rows] == [
        (1, 1e12, 10.0),
        (5, 5e12, 30.0),
    ]
    assert recorded_models.most_samples() == 5
    only = recorded_models.recorded_frame("scores", ("arm", "value"), k=5)
    assert dict(only.columns) == {"arm": ["lintseq"], "value": [0.3]}


def test_without_a_record_there_is_nothing_to_show(tmp_path, monkeypatch):
    monkeypatch.setattr(recorded_models, "recorded_results", lambda name: ())
    assert len(recorded_models.scaling_frame()) == 0
    assert recorded_models.recorded_frame("scores", ("arm",)) == Frame({"arm": []})
    assert recorded_models.most_samples() == 1
