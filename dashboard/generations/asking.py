"""What is asked of a model: a task of Pocket, one that ships with tests, or words of one's own."""

from __future__ import annotations

import random
from dataclasses import dataclass

import streamlit as st

from dashboard.files.loaders import load_tasks
from dashboard.generations.remembered import current, first_index, keep
from lintseq_core.benchmarks.pocket import held_out
from lintseq_core.benchmarks.pocket.wording import instruction as words_of
from lintseq_core.viewer.traces import short

ANY = "Any"
MAX_INSTRUCTION = 4_000
TASK, LEVEL = "ask", "difficulty"
"""In the session: the name of the task chosen, and the difficulty asked for."""
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


def words_asked() -> str:
    """The words that were chosen, or written in place of those of the task that was."""
    name = current(TASK) or ""
    written = st.session_state.get(_words_key(name), _kept_words(name))
    if written is None:
        task = load_asked().get(name)
        return task.words if task else ""
    return str(written)


def other_task(with_shipped: bool) -> str:
    """Another task of the difficulty that is asked for, at random."""
    listed = _listed(current(LEVEL) or ANY, with_shipped)
    return random.choice([name for name in listed if name != current(TASK)])


def _listed(level: str, with_shipped: bool) -> list[str]:
    """The tasks of a difficulty."""
    known = {
        name: str(one.difficulty)
        for name, one in load_asked().items()
        if with_shipped or one.difficulty is not None
    }
    return [name for name, steps in known.items() if level in (ANY, steps)]


def choose_task(*, with_shipped: bool) -> None:
    """The pickers of a task. `with_shipped`: those that ship are among them.

    Models of Pocket do not know the tasks that ship.
    """
    asked = load_asked()

    def take_first() -> None:
        st.session_state[TASK] = _listed(st.session_state[LEVEL], with_shipped)[0]

    def take_another() -> None:
        st.session_state[TASK] = other_task(with_shipped)

    known = {one.difficulty for one in asked.values() if one.difficulty is not None}
    levels = [ANY, *map(str, sorted(known))]
    level = st.segmented_control(
        "Difficulty: steps of the task",
        levels,
        default=levels[first_index(LEVEL, levels)],
        required=True,
        key=LEVEL,
        on_change=take_first,
    )
    keep(LEVEL, level, ANY)
    listed = _listed(level, with_shipped)
    chosen = st.selectbox(
        "Task",
        listed,
        first_index(TASK, listed),
        format_func=lambda name: short(f"{name}: {asked[name].words}", 110),
        key=TASK,
        width=380,
        help="No model that ships was trained on one of Pocket's tasks: they are held out. Type to "
        "search by word or number.",
    )
    keep(TASK, chosen, next(name for name in asked if with_shipped or asked[name].difficulty))
    st.button("Another task", icon=":material/shuffle:", on_click=take_another)


def show_words() -> None:
    """The words of the task chosen, which may be changed."""
    state = st.session_state
    name = state[TASK]
    key = _words_key(name)
    if key not in state:
        state.words_begin = _kept_words(name) or load_asked()[name].words
    words = st.text_area(
        "What to write", state.words_begin, key=key, max_chars=MAX_INSTRUCTION, height=80
    )
    state.words_kept = (name, words)


def _words_key(name: str) -> str:
    """Of a field of its own for each task, so that it begins with the task's words."""
    return f"words of {name}"


def _kept_words(name: str) -> str | None:
    of, words = st.session_state.get("words_kept", ("", ""))
    return words if of == name else None


def task_faults(name: str | None) -> list[str]:
    """What is wrong with the task that a link names, in words."""
    if name is None or name in load_asked():
        return []
    return [
        f"There is no task {name[:40]!r}: those of Pocket are {_PREFIX}0 to "
        f"{_PREFIX}{held_out.N_TASKS - 1}."
    ]
