"""What the edit formats cost small models, from the recorded study."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.show import as_markdown, chart_theme, show_chart, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core.charts.format_cost import format_cost_figure
from lintseq_core.experiments.pocket.recorded import format_words, recorded_formats

KEY = "format_cost"


def show_format_cost() -> None:
    """The chart and what it says, below a heading; nothing where no study is recorded."""
    formats = recorded_formats()
    if not len(formats):
        return
    words = format_words(formats)
    st.header("What the format costs", anchor=False)
    st.markdown(as_markdown(words), width=760)
    show_chart(format_cost_figure(formats, chart_theme()), key=KEY, alt=words)
    show_take_along(
        formats,
        KEY,
        chart=KEY,
        python=script(
            code("formats = {}", call(recorded_formats)),
            code("figure = {}", call(format_cost_figure, Code("formats"), theme_code())),
            SHOW_FIGURE,
        ),
    )
