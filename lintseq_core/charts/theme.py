"""The look of every chart, in light and in dark: the colours of the player and of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a chart. Blue is the first series, orange the second; each has a shape too."""

    text: str
    muted: str
    grid: str
    surface: str
    blue: str
    orange: str
    tint: str
    """The strongest blue that `text` still reads on."""
    others: tuple[str, ...]
    """For the third series and those after it."""


FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", Helvetica, Arial, sans-serif'
"""That of the pages; a picture falls back to what is there."""


LIGHT = Theme(
    text="#17212b", muted="#556270", grid="#d5dde6", surface="#ffffff",
    blue="#0a5fc4", orange="#9a4b00", tint="#8fbfff",
    others=("#1a7a46", "#8a3d9e", "#a8243a", "#4d5b6a"),
)  # fmt: skip
DARK = Theme(
    text="#e4ebf2", muted="#a3b1bf", grid="#2b3947", surface="#0c131a",
    blue="#79b8ff", orange="#ffb066", tint="#1f5ea8",
    others=("#6fd19a", "#d9a1ea", "#ff9aa8", "#b7c3cf"),
)  # fmt: skip
THEMES = {"light": LIGHT, "dark": DARK}
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "x", ".", "+", "\\")


def series_colour(theme: Theme, number: int) -> str:
    """The colour of series `number`, 0-based; after the sixth they come again."""
    colours = (theme.blue, theme.orange, *theme.others)
    return colours[number % len(colours)]


def series_symbol(number: int) -> str:
    """The marker of series `number`, 0-based, which tells it apart where its colour does not."""
    return SYMBOLS[number % len(SYMBOLS)]


def series_dash(number: int) -> str:
    """How the line of series `number`, 0-based, is broken."""
    return DASHES[number % len(DASHES)]


def series_pattern(number: int) -> str:
    """The hatching of the bars of series `number`, 0-based; "" is none."""
    return PATTERNS[number % len(PATTERNS)]


def faint(colour: str) -> str:
    """`colour` of a band, through which others are seen.

    >>> faint("#0072b2")
    'rgba(0,114,178,0.15)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"


def style(figure: Any, theme: Theme, *, x: str, y: str, height: int) -> Any:
    """`figure` with the axes titled `x` and `y`, in the colours of `theme`."""
    axis = {
        "gridcolor": theme.grid,
        "linecolor": theme.muted,
        "zeroline": False,
        "title": {"font": {"color": theme.text, "size": 13}},
        "tickfont": {"color": theme.text, "size": 12},
    }
    figure.update_layout(
        height=height,
        margin={"l": 60, "r": 20, "t": 20, "b": 50},
        # Not transparent: a picture of it may come to stand on another ground.
        paper_bgcolor=theme.surface,
        plot_bgcolor=theme.surface,
        font={"color": theme.text, "size": 13, "family": FONT},
        hoverlabel={
            "bgcolor": theme.surface,
            "bordercolor": theme.muted,
            "font": {"color": theme.text, "family": "monospace"},
            "align": "left",
        },
        showlegend=False,
    )
    figure.update_xaxes(title_text=x, **axis)
    figure.update_yaxes(title_text=y, **axis)
    return figure


def put_legend_below(figure: Any, theme: Theme) -> None:
    """Show the legend of `figure` under its axis, where it hides no data."""
    legend = {
        "orientation": "h",
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "x": 0,
        "font": {"color": theme.text},
        "itemsizing": "constant",  # else a curve whose first point has no marker shows none
    }
    figure.update_layout(showlegend=True, legend=legend, margin={"b": 90})
    figure.update_xaxes(automargin=True)  # else a legend of many rows lies upon the axis


def log_ticks(most: int = 10**6, *, beyond: bool = True) -> dict[str, Any]:
    """Ticks of a logarithmic axis of counts up to `most`: 1, 2, 5, 10, 20, ... written out.

    Without `beyond` none stands after `most`, where the axis has room for names.
    """
    values = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
    if most < 10:
        values = list(range(1, most + 1))
    if not beyond:
        values = [value for value in values if value <= most]
    return {"tickvals": values, "ticktext": [f"{value:,}" for value in values]}


def plain(text: str, width: int = 60) -> str:
    """Text of a program for a label: plotly reads tags and entities, and it may hold anything."""
    shown = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: width + 1]
    )
    shown = shown if len(shown) <= width else shown[: width - 1] + "…"
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
