"""What decides in files of results where they leave a choice: tests of EvalPlus, scorer of Inspect.

Both choices stand in the link; they are asked for only where a file offers them. What was chosen is
told before the widgets are drawn: what stands above them depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.files.samples import Deciding
from dashboard.shared.address import value_of
from lintseq_core.results.scores.tally import SUITE_NAMES

PLUS, BASE = SUITES = ("base and plus", "base alone")
SCORER, TESTS = "scorer", "tests"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the files that are here leave to choose."""

    scorers: tuple[str, ...] = ()
    has_both_suites: bool = False

    def chosen(self) -> Deciding:
        """What the reader or the link chose."""
        is_base = self.has_both_suites and value_of(TESTS, SUITES) == BASE
        scorer = value_of(SCORER, self.scorers) if self.scorers else ""
        return Deciding("base" if is_base else "all", scorer)

    def show(self) -> None:
        """The widgets, side by side; nothing where there is no choice."""
        decided = self.chosen()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            scorer = choose_scorer(self.scorers)
            is_base = self.has_both_suites and _choose_base()
        if Deciding("base" if is_base else "all", scorer) != decided:
            st.rerun()  # the browser's history moved the address under the widgets


def choose_scorer(scorers: Sequence[str]) -> str:
    """The scorer of Inspect that decides, of `scorers`; "" where there is no choice."""
    if not scorers:
        return ""
    return str(
        st.selectbox(
            "Scorer",
            scorers,
            key=SCORER,
            bind="query-params",
            width=260,
            help="Of logs of Inspect with several scorers: the one whose score decides. A log "
            "without it is decided by its first.",
        )
    )


def _choose_base() -> bool:
    chosen = st.segmented_control(
        "Tests of EvalPlus",
        SUITES,
        default=PLUS,
        key=TESTS,
        required=True,
        bind="query-params",
        help="HumanEval+ and MBPP+ are the base tests and many more (plus).",
    )
    return chosen == BASE


def keep_choices(titles: Sequence[str], *keys: str) -> None:
    """Let what is chosen under `keys`, here or in a link, follow a run to its title of today.

    A title names the tests of EvalPlus; links of before did not, and the tests may be changed.
    """
    today = {_plain(title): title for title in titles}
    for key in keys:
        place = st.session_state if key in st.session_state else st.query_params
        chosen = place.get(key)
        if chosen is not None and chosen not in titles and _plain(chosen) in today:
            place[key] = today[_plain(chosen)]


def _plain(title: str) -> str:
    for name in sorted(SUITE_NAMES.values(), key=len, reverse=True):
        title = title.removesuffix(f", {name}")
    return title
