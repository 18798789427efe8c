"""Lessons: guided ways through the explorer, with questions that answer back."""

import streamlit as st

from dashboard.lessons.files import load_lesson_payload, load_lessons
from dashboard.lessons.view import chosen_lesson, show_catalogue, show_lesson
from dashboard.shared.links import unknown
from dashboard.shared.show import as_markdown, name_page, show_error, show_link_faults, show_note
from lintseq_core import LintSeqError, __version__
from lintseq_core.lessons.page import build_lesson_page

NONE = ""


def _open() -> None:
    st.session_state.open_lesson = chosen_lesson()


lessons = load_lessons()
linked = st.query_params.get("lesson", NONE)
if "open_lesson" not in st.session_state or linked != st.session_state.get("linked_lesson", NONE):
    st.session_state.open_lesson = linked  # a link, or back and forward in the history
name = st.session_state.open_lesson
faults = []
if name and name not in lessons.found:
    faults.append(f"{unknown('lesson', name, lessons.found)} There are {', '.join(lessons.found)}.")
    name = NONE
if name != linked:
    if name:
        st.query_params["lesson"] = name
    else:
        del st.query_params["lesson"]
if not name:  # what the lesson kept there: Streamlit remembers it from when the page was opened
    for key in ("at", "instructor"):
        st.query_params.pop(key, None)
st.session_state.linked_lesson = name

lesson = lessons.found.get(name)
payload = None
problem = None
if lesson is not None:
    try:
        payload = load_lesson_payload(lesson)
    except LintSeqError as error:
        problem = error

st.title(lesson.title if lesson else "Lessons")
name_page("Lessons", lesson.title if lesson else "")
if lesson:
    st.markdown(as_markdown(lesson.summary), width=760)
else:
    st.markdown(
        "Each lesson leads through the explorer in small steps: something to look at, something to "
        "do, a question that answers back. How far you are stays in this browser.",
        width=760,
    )
if faults:
    show_link_faults(faults)
if lessons.faults:
    told = "\n\n".join([*lessons.faults, "The other lessons are not affected."])
    st.warning(as_markdown(told), icon=":material/rule:")
if problem is not None:
    show_error(problem)
if payload is None:
    show_catalogue(lessons.found.values(), _open)
    show_note(
        "Your own: `lintseq dashboard my_lesson.yaml`. How a lesson is written: `docs/teaching.md`."
    )
else:
    show_lesson(payload, _open)
    footer = f"Made by lintseq-core {__version__} from {name} ({payload['id']})."
    st.download_button(
        "Download as a page",
        data=lambda: build_lesson_page(payload, footer=footer),
        file_name=f"{name}.html",
        mime="text/html",
        icon=":material/code:",
        on_click="ignore",
        help="One HTML file with this lesson, its players and exercises, for use without a server.",
    )
