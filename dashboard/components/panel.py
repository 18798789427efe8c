"""Facets beside a list of rows or samples: drawn by the browser, text nodes only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.shared.show import room
from lintseq_core.results.samples.facets import Facet
from lintseq_core.results.samples.query import Query
from lintseq_core.viewer.modules import join_modules

MOST_KEYS = 2_000
"""Words of a facet that are sent: those with the most rows, and the chosen ones."""
MAX_WIDTH = 160
MAX_LABEL = 120
N_LINES = 4
PANEL_HEIGHT = 560
"""Pixels kept free until the browser draws facets and rows."""
_HERE = Path(__file__).parent
_CSS = (_HERE / "panel.css").read_text(encoding="utf-8")
_FACETS = st.components.v2.component(
    "lintseq_facets",
    html='<div class="lsd" role="group" aria-label="Facets"></div>',
    css=_CSS,
    js=join_modules(_HERE / "facets.js"),
)
_ROWS = st.components.v2.component(
    "lintseq_rows",
    html='<div class="lsd-list"></div>',
    css=_CSS,
    js=join_modules(_HERE / "rows.js"),
)


def show_facets(
    facets: Mapping[str, Facet],
    counts: Mapping[str, NDArray[np.int64]],
    query: Query,
    *,
    key: str,
    on_choose: Callable[[], None],
) -> None:
    """The facets with their counts; a click calls `on_choose`, the choice under `key`."""
    draw_facets(
        [facet_data(facet, counts[name], query) for name, facet in facets.items()],
        key=key,
        on_choose=on_choose,
    )


def draw_facets(
    facets: Sequence[dict[str, Any]], *, key: str, on_choose: Callable[[], None], noun: str = "rows"
) -> None:
    """Facets as `facet_data` has them, which count things called `noun`."""
    with room(PANEL_HEIGHT):
        _FACETS(key=key, data={"facets": list(facets), "noun": noun}, on_choose_change=on_choose)


def facet_data(facet: Facet, counts: NDArray[np.int64], query: Query) -> dict[str, Any]:
    """What the browser draws of a facet."""
    chosen = query.chosen(facet.name)
    places = np.arange(len(facet.keys))
    if places.size > MOST_KEYS:
        most = np.argsort(-counts, kind="stable")[:MOST_KEYS]
        also = [at for at, key in enumerate(facet.keys) if key in chosen]
        places = np.union1d(most, np.array(also, np.int64))
    return {
        "name": facet.name,
        "title": facet.title,
        "kind": facet.kind,
        "sorted": facet.name not in ("temperature", "state", "copy", "result"),
        "keys": [facet.keys[at] for at in places],
        "labels": [_shown(facet.labels[at], MAX_LABEL) for at in places],
        "counts": counts[places].tolist(),
        "chosen": list(chosen),
    }


def show_rows(rows: Sequence[dict[str, Any]], *, first: int, key: str, on_open: Any) -> None:
    """A page of rows; a click calls `on_open`, the row's index under `key`."""
    with room(PANEL_HEIGHT):
        _ROWS(key=key, data={"rows": list(rows), "first": first}, on_open_change=on_open)


def preview(text: str, hit_line: int | None) -> list[tuple[str, bool]]:
    """A few lines of a program: its first, or those around the line that a search found."""
    lines = text.removesuffix("\n").split("\n")
    start = 0 if hit_line is None else max(0, min(hit_line - 1, len(lines) - N_LINES))
    return [
        (_shown(line, MAX_WIDTH), at == hit_line)
        for at, line in enumerate(lines[start : start + N_LINES], start=start)
    ]


def _shown(text: str, width: int) -> str:
    cut = text if len(text) <= width else f"{text[: width - 1]}…"
    sound = cut.encode("utf-8", "replace").decode("utf-8")
    return "".join(
        c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in sound
    )
