"""The page Data, rows: facets beside a list, a pattern, conditions on edits, one row opened."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.components.panel import preview, show_facets, show_rows
from dashboard.data.files import load_facets, load_found
from dashboard.data.link import Linked, change, linked_query
from dashboard.data.row import row_name, show_row
from dashboard.shared.show import as_markdown, errors_in_words, show_note
from dashboard.shared.take_along import show_take_along
from lintseq_core import LintSeqError
from lintseq_core.results.frames import frame_of
from lintseq_core.results.samples.facets import RESULTS, Facet
from lintseq_core.results.samples.features import FEATURES
from lintseq_core.results.samples.query import (
    ANY,
    LAST,
    MAX_CONDITIONS,
    ORDERS,
    PROGRAM,
    Answer,
    Condition,
    ask,
    rows_in_order,
)
from lintseq_core.results.samples.store import Found, Listed, Store, by_line

PER_PAGE = 20
ARTICLES = {name: words for name, words, _ in FEATURES}
PLACES = {PROGRAM: "the program", ANY: "some edit", LAST: "the last edit"} | {
    str(number): f"edit {number}" for number in range(1, 21)
}
HAS = {True: "has", False: "does not have"}
BRINGS = {True: "brings", False: "does not bring"}
MAX_BARS = 80
SIGNS = {True: "✓", False: "✗", None: "·"}


@dataclass(frozen=True, slots=True)
class Largest:
    """What fills the place of bars, of the rows on a page."""

    edit: int
    """Lines of the largest edit; 0 where no program is written as edits."""
    n_lines: int


def answer_of(store: Store, linked: Linked) -> tuple[dict[str, Facet], Answer, Found | None]:
    """What the link asks of `store`; a pattern that cannot be searched for is said and left out."""
    folder = str(store.folder)
    facets = load_facets(folder, store.has_structure)
    found = None
    if linked.query.pattern:
        try:
            found = load_found(folder, linked.query.pattern, linked.query.ignore_case)
        except LintSeqError as error:
            st.error(as_markdown(f"{error}."), icon=":material/error:")
    return facets, ask(store, facets, linked.query, found), found


@st.fragment
@errors_in_words()
def show_browse(store: Store) -> None:
    """Facets, search and conditions; the rows they leave, or one row."""
    linked = linked_query()
    for fault in linked.faults:
        st.warning(as_markdown(fault), icon=":material/link_off:")
    _show_search(store, linked)
    facets, answer, found = answer_of(store, linked)
    left, right = st.columns([3, 8], gap="medium")
    with left:
        show_facets(facets, answer.counts, linked.query, key="data_facets", on_choose=_choose)
        show_note("Click a bar; several of one facet: any of them. Shift takes all between.")
    with right:
        rows = rows_in_order(store, answer, linked.query.order)
        if found is not None and found.n_searched < store.n_rows:
            show_note(
                f"The search took too long: {found.n_searched:,} of {store.n_rows:,} rows were "
                "looked at."
            )
        _show_found(store, answer, linked)
        if linked.row is not None and linked.row < store.n_rows:
            show_row(store, linked.row, rows)
        elif rows.size:
            _show_list(store, rows.tolist(), linked)
        else:
            st.info("No row is like that. Take a choice back.", icon=":material/filter_alt_off:")
        names = [name for name in facets if name != "task"]
        frame = frame_of(
            [
                {"facet": facets[name].title, "value": label, "rows": int(n)}
                for name in names
                for label, n in zip(facets[name].labels, answer.counts[name], strict=True)
            ],
            ("facet", "value", "rows"),
        )
        show_take_along(
            frame,
            "facets",
            python=linked.as_python(store.about.path, store.about.scorer),
        )


def _show_search(store: Store, linked: Linked) -> None:
    state, query = st.session_state, linked.query
    state.data_find, state.data_case = query.pattern, query.ignore_case
    state.data_order = query.order
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Find in the programs",
            key="data_find",
            on_change=_search,
            placeholder=r"a regular expression, as \bwhile\b or ^import",
            help="RE2: its time grows with the text alone, so no pattern can stall the page. "
            "No look-ahead, look-behind, back-references. ^ and $ match at every line.",
            width="stretch",
        )
        st.checkbox("Any case", key="data_case", on_change=_search)
        orders = [one for one in ORDERS if store.has_edits or one not in ("fewest", "most")]
        st.selectbox(
            "Order",
            orders,
            key="data_order",
            format_func=ORDERS.get,
            on_change=_search,
            width=190,
        )
    _show_conditions(store, linked)


def _show_conditions(store: Store, linked: Linked) -> None:
    if not store.has_structure:
        return
    places = list(PLACES) if store.has_edits else [PROGRAM]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            "Structure", places, key="data_place", format_func=PLACES.get, width=160,
            help="From the syntax tree of each program that parses; a feature counts for the edit "
            "that brings the line on which it starts.",
        )  # fmt: skip
        st.selectbox(
            "does or does not",
            (True, False),
            key="data_holds",
            format_func=(HAS if place == PROGRAM else BRINGS).get,
            width=150,
        )
        st.selectbox(
            "what", list(ARTICLES), key="data_feature", format_func=ARTICLES.get, width=210
        )
        st.button(
            "Add condition",
            icon=":material/add:",
            on_click=_add_condition,
            disabled=len(linked.query.conditions) >= MAX_CONDITIONS,
            key="data_add",
        )
    if linked.query.conditions:
        with st.container(horizontal=True):
            for at, condition in enumerate(linked.query.conditions):
                st.button(
                    as_markdown(condition.words(lambda name: ARTICLES[name])),
                    icon=":material/close:",
                    help="Take this condition away",
                    on_click=_drop_condition,
                    args=(at,),
                    key=f"condition_{at}",
                )


def _show_found(store: Store, answer: Answer, linked: Linked) -> None:
    share = f", {answer.n_rows / store.n_rows:.1%}" if store.n_rows else ""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        n = "1 row" if answer.n_rows == 1 else f"{answer.n_rows:,} rows"
        st.markdown(f"**{n}** of {store.n_rows:,}{share}", width="content")
        if not linked.query.is_empty:
            st.button(
                "Clear all",
                icon=":material/filter_alt_off:",
                type="tertiary",
                on_click=_clear,
                key="data_clear",
            )


def _show_list(store: Store, rows: list[int], linked: Linked) -> None:
    n_pages = -(-len(rows) // PER_PAGE)
    page = min(linked.page, n_pages - 1)
    shown = rows[page * PER_PAGE : (page + 1) * PER_PAGE]
    listed, texts, sizes = store.listed(shown), store.texts(shown), store.edit_sizes(shown)
    largest = Largest(
        max((max(of_row, default=0) for of_row in sizes), default=0),
        max((row.n_lines for row in listed), default=0),
    )
    drawn = [
        _row_data(store, row, text, hit) | _shape(row, of_row, largest)
        for row, text, of_row, hit in zip(
            listed, texts, sizes, _hit_lines(texts, linked), strict=True
        )
    ]
    bars = "a bar an edit, as high as it has lines; below them " if largest.edit else ""
    show_note(f"Beside each row {bars}its length. The largest on this page fills its place.")
    show_rows(drawn, first=page * PER_PAGE + 1, key="data_rows", on_open=_open)
    if n_pages > 1:
        st.session_state.data_page = page + 1
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Previous page", on_click=_turn, args=(page - 1,), disabled=page == 0)
            st.button("Next page", on_click=_turn, args=(page + 1,), disabled=page + 1 == n_pages)
            st.markdown(f"Page {page + 1:,} of {n_pages:,}", width="content")


def _row_data(store: Store, row: Listed, text: str, hit: int | None) -> dict[str, object]:
    words = row.verdict or ("" if row.passed is None else RESULTS[not row.passed])
    words = ", ".join(filter(None, (words, row.tests)))
    about = "1 line" if row.n_lines == 1 else f"{row.n_lines:,} lines"
    if row.n_edits:
        about += ", 1 edit" if row.n_edits == 1 else f", {row.n_edits:,} edits"
    return {
        "index": row.index,
        "task": row_name(store, row, 80),
        "verdict": f"{SIGNS[row.passed]} {words}" if words else "",
        "about": about,
        "lines": preview(text, hit),
    }


def _shape(row: Listed, sizes: tuple[int, ...], largest: Largest) -> dict[str, object]:
    """What tells a row from others at a glance: the sizes of its edits, its length, its faults."""
    together = (
        -(-len(sizes) // MAX_BARS) or 1
    )  # where edits are more than bars: the largest of each
    bars = [max(sizes[at : at + together]) for at in range(0, len(sizes), together)]
    faults = f"✗ {row.n_faults:,} fault{'s' * (row.n_faults > 1)}" if row.n_faults else ""
    return {
        "bars": [size / largest.edit for size in bars],
        "length": row.n_lines / largest.n_lines if largest.n_lines else 0,
        "faults": faults,
    }


def _hit_lines(texts: list[str], linked: Linked) -> list[int | None]:
    """The first line of each text that the pattern is found in."""
    if not linked.query.pattern:
        return [None] * len(texts)
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        places = pc.find_substring_regex(
            pa.array(texts, pa.string()),
            by_line(linked.query.pattern),
            ignore_case=linked.query.ignore_case,
        ).to_pylist()
    except pa.ArrowException:
        return [None] * len(texts)
    return [
        text.encode().count(b"\n", 0, place) if place >= 0 else None
        for text, place in zip(texts, places, strict=True)
    ]


def _choose() -> None:
    asked = st.session_state.data_facets["choose"]
    linked = linked_query()
    if isinstance(asked, dict) and isinstance(asked.get("keys"), list):
        keys = tuple(str(key) for key in asked["keys"])
        change(linked.query.with_choice(str(asked.get("facet")), keys))


def _search() -> None:
    state = st.session_state
    query = linked_query().query
    change(
        replace(
            query,
            pattern=state.data_find,
            ignore_case=bool(state.data_case),
            order=state.data_order,
        )
    )


def _add_condition() -> None:
    state = st.session_state
    query = linked_query().query
    condition = Condition(state.data_place, state.data_feature, bool(state.data_holds))
    if condition not in query.conditions:
        change(replace(query, conditions=(*query.conditions, condition)))


def _drop_condition(at: int) -> None:
    query = linked_query().query
    kept = tuple(one for place, one in enumerate(query.conditions) if place != at)
    change(replace(query, conditions=kept))


def _clear() -> None:
    change(replace(linked_query().query, choices=(), pattern="", conditions=()))


def _open() -> None:
    change(linked_query().query, row=int(st.session_state.data_rows["open"]), keep_page=True)


def _turn(page: int) -> None:
    change(linked_query().query, page=page)
