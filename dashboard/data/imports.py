"""Files on their way to a table: small ones at once, large ones by a process of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard.files.deciding import choose_scorer
from dashboard.files.examples import write_shipped
from dashboard.files.samples import TablePlace, is_small, load_scorers, stamped, table_place
from dashboard.shared import background
from dashboard.shared.background import Job
from dashboard.shared.show import as_markdown
from lintseq_core import LintSeqError
from lintseq_core.results.tables.table import Table

MAX_JOBS = 50
_jobs: dict[str, Job] = {}
"""The last job of each table's folder, over or not."""
WORDS = {"rows": "Reading the file", "programs": "Reading the programs"}


def ready_table(path: Path, name: str, scorer: str = "") -> Table | None:
    """The table of a file; None while it is being imported, which the page says, or cannot be.

    `scorer` decides in a log of Inspect with several; by default the first does.
    """
    try:
        write_shipped(path)
        place = table_place(path, name, scorer)
        if place.is_whole:
            return place.open()
        if not place.has_rows and is_small(path):
            place.make()
            return place.open()
    except (LintSeqError, OSError) as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return None
    job = _job(place)
    if job.error and not place.has_rows:
        st.error(as_markdown(job.error), icon=":material/error:")
        if st.button("Try again", key="import_again"):
            _jobs.pop(place.folder.name, None)
            st.rerun()
        return None
    if job.error:
        st.warning(as_markdown(job.error), icon=":material/warning:")
    if not job.is_over:
        _show_progress(place.folder.name, place.has_rows)
    return place.open()


def decided_tables(files: Sequence[tuple[Path, str]]) -> list[Table | None]:
    """The tables of `files` (path, name), as that scorer decides which the reader chooses."""
    place = st.empty()
    with place.container():
        found = [ready_table(path, name) for path, name in files]
    scorers = [_scorers(path, table) for (path, _), table in zip(files, found, strict=True)]
    choices = list(dict.fromkeys(one for named in scorers for one in named))
    scorer = choose_scorer(choices)
    if not scorer:
        return found
    place.empty()
    return [
        ready_table(path, name, scorer if scorer in named and scorer != named[0] else "")
        if table is not None
        else ready_table(path, name, scorer if scorer in named else "")
        for (path, name), named, table in zip(files, scorers, found, strict=True)
    ]


def _scorers(path: Path, table: Table | None) -> tuple[str, ...]:
    """The scorers that a file leaves to choose from; also where none can decide unasked."""
    if table is not None:
        return table.about.scorers
    if not path.is_file() or not is_small(path):
        return ()
    return stamped(load_scorers, path)


def _job(place: TablePlace) -> Job:
    """The import of this file: the one that runs or has failed, else a new one."""
    key = place.folder.name
    job = _jobs.get(key)
    if job is None or (job.is_over and not job.error):
        job = background.start(f"table {key}", place.make_apart) or _jobs.get(key) or Job("table")
        _jobs[key] = job
        for old in [key for key, one in _jobs.items() if one.is_over][:-MAX_JOBS]:
            _jobs.pop(old)
    return job


@st.fragment(run_every=0.5)
def _show_progress(key: str, was_imported: bool) -> None:
    """How far an import is; the page is drawn anew when rows or programs have come."""
    job = _jobs.get(key)
    if job is None or job.is_over or (not was_imported and "imported" in job.events):
        st.rerun()
    stage = "programs" if was_imported else "rows"
    share = min(1.0, job.done / job.of) if job.of and stage in job.events else 0.0
    text = WORDS[stage]
    if was_imported:
        text += ": then structure, tokens and copies can be searched for. The rest works already"
    st.progress(share, text=f"{text} ({share:.0%})")
