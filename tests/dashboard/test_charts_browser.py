"""Charts as a real browser draws them: what is written stands where it belongs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from lintseq_core.charts.distribution import edit_features_figure
from lintseq_core.charts.pass_at_k import pass_at_k_figure
from lintseq_core.charts.theme import THEMES
from lintseq_core.results.frames import frame_of
from lintseq_core.results.paper import published_curves
from lintseq_core.results.scores.curves import curve_frame
from lintseq_core.results.scores.simulated import simulate_run

pytestmark = [pytest.mark.browser, pytest.mark.feature("Data")]

WRITTEN = """() => {
  const plot = document.querySelector(".js-plotly-plot");
  const {xaxis, yaxis} = plot._fullLayout;
  const corner = plot.getBoundingClientRect();
  return [...plot.querySelectorAll(".heatmap-label, .annotation-text")].map((label) => {
    const box = label.getBoundingClientRect();
    const right = box.x + box.width / 2 - corner.x - xaxis._offset;
    const down = box.y + box.height / 2 - corner.y - yaxis._offset;
    return [Math.round(xaxis.p2c(right)), Math.round(yaxis.p2c(down)), label.textContent];
  });
}"""


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_number_of_which_edit_brings_what_stands_in_its_own_cell(
    page: Page, theme: object
) -> None:
    shares = {"loop": (0.25, 0.5, 0.1), "class": (1.0, 0.0, 0.75)}
    rows = [
        {"edit": edit, "feature": feature, "n": 4 * share, "share": share}
        for feature, of_edits in shares.items()
        for edit, share in enumerate(of_edits, start=1)
    ]
    figure = edit_features_figure(frame_of(rows, tuple(rows[0])), theme)  # type: ignore[arg-type]
    (heat,) = figure.data

    page.set_content(figure.to_html(include_plotlyjs=True, full_html=True))
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_function("document.querySelector('.heatmap-label, .annotation-text')")

    assert sorted(page.evaluate(WRITTEN)) == sorted(
        [x, y, f"{share:.0%}"] for y, line in enumerate(heat.z) for x, share in enumerate(line)
    )


NAMES = ("edits <i>%{y}</i>", "whole programs, checkpoint 12000", "a run of few samples")
NAME_BOXES = """() => [...document.querySelectorAll("text.annotation-text")].map((name) => {
  const {left, right, top, bottom} = name.getBoundingClientRect();
  return [left, right, top, bottom];
})"""
SPIKES = """() => [...document.querySelectorAll(".spikeline")].map((line) => {
  const {width, height} = line.getBoundingClientRect();
  return [width, height];
})"""


@pytest.mark.feature("pass@k")
@pytest.mark.parametrize(("width", "is_touch"), [(1200, False), (390, True)], ids=["wide", "phone"])
def test_a_line_at_the_pointer_reads_all_runs_and_every_line_is_named_where_it_ends(
    browser: Browser, width: int, is_touch: bool
) -> None:
    runs = {
        name: simulate_run(
            name, mean=mean, spread=0.5, n_problems=40, n_samples=n, seed=place
        ).tally
        for place, (name, mean, n) in enumerate(
            zip(NAMES, (0.2, 0.3, 0.1), (20, 20, 4), strict=True)
        )
    }
    published = [one for one in published_curves("HumanEval", "v3") if one.model == "Gemma 2 2.6B"]
    figure = pass_at_k_figure(curve_frame(runs), THEMES["dark"], published=published)
    page = browser.new_page(viewport={"width": width, "height": 600}, has_touch=is_touch)
    page.set_content(figure.to_html(include_plotlyjs=True, full_html=True))
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.locator("text.annotation-text").nth(4).wait_for()

    written = page.locator("text.annotation-text").all_text_contents()
    assert sum("edits <i>%{y}</i>" in one.replace("\xa0", " ") for one in written) == 1
    boxes = page.evaluate(NAME_BOXES)
    assert len(boxes) == 5
    assert page.locator(".legend").count() == 0
    for at, (left, right, top, bottom) in enumerate(boxes):
        assert left >= 0 and right <= width
        for other_left, other_right, other_top, other_bottom in boxes[:at]:
            is_beside = right <= other_left or other_right <= left
            assert is_beside or bottom <= other_top or other_bottom <= top

    x, y = page.evaluate(
        """() => {
          const plot = document.querySelector(".js-plotly-plot");
          const {xaxis, yaxis} = plot._fullLayout;
          const box = plot.getBoundingClientRect();
          return [box.x + xaxis._offset + xaxis.d2p(10), box.y + yaxis._offset + 40];
        }"""
    )
    if is_touch:
        page.touchscreen.tap(x, y)
    else:
        page.mouse.move(x - 3, y)
        page.mouse.move(x, y)
    page.locator(".hoverlayer .legend").wait_for()
    told = page.locator(".hoverlayer .legendtext").all_text_contents()
    assert "k, samples a problem: 10" in (page.locator(".hoverlayer .legend").text_content() or "")
    assert ["edits <i>%{y}</i>" in one for one in told].count(True) == 1, told
    assert not any("few samples" in one for one in told)  # it has four
    assert len(told) == 4 and all("pass@10: " in one for one in told)
    shares = [float(one.split("pass@10: ")[1].split("%")[0]) for one in told]
    assert shares == sorted(shares, reverse=True)
    assert any(wide <= 2 and high > 300 for wide, high in page.evaluate(SPIKES))
    page.close()
