"""What the page Data asks of an open store, once each: facets and searches.

`load_` marks the cached functions.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.files.samples import load_store
from lintseq_core.results.samples.facets import Facet, facets_of
from lintseq_core.results.samples.store import Found
from lintseq_core.results.samples.structure import STRUCTURE


@st.cache_resource(max_entries=4, show_spinner=False)
def load_facets(folder: str, has_structure: bool) -> dict[str, Facet]:
    """The facets of the store in a folder."""
    return facets_of(load_store(folder, has_structure))


@st.cache_resource(max_entries=16, show_spinner="Searching the programs")
def load_found(folder: str, pattern: str, ignore_case: bool) -> Found:
    """What a search finds. LintSeqError for a pattern that cannot be searched for."""
    has_structure = (Path(folder) / STRUCTURE).is_file()
    return load_store(folder, has_structure).search(pattern, ignore_case=ignore_case)
