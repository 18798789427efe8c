"""What lies before this visitor: the server's files, and those that the visitor brought.

Every page that reads files asks here. The address holds what the visitor brought, so that a reload
brings it back; it opens nothing that somebody else brought.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from dashboard.files.brought import REF_LENGTH, USED_ON, Brought, belongs_where, path_ref
from dashboard.files.given import files_below
from dashboard.files.samples import (
    PROGRAM,
    UPLOADS,
    Recognised,
    is_program,
    load_recognised,
    recognise_file,
    stamped,
)
from dashboard.files.shelf import Kept, Label, Shelf
from dashboard.files.visitor import visitor
from lintseq_core import LintSeqError
from lintseq_core.cli.dashboard import FILES_VARIABLE

PARAMETER = "files"
"""Of the address: what the visitor brought."""
KEYS = "brought"
"""In the session: keys of what was brought, in this order, each with the name it came with."""
NOTES = "brought_notes"
"""In the session: what is to be said of the last uploads and of links."""
MAX_GIVEN = 200
MAX_NAME = 120
MAX_LINKED = 40
REF = re.compile(rf"[0-9a-f]{{{REF_LENGTH},64}}")
NAMED = (
    "runs", "runs_default", "div_runs", "div_runs_default", "run", "run_a", "run_b", "pilot",
    "forecast_run",
    "problem_run", "div_run", "gain_a", "gain_b", "data", "beside",
)  # fmt: skip
"""Keys of the session and parameters of the address that hold names of files or runs."""
ANOTHER = (
    "This link names a file that somebody uploaded in their own browser: ask them for the file, "
    "and upload it here."
)
GONE = (
    "This link names a file that this server does not hold (any more): uploads go after a while. "
    "Upload it again, or ask whoever gave you the link for the file."
)


@dataclass(slots=True)
class Note:
    """Something to be said above the list."""

    kind: str
    """"error", "warning" or "info"."""
    text: str
    page: str = ""
    """Where to go on, by its title."""
    said_on: str = ""


@st.cache_resource(max_entries=1)
def load_shelf() -> Shelf:
    """Where uploads of all visitors lie; the folder goes with the server."""
    return Shelf(Path(_load_folder().name))


@st.cache_resource(max_entries=1)
def _load_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=UPLOADS)


# ------------------------------------------------------------------ the list


def brought(ships: Iterable[Brought] = ()) -> list[Brought]:
    """Every file that is here: given ones, the visitor's own, then `ships`; names are unlike."""
    follow_address()
    found: list[Brought] = []
    taken: set[str] = set()
    for file in (*map(_labelled, (*given_files(), *_own_files())), *ships):
        if any(file.path == other.path for other in found):
            continue
        name = file.name if file.name not in taken else _untaken(file, taken)
        taken.add(name)
        found.append(replace(file, name=name))
    return found


def used_on(files: Iterable[Brought], page: str) -> list[Brought]:
    """Those of `files` that `page` reads."""
    return [file for file in files if page in USED_ON[file.kind]]


def given_files() -> list[Brought]:
    """The files that the server was started on, and those in their folders; others are left out."""
    paths = tuple(json.loads(os.environ.get(FILES_VARIABLE, "") or "[]"))
    found = []
    for path in _candidates(paths):
        recognised = _on_server(path)
        if recognised is not None:
            found.append(_brought(path.name, path, recognised, "given"))
        if len(found) == MAX_GIVEN:
            break
    return found


def _candidates(paths: tuple[str, ...]) -> list[Path]:
    """`paths`, and the files in those that are folders."""
    found: list[Path] = []
    for path in map(Path, paths):
        found += [path, *(files_below(path) if path.is_dir() else ())]
    return found


def _on_server(path: Path, *, may_be_program: bool = False) -> Recognised | None:
    try:
        return stamped(load_recognised, path, may_be_program)
    except OSError:
        return Recognised("results", "cannot be opened")  # whoever reads it says why


def _own_files() -> list[Brought]:
    """What the visitor brought, as far as it is still there; what is gone is said and dropped."""
    shelf, me = load_shelf(), visitor()
    found = []
    n_keys = len(_keys())
    for key, name in dict(_keys()).items():
        kept = shelf.find(me, key)
        if kept is None or not kept.path.exists():
            forget(key)
            note("warning", f"{name} is no longer on this server, which keeps files for a while: "
                 "upload it again.")  # fmt: skip
            continue
        recognised = _on_server(kept.path, may_be_program=True)
        if recognised is not None:
            origin = "uploaded" if kept.is_copy else "opened"
            found.append(_brought(name, kept.path, recognised, origin, kept))
    if len(_keys()) != n_keys:
        _write_address()
    return found


def _brought(
    name: str, path: Path, recognised: Recognised, origin: str, kept: Kept | None = None
) -> Brought:
    sha256 = kept.key if kept is not None and kept.is_copy else ""
    return Brought(name, name, path, recognised.kind, recognised.title, origin, sha256)  # type: ignore[arg-type]


def _untaken(file: Brought, taken: set[str]) -> str:
    """Another name for a file whose name is taken: links to given files keep theirs."""
    if file.origin != "uploaded":
        return str(file.path)
    number = 2
    while f"{file.name} ({number})" in taken:
        number += 1
    return f"{file.name} ({number})"


