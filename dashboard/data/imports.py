"""Files on their way to a store: small ones at once, large ones by a process of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard.files.deciding import choose_scorer
from dashboard.files.examples import write_shipped
from dashboard.files.samples import StorePlace, scorers_in_file, store_place
from dashboard.shared.background import Job
from dashboard.shared.show import as_markdown, errors_in_words
from lintseq_core import LintSeqError
from lintseq_core.results.samples.store import Store

WORDS = {"rows": "Reading the file", "programs": "Reading the programs"}


def ready_store(path: Path, name: str, scorer: str = "") -> Store | None:
    """The store of a file; None while it is being imported, which the page says, or cannot be.

    `scorer` decides in a log of Inspect with several; by default the first does.
    """
    try:
        write_shipped(path)
        place = store_place(path, name, scorer)
        place.make()
    except (LintSeqError, OSError) as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return None
    if place.has_structure:
        return _opened(place)
    job = place.job()
    if job.error and not place.has_rows:
        st.error(as_markdown(job.error), icon=":material/error:")
        if st.button("Try again", key="import_again"):
            place.forget_job()
            st.rerun()
        return None
    if job.error:
        st.warning(as_markdown(job.error), icon=":material/warning:")
    if not job.is_over:
        _show_progress(job, place.has_rows)
    return _opened(place)


def _opened(place: StorePlace) -> Store | None:
    with errors_in_words():
        return place.open()
    return None


def decided_stores(files: Sequence[tuple[Path, str]]) -> list[Store | None]:
    """The stores of `files` (path, name), as that scorer decides which the reader chooses."""
    place = st.empty()
    with place.container():
        found = [ready_store(path, name) for path, name in files]
    scorers = [
        store.about.scorers if store is not None else _scorers(path, name)
        for (path, name), store in zip(files, found, strict=True)
    ]
    choices = list(dict.fromkeys(one for named in scorers for one in named))
    scorer = choose_scorer(choices)
    if not scorer:
        return found
    place.empty()
    return [
        ready_store(path, name, scorer if scorer in named and scorer != named[0] else "")
        if store is not None
        else ready_store(path, name, scorer if scorer in named else "")
        for (path, name), named, store in zip(files, scorers, found, strict=True)
    ]


def _scorers(path: Path, name: str) -> tuple[str, ...]:
    """The scorers of a file of which none decides unless it is chosen."""
    try:
        return scorers_in_file(path, name)
    except OSError:
        return ()


@st.fragment(run_every=0.5)
def _show_progress(job: Job, was_imported: bool) -> None:
    """How far an import is; the page is drawn anew when rows or programs have come."""
    if job.is_over or (not was_imported and "imported" in job.events):
        st.rerun()
    stage = "programs" if was_imported else "rows"
    share = min(1.0, job.done / job.of) if job.of and stage in job.events else 0.0
    text = WORDS[stage]
    if was_imported:
        text += ": then structure, tokens and copies can be searched for. The rest works already"
    st.progress(share, text=f"{text} ({share:.0%})")
