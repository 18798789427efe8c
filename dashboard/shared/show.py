"""What the pages put on the screen besides Streamlit's own elements: player, reasons, errors.

Every page draws through these, so programs and errors look alike everywhere. What is drawn is
loaded in `loaders`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.shared.calls import Code, constant
from dashboard.trajectories.choice import SequenceChoice
from lintseq_core import LintSeqError, SourceError
from lintseq_core.charts import theme
from lintseq_core.charts.theme import THEMES, Theme
from lintseq_core.viewer import player_css
from lintseq_core.viewer.modules import join_modules
from lintseq_core.viewer.traces import short

PLAYER_HEIGHT, SEVERAL_HEIGHT, PLOTLY_HEIGHT = 560, 300, 450
"""Pixels that are kept free for players and charts until they are drawn."""
_COMPONENTS = Path(__file__).parents[1] / "components"


def read_style(name: str) -> str:
    """The style sheet `name` of the components."""
    return (_COMPONENTS / name).read_text(encoding="utf-8")


def read_script(name: str) -> str:
    """The module `name` of the components as one text, with all that it imports."""
    return join_modules(_COMPONENTS / name)


def name_page(page: str, shown: str = "") -> None:
    """Names the browser's window, and its place in the history, after a page and what it shows."""
    st.set_page_config(page_title=" · ".join(filter(None, (shown, page, "LintSeq"))))


def headline(title: str) -> DeltaGenerator:
    """The first line of a page whose object comes before its controls: the title; room for more."""
    line = st.container(key="headline", horizontal=True, vertical_alignment="center", gap="small")
    line.title(title, anchor=False, width="content")
    return line


def show_made_of(said: Sequence[str], *, on_change: Literal["ignore", "rerun"]) -> DeltaGenerator:
    """In a line what made the object of the page, part by part; it opens into the controls."""
    told = " · ".join(as_markdown(short(part, 30)) for part in said)
    return st.popover(told, icon=":material/tune:", key="made_of", on_change=on_change)


@contextmanager
def room(height: int) -> Iterator[None]:
    """A place at least `height` pixels tall from the start, for what the browser draws last.

    A style sheet comes too late for that: what stands below would jump. So an empty strip stands
    beside it, which code.css makes a pixel wide.
    """
    row = st.container(horizontal=True, gap=None)
    place = row.container(width="stretch")
    row.container(width=1).space(height)
    with place:
        yield


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Shows the sentence of a LintSeqError where it ends what is drawn inside."""
    try:
        yield
    except LintSeqError as error:
        st.error(as_markdown(str(error)), icon=":material/error:")


# Registered once, here: registering under one name twice confuses mounted instances.
_PLAYER = st.components.v2.component(
    "lintseq_player",
    html='<div class="lsp-mount"></div><div class="lsp-copies"></div>',
    css=player_css() + read_style("player.css") + read_style("copies.css"),
    js=read_script("player.js"),
)


def show_player(
    *payloads: dict[str, Any],
    key: str,
    step: int = 0,
    start: int = 0,
    opening: int = 0,
    autoplay: bool = False,
    linked: bool = False,
    named: bool = False,
    whatif: dict[int, Any] | None = None,
    copies: Sequence[tuple[str, str | None]] = (),
    on_ask: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    """Players of `payloads`, stepping together, first at `step`.

    `start` is where a payload begins that takes the place of another; 0 leaves the step that the
    reader chose, else takes `opening`, the step where nobody chose one, which stands in no address.
    `linked` keeps step and view in the address bar, `named` leaves out the player's own head (the
    page says what is shown), `whatif` holds closures of states by step, `copies` are labels and
    texts (None: the link) to take along. `on_ask` is called for the triggers "sample", "whatif" and
    "branch", whose value is then in the session under `key`.
    """
    data = {
        "payloads": payloads,
        "step": step,
        "start": start,
        "opening": opening,
        "autoplay": autoplay,
        "linked": linked,
        "named": named,
        "asks": sorted(on_ask or {}),
        "whatif": whatif or {},
        "copies": [{"label": label, "text": text} for label, text in copies],
    }
    hooks = {f"on_{name}_change": ask for name, ask in (on_ask or {}).items()}
    with room(PLAYER_HEIGHT if len(payloads) == 1 else SEVERAL_HEIGHT):
        _PLAYER(key=key, data=data, **hooks)


def chart_theme() -> Theme:
    """The colours of the charts in the theme the reader chose."""
    return THEMES[st.context.theme.type or "light"]


def theme_code() -> Code:
    """That theme by its name, for code that draws the same."""
    return constant(theme, chart_theme())


def show_chart(
    figure: Any, *, key: str, alt: str, on_select: Callable[[], None] | None = None
) -> None:
    """A chart in our own colours, with its description for those who do not see it.

    `on_select` is called when points are clicked; they are then in the session under `key`.
    """
    picture = {"filename": key, "format": "png", "scale": 2}
    config = {"displaylogo": False, "toImageButtonOptions": picture}
    with room(int(figure.layout.height or PLOTLY_HEIGHT)):
        if on_select is None:
            st.plotly_chart(figure, key=key, theme=None, config=config, alt=alt)
        else:
            st.plotly_chart(
                figure,
                key=key,
                theme=None,
                config=config,
                alt=alt,
                on_select=on_select,
                selection_mode="points",
            )


def show_reasons(payload: dict[str, Any]) -> None:
    """Every edit in words: how many lines it inserts, and why these."""
    sizes = Counter(payload["births"])
    told = []
    for edit, sentences in enumerate(payload["edits"]):
        lines = "1 line" if sizes[edit] == 1 else f"{sizes[edit]} lines"
        why = " ".join(as_markdown(sentence) for sentence in sentences)
        told.append(f"**Edit {edit + 1}, {lines}.** {why}")
    st.markdown("\n\n".join(told), width=860)  # one element: a long program has hundreds of edits


def show_note(text: str) -> None:
    """A remark in small print; st.caption is too pale to read."""
    st.markdown(f":small[:gray[{as_markdown(text)}]]")


def show_notes(texts: Sequence[str]) -> None:
    """Remarks in small print, close together."""
    if texts:
        st.markdown("  \n".join(f":small[:gray[{as_markdown(text)}]]" for text in texts))


def show_link_faults(faults: list[str]) -> None:
    """What in the link could not be followed."""
    if faults:
        st.warning(
            as_markdown("\n\n".join([*faults, "The page shows its own choice instead."])),
            icon=":material/link_off:",
        )


def show_error(error: LintSeqError) -> None:
    """Why there is nothing to play, with the line at fault."""
    if not isinstance(error, SourceError) or error.line_number is None or not error.line_text:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    place = f"{error.name}, line {error.line_number}: {error.message}."
    st.error(as_markdown(place), icon=":material/error:")
    st.code(f"{error.line_number} | {error.line_text}", language=None, wrap_lines=True)


def show_too_long(n_lines: int, limit: int, choice: SequenceChoice) -> None:
    """That the page does not sample this program, and the command that does."""
    st.warning(
        f"This program has {n_lines:,} lines. The page samples programs up to {limit:,} lines "
        "with this linter; the command line has no limit:",
        icon=":material/hourglass_disabled:",
    )
    st.code(replace(choice, branches=()).as_command("FILE"), language=None)


def as_markdown(text: str) -> str:
    """`text` so that Markdown shows it as it is, with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _escape(text)
    return "".join(f"`{part}`" if i % 2 else _escape(part) for i, part in enumerate(parts))


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~$:&^=])", r"\\\1", text)


def shown(text: str) -> str:
    """`text` that every element can carry: no half characters, and controls by a sign."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in sound
    )
