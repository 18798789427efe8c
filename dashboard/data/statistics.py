"""The page Data, numbers: of the rows that a query leaves, and of two data sets side by side."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard.data.browse import answer_of
from dashboard.data.link import answer_code, linked_query, store_code
from dashboard.shared.calls import Code, call, code, script
from dashboard.shared.commands import command_line
from dashboard.shared.show import chart_theme, errors_in_words, show_chart, show_note
from dashboard.shared.take_along import show_take_along
from lintseq_core.charts.distribution import (
    edit_features_figure,
    features_figure,
    histogram_figure,
)
from lintseq_core.cli.dataset.stats import stats
from lintseq_core.results.frames import Frame
from lintseq_core.results.samples.facets import TITLES
from lintseq_core.results.samples.query import Answer, Query
from lintseq_core.results.samples.statistics import (
    COUNTS,
    MEASURES,
    SHARES,
    Part,
    edit_feature_frame,
    feature_frame,
    histogram_frame,
    numbers_of,
    overlap,
    summary_frame,
    unlike_tests,
)
from lintseq_core.results.samples.store import Store

WAIT = "Tokens, copies and what programs are built of follow when all programs have been read."


@errors_in_words()
def show_statistics(store: Store, name: str) -> None:
    """The measures and charts of the rows that the query leaves."""
    linked = linked_query()
    _, answer, _ = answer_of(store, linked)
    if not linked.query.is_empty:
        show_note(
            f"Of the {answer.n_rows:,} rows chosen under Rows; all of them: take the choice back."
        )
    if not answer.n_rows:
        st.info("No row is like that. Take a choice back.", icon=":material/filter_alt_off:")
        return
    _show_parts({name: Part(store, answer.selection)}, linked.query)


@errors_in_words()
def show_two(parts: dict[str, Store]) -> None:
    """Two data sets: measures with their differences, programs in common, paired charts."""
    both = {name: Part(store) for name, store in parts.items()}
    _show_parts(both, Query())


def _show_parts(parts: dict[str, Part], query: Query) -> None:
    stores = [part.store for part in parts.values()]
    frame = summary_frame(parts)
    st.dataframe(
        pd.DataFrame(
            [_words(measure, row) for measure, row in zip(MEASURES, frame.rows(), strict=True)]
        ),
        hide_index=True,
        key="measures",
        height="content",
    )
    if len(parts) == 2 and unlike_tests(parts):
        show_note("Rows are decided by different tests of EvalPlus: no difference is shown.")
    if not all(store.has_structure for store in stores):
        show_note(WAIT)
    commands = [
        command_line(stats, file=store.about.path)
        for store in stores
        if store.about.kind == "data set" and query.is_empty  # it counts every row
    ]
    show_take_along(
        frame,
        "statistics",
        python=_python(stores, query, summary_frame),
        command="\n".join(commands),
    )
    if len(parts) == 2:
        _show_overlap(parts)
    with st.container(horizontal=True):
        chosen = st.selectbox(
            "How is it spread?",
            numbers_of(stores),
            format_func=lambda name: TITLES[name],
            key="spread",
            bind="query-params",
            width=260,
        )
    histogram = histogram_frame(parts, chosen)
    labels = " and ".join(parts)
    if len(histogram):
        show_chart(
            histogram_figure(histogram, chart_theme(), x=TITLES[chosen].lower()),
            key="histogram",
            alt=f"{TITLES[chosen]} of {labels}: {_spoken(histogram)}",
        )
        show_take_along(
            histogram,
            f"histogram_{chosen}",
            chart="histogram",
            python=_python(stores, query, histogram_frame, chosen),
        )
    features = feature_frame(parts)
    if len(features):
        st.header("What the programs are built of", anchor=False)
        show_chart(
            features_figure(features, chart_theme()),
            key="features",
            alt=f"Share of the programs of {labels} with each feature",
        )
        show_take_along(
            features,
            "features",
            chart="features",
            python=_python(stores, query, feature_frame),
        )
    for number, (name, part) in enumerate(parts.items()):
        edits = edit_feature_frame(part)
        if len(edits):
            st.header("Which edit brings what", anchor=False)
            show_note(f"{name}: of the programs that have such an edit, how many get it there.")
            show_chart(
                edit_features_figure(edits, chart_theme()),
                key=f"edit_features_{number}",
                alt=f"Share of the programs of {name} to which each edit brings each feature",
            )
            show_take_along(
                edits,
                f"edit_features_{number}",
                chart=f"edit_features_{number}",
                python=_python([part.store], query, edit_feature_frame),
            )


def _show_overlap(parts: dict[str, Part]) -> None:
    (name_a, a), (name_b, b) = parts.items()
    found = overlap(a, b)
    if found is None:
        return
    programs = "1 program" if found.n_both == 1 else f"{found.n_both:,} programs"
    show_note(
        f"{programs} in both, of {found.n_a:,} different ones in {name_a} and {found.n_b:,} in "
        f"{name_b}: {_percent(found.share_a)} of the rows of the first and "
        f"{_percent(found.share_b)} of the second. Spaces at line ends and blank lines at "
        "either end aside, a program is its text."
    )


def _words(measure: str, row: dict[str, object]) -> dict[str, object]:
    """The row of `measure` in the table of measures with its numbers as text."""
    return {
        name: value if name == "measure" else _said(measure, float(str(value)), name)
        for name, value in row.items()
    }


def _said(measure: str, value: float, column: str) -> str:
    if math.isnan(value):
        return "–"
    sign = "+" if column == "difference" and value > 0 else ""
    if measure in SHARES:
        points = " points" if column == "difference" else "%"
        return f"{sign}{100 * value:.1f}{points}"
    return f"{sign}{value:,.0f}" if measure in COUNTS else f"{sign}{value:,.2f}"


def _spoken(frame: Frame) -> str:
    """The fullest bin of each data set, for those who do not see the chart."""
    best: dict[str, dict[str, object]] = {}
    for row in frame.rows():
        if row["data"] not in best or row["n"] > best[row["data"]]["n"]:  # type: ignore[operator]
            best[row["data"]] = row
    return "; ".join(
        f"in {name} most rows, {float(str(row['share'])):.0%}, have {row['from']} to {row['to']}"
        for name, row in best.items()
    )


def _python(
    stores: list[Store], query: Query, function: Callable[..., Frame], *options: object
) -> str:
    """A script that prints `function` of the rows of `stores` that `query` leaves."""
    parts = {}
    steps = []
    for number, store in enumerate(stores, start=1):
        part = Code(f"part_{number}")
        parts[store.about.path] = part
        steps.append(store_code(store.about.path, store.about.scorer))
        chosen: dict[str, object] = {}
        if not query.is_empty:
            steps.append(answer_code(query))
            chosen["selection"] = code("answer.{}", Answer.selection)
        steps.append(code("{} = {}", part, call(Part, Code("store"), **chosen)))
    of = Code("part_1") if function is edit_feature_frame else parts
    frame = Code("frame")
    return script(
        *steps,
        code("{} = {}", frame, call(function, of, *options)),
        code("print({})", call(Frame.to_csv, frame)),
    )


def _percent(share: float) -> str:
    return "none" if math.isnan(share) else f"{share:.1%}"
