"""The dashboard: `streamlit run dashboard/streamlit_app.py`, or `make dashboard`.

The frame of all pages: navigation and style. What a page shows stands in `app_pages/` and
the folders beside it; what is computed, in the library.
"""

import os
import sys
import time
from pathlib import Path

# Before numpy is loaded: a pocket model's matrices are small, and threads that wait for each other
# made its first edit eight times as slow on two busy cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Streamlit puts this file's folder on the path; the pages import `dashboard`, which is above it.
if (ROOT := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, ROOT)

# Whole before any page draws: plotly takes pandas as it finds it, and while another visitor's
# page is loading it that is half a module. So it is with typer, whose modules import each other.
import pandas  # noqa: F401
import streamlit as st
import typer  # noqa: F401

from dashboard.docs.texts import documents
from dashboard.shared.links import unknown, unknown_page
from dashboard.shared.parameters import PARAMETERS, unknown_parameters
from dashboard.shared.show import as_markdown

# A file of our own: the browser would fetch a Material icon for the tab from another server.
ICON = Path(__file__).with_name("icon.svg")
WIDE_S = 0.1

st.set_page_config(page_title="LintSeq", page_icon=str(ICON), layout="wide")
st.html(Path(__file__).with_name("code.css"))
# The browser draws a narrow page until it is told that it is a wide one: let it be told first, or
# all that comes with these words jumps aside.
if "is_wide" not in st.session_state:
    st.session_state.is_wide = True
    time.sleep(WIDE_S)


def show_lost() -> None:
    """That there is no such page, and which there are."""
    st.title("Not here", anchor=False)
    told = unknown("page", lost, [page.title for page in pages[:-1]])
    st.warning(as_markdown(told), icon=":material/link_off:")
    with st.container(horizontal=True):
        for one in pages[:-1]:
            st.page_link(one)


pages = [
    st.Page(
        "app_pages/overview.py",
        title="Overview",
        icon=":material/home:",
        default=True,
        help="How LintSeq works, in six passages beside a player, and the example programs.",
    ),
    st.Page(
        "app_pages/lessons.py",
        title="Lessons",
        icon=":material/school:",
        url_path="lessons",
        help="Guided ways through the explorer, with questions that answer back.",
    ),
    st.Page(
        "app_pages/trajectories.py",
        title="Trajectories",
        icon=":material/difference:",
        url_path="trajectories",
        help="Step through the edit sequence of an example program, or of your own.",
    ),
    st.Page(
        "app_pages/generations.py",
        title="Generations",
        icon=":material/smart_toy:",
        url_path="generations",
        help="What a model wrote, edit by edit, and where it went wrong.",
    ),
    st.Page(
        "app_pages/pass_at_k.py",
        title="pass@k",
        icon=":material/show_chart:",
        url_path="pass_at_k",
        help="Curves with bands of your results or of simulated runs, and what they mean.",
    ),
    st.Page(
        "app_pages/diversity.py",
        title="Diversity",
        icon=":material/category:",
        url_path="diversity",
        help="How much the programs written for a problem differ, and what that is worth.",
    ),
    st.Page(
        "app_pages/data.py",
        title="Data",
        icon=":material/table_rows:",
        url_path="data",
        help="Data sets and samples of any size: find rows, see numbers, compare, import.",
    ),
]
if documents():  # in a checkout
    pages.append(
        st.Page(
            "app_pages/docs.py",
            title="Docs",
            icon=":material/menu_book:",
            url_path="docs",
            help="The tutorial, what each page does, formats, the glossary.",
        )
    )
lost = unknown_page(st.context.url, {getattr(page, "url_path", "") for page in pages})
if lost:  # Streamlit would open a dialog over Overview, which does not say what was asked for
    pages.append(st.Page(show_lost, title="Not here", url_path=lost, visibility="hidden"))
page = st.navigation(pages, position="top")
# What a visitor brought stays in the address of every page; without any, nothing is loaded for it.
if "files" in st.query_params or st.session_state.get("brought"):
    from dashboard.files.workbench import follow_address

    follow_address()
path = getattr(page, "url_path", None)  # none where the script runs without a server
if path in PARAMETERS and (faults := unknown_parameters(path, st.query_params)):
    st.warning(as_markdown("\n\n".join(faults)), icon=":material/link_off:")
page.run()
