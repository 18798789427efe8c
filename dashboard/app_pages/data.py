"""Data: data sets and samples of any size, row by row, in numbers, two side by side."""

import streamlit as st

from dashboard.data.browse import show_browse
from dashboard.data.imports import decided_stores
from dashboard.data.link import forget_link, restore_link
from dashboard.data.statistics import show_statistics, show_two
from dashboard.data.wizard import show_wizard
from dashboard.files.brought import DATA
from dashboard.files.examples import shipped_data
from dashboard.files.runs_list import Shown, runs_list
from dashboard.files.workbench import brought, used_on
from dashboard.shared.address import choose_view, value_of
from dashboard.shared.show import as_markdown, name_page, show_note

ROWS, NUMBERS, TWO, IMPORT = VIEWS = ("Rows", "Statistics", "Two data sets", "Import")

restore_link(is_entered="data_view" not in st.session_state)
name_page("Data")
st.title("Data")
st.markdown(
    "Every row of a data set or of a file of samples: find programs by what stands in them and by "
    "what their edits bring, see how the numbers are spread, and hold two data sets side by side.",
    width=760,
)
here = brought(shipped_data())
used = used_on(here, DATA)
files = {file.name: file for file in used}
names = [Shown(file.name) for file in used if file.origin != "ships"]
with runs_list(DATA, here, names, has_uploader=value_of("data_view", VIEWS) != IMPORT):
    pass
view = choose_view("View", VIEWS, key="data_view")
if view == IMPORT:
    show_wizard(used)
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = st.selectbox(
        "Data set",
        list(files),
        key="data",
        bind="query-params",
        on_change=forget_link,
        width=420,
        help="Files that you imported or named at the start, and examples that ship. "
        "More under Import.",
    )
    other = None
    if view == TWO:
        others = [one for one in files if one != name]
        other = st.selectbox("Beside it", others, key="beside", bind="query-params", width=420)
file = files[name]
chosen = [file, *([files[other]] if other else [])]
store, *others = decided_stores([(one.path, one.file) for one in chosen])
if file.note:
    show_note(file.note)
if store is None:
    st.stop()
for one in (store, *others):
    for remark in one.about.remarks if one else ():
        show_note(f"{one.about.name}: {remark}.")
about = store.about
if about.n_bad_rows or about.stopped:
    what = f"{about.n_bad_rows:,} rows do not fit {about.title} and are left out"
    first = (
        f"; the first: {about.bad_rows[0].row}, {about.bad_rows[0].what}" if about.bad_rows else ""
    )
    said = f"{what}{first}." if about.n_bad_rows else f"Not read to its end: {about.stopped}"
    st.warning(as_markdown(said), icon=":material/rule:")
if view == ROWS:
    show_browse(store)
elif view == NUMBERS:
    show_statistics(store, name)
elif other is not None and others[0] is not None:
    show_two({name: store, other: others[0]})
