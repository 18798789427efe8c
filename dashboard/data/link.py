"""The address bar holds what the reader of the page Data asks for; nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import streamlit as st

from dashboard.shared.calls import Code, call, code, lines, script
from dashboard.shared.links import read_number
from lintseq_core.results.samples.facets import TITLES, facets_of
from lintseq_core.results.samples.importing import import_file
from lintseq_core.results.samples.query import Answer, Query, ask, read_query, write_query
from lintseq_core.results.samples.store import Store
from lintseq_core.results.samples.structure import build_structure

NAMES = (*(f"in_{name}" for name in TITLES), "where", "find", "case", "order", "page", "row")
"""Parameters of the link that this page writes."""
KEPT = "data_link"
"""In the session: the parameters when the page was left."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What the address bar asks for, and a sentence for each part that cannot be followed."""

    query: Query
    page: int = 0
    row: int | None = None
    faults: tuple[str, ...] = ()

    def as_python(self, path: str, scorer: str = "") -> str:
        """A script that finds the same rows."""
        return script(
            store_code(path, scorer),
            answer_code(self.query),
            code('print(f"{{answer.{}:,}} of {{store.{}:,}} rows")', Answer.n_rows, Store.n_rows),
        )


def store_code(path: str, scorer: str) -> Code:
    """Python that imports the file at `path` into a `store`."""
    folder = Code("folder")
    options = {"scorer": scorer} if scorer else {}
    return lines(
        code("folder = {}", call(Path, call(mkdtemp), "store")),
        call(import_file, Path(path), folder, **options),
        call(build_structure, folder),
        code("store = {}", call(Store, folder)),
    )


def answer_code(query: Query) -> Code:
    """Python that asks a `store` for the rows of `query`, into `answer`."""
    store, pattern = Code("store"), code("query.{}", Query.pattern)
    ignore_case = code("query.{}", Query.ignore_case)
    found = call(Store.search, store, pattern, ignore_case=ignore_case)
    asked = call(ask, store, call(facets_of, store), Code("query"), Code("found"))
    return lines(
        code("query, _ = {}", call(read_query, write_query(query))),
        code("found = {} if {} else None", found, pattern),
        code("answer = {}", asked),
    )


def linked_query() -> Linked:
    """What the address bar asks for now."""
    parameters = {name: st.query_params.get_all(name) for name in NAMES}
    query, faults = read_query(parameters)
    numbers: dict[str, int] = {}
    for name in ("page", "row"):
        if parameters[name]:
            number = read_number(parameters[name][-1])
            if number:
                numbers[name] = number
            else:
                faults.append(f"The {name} is not a whole number from 1 on.")
    row = numbers.get("row")
    return Linked(
        query, numbers.get("page", 1) - 1, None if row is None else row - 1, tuple(faults)
    )


def change(query: Query, *, page: int = 0, row: int | None = None, keep_page: bool = False) -> None:
    """Write `query` to the address bar; the first page of it unless said otherwise."""
    parameters = st.query_params
    if keep_page:
        page = linked_query().page
    wanted = write_query(query)
    wanted |= {"page": [str(page + 1)]} if page else {}
    wanted |= {"row": [str(row + 1)]} if row is not None else {}
    for name in NAMES:
        if name in wanted:
            parameters[name] = wanted[name]
        elif name in parameters:
            del parameters[name]
    st.session_state[KEPT] = wanted


def forget_link() -> None:
    """Ask for every row: what was asked of one data set need not mean anything in another."""
    change(Query())


def restore_link(*, is_entered: bool) -> None:
    """Put back what was asked for when the page was left, unless the link asks for something.

    Where the page was not left (`is_entered` is false) an empty address is the reader's: Back.
    """
    kept = st.session_state.get(KEPT)
    if kept and is_entered and not any(name in st.query_params for name in NAMES):
        for name, values in kept.items():
            st.query_params[name] = values
