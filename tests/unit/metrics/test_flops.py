"""FLOPs and slopes: the paper's own numbers come out."""

from __future__ import annotations

import math

import pytest
from torch.utils.flop_counter import FlopCounterMode

from lintseq_core.experiments.plans import parameters_of
from lintseq_core.generation.decoder import TransformersDecoder
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.flops import (
    ForwardShape,
    fit_scaling,
    flops_computed,
    flops_kaplan,
    flops_paper_v1,
)
from lintseq_core.models.presets import find_preset
from tests.unit.training.small_models import small_config, small_model

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


def test_tokens_are_counted_at_their_places_and_prompts_once():
    shape = ForwardShape(layer_params=100, output_params=7, n_layers=2, attention_width=3)
    prompts, samples = [4, 1], [[3, 1, 0], [2]]
    expected = 0.0
    for prompt, drawn in zip(prompts, samples, strict=True):
        places = [*range(1, prompt + 1), *(p for n in drawn for p in range(prompt + 1, prompt + n))]
        read = len(places) - prompt
        expected += sum(2 * 100 + 4 * 2 * 3 * place for place in places) + 2 * 7 * (1 + read)
    found = flops_computed(shape, prompt_tokens=prompts, sample_tokens=samples)
    assert found == pytest.approx(expected)
    apart = flops_computed(
        shape, prompt_tokens=prompts, sample_tokens=samples, prompt_is_shared=False
    )
    alone = flops_computed(shape, prompt_tokens=[4], sample_tokens=[[1]])
    assert apart - found == pytest.approx(2 * alone)
    assert flops_computed(shape, prompt_tokens=[4], sample_tokens=[[]]) == 0


def test_long_samples_cost_more_than_their_mean_says():
    shape = ForwardShape(layer_params=0, output_params=0, n_layers=1, attention_width=1)
    uneven, even = (
        flops_computed(shape, prompt_tokens=[1], sample_tokens=[lengths])
        for lengths in ([2, 200], [101, 101])
    )
    assert uneven > 1.9 * even


@pytest.mark.parametrize(("kind", "tied"), [("llama", False), ("gemma2", True)])
def test_the_count_is_that_of_torchs_counter_while_a_model_writes(kind, tied):
    """Through our own decoder, prompt and samples; torch counts the masked half of the prompt too."""
    config = small_config(kind, {"head_dim": 8, "tie_word_embeddings": tied})
    config.sliding_window = 4_096
    model = small_model(config, attention="eager")
    prompt, drawn, rows = 24, 12, 3
    decoder = TransformersDecoder(model)
    with FlopCounterMode(display=False) as counter:
        _, written = decoder.start([list(range(prompt))], [rows])
        for token in range(drawn - 1):
            written.feed([token] * rows)
    n_params = sum(one.numel() for one in model.parameters())
    shape = ForwardShape.of(config.to_dict(), n_params)
    masked = 4 * shape.n_layers * shape.attention_width * prompt * (prompt - 1) / 2
    found = flops_computed(shape, prompt_tokens=[prompt], sample_tokens=[[drawn] * rows])
    assert found + masked == pytest.approx(counter.get_total_flops(), rel=0.02)
    # The paper's axes, which leave out or halve what this counts:
    paper = flops_paper_v1(
        n_params=n_params, tokens_per_sample=drawn, samples_per_problem=rows, n_problems=1
    )
    assert paper != pytest.approx(found, rel=0.05)


@pytest.mark.parametrize("name", ["llama-3.1-8b", "gemma-2-2b", "tinycodelm-150m"])
def test_a_preset_is_counted_by_its_fields(name):
    preset = find_preset(name)
    shape = ForwardShape.of(preset.config, parameters_of(preset.config))
    config = preset.config
    assert shape.output_params == config["vocab_size"] * config["hidden_size"]
    assert shape.layer_params == pytest.approx(parameters_of(config | {"vocab_size": 0}), rel=1e-3)


@pytest.mark.parametrize(
    ("prompts", "samples", "message"),
    [
        ([1, 2], [[1]], "FLOPs: 2 prompts and samples of 1 problems"),
        ([1], [[-1]], "FLOPs: -1 tokens; 0 or more are expected"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(prompts, samples, message):
    shape = ForwardShape(layer_params=1, output_params=1, n_layers=1, attention_width=1)
    with pytest.raises(MetricError) as caught:
        flops_computed(shape, prompt_tokens=prompts, sample_tokens=samples)
    assert str(caught.value) == message
