"""What is asked of a model: a task of Pocket, one that ships with tests, or words of one's own."""

from __future__ import annotations

import random
from dataclasses import dataclass

import streamlit as st

from dashboard.files.loaders import load_tasks
from dashboard.shared.show import show_note
from lintseq_core.benchmarks.pocket import held_out
from lintseq_core.benchmarks.pocket.task import DIFFICULTIES
from lintseq_core.benchmarks.pocket.wording import instruction as words_of
from lintseq_core.viewer.traces import short

ANY = "Any"
MAX_INSTRUCTION = 4_000
TASK, WORDS = "problem", "live_instruction"
"""Keys of what was chosen and of the words, in the session."""
_PREFIX = "Pocket/"


@dataclass(frozen=True, slots=True)
class Asked:
    """A task that can be chosen."""

    words: str
    difficulty: int | None
    """Steps of a task of Pocket; None: it is none."""


@st.cache_resource(max_entries=1, show_spinner="Making the tasks")
def load_asked() -> dict[str, Asked]:
    """The tasks that can be chosen by name: those that ship, then Pocket's."""
    shipped = {task.task_id: task.instruction for task in load_tasks() if task.instruction}
    found = {name: Asked(words, None) for name, words in shipped.items()}
    for index, task in enumerate(held_out.tasks()):
        found[f"{_PREFIX}{index}"] = Asked(words_of(task), task.difficulty)
    return found


def problem_of(words: str) -> str | None:
    """The name of Pocket's problem with these words, as traces have it; None if there is none."""
    for name, asked in load_asked().items():
        if asked.words == words and asked.difficulty is not None:
            return f"{held_out.NAME} {name}"
    return None


def choose_task(*, with_shipped: bool) -> None:
    """The pickers of a task, whose words go into the session under `WORDS`.

    `with_shipped`: the tasks that ship are among them, which models of Pocket do not know.
    """
    asked = load_asked()
    known = [name for name, one in asked.items() if with_shipped or one.difficulty is not None]

    def of_level() -> list[str]:
        level = st.session_state.get("difficulty") or ANY
        return [name for name in known if level in (ANY, str(asked[name].difficulty))]

    def take_first() -> None:
        st.session_state[TASK] = of_level()[0]

    def take_another() -> None:
        others = [name for name in of_level() if name != st.session_state.get(TASK)]
        st.session_state[TASK] = random.choice(others)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Difficulty: steps of the task",
            [ANY, *map(str, DIFFICULTIES)],
            default=ANY,
            required=True,
            key="difficulty",
            on_change=take_first,
        )
        chosen = st.selectbox(
            "Task",
            of_level(),
            format_func=lambda name: short(f"{name}: {asked[name].words}", 110),
            key=TASK,
            bind="query-params",
            width=420,
            help="None of these was trained on: they are held out. Type to search by word or "
            "number.",
        )
        st.button("Another task", icon=":material/shuffle:", on_click=take_another)
    if WORDS not in st.session_state or st.session_state.get("words_of") != chosen:
        st.session_state.words_of = chosen
        st.session_state[WORDS] = asked[chosen].words


def task_faults(name: str | None) -> list[str]:
    """What is wrong with the task that a link names, in words."""
    if name is None or name in load_asked():
        return []
    return [
        f"There is no task {name[:40]!r}: those of Pocket are {_PREFIX}0 to "
        f"{_PREFIX}{held_out.N_TASKS - 1}."
    ]


def show_what_is_known(is_pocket: bool) -> None:
    """What words of one's own can come to, in a sentence."""
    if is_pocket:
        show_note(
            "The words may be changed, but a pocket model knows only tasks of the family it was "
            "trained on: to anything else it writes something, and hardly ever what was meant."
        )
