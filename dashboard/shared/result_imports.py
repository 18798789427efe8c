"""Results out of files, and what decides in them where they leave a choice: tests and scorer.

Both choices stand in the link; they are asked for only where a file offers them.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.pass_at_k.runs import (
    Deciding,
    Run,
    given_runs,
    given_scorers,
    load_upload,
    load_upload_scorers,
)
from dashboard.shared.show import as_markdown
from lintseq_core import LintSeqError
from lintseq_core.results.scores.tally import SUITE_NAMES

PLUS, BASE = "base and plus", "base alone"


def import_results(uploads: Sequence[UploadedFile]) -> dict[str, dict[float | None, Run]]:
    """The runs in given and uploaded files by name, decided as the reader chooses here."""
    scorers = dict.fromkeys(given_scorers())
    for file in uploads:
        scorers |= dict.fromkeys(load_upload_scorers(file.name, file.getvalue()))
    choices = st.container(horizontal=True, vertical_alignment="bottom")
    scorer = choose_scorer(list(scorers), choices)
    found, faults, errors = _read(uploads, Deciding(scorer=scorer))
    has_both = any(run.tally.suite == "plus" for runs in found.values() for run in runs.values())
    if choose_base(choices, has_both=has_both):
        found, faults, errors = _read(uploads, Deciding("base", scorer))
    for error in errors:
        st.error(as_markdown(error), icon=":material/error:")
    for fault in faults:
        st.warning(as_markdown(f"Left out: {fault}"), icon=":material/warning:")
    return found


def choose_scorer(scorers: Sequence[str], place: st.delta_generator.DeltaGenerator) -> str:
    """The scorer of Inspect that decides, of `scorers`; "" where there is no choice."""
    if not scorers:
        return ""
    return str(
        place.selectbox(
            "Scorer",
            scorers,
            key="scorer",
            bind="query-params",
            width=260,
            help="Of logs of Inspect with several scorers: the one whose score decides. A log "
            "without it is decided by its first.",
        )
    )


def choose_base(place: st.delta_generator.DeltaGenerator, *, has_both: bool) -> bool:
    """Whether the base tests of EvalPlus alone decide; asked only where there are others."""
    if not has_both:
        return False
    chosen = place.segmented_control(
        "Tests of EvalPlus",
        (PLUS, BASE),
        default=PLUS,
        key="tests",
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


def _read(
    uploads: Sequence[UploadedFile], deciding: Deciding
) -> tuple[dict[str, dict[float | None, Run]], tuple[str, ...], list[str]]:
    """The runs, what is wrong with given files, and what with uploads."""
    given = given_runs(deciding)
    found, errors = dict(given.found), []
    for file in uploads:
        try:
            found[file.name] = load_upload(file.name, file.getvalue(), deciding)
        except LintSeqError as error:
            errors.append(str(error))
    return found, given.faults, errors
