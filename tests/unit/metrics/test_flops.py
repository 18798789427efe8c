"""FLOPs and slopes: the paper's own numbers come out."""

from __future__ import annotations

import math

import pytest

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.flops import fit_scaling, flops_kaplan, flops_paper_v1

HUMANEVAL_KS = (1, 5, 10, 20, 50)


@pytest.mark.parametrize(
    ("n_params", "tokens", "k", "flops"),
    [
        (405e9, 200, 1, 2.66e16),  # Llama 3.1 405B in Figure 1 of the first version
        (340e9, 200, 1, 2.23e16),  # Nemotron-4
        (3.8e9, 246, 50, 1.54e16),  # Phi-3 3.8B LintSeqInstruct
    ],
)
def test_the_first_versions_formula_gives_its_figures_points(n_params, tokens, k, flops):
    found = flops_paper_v1(
        n_params=n_params, tokens_per_sample=tokens, samples_per_problem=k, n_problems=164
    )
    assert found == pytest.approx(flops, rel=0.01)


MODEL = {"n_params": 1e9, "n_layers": 20, "d_model": 2048}


def test_the_fuller_formula_adds_prompt_and_attention():
    token = 2e9
    whole = flops_kaplan(
        **MODEL, prompt_tokens=100, tokens_per_sample=50, samples_per_problem=3, n_problems=2
    )
    attention = sum(2 * 20 * 2048 * position for position in range(1, 151))
    assert whole == pytest.approx(6 * (150 * token + attention))


def test_a_shared_prompt_is_read_once_a_problem():
    options = MODEL | {"prompt_tokens": 100, "tokens_per_sample": 50, "n_problems": 2}
    apart = flops_kaplan(**options, samples_per_problem=3)
    shared = flops_kaplan(**options, samples_per_problem=3, prompt_is_shared=True)
    prompt = flops_kaplan(**options | {"tokens_per_sample": 0}, samples_per_problem=1)
    assert apart - shared == pytest.approx(2 * prompt)


@pytest.mark.parametrize(
    ("flops_at_1", "scores", "slope"),
    [
        (2.18e15, (22.0, 34.9, 41.3, 48.2, 55.5), 20.0),  # Gemma 2 2.6B LintSeq
        (1.68e15, (15.3, 22.1, 25.2, 31.7, 41.6), 15.1),  # and Instruct
        (3.86e15, (38.3, 63.2, 72.4, 79.8, 87.4), 29.3),  # Phi-3 3.8B LintSeq
        (1.28e16, (50.2, 68.3, 73.5, 77.4, 81.4), 18.5),  # Phi-3 14B Instruct
    ],
)
def test_slopes_are_those_of_the_papers_figure(flops_at_1, scores, slope):
    fit = fit_scaling([flops_at_1 * k for k in HUMANEVAL_KS], scores)
    assert fit.slope_per_decade == pytest.approx(slope, abs=0.06)
    assert fit.n_points == 5


def test_points_on_a_line_have_no_error():
    fit = fit_scaling([1e15, 1e16, 1e17], [10, 20, 30])
    assert (fit.slope_per_decade, fit.intercept) == pytest.approx((10, -140))
    assert fit.slope_standard_error == pytest.approx(0, abs=1e-12)


def test_the_slopes_error_is_that_of_least_squares():
    fit = fit_scaling([1e0, 1e1, 1e2, 1e3], [0, 2, 1, 3])
    assert fit.slope_per_decade == pytest.approx(0.8)
    assert fit.slope_standard_error == pytest.approx(math.sqrt(1.8 / 2 / 5))


@pytest.mark.parametrize("flops", [[], [1e15], [1e15, 1e15]])
def test_fewer_than_two_places_have_no_slope(flops):
    assert math.isnan(fit_scaling(flops, [1.0] * len(flops)).slope_per_decade)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_scaling([1], [1, 2]), "slope: 1 FLOPs and 2 scores"),
        (lambda: fit_scaling([0], [1]), "slope: FLOPs are above 0, and all values finite"),
        (lambda: fit_scaling([1], [math.nan]), "slope: FLOPs are above 0, and all values finite"),
        (
            lambda: flops_paper_v1(
                n_params=0, tokens_per_sample=1, samples_per_problem=1, n_problems=1
            ),
            "FLOPs: n_params = 0; above 0 is expected",
        ),
        (
            lambda: flops_paper_v1(
                n_params=1, tokens_per_sample=-1, samples_per_problem=1, n_problems=1
            ),
            "FLOPs: tokens_per_sample = -1; 0 or more is expected",
        ),
    ],
)
def test_numbers_that_mean_nothing_are_refused(call, message):
    with pytest.raises(MetricError) as caught:
        call()
    assert str(caught.value) == message
