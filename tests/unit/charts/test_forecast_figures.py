"""Charts of forecasts: the numbers that they were given, in both themes."""

from __future__ import annotations

from math import isnan, log

import pytest

from lintseq_core.charts.forecast import LEAST_RATE, forecast_figure, rate_figure
from lintseq_core.charts.theme import DARK, LIGHT, Theme
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.forecast import MODEL_NAMES
from lintseq_core.results.frames import Frame
from lintseq_core.results.scores.curves import MEASURED
from lintseq_core.results.scores.forecasts import draw_next, forecast_frame, rate_frame
from lintseq_core.results.scores.simulated import simulate_run

RUN = simulate_run("a", mean=0.2, spread=0.6, n_problems=40, n_samples=12, seed=1).tally


@pytest.fixture(scope="module")
def frame() -> Frame:
    return forecast_frame(RUN, 300)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("logarithmic", [False, True])
def test_every_model_is_drawn_with_its_band(frame: Frame, theme: Theme, logarithmic: bool) -> None:
    figure = forecast_figure(frame, theme, logarithmic=logarithmic)
    lines = {one.name: one for one in figure.data if one.name}
    assert list(lines) == [MEASURED, *MODEL_NAMES]
    assert len([one for one in figure.data if one.fill == "toself"]) == 1 + len(MODEL_NAMES)
    for row in frame.rows():
        if row["k"] == 300:
            wanted = -log(row["pass_at_k"]) if logarithmic else row["pass_at_k"]
            assert lines[row["model"]].y[-1] == pytest.approx(wanted)
    assert (figure.layout.yaxis.type == "log") is logarithmic
    assert lines[MEASURED].line.dash == "solid"


def test_a_power_law_is_straight_on_logarithmic_axes(frame: Frame) -> None:
    figure = forecast_figure(frame, LIGHT, logarithmic=True)
    (line,) = (one for one in figure.data if one.name == "curve power law")
    slopes = [
        (log(line.y[at + 1]) - log(line.y[at])) / (log(line.x[at + 1]) - log(line.x[at]))
        for at in range(len(line.x) - 1)
    ]
    assert slopes == pytest.approx([slopes[0]] * len(slopes), abs=1e-6)


def test_models_begin_where_the_samples_end_and_go_as_far_as_asked(frame: Frame) -> None:
    for model in MODEL_NAMES:
        ks = [row["k"] for row in frame.rows() if row["model"] == model]
        assert ks[0] == 12 and ks[-1] == 300
    measured = [row["k"] for row in frame.rows() if row["model"] == MEASURED]
    assert measured == list(range(1, 13))


def test_the_density_of_solve_rates_goes_down_to_one_in_a_million() -> None:
    rates = rate_frame(RUN)
    figure = rate_figure(rates, LIGHT)
    assert [one.name.partition(":")[0] for one in figure.data] == [
        "beta-binomial", "spike at zero", "left tail",
    ]  # fmt: skip
    for line in figure.data:
        assert LEAST_RATE <= min(line.x) < 3 * LEAST_RATE and max(line.x) > 0.99
    spike = next(row for row in rates.rows() if row["model"] == "spike at zero")
    assert not isnan(spike["never"]) and "% never" in figure.data[1].name


def test_the_next_samples_are_told_by_problem_most_first() -> None:
    rows = list(draw_next(RUN, 1_000, 200).rows())
    assert sum(row["more"] for row in rows) == 200
    assert [row["more"] for row in rows] == sorted((row["more"] for row in rows), reverse=True)
    assert {row["task_id"] for row in rows} == set(RUN.task_ids)


def test_a_run_that_solves_nothing_has_no_forecast() -> None:
    nothing = simulate_run("a", mean=1e-9, spread=0.5, n_problems=9, n_samples=4, seed=1).tally
    with pytest.raises(MetricError, match="no sample passes"):
        forecast_frame(nothing, 100)
