"""Charts as a real browser draws them: what is written stands where it belongs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from lintseq_core.charts.distribution import edit_features_figure
from lintseq_core.charts.theme import THEMES
from lintseq_core.results.frames import frame_of

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
