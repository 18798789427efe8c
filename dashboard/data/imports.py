"""Files on their way to a table: small ones at once, large ones by a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

import lintseq_core
from dashboard.data.files import open_table, write_shipped
from dashboard.pass_at_k.runs import load_scorers
from dashboard.shared import background
from dashboard.shared.background import Job
from dashboard.shared.result_imports import choose_scorer
from dashboard.shared.show import as_markdown
from lintseq_core import LintSeqError
from lintseq_core.results.samples.cache import prune_tables, table_folder, tables_folder
from lintseq_core.results.samples.importing import ABOUT, build_table
from lintseq_core.results.samples.store import Table
from lintseq_core.results.samples.structure import STRUCTURE, build_structure

SMALL_BYTES = 300_000
"""Up to which a file is imported while the page waits."""
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
        folder = table_folder(path, scorer)
        if (folder / STRUCTURE).is_file():
            return open_table(path, scorer)
        if not (folder / ABOUT).is_file() and _is_small(path):
            build_table(path, folder, name=name, scorer=scorer)
            build_structure(folder)
            return open_table(path, scorer)
    except (LintSeqError, OSError) as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return None
    job = _job(path, folder, name, scorer)
    if job.error and not (folder / ABOUT).is_file():
        st.error(as_markdown(job.error), icon=":material/error:")
        if st.button("Try again", key="import_again"):
            _jobs.pop(folder.name, None)
            st.rerun()
        return None
    if job.error:
        st.warning(as_markdown(job.error), icon=":material/warning:")
    if not job.is_over:
        _show_progress(folder.name, (folder / ABOUT).is_file())
    return open_table(path, scorer)


def decided_tables(paths: Sequence[Path]) -> list[Table | None]:
    """The tables of `paths`, as the scorer decides that the reader chooses of logs of Inspect."""
    place = st.empty()
    with place.container():
        found = [ready_table(path, path.name) for path in paths]
    scorers = [_scorers(path, table) for path, table in zip(paths, found, strict=True)]
    choices = list(dict.fromkeys(one for named in scorers for one in named))
    scorer = choose_scorer(choices, st.container(horizontal=True, vertical_alignment="bottom"))
    if not scorer:
        return found
    place.empty()
    return [
        ready_table(path, path.name, scorer if scorer in named and scorer != named[0] else "")
        if table is not None
        else ready_table(path, path.name, scorer if scorer in named else "")
        for path, named, table in zip(paths, scorers, found, strict=True)
    ]


def _scorers(path: Path, table: Table | None) -> tuple[str, ...]:
    """The scorers that a file leaves to choose from; also where none can decide unasked."""
    if table is not None:
        return table.about.scorers
    if not path.is_file() or not _is_small(path):
        return ()
    about = path.stat()
    return load_scorers(str(path), about.st_mtime_ns, about.st_size)


def _is_small(path: Path) -> bool:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files) <= SMALL_BYTES


def _job(path: Path, folder: Path, name: str, scorer: str) -> Job:
    """The import of this file: the one that runs or has failed, else a new one."""
    job = _jobs.get(folder.name)
    if job is None or (job.is_over and not job.error):
        started = background.start(
            f"table {folder.name}", lambda job: _import(job, path, folder, name, scorer)
        )
        job = started or _jobs.get(folder.name) or Job("table")
        _jobs[folder.name] = job
        for old in [key for key, one in _jobs.items() if one.is_over][:-MAX_JOBS]:
            _jobs.pop(old)
    return job


def _import(job: Job, path: Path, folder: Path, name: str, scorer: str) -> None:
    job.of = path.stat().st_size if path.is_file() else 0
    package = str(Path(lintseq_core.__file__).resolve().parents[1])
    paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "lintseq_core.results.samples", str(path), str(folder)]
    command += [name, scorer]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    last: dict[str, object] = {}
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            last = json.loads(line)
            job.events.append(last["stage"]) if last["stage"] not in job.events else None
            if last["stage"] == "rows":
                job.done = int(str(last["done"]))
            elif last["stage"] == "programs":
                job.done, job.of = int(str(last["done"])), int(str(last["of"]))
    if last.get("stage") == "error":
        raise LintSeqError(str(last["said"]))
    if last.get("stage") != "done":
        raise LintSeqError(
            f"{name}: the import ended early (code {process.returncode}): out of memory, or a file "
            "that a parser does not survive; try a part of the file"
        )
    prune_tables(tables_folder())


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
