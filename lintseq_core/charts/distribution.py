"""Charts of tables: how a number is spread, what programs are built of, which edit brings what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lintseq_core.charts.theme import Theme, plain, series_colour, series_pattern, style
from lintseq_core.results.frames import Frame

if TYPE_CHECKING:
    import plotly.graph_objects as go

"""Of the bars of each series, besides their colours."""


def histogram_figure(frame: Frame, theme: Theme, *, x: str) -> go.Figure:
    """A bar for each bin of `histogram_frame` and each data set, as a share of its rows."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for number, (label, rows) in enumerate(_series(frame, "data").items()):
        names = [_range(row["from"], row["to"]) for row in rows]
        figure.add_bar(
            x=names,
            y=[row["share"] for row in rows],
            customdata=[row["n"] for row in rows],
            name=plain(label, 40),
            hovertemplate=f"{plain(label, 40)}<br>%{{x}}: %{{customdata:,}} rows, %{{y:.1%}}"
            "<extra></extra>",
            marker=_marker(theme, number),
        )
    style(figure, theme, x=x, y="share of rows", height=340)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(type="category", showgrid=False)
    _add_legend(figure, theme)
    return figure


def features_figure(frame: Frame, theme: Theme) -> go.Figure:
    """A bar for each feature of `feature_frame` and each data set, the commonest at the top."""
    import plotly.graph_objects as go

    series = _series(frame, "data")
    most = {row["feature"]: 0.0 for row in frame.rows()}
    for row in frame.rows():
        most[row["feature"]] = max(most[row["feature"]], row["share"] or 0.0)
    order = sorted(most, key=lambda feature: most[feature])
    figure = go.Figure()
    for number, (label, rows) in enumerate(series.items()):
        by_feature = {row["feature"]: row for row in rows}
        figure.add_bar(
            y=order,
            x=[by_feature[feature]["share"] for feature in order],
            customdata=[by_feature[feature]["n"] for feature in order],
            orientation="h",
            name=plain(label, 40),
            hovertemplate=f"{plain(label, 40)}<br>%{{y}}: %{{customdata:,}} programs, %{{x:.1%}}"
            "<extra></extra>",
            marker=_marker(theme, number),
        )
    height = 120 + 22 * len(order) * max(1, len(series))
    style(figure, theme, x="share of programs that parse", y="", height=min(height, 900))
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(showgrid=False, automargin=True)
    figure.update_layout(legend={"traceorder": "normal"})
    _add_legend(figure, theme)
    return figure


def edit_features_figure(frame: Frame, theme: Theme) -> go.Figure:
    """A cell for each edit and feature of `edit_feature_frame`, with its share written in it."""
    import plotly.graph_objects as go

    rows = list(frame.rows())
    edits = sorted({row["edit"] for row in rows})
    total: dict[str, float] = {}
    for row in rows:
        total[row["feature"]] = total.get(row["feature"], 0.0) + row["n"]
    features = sorted(total, key=lambda feature: total[feature])
    shares = {(row["feature"], row["edit"]): row["share"] for row in rows}
    cells = [[shares[feature, edit] for edit in edits] for feature in features]
    figure = go.Figure(
        go.Heatmap(
            z=cells,
            x=[str(edit) for edit in edits],
            y=features,
            zmin=0,
            colorscale=[[0, theme.surface], [1, theme.tint]],
            # Drawn by the heat map itself: an annotation at x = "1" of an axis of categories
            # stands in the second cell, the one of index 1.
            texttemplate="%{z:.0%}",
            textfont={"color": theme.text},
            hovertemplate="edit %{x}: %{z:.1%} bring %{y}<extra></extra>",
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    style(figure, theme, x="number of the edit", y="", height=100 + 26 * len(features))
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(showgrid=False, automargin=True)
    return figure


def _series(frame: Frame, column: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in frame.rows():
        found.setdefault(row[column], []).append(row)
    return found


def _marker(theme: Theme, number: int) -> dict[str, Any]:
    colour = series_colour(theme, number)
    shape = series_pattern(number)
    pattern = {"shape": shape, "fgcolor": theme.surface, "bgcolor": colour, "size": 6}
    return {"color": colour, "pattern": pattern if shape else None}


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _add_legend(figure: Any, theme: Theme) -> None:
    if len(figure.data) > 1:
        figure.update_layout(
            showlegend=True,
            legend={
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
                "x": 0,
                "font": {"color": theme.text},
            },
            margin={"t": 50},
        )
