"""Score over test-time FLOPs: a panel a benchmark and model, points with their straight fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintseq_core.charts.theme import Theme, plain, series_colour, series_dash, series_symbol, style
from lintseq_core.metrics.flops import fit_scaling
from lintseq_core.results.frames import Frame

if TYPE_CHECKING:
    import plotly.graph_objects as go


def scaling_figure(
    frame: Frame,
    theme: Theme,
    *,
    series: str = "variant",
    score: str = "score",
    panels: bool = True,
) -> go.Figure:
    """Points of `frame` (benchmark, model, `series`, flops, `score`) and a line through each.

    With `panels`, a row a benchmark and a column a model; else all in one.
    """
    from plotly.subplots import make_subplots

    rows = [row for row in frame.rows() if row["flops"] and row[score] is not None]
    benchmarks = list(dict.fromkeys(row["benchmark"] for row in rows)) if panels else [""]
    models = list(dict.fromkeys(row["model"] for row in rows)) if panels else [""]
    names = list(dict.fromkeys(row[series] for row in rows))
    titles = [plain(f"{m}, {b}") for b in benchmarks for m in models] if panels else None
    figure = make_subplots(
        max(1, len(benchmarks)), max(1, len(models)), subplot_titles=titles,
        horizontal_spacing=0.05, vertical_spacing=0.12,
    )  # fmt: skip
    style(figure, theme, x="", y="", height=260 * max(1, len(benchmarks)) + 110)
    for down, benchmark in enumerate(benchmarks, start=1):
        for right, model in enumerate(models, start=1):
            for number, name in enumerate(names):
                part = [
                    row
                    for row in rows
                    if row[series] == name
                    and (not panels or (row["benchmark"], row["model"]) == (benchmark, model))
                ]
                _add(figure, name, number, part, score, theme, down, right)
    figure.update_xaxes(type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(title_text="test-time FLOPs", row=max(1, len(benchmarks)))
    figure.update_yaxes(title_text="solved, %", col=1)
    figure.update_annotations(font={"size": 12, "color": theme.text})
    legend = {"orientation": "h", "y": -0.16 / max(1, len(benchmarks)) - 0.06,
              "font": {"color": theme.text}}  # fmt: skip
    return figure.update_layout(showlegend=True, legend=legend, margin={"t": 40, "b": 90})


def _add(
    figure: go.Figure, name: str, number: int, part: list[dict[str, float]], score: str,
    theme: Theme, down: int, right: int,
) -> None:  # fmt: skip
    if not part:
        return
    colour = series_colour(theme, number)
    first = down == right == 1
    xs, ys = [row["flops"] for row in part], [row[score] for row in part]
    figure.add_scatter(
        x=xs, y=ys, mode="markers", name=plain(name), legendgroup=name, showlegend=first,
        marker={"color": colour, "size": 8, "symbol": series_symbol(number)},
        customdata=[row.get("k") for row in part],
        hovertemplate=f"{plain(name)}, k = %{{customdata}}: %{{y:.3g}}<extra></extra>",
        row=down, col=right,
    )  # fmt: skip
    fit = fit_scaling(xs, ys)
    if fit.slope_per_decade == fit.slope_per_decade:
        from math import log10

        ends = [min(xs), max(xs)]
        figure.add_scatter(
            x=ends, y=[fit.intercept + fit.slope_per_decade * log10(x) for x in ends],
            mode="lines", legendgroup=name, showlegend=False, hoverinfo="skip",
            line={"color": colour, "width": 1.5, "dash": series_dash(number)},
            row=down, col=right,
        )  # fmt: skip
