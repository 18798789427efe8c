"""Charts of tables show the shares they were given, apart without colour too, names never markup."""

from __future__ import annotations

import pytest

from lintseq_core.charts.distribution import (
    edit_features_figure,
    features_figure,
    histogram_figure,
)
from lintseq_core.charts.theme import THEMES, Theme, series_pattern
from lintseq_core.results.frames import frame_of
from tests.dashboard.test_palette import contrast

pytest.importorskip("plotly", reason="plotly comes with the extra dashboard")

themes = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
TWO = ("<b>a</b>", "b")


@themes
def test_a_histogram_has_a_bar_a_bin_and_a_pattern_a_data_set(theme: Theme) -> None:
    rows = [
        {"data": name, "from": low, "to": low + 9, "n": n, "share": n / 4}
        for name in TWO
        for low, n in ((0, 1), (1_000, 3))
    ]
    figure = histogram_figure(frame_of(rows, tuple(rows[0])), theme, x="lines")
    first, second = figure.data
    assert list(first.x) == ["0–9", "1,000–1,009"]
    assert list(first.y) == [0.25, 0.75]
    assert first.name == "&lt;b&gt;a&lt;/b&gt;"
    assert (first.marker.pattern.shape, second.marker.pattern.shape) == (None, series_pattern(1))
    assert figure.layout.showlegend


@themes
def test_the_commonest_feature_stands_at_the_top(theme: Theme) -> None:
    rows = [
        {"data": "a", "feature": feature, "n": n, "share": n / 4}
        for feature, n in (("loop", 1), ("class", 4), ("try", 0))
    ]
    (bars,) = features_figure(frame_of(rows, tuple(rows[0])), theme).data
    assert list(bars.y) == ["try", "loop", "class"]
    assert list(bars.x) == [0, 0.25, 1]


@themes
def test_every_cell_of_edits_and_features_says_its_share(theme: Theme) -> None:
    rows = [
        {"edit": edit, "feature": feature, "n": n, "share": n / 4}
        for feature, counts in (("loop", (1, 2)), ("class", (4, 0)))
        for edit, n in enumerate(counts, start=1)
    ]
    figure = edit_features_figure(frame_of(rows, tuple(rows[0])), theme)
    (heat,) = figure.data
    assert list(heat.y) == ["loop", "class"]
    assert [list(line) for line in heat.z] == [[0.25, 0.5], [1, 0]]
    assert heat.texttemplate == "%{z:.0%}"
    assert not figure.layout.annotations
    ends = [colour for _, colour in heat.colorscale]
    assert all(contrast(heat.textfont.color, colour) >= 4.5 for colour in ends)
