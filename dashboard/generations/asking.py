"""What is asked of a model: a task of Pocket, one that ships with tests, or words of one's own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.files.loaders import load_tasks
from lintseq_core.benchmarks.pocket import held_out
from lintseq_core.benchmarks.pocket.task import DIFFICULTIES
from lintseq_core.benchmarks.pocket.wording import instruction as words_of
from lintseq_core.viewer.traces import short

ANY = "Any"
MAX_INSTRUCTION = 4_000
TASK, WORDS = "ask", "live_instruction"
"""Keys of what was chosen and of the words, in the session."""
KEPT_WORDS = "live_instruction_kept"
"""The words while another page is looked at."""
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


def take_another(with_shipped: bool) -> None:
    """Choose another task of the difficulty that is asked for, at random."""
    others = [name for name in _listed(with_shipped) if name != st.session_state.get(TASK)]
    _take(random.choice(others))


def _listed(with_shipped: bool) -> list[str]:
    """The tasks of the difficulty that is asked for."""
    level = st.session_state.get("difficulty") or ANY
    known = {
        name: str(one.difficulty)
        for name, one in load_asked().items()
        if with_shipped or one.difficulty is not None
    }
    return [name for name, steps in known.items() if level in (ANY, steps)]


def _take(name: str) -> None:
    st.session_state[TASK] = name
    _take_words(name)


def _take_words(name: str) -> None:
    st.session_state.words_of = name
    st.session_state[WORDS] = load_asked()[name].words


def choose_task(*, with_shipped: bool) -> None:
    """The pickers of a task, whose words go into the session under `WORDS`.

    `with_shipped`: the tasks that ship are among them, which models of Pocket do not know.
    """
    asked = load_asked()
    st.segmented_control(
        "Difficulty: steps of the task",
        [ANY, *map(str, DIFFICULTIES)],
        default=ANY,
        required=True,
        key="difficulty",
        on_change=lambda: _take(_listed(with_shipped)[0]),
    )
    listed = _listed(with_shipped)
    follow_link(TASK, listed)
    chosen = st.selectbox(
        "Task",
        listed,
        format_func=lambda name: short(f"{name}: {asked[name].words}", 110),
        key=TASK,
        width=380,
        help="No model that ships was trained on one of Pocket's tasks: they are held out. Type to "
        "search by word or number.",
    )
    keep_in_link(TASK, chosen, listed[0])
    st.button(
        "Another task", icon=":material/shuffle:", on_click=take_another, args=(with_shipped,)
    )
    state = st.session_state
    if state.get("words_of") != chosen:
        _take_words(chosen)
    elif WORDS not in state:  # the reader comes back from another page
        state[WORDS] = state.get(KEPT_WORDS) or asked[chosen].words


def follow_link(key: str, options: Sequence[str]) -> None:
    """Let the widget `key` begin with what the link names, or what it showed before.

    A bound selectbox would have its labels in the address, and these are long.
    """
    if key in st.session_state:
        return
    for wanted in (st.query_params.get(key), st.session_state.get(f"{key}_kept")):
        if wanted in options:
            st.session_state[key] = wanted
            return


def keep_in_link(key: str, chosen: str, default: str) -> None:
    """Let the address hold what was chosen, unless it is the default."""
    st.session_state[f"{key}_kept"] = chosen
    if chosen == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = chosen


def task_faults(name: str | None) -> list[str]:
    """What is wrong with the task that a link names, in words."""
    if name is None or name in load_asked():
        return []
    return [
        f"There is no task {name[:40]!r}: those of Pocket are {_PREFIX}0 to "
        f"{_PREFIX}{held_out.N_TASKS - 1}."
    ]