def _labelled(file: Brought) -> Brought:
    label = load_shelf().label(visitor(), file.ref)
    return replace(file, name=label.name or file.name, colour=label.colour)


# ------------------------------------------------------------------ bringing and taking away


def bring_upload(name: str, content: bytes | memoryview) -> Brought:
    """Keep an upload, first of the visitor's list. LintSeqError for what is no file for a page."""
    shelf, me = load_shelf(), visitor()
    kept = shelf.keep(me, name, content)
    try:
        recognised = recognise_file(kept.path, name)
    except (LintSeqError, OSError) as error:
        if not is_program(kept.path):
            if kept.key not in _keys():
                shelf.drop(me, kept.key)
            raise LintSeqError(str(error).replace(str(kept.path), name)) from None
        recognised = PROGRAM
    _remember(kept.key, name)
    return _brought(name, kept.path, recognised, "uploaded", kept)


def bring_path(path: Path, name: str) -> str:
    """Add a file of this machine to the visitor's list; the name it is shown under."""
    kept = load_shelf().open_path(visitor(), path_ref(path), name, path)
    _remember(kept.key, name)
    return next((file.name for file in brought() if file.path == path), name)


def take_away(file: Brought) -> None:
    """Take one of the visitor's own files off the list, and off the server."""
    key = file.sha256 or file.ref
    forget(key)
    load_shelf().drop(visitor(), key)
    _write_address()


def rename(file: Brought, name: str, files: Iterable[Brought]) -> None:
    """Call `file` so from now on. LintSeqError where the name is taken, or none."""
    name = " ".join(name.split())[:MAX_NAME]
    if not name:
        raise LintSeqError(f"{file.name}: a file needs a name")
    if any(other.name == name and other.path != file.path for other in files):
        raise LintSeqError(f"{name}: another file is called so; choose another name")
    load_shelf().put_label(visitor(), file.ref, Label(name, file.colour))
    follow_rename(file.name, name)


def recolour(file: Brought, colour: int | None) -> None:
    """Draw `file` in this colour from now on; None: as each page chooses."""
    label = load_shelf().label(visitor(), file.ref)
    load_shelf().put_label(visitor(), file.ref, Label(label.name, colour))


def follow_rename(old: str, new: str) -> None:
    """Let choices of files and runs, in the session and in the address, follow a new name."""

    def today(value: object) -> object:
        if isinstance(value, list):
            return [today(one) for one in value]
        if isinstance(value, str) and (value == old or value.startswith(f"{old}, ")):
            return new + value.removeprefix(old)
        return value

    for key in NAMED:
        if key in st.session_state:
            st.session_state[key] = today(st.session_state[key])
        values = st.query_params.get_all(key)
        if values and today(values) != values:
            st.query_params[key] = today(values)  # type: ignore[assignment]


def note(kind: str, text: str, page: str = "") -> None:
    """Say something above the list; `page`: the title of the page where to go on."""
    notes: list[Note] = st.session_state.setdefault(NOTES, [])
    if not any((one.kind, one.text) == (kind, text) for one in notes):
        notes.append(Note(kind, text, page))


def notes_for(page: str) -> list[Note]:
    """What is to be said on `page`; what was said on another one has been read there."""
    notes: list[Note] = st.session_state.setdefault(NOTES, [])
    for one in notes:
        one.said_on = one.said_on or page
    st.session_state[NOTES] = [one for one in notes if one.said_on == page]
    return list(st.session_state[NOTES])


def forget_notes() -> None:
    """Say no more what was to be said."""
    st.session_state[NOTES] = []


def note_misplaced(file: Brought, page: str) -> None:
    """Say where an upload belongs that `page` does not read."""
    if page not in USED_ON[file.kind]:
        note("info", f"{belongs_where(file)}.", USED_ON[file.kind][0])


def _keys() -> dict[str, str]:
    keys: dict[str, str] = st.session_state.setdefault(KEYS, {})
    return keys


def _remember(key: str, name: str) -> None:
    _keys()[key] = name
    _write_address()


def forget(key: str) -> None:
    """Take a key off the session's list."""
    _keys().pop(key, None)


# ------------------------------------------------------------------ the address


def follow_address() -> None:
    """Bring back what the address names, and write to it what the session holds."""
    shelf, me = load_shelf(), visitor()
    held = {key[:REF_LENGTH] for key in _keys()}
    linked = st.query_params.get(PARAMETER, "").split(",")[:MAX_LINKED]
    for ref in linked:
        if not ref or ref[:REF_LENGTH] in held:
            continue
        if not REF.fullmatch(ref):
            note("warning", GONE)
        elif (kept := shelf.find(me, ref)) is not None:
            _keys()[kept.key] = kept.name
        elif not _is_on_server(ref):
            note("warning", ANOTHER if shelf.is_of_another(me, ref) else GONE)
    _write_address()


def _is_on_server(ref: str) -> bool:
    """Whether the link names a file that lies here by the operator's wish: it is in the list."""
    for file in given_files():
        try:
            if file.ref == ref or file.key.startswith(ref):
                return True
        except OSError:
            continue  # it cannot be read, and the page that reads it says so
    return False


def _write_address() -> None:
    refs = ",".join(key[:REF_LENGTH] for key in _keys())
    if refs:
        if st.query_params.get(PARAMETER) != refs:
            st.query_params[PARAMETER] = refs
    elif PARAMETER in st.query_params:
        del st.query_params[PARAMETER]
