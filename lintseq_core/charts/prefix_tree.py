"""Prefix tree of samples: width is how many go that way, colour how many of them pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lintseq_core.charts.prefixes import Prefix
from lintseq_core.charts.theme import DARK, Theme, plain, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Orange to blue by the share that passes; text in a colour that reads on each.
_LIGHT = ("#ffe0bf", "#f0ead8", "#e3ecf7", "#bcd8ff", "#8fbfff")
_DARK = ("#5a3310", "#3d3524", "#2a3746", "#1d4877", "#1f5ea8")
_UNKNOWN = ("#e7ecf2", "#26323f")


def prefix_tree_figure(tree: Sequence[Prefix], theme: Theme) -> go.Figure:
    """The empty program on the left; each column is one edit more. Signs repeat the colours."""
    import plotly.graph_objects as go

    is_dark = theme is DARK
    figure = go.Figure(
        go.Icicle(
            ids=[str(at) for at in range(len(tree))],
            parents=["" if node.parent < 0 else str(node.parent) for node in tree],
            labels=[_label(node) for node in tree],
            values=[len(node.samples) for node in tree],
            branchvalues="total",
            sort=False,
            tiling={"orientation": "h", "pad": 2},
            hovertext=[_hover(node) for node in tree],
            hoverinfo="text",
            textfont={"color": theme.text, "size": 11},
            marker={
                "colors": [_colour(node, is_dark) for node in tree],
                "line": {"color": theme.surface, "width": 2},
                "pattern": {
                    "shape": ["/" if node.n_passed == 0 else "" for node in tree],
                    "fillmode": "overlay",
                    "fgcolor": theme.muted,
                    "fgopacity": 0.3,
                    "solidity": 0.1,
                },
            },
            leaf={"opacity": 1},
            pathbar={"visible": False},
        )
    )
    n_leaves = sum(node.n_ended > 0 for node in tree)
    style(figure, theme, x="", y="", height=max(260, min(1400, 34 * n_leaves + 60)))
    figure.update_layout(
        margin={"l": 4, "r": 4, "t": 4, "b": 4}, uniformtext={"minsize": 11, "mode": "hide"}
    )
    return figure


def describe_rate(node: Prefix) -> str:
    """ "✓ 8 of 8", "✗ 0 of 3", "◐ 2 of 5", "10" where nothing is known."""
    n = len(node.samples)
    if node.n_passed is None:
        return f"{n}"
    sign = "✓" if node.n_passed == n else "✗" if node.n_passed == 0 else "◐"
    return f"{sign} {node.n_passed} of {n}"


def _label(node: Prefix) -> str:
    what = plain(node.added, 18) if node.n_edits else "empty program"
    return f"{describe_rate(node)}  {what}"


def _hover(node: Prefix) -> str:
    numbers = ", ".join(str(sample + 1) for sample in node.samples[:20])
    more = " …" if len(node.samples) > 20 else ""
    rows = [
        f"after {node.n_edits} edits" if node.n_edits else "the empty program",
        plain(node.added, 80),
        f"samples {numbers}{more}",
        f"{node.n_ended} end here",
        "tests not run" if node.n_passed is None else f"{node.n_passed} pass in the end",
    ]
    return "<br>".join(row for row in rows if row)


def _colour(node: Prefix, is_dark: bool) -> str:
    if node.pass_rate is None:
        return _UNKNOWN[is_dark]
    steps = _DARK if is_dark else _LIGHT
    return steps[round(node.pass_rate * (len(steps) - 1))]
