"""What the page Data asks of an open table, once each: facets and searches.

`load_` marks the cached functions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from dashboard.files.samples import load_table
from lintseq_core.results.tables.facets import Facet, facets_of
from lintseq_core.results.tables.structure import STRUCTURE
from lintseq_core.results.tables.table import Found, Table


@st.cache_resource(max_entries=4, show_spinner=False)
def load_facets(folder: str, has_structure: bool) -> dict[str, Facet]:
    """The facets of the table in a folder."""
    return facets_of(load_table(folder, has_structure))


@st.cache_resource(max_entries=16, show_spinner="Searching the programs")
def load_found(folder: str, pattern: str, ignore_case: bool) -> Found:
    """What a search finds. LintSeqError for a pattern that cannot be searched for."""
    has_structure = (Path(folder) / STRUCTURE).is_file()
    return load_table(folder, has_structure).search(pattern, ignore_case=ignore_case)


def everything(table: Table) -> np.ndarray:
    """The mask of all rows."""
    return np.ones(table.n_rows, bool)
