"""The code of a program with what each line needs, what needs it and what it is free of."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.shared.show import read_script, read_style
from lintseq_core.charts.dependencies import Dependencies, most_telling
from lintseq_core.charts.orders import Orders
from lintseq_core.viewer import player_css
from lintseq_core.viewer.highlight import TOKEN_CLASSES, token_runs

KINDS = {"n": "needs", "t": "together", "d": "needed_by", "f": "free"}
"""The sign of each kind of line in what is sent, and its name in `Dependencies`."""
AT_FIRST = 30
"""Lines that show without scrolling: the one that is marked at first is one of them."""
ROW_PX, BLANK_PX = 19.7, 9.2
"""Of a line, and of a blank one, as dependencies.css has them."""
LEAST_PX, MOST_PX = 450, 640
"""The first holds sentence and notes over and under the code of a narrow page."""
SELF, NEITHER = "x", " "

# In a frame that has the player's colours, and whose width the style sheet asks for.
_DEPENDENCIES = st.components.v2.component(
    "lintseq_dependencies",
    html='<div class="lsp lsn-frame"><div class="lsn"></div></div>',
    css=player_css() + read_style("dependencies.css"),
    js=read_script("dependencies.js"),
)


def show_dependencies(
    orders: Orders, dependencies: tuple[Dependencies, ...], *, key: str, notes: tuple[str, ...]
) -> None:
    """The program of `orders`, its lines marked by those `dependencies`; `notes` say of what."""
    height = _height_px(orders.lines)
    drawn = dependencies_data(orders.lines, dependencies)
    _DEPENDENCIES(key=key, data=drawn | {"notes": notes, "height": height}, height=height)


def _height_px(lines: tuple[str, ...]) -> int:
    """Known before it is drawn, so that nothing below moves; long programs scroll inside it."""
    n_blank = sum(not line.strip() for line in lines)
    code = ROW_PX * (len(lines) - n_blank) + BLANK_PX * n_blank + 20
    return round(min(max(code, LEAST_PX), MOST_PX))


def dependencies_data(
    lines: tuple[str, ...], dependencies: tuple[Dependencies, ...]
) -> dict[str, Any]:
    """What the browser draws. `signs` has a string for each line that edits draw, a sign a line."""
    signs: list[str | None] = [None] * len(lines)
    sentences: list[str | None] = [None] * len(lines)
    for one in dependencies:
        row = [NEITHER] * len(lines)
        row[one.line_index] = SELF
        for sign, kind in KINDS.items():
            for line in getattr(one, kind):
                row[line] = sign
        signs[one.line_index] = "".join(row)
        sentences[one.line_index] = one.words
    opening = most_telling(dependencies[:AT_FIRST])
    return {
        "text": "\n".join(lines),
        "lines": lines,
        "tokens": token_runs(lines),
        "token_classes": TOKEN_CLASSES,
        "signs": signs,
        "sentences": sentences,
        "first": opening.line_index if opening else 0,
    }
