"""pass@k beyond the samples: four models side by side, and how each sees small solve rates."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.pass_at_k.code import runs_code
from dashboard.pass_at_k.runs import Run, counts_of
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.show import as_markdown, chart_theme, show_chart, show_note, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core import LintSeqError
from lintseq_core.charts.forecast import forecast_figure, rate_figure
from lintseq_core.metrics.forecast import DEFAULT_MODEL, IS_RELIABLE, MODELS
from lintseq_core.results.frames import Frame
from lintseq_core.results.scores.curves import MEASURED
from lintseq_core.results.scores.forecasts import forecast_frame, rate_frame
from lintseq_core.results.scores.tally import Tally

LINEAR, LOGARITHMIC = AXES = ("pass@k", "−log pass@k, logarithmic")


def show_forecast(runs: dict[str, Run]) -> None:
    """What each model says of one run, as curves, as a density of solve rates, in a table."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Run", list(runs), key="forecast_run", bind="query-params", width=360)
        beyond = st.number_input(
            "Up to k =", min_value=2, max_value=100_000, value=1_000, step=100, key="forecast_k",
            bind="query-params", width=150,
        )  # fmt: skip
        axes = st.selectbox("Axes", AXES, key="forecast_axes", bind="query-params", width=230)
    found = runs[name].tally
    try:
        frame, rates = _forecast(found, int(beyond))
    except LintSeqError as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    st.markdown(as_markdown(_told(frame, int(beyond))), width=860)
    logarithmic = axes == LOGARITHMIC
    figure = forecast_figure(frame, chart_theme(), logarithmic=logarithmic)
    last = _last(frame)
    said = "; ".join(f"{model} {row['pass_at_k']:.1%}" for model, row in last.items())
    show_chart(
        figure, key="forecast", alt=f"pass@k of {name} by several models. At the end: {said}"
    )
    st.dataframe(
        pd.DataFrame(_table(last)), hide_index=True, width="content", key="forecasts",
        height="content",
    )  # fmt: skip
    show_note(
        "Full line: measured. Dashed: by a model, with a band of 95 % over problems, which holds "
        "how sure the fit is, not whether the model is right. On logarithmic axes a power law is "
        "straight."
    )
    show_take_along(
        frame, "forecast", chart="forecast", python=_python(runs, name, int(beyond), logarithmic)
    )
    st.header("Solve rates behind it", anchor=False)
    show_chart(
        rate_figure(rates, chart_theme()),
        key="rate_density",
        alt=f"Density of solve rates of {name} by each model, down to one in a million",
    )
    show_take_along(
        rates, "rate_density", chart="rate_density", python=_python_of_rates(runs, name)
    )
    show_note(
        "The left tail is what more samples reach. Of rates far below one in the samples that are "
        "there, the counts say nothing: where the models part there, so do their forecasts."
    )


@st.cache_resource(
    max_entries=32, show_spinner="Fitting four models", hash_funcs={Tally: counts_of}
)
def _forecast(found: Tally, beyond: int) -> tuple[Frame, Frame]:
    return forecast_frame(found, beyond), rate_frame(found)


def _last(frame: Frame) -> dict[str, dict[str, float]]:
    """The last row of each model."""
    return {row["model"]: row for row in frame.rows() if row["model"] != MEASURED}


def _told(frame: Frame, beyond: int) -> str:
    row = _last(frame)[DEFAULT_MODEL]
    told = (
        f"pass@{beyond:,} by the {DEFAULT_MODEL} model: {row['pass_at_k']:.1%}, "
        f"{row['low']:.1%} to {row['high']:.1%}."
    )
    if IS_RELIABLE:
        return f"{told} It did best on truths that are known."
    return (
        f"{told} No model held truths that are known often enough to be relied on (the back-test "
        "stands in docs/forecasts.md): look at where the four part."
    )


def _table(last: dict[str, dict[str, float]]) -> list[dict[str, str]]:
    return [
        {
            "model": model,
            f"pass@{row['k']:,}": f"{row['pass_at_k']:.1%}",
            "95 % band": f"{row['low']:.1%} to {row['high']:.1%}",
            "never solved": "–" if row["never"] != row["never"] else f"{row['never']:.0%}",
            "exponent": f"{row['exponent']:.2f}",
            "what it takes for granted": MODELS[model],  # type: ignore[index]
        }
        for model, row in last.items()
    ]


def _python_of_rates(runs: dict[str, Run], name: str) -> str:
    return script(
        runs_code({name: runs[name]}),
        code("frame = {}", call(rate_frame, code("runs[{}]", name))),
        code("figure = {}", call(rate_figure, Code("frame"), theme_code())),
        SHOW_FIGURE,
    )


def _python(runs: dict[str, Run], name: str, beyond: int, logarithmic: bool) -> str:
    return script(
        runs_code({name: runs[name]}),
        code("frame = {}", call(forecast_frame, code("runs[{}]", name), beyond)),
        code(
            "figure = {}",
            call(forecast_figure, Code("frame"), theme_code(), logarithmic=logarithmic),
        ),
        SHOW_FIGURE,
    )
