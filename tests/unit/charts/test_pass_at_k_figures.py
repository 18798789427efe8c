"""pass@k charts: panels, cells that lead to samples, and what tells runs apart without colour."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import Any

import pytest

from lintseq_core.charts.line_ends import LINE_WIDTH
from lintseq_core.charts.pass_at_k import Place, difference_figure, pass_at_k_figure
from lintseq_core.charts.precision import precision_figure
from lintseq_core.charts.solve_rates import hardest_first, natural_order, solve_rate_figure
from lintseq_core.charts.theme import LIGHT, series_colour, series_symbol
from lintseq_core.metrics.planning import plan
from lintseq_core.results.paper import published_curves
from lintseq_core.results.scores.curves import MEASURED, curve_frame, difference_frame
from lintseq_core.results.scores.simulated import simulate_run
from lintseq_core.results.scores.tally import Tally

pytest.importorskip("plotly", reason="plotly comes with the extra dashboard")


def run(seed: int, n_problems: int = 5) -> Tally:
    return simulate_run(
        "r", mean=0.3, spread=0.5, n_problems=n_problems, n_samples=6, seed=seed
    ).tally


RUNS = {"a, cold": run(1), "a, hot": run(2), "b, hot": run(3)}
PLACES = {
    "a, cold": Place("cold", "a"),
    "b, hot": Place("hot", "b"),
    "a, hot": Place("hot", "a"),
}


def test_runs_are_told_apart_by_their_symbols_too() -> None:
    figure = pass_at_k_figure(curve_frame(RUNS), LIGHT)
    lines = [one for one in figure.data if one.mode == "lines+markers"]
    assert len({one.marker.symbol for one in lines}) == len({one.name for one in lines}) == 3


@pytest.mark.parametrize(
    ("panels", "drawn"),
    [(None, {"a, cold": 4, "a, hot": 1, "b, hot": 2}), (PLACES, {"a": 4, "b": 1})],
    ids=["one panel", "panels"],
)
def test_a_run_keeps_the_colour_and_the_symbol_that_were_chosen_for_it(
    panels: dict[str, Place] | None, drawn: dict[str, int]
) -> None:
    figure = pass_at_k_figure(curve_frame(RUNS), LIGHT, panels=panels, numbers={"a, cold": 4})
    lines = [one for one in figure.data if one.mode == "lines+markers"]
    assert {one.name: one.line.color for one in lines} == {
        name: series_colour(LIGHT, number) for name, number in drawn.items()
    }
    assert {one.name: one.marker.symbol for one in lines} == {
        name: series_symbol(number) for name, number in drawn.items()
    }


def test_the_band_of_a_few_samples_has_no_points_and_every_k_has_a_tick() -> None:
    figure = pass_at_k_figure(curve_frame({"a": run(1)}), LIGHT)
    assert [one.mode for one in figure.data if one.fill] == ["lines"]
    assert list(figure.layout.xaxis.ticktext) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    ("n_problems", "n_passing", "above", "below"),
    [(12, 12, 0.0, 0.265), (40, 0, 0.088, 0.0), (40, 20, 0.162, 0.162)],
)
def test_a_run_of_one_sample_a_problem_shows_its_interval_as_a_bar(
    n_problems: int, n_passing: int, above: float, below: float
) -> None:
    passing = [int(number < n_passing) for number in range(n_problems)]
    found = simulate_run(
        "r", mean=0.3, spread=0.5, n_problems=n_problems, n_samples=1, seed=1
    ).tally
    tally = dataclasses.replace(found, c=tuple(passing))
    (point,) = [
        one
        for one in pass_at_k_figure(curve_frame({"a": tally}), LIGHT).data
        if one.mode != "lines"
    ]
    assert point.error_y.array == pytest.approx([above], abs=0.001)
    assert point.error_y.arrayminus == pytest.approx([below], abs=0.001)


def test_a_run_of_few_problems_has_no_bar() -> None:
    found = simulate_run("r", mean=0.3, spread=0.5, n_problems=3, n_samples=1, seed=1).tally
    assert all(
        one.error_y.array is None for one in pass_at_k_figure(curve_frame({"a": found}), LIGHT).data
    )


def test_a_run_looks_alike_in_every_panel_and_stands_once_in_the_legend() -> None:
    figure = pass_at_k_figure(curve_frame(RUNS), LIGHT, panels=PLACES)
    lines = [one for one in figure.data if one.mode == "lines+markers"]
    assert [(one.name, one.xaxis, one.showlegend) for one in lines] == [
        ("a", "x", True), ("a", "x2", False), ("b", "x2", True),
    ]  # fmt: skip
    assert lines[0].line.color == lines[1].line.color != lines[2].line.color
    assert [one.text for one in figure.layout.annotations] == ["cold", "hot"]


def test_without_panels_the_figure_is_one() -> None:
    figure = pass_at_k_figure(curve_frame(RUNS), LIGHT)
    assert "xaxis2" not in figure.layout.to_plotly_json()
    assert figure.layout.xaxis.title.text == "k, samples a problem"


def test_a_cell_leads_to_its_run_and_problem() -> None:
    figure = solve_rate_figure(RUNS, LIGHT, order=natural_order, chosen=("a, hot", "Simulated/3"))
    heat, cells = figure.data
    found = RUNS["a, hot"]
    assert heat.z[1][3] == found.c[3] / found.n[3]
    cell = next(c for c in cells.customdata if c[0] == "a, hot" and c[1] == "Simulated/3")
    assert tuple(cell[-2:]) == (6, found.c[3])
    assert figure.layout.yaxis.ticktext[1] == "a,<br>hot"
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.y0) == (2.5, 0.5)


def test_rows_of_cells_have_names_in_short_lines() -> None:
    long = "a-<b>-very-long-name-of-a-run-with-many-words, temperature 0.8"
    figure = solve_rate_figure({long: run(1)}, LIGHT, order=natural_order)
    (name,) = figure.layout.yaxis.ticktext
    assert name.startswith("a-&lt;b&gt;-very") and name.endswith("<br>temperature 0.8")
    plainly = name.replace("&lt;", "<").replace("&gt;", ">").split("<br>")
    assert len(plainly) == 3 and all(len(line) <= 20 for line in plainly)


def test_a_problem_that_a_run_has_not_is_an_empty_cell() -> None:
    figure = solve_rate_figure({"a": run(1, 5), "b": run(1, 3)}, LIGHT, order=natural_order)
    heat, cells = figure.data
    assert heat.z[1][4] is None
    assert ("b", "Simulated/4") not in {tuple(c[:2]) for c in cells.customdata}


def test_orders_of_problems() -> None:
    assert sorted(["T/10", "T/9", "S"], key=natural_order) == ["S", "T/9", "T/10"]
    runs = {"a": run(1)}
    rates = dict(zip(runs["a"].task_ids, runs["a"].c, strict=True))
    hardest = sorted(rates, key=hardest_first(runs))
    assert [rates[task] for task in hardest] == sorted(rates.values())


def test_the_plan_is_two_lines_of_its_run_and_what_is_wanted() -> None:
    found = plan((10,) * 40, (1, 5) * 20, 2, [2, 20])
    figure = precision_figure(found, LIGHT, half_width=0.02, number=3)
    these, like_these = figure.data
    assert list(these.y) == [100 * one.half_width for one in found]
    assert list(like_these.y) == [100 * one.half_width_over_problems for one in found]
    assert these.marker.symbol != like_these.marker.symbol
    assert {one.line.color for one in figure.data} == {series_colour(LIGHT, 3)}
    assert {one.line.dash for one in figure.data} == {"dash"}  # a model says both
    assert [" ".join(name) for name in named(figure)] == ["these problems", "problems like these"]
    assert figure.layout.shapes[0].y0 == 2


def named(figure: Any) -> list[list[str]]:
    """The names that stand at the ends of lines, in their lines."""
    return [
        one.text.split("<br>") for one in figure.layout.annotations if one.showarrow is not False
    ]


def test_every_line_is_named_at_its_end_and_no_legend_is_left() -> None:
    frame = curve_frame(RUNS, beyond=60)
    published = published_curves("HumanEval", "v3")[:10]
    figure = pass_at_k_figure(frame, LIGHT, published=published, numbers={"a, hot": 4})
    assert figure.layout.showlegend is False
    ends = {one.text.replace("<br>", " "): one for one in figure.layout.annotations}
    assert list(ends) == [*RUNS, *(f"{m} {v}" for m, v in dict.fromkeys((n.model, n.variant) for n in published))]  # fmt: skip
    last = {row["run"]: row for row in frame.rows()}
    for number, run in ((0, "a, cold"), (4, "a, hot")):
        assert ends[run].font.color == ends[run].arrowcolor == series_colour(LIGHT, number)
        assert last[run]["kind"] != MEASURED
        assert (10 ** ends[run].x, ends[run].y) == pytest.approx((60, last[run]["pass_at_k"]))


def test_on_an_axis_of_costs_names_stand_where_the_lines_end() -> None:
    x_of = {run: 2.0 + place for place, run in enumerate(RUNS)}
    figure = pass_at_k_figure(curve_frame(RUNS), LIGHT, x_of=x_of, x_title="tokens")
    assert [10**one.x for one in figure.layout.annotations] == pytest.approx([12.0, 18.0, 24.0])


def test_names_of_lines_that_end_together_do_not_overlap() -> None:
    alike = {f"checkpoint-{step}000 of a run": run(1) for step in range(1, 9)}
    figure = pass_at_k_figure(curve_frame(alike), LIGHT)
    below = figure.layout.margin.t + figure.layout.margin.b
    scale = (figure.layout.height - below) / figure.layout.yaxis.range[1]
    centres = sorted(scale * one.y - one.ay for one in figure.layout.annotations)
    assert len(centres) == 8
    assert min(b - a for a, b in pairwise(centres)) >= 2 * 15
    assert centres[0] >= 15 and centres[-1] <= figure.layout.height - below - 15


def test_more_lines_than_have_room_for_their_names_are_named_in_a_legend() -> None:
    figure = pass_at_k_figure(curve_frame({f"run {n}": run(n) for n in range(40)}), LIGHT)
    assert figure.layout.showlegend is True
    assert not figure.layout.annotations


def test_a_name_at_a_line_is_plain_text_and_long_ones_lose_their_middle() -> None:
    long = "a-very-long-name-of-a-run-with-many-words, temperature 0.8"
    figure = pass_at_k_figure(curve_frame({"<b>a</b> %{y}": run(1), long: run(2)}), LIGHT)
    tagged, cut = named(figure)
    assert tagged == ["&lt;b&gt;a&lt;/b&gt; %{y}"]
    assert len(cut) == 2 and all(len(line) <= LINE_WIDTH for line in cut)
    assert cut[0].startswith("a-very-long") and cut[1].endswith("temperature 0.8")


def test_the_pointer_reads_all_runs_at_one_k_the_highest_first() -> None:
    figure = pass_at_k_figure(curve_frame({"%{y}": run(1), "b": run(2)}), LIGHT)
    assert (figure.layout.hovermode, figure.layout.hoversort) == ("x unified", "value descending")
    assert figure.layout.xaxis.showspikes
    lines = [one for one in figure.data if one.mode == "lines+markers"]
    assert [one.customdata[0][2] for one in lines] == ["%{y}", "b"]
    for one in lines:  # a name in the template would be filled in
        assert one.hovertemplate.startswith("%{customdata[2]}<br>pass@%{customdata[0]}: %{y:.1%}, ")


def test_colour_is_the_run_and_dash_is_a_model_wherever_a_run_is_drawn() -> None:
    figure = pass_at_k_figure(curve_frame(RUNS, beyond=60), LIGHT)
    lines = [one for one in figure.data if one.mode == "lines+markers"]
    assert [one.line.dash for one in lines] == ["solid", "dash"] * 3
    for measured, modelled in zip(lines[::2], lines[1::2], strict=True):
        assert measured.line.color == modelled.line.color
    one, *_ = difference_figure(
        difference_frame(RUNS["a, hot"], RUNS["b, hot"]), LIGHT, a="<i>", b="b"
    ).data[1:]
    assert one.line.color not in {series_colour(LIGHT, number) for number in range(6)}
    assert (one.name, one.customdata[0][2]) == ("&lt;i&gt; less b", "difference")


def test_published_curves_do_not_press_the_chart_flat() -> None:
    alone = pass_at_k_figure(curve_frame(RUNS), LIGHT)
    everything = published_curves("HumanEval")
    beside = pass_at_k_figure(curve_frame(RUNS), LIGHT, published=everything)
    assert beside.layout.height > alone.layout.height
    assert beside.layout.xaxis.automargin  # the legend keeps off ticks and title
