"""Running tests from the page: only where the server allows it, in boxes, one run at a time."""

from __future__ import annotations

import os
from collections.abc import Sequence

import streamlit as st

from dashboard.files.loaders import StateOutcomes, load_results, load_tasks
from dashboard.shared import background
from dashboard.shared.show import as_markdown, show_note
from lintseq_core.cli.dashboard import EXECUTION_VARIABLE
from lintseq_core.generation.trace import TraceHeader
from lintseq_core.viewer.generated import RECORDED
from lintseq_core.viewer.outcomes import Outcomes, Results, TestedTask, judge_states
from lintseq_core.viewer.trace_runs import find_task

__test__ = False  # not tests of pytest's

KIND = "run tests"
MAX_STATES = 400
NOT_ALLOWED = (
    "This server does not run programs. To let pages run the tests of benchmark tasks, in boxes, "
    "start it with `make dashboard ALLOW_EXECUTION=1` or `lintseq dashboard --allow-execution`."
)


def is_allowed() -> bool:
    """Whether this server may run programs."""
    return os.environ.get(EXECUTION_VARIABLE) == "1"


def results() -> Results:
    """The results that ship, and those of this visit."""
    return st.session_state.get("results") or load_results()


def task_of(header: TraceHeader) -> TestedTask | None:
    """The task with tests that a trace is about: one that ships, or a benchmark's."""
    return find_task(header, load_tasks())


def outcomes_of(task: TestedTask | None, states: Sequence[str]) -> StateOutcomes | None:
    """The outcomes of `states` by step; None where nothing is known of them."""
    if task is None:
        return None
    known = results()
    nothing = ("not written",) * len(task.tests)
    by_step = tuple(known.of(task, s) if s.strip() else nothing for s in states)
    if not any(told for told, state in zip(by_step, states, strict=True) if state.strip()):
        return None
    return StateOutcomes(task.names, by_step, known.made_of(task))


def show_test_runs(
    task: TestedTask, states: Sequence[str], *, key: str, recorded: Sequence[Outcomes | None] = ()
) -> None:
    """What is known of the tests of `states`, and the button that runs them where it may.

    `recorded`: the outcomes that come with the states.
    """
    job: background.Job | None = st.session_state.get("test_job")
    if job is not None:
        _show_running()
        return
    if not any(state.strip() for state in states):
        return  # nothing has been written
    if results().known(task, states):
        n = len(task.tests)
        tests = "1 test" if n == 1 else f"{n} tests"
        show_note(f"{tests}, run in boxes: {results().made_of(task)}.")
        return
    if recorded and None not in recorded:
        show_note(f"The tests were {RECORDED}.")
        return
    if not is_allowed():
        show_note(NOT_ALLOWED)
        return
    n_states = len({state for state in states if state.strip()})
    if n_states > MAX_STATES:
        show_note(f"{n_states:,} states: the page runs the tests of {MAX_STATES} at most.")
        return
    if error := st.session_state.pop("test_error", None):
        st.error(as_markdown(error), icon=":material/error:")
    st.button(
        f"Run the tests on {n_states} states",
        icon=":material/play_arrow:",
        key=f"run_{key}",
        on_click=_start,
        args=(task, tuple(states)),
        disabled=background.is_busy(KIND),
        help="Each test runs in a box of its own, without network and files."
        if not background.is_busy(KIND)
        else "Another page is running tests: one run at a time.",
    )


def _start(task: TestedTask, states: tuple[str, ...]) -> None:
    def work(job: background.Job) -> None:
        from lintseq_core.execution.selfcheck import choose
        from lintseq_core.execution.verdict import Isolation

        def tell(done: int, of: int) -> None:
            job.done, job.of = done, of

        backend, checked = choose(Isolation.BOX)
        try:
            found = judge_states(task, states, backend, stop=job.stop, on_progress=tell)
        finally:
            backend.close()
        made = f"run on this server, isolation {checked.isolation} ({checked.backend})"
        job.result = (made, found)

    if is_allowed():
        st.session_state.test_job = background.start(KIND, work)


@st.fragment(run_every=0.5)
def _show_running() -> None:
    job: background.Job | None = st.session_state.get("test_job")
    if job is None:
        return
    if job.is_over:
        st.session_state.test_job = None
        st.session_state.test_error = job.error
        if job.result is not None:
            st.session_state.results = results().adding(*job.result)
        st.rerun()
    share = job.done / job.of if job.of else 0.0
    st.progress(share, text=f"Running tests in boxes: {job.done} of {job.of or '…'}")
    st.button("Stop", icon=":material/stop:", key="stop_tests", on_click=job.stop.set)
