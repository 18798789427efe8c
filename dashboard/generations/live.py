"""Writing now: a model on this machine draws samples while the page shows them, until stopped."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.files.loaders import load_tasks
from dashboard.generations.asking import (
    TASK,
    choose_task,
    load_asked,
    other_task,
    problem_of,
    show_words,
    task_faults,
    words_asked,
)
from dashboard.generations.remembered import (
    change,
    choose_number,
    current,
    first_index,
    keep,
    read_within,
)
from dashboard.generations.tiles import final_outcomes
from dashboard.generations.writers import (
    NEEDED,
    TRAIN_ONE,
    Writer,
    command_for_torch,
    missing_packages,
    writers,
)
from dashboard.shared import background
from dashboard.shared.execution import MAX_STATES, NOT_ALLOWED, is_allowed, results
from dashboard.shared.show import as_markdown, show_note, show_notes, shown
from lintseq_core import LintSeqError
from lintseq_core.edits.formats import UNIFIED
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.trace import TraceWriter
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.viewer.generated import ENDS
from lintseq_core.viewer.outcomes import PASSED, Outcomes, Results, TestedTask, judge_states
from lintseq_core.viewer.trace_runs import find_task
from lintseq_core.viewer.traces import ReadTrace, read_traces

if TYPE_CHECKING:
    from lintseq_core.generation.trace import TraceHeader

KIND = "write"
MAX_SAMPLES, MAX_TOKENS, MAX_SEED = 16, 1024, 2**31
REFRESH_S = 0.2
FIRST_EDIT_S = 0.4
"""How long the page waits for something to show before it shows that there is nothing yet."""
N_RETRIES = 3
JOB, ERROR, WRITTEN, TEXT = "live_job", "live_error", "written", "written_text"
NOTES = "live_notes"
WRITER, GUARD, OPEN, FOLDED = "writer", "guard", "live_open", "live_line"
"""In the session: who is asked, the guard, whether the form is open, and what stands in its line
once something was asked for."""
WHAT_IT_KNOWS = (
    "Pocket models know only tasks like those of the list: to words of another kind they write "
    "something, and hardly ever what was meant."
)
GUARDS = {
    "none": "None",
    "lint": "Lint: an edit that breaks something is drawn again",
    "format": "Format: only well-formed edits. A mask: it changes the distribution",
}
NUMBERS: dict[str, tuple[str, float, float, float]] = {
    "draws": ("Samples", 1, MAX_SAMPLES, 4),
    "temperature": ("Temperature", 0.0, 5.0, 1.0),
    "max_tokens": ("Tokens a sample", 16, MAX_TOKENS, 512),
    "draw_seed": ("Seed", 0, MAX_SEED, 0),
}
"""Of each number that is asked for its label, the least, the most and the default."""


class _Stopped(Exception):
    """The reader had enough."""


@dataclass(frozen=True, slots=True)
class _Order:
    writer: Writer
    request: GenerationRequest
    problem: str | None
    """The problem of a benchmark that the words are of."""
    tasks: tuple[TestedTask, ...]
    """Those that ship."""
    is_judged: bool


@dataclass(slots=True)
class _Writing:
    """What a job has come to beside its events; the page reads it while the job goes on."""

    n_samples: int
    task: TestedTask | None = None
    header: TraceHeader | None = None
    outcomes: dict[tuple[str, str], Outcomes] = field(default_factory=dict)
    made: str = ""
    """How the outcomes came about."""
    is_drawn: bool = False
    text: str = ""
    """The trace; "" while it is written."""
    notes: list[str] = field(default_factory=list)
    """What a model server leaves out."""

    def known(self, state: str) -> Outcomes | None:
        """The outcomes of the tests on `state`, where they were run."""
        return Results(self.made, self.outcomes).of(self.task, state) if self.task else None


def is_writing() -> bool:
    """Whether this visitor's model is writing."""
    return st.session_state.get(JOB) is not None


def live_faults(link: dict[str, str]) -> list[str]:
    """What in a link to this source cannot be followed."""
    faults = task_faults(link.get(TASK))
    if (name := link.get("writer")) is not None and name not in writers():
        faults.append(f"There is no model {name[:40]!r} here.")
    for key, (label, low, high, _) in NUMBERS.items():
        if key in link and read_within(link[key], low, high) is None:
            faults.append(f"{label} {link[key][:20]!r}: no number from {low:g} to {high:,g}.")
    return faults


def show_live() -> None:
    """What begins a writing, folded once something was written, and what is being written."""
    if error := st.session_state.pop(ERROR, None):
        st.error(as_markdown(error), icon=":material/error:")
    show_notes([f"{text[:1].upper()}{text[1:]}." for text in st.session_state.get(NOTES, ())])
    known = writers()
    if not any(writer.is_pocket for writer in known.values()):
        st.info(TRAIN_ONE, icon=":material/extension_off:")
    if is_writing():  # without the form: to draw it again would cost the first edit half a second
        st.markdown(f"**Asked:** {as_markdown(words_asked())}", width=860)
        _show_writing()
        return
    if known:
        # Another label would be another expander to the browser, and closed again.
        line = st.session_state.get(FOLDED)
        told = f" &nbsp; {as_markdown(line)}" if line else ""
        with st.expander(
            f"**Ask a model**{told}", key=OPEN, expanded=line is None, on_change="rerun"
        ):
            asked = _show_form(known)
            _show_what_is_missing()
        if asked and not st.session_state[OPEN]:
            _show_again(*asked)
    else:
        _show_what_is_missing()


def _show_again(writer: Writer, mode: str) -> None:
    """While the form is folded: what one most likely wants next."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Write more",
            icon=":material/edit:",
            on_click=_write_more,
            args=(writer, mode),
            help="The same again, with the next seed.",
        )
        st.button(
            "Write another task",
            icon=":material/shuffle:",
            on_click=_write_another,
            args=(writer, mode),
        )
        _show_download()


def _show_what_is_missing() -> None:
    if missing := missing_packages():
        show_note(
            f"Larger models take {' and '.join(NEEDED)}; {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not installed here. One command adds them, "
            f"then start the dashboard anew: `{command_for_torch()}`"
        )


def _show_form(known: dict[str, Writer]) -> tuple[Writer, str] | None:
    """Who is asked and how it writes; None where it cannot be loaded."""
    names = list(known)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Model",
            names,
            first_index(WRITER, names),
            key=WRITER,
            width=220,
            help="Those that ship, and those in a folder that `lintseq train` wrote: "
            "`lintseq dashboard FOLDER`.",
        )
        keep(WRITER, name, names[0])
        writer = known[name]
        choose_task(with_shipped=not writer.is_pocket)
    mode = _mode(writer)
    if mode is None:
        return None
    with st.form("live", border=False):
        show_words()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _show_settings(mode, may_guard=mode != "whole" and writer.base_url is None)
            st.form_submit_button(
                "Write",
                icon=":material/edit:",
                on_click=_begin,
                args=(writer, mode),
            )
    if background.is_busy(KIND):
        show_note("Another page is writing: one at a time.")
    show_note(
        "When all is written, the tests of the task are run on what stood after each edit."
        if is_allowed()
        else f"Whether a program passes its tests stays open here. {NOT_ALLOWED}"
    )
    return writer, mode


def _show_settings(mode: str, *, may_guard: bool) -> None:
    for (key, (label, low, high, default)), width in zip(
        NUMBERS.items(), (110, 120, 140, 110), strict=True
    ):
        told = "Same seed, same samples." if key == "draw_seed" else None
        choose_number(label, low, high, default, key=key, width=width, help=told)
    if may_guard:
        guards = list(GUARDS)
        guard = st.selectbox(
            "Guard",
            guards,
            first_index(GUARD, guards),
            format_func=GUARDS.__getitem__,
            key=GUARD,
            width=260,
            help="Under a mask what the model gave to other tokens goes to those that are left: "
            "numbers got so are not comparable with those got without it.",
        )
        keep(GUARD, guard, "none")
    if mode == "either":
        st.toggle("Whole program", help="In one piece, not edit by edit.", key="whole")


def _mode(writer: Writer) -> str | None:
    """How the model writes: "stepwise", "whole" or, as one asks, "either"; said for pocket models.

    None where it cannot be loaded, and why was said.
    """
    if not writer.is_pocket:
        return "either"
    try:
        edit_format = writer.load_pocket().edit_format
    except LintSeqError as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return None
    if edit_format is None:
        how = "It writes whole programs in one piece"
    else:
        named = f"{edit_format}, the paper's" if edit_format == UNIFIED else edit_format
        how = f"It writes edit by edit, in the format {named}"
    show_note(f"{how}. {WHAT_IT_KNOWS}")
    return "whole" if edit_format is None else "stepwise"


def _begin(writer: Writer, mode: str) -> None:
    """Start the job before the page is drawn: no time is lost to what stands above."""
    state = st.session_state
    if is_writing():
        return
    words = words_asked().strip()
    is_whole = mode == "whole" or (mode == "either" and bool(state.get("whole")))
    guard = "none" if mode == "whole" or writer.base_url is not None else current(GUARD)
    if is_whole and guard != "none":
        state[ERROR] = "A guard checks edits: choose Guard None, or turn Whole program off."
        return
    request = GenerationRequest(
        words,
        "whole" if is_whole else "stepwise",
        settings=SamplingSettings(
            temperature=float(current("temperature")), max_tokens=int(current("max_tokens"))
        ),
        n_samples=int(current("draws")),
        seed=int(current("draw_seed")),
        n_retries=N_RETRIES if guard == "lint" else None,
        format_guard=guard == "format",
    )
    order = _Order(writer, request, problem_of(words), load_tasks(), is_allowed())
    state[JOB] = background.start(KIND, lambda job: _write(job, order))
    if state[JOB] is not None:
        state[FOLDED] = _told(request)
        state.pop(OPEN, None)


def _told(request: GenerationRequest) -> str:
    """What was asked for, in a line."""
    task = load_asked().get(current(TASK) or "")
    is_task = task is not None and task.words.strip() == request.instruction
    samples = "1 sample" if request.n_samples == 1 else f"{request.n_samples} samples"
    parts = [
        str(current(WRITER)),
        str(current(TASK)) if is_task else "words of your own",
        samples,
        f"temperature {request.settings.temperature:g}",
        f"seed {request.seed}",
    ]
    return " · ".join(parts)


def _write_more(writer: Writer, mode: str) -> None:
    change("draw_seed", (current("draw_seed") + 1) % (MAX_SEED + 1))
    _begin(writer, mode)


def _write_another(writer: Writer, mode: str) -> None:
    change(TASK, other_task(not writer.is_pocket))
    _begin(writer, mode)


def _write(job: background.Job, order: _Order) -> None:
    """Draw, then judge; what there is becomes a trace, also where one of the two fails."""
    from lintseq_core.generation.request import run_model

    job.result = writing = _Writing(order.request.n_samples)

    def tell(n_live: int) -> None:
        job.done += n_live
        if job.stop.is_set():
            raise _Stopped

    with _without_address(order.writer.base_url):
        loaded = order.writer.load(writing.notes.append)
    run = run_model(loaded, order.request, problem=order.problem, on_draw=tell)
    writing.header = run.header
    _require_room(loaded.name, loaded.context_length, run.header)
    try:
        with _without_address(order.writer.base_url):
            for event in run.events:
                job.events.append(event)
        writing.is_drawn = True
        writing.task = find_task(run.header, order.tasks)
        if order.is_judged and writing.task is not None:
            _judge(job, writing, writing.task)
    except _Stopped:
        pass
    finally:
        writing.text = _trace_text(run.header, job.events, writing)


@contextlib.contextmanager
def _without_address(base_url: str | None) -> Iterator[None]:
    """Visitors need not know where the model server is."""
    try:
        yield
    except LintSeqError as error:
        if base_url is None:
            raise
        raise LintSeqError(str(error).replace(base_url, "the model server")) from None


def _require_room(name: str, context_length: int, header: TraceHeader) -> None:
    """LintSeqError if a sample may be longer than the model's context."""
    asked, room = header.request.settings.max_tokens, context_length - header.n_prompt_tokens
    if asked > room:
        raise LintSeqError(
            f"{asked:,} tokens a sample are too many: the context of {name} is "
            f"{context_length:,}, and these words take {header.n_prompt_tokens:,} of it; ask for "
            f"{room:,} at most"
        )


def _judge(job: background.Job, writing: _Writing, task: TestedTask) -> None:
    """Run the tests of `task`, on programs first and then on what they were on the way."""
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation

    programs = list(dict.fromkeys(e.program for e in job.events if isinstance(e, SampleEnd)))
    seen = (event.state for event in job.events if isinstance(event, EditStep))
    states = [state for state in dict.fromkeys(seen) if state not in programs]
    job.done, job.of = 0, len(programs) + len(states)
    backend, checked = choose(Isolation.BOX)
    writing.made = f"run on this server, isolation {checked.isolation} ({checked.backend})"
    try:
        for part in (programs, states[: MAX_STATES - len(programs)]):
            before = job.done

            def tell(done: int, of: int, before: int = before, n: int = len(part)) -> None:
                job.done = before + done * n // of

            found = judge_states(task, part, backend, stop=job.stop, on_progress=tell)
            writing.outcomes = {**writing.outcomes, **found}
            job.done = before + len(part)
    finally:
        backend.close()


def _trace_text(header: TraceHeader, events: list[Any], writing: _Writing) -> str:
    """The trace, with the verdicts that are known."""
    text = io.StringIO()
    writer = TraceWriter(text, header)
    for event in events:
        state = event.state if isinstance(event, EditStep) else event.program
        told = writing.known(state)
        verdict = next((one for one in told if one != PASSED), PASSED) if told else None
        writer.write(replace(event, verdict=verdict))
    return text.getvalue()


@st.fragment(run_every=REFRESH_S)
def _show_writing() -> None:
    job: background.Job | None = st.session_state.get(JOB)
    if job is None:
        return
    deadline = time.monotonic() + FIRST_EDIT_S
    while not (job.events or job.is_over) and time.monotonic() < deadline:
        time.sleep(0.005)
    if job.is_over:
        _keep(job)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", icon=":material/stop:", key="stop_writing", on_click=job.stop.set)
        show_note(_progress(job))
    writing: _Writing | None = job.result
    by_sample: dict[int, list[Any]] = {i: [] for i in range(writing.n_samples if writing else 0)}
    for event in list(job.events):
        by_sample[event.sample_index].append(event)
    grid = st.container(key="writing").grid("auto", min_column_width=260)
    for index, events in by_sample.items():
        with grid.container(border=True, height="stretch", gap="xsmall"):
            assert writing is not None
            _show_pane(index, events, writing)


def _progress(job: background.Job) -> str:
    if job.result is not None and job.result.is_drawn and not job.of:
        return "Written. Making the tests of this task …"
    if job.of:
        return f"Written. Running the tests in boxes: {job.done} of {job.of} programs"
    return f"{job.done:,} tokens drawn" if job.done else "Loading the model …"


def _show_pane(index: int, events: list[Any], writing: _Writing) -> None:
    """How far one sample is."""
    if not events:
        show_note(f"Sample {index + 1}: nothing yet")
        st.text("(nothing yet)")
        return
    last = events[-1]
    steps = [one for one in events if isinstance(one, EditStep) and one.outcome != "rejected"]
    edits = "1 edit" if len(steps) == 1 else f"{len(steps)} edits"
    state = last.state if isinstance(last, EditStep) else last.program
    if isinstance(last, EditStep):
        words = f"{edits} so far"
    else:
        words = f"{edits}, {ENDS[last.stop_reason]}" if steps else ENDS[last.stop_reason]
    told = writing.known(state)
    verdict = "" if told is None else f", {_verdict(told)}"
    parses = "parses" if last.compiles else "✗ does not parse"
    show_note(f"Sample {index + 1}: {words}, {parses}{verdict}")
    code = "\n".join(state[:4000].split("\n")[-14:])
    st.text(shown(code) or "(nothing yet)")  # the browser shows st.code up to a second later


def _verdict(told: Outcomes) -> str:
    return "✓ passes its tests" if set(told) == {PASSED} else "✗ fails its tests"


def _keep(job: background.Job) -> None:
    st.session_state[JOB] = None
    st.session_state[ERROR] = job.error
    writing: _Writing | None = job.result
    st.session_state[NOTES] = tuple(writing.notes) if writing else ()
    if writing is None or writing.text.count("\n") < 2:
        st.session_state.pop(FOLDED, None)  # nothing was written: the reader asks otherwise
        return
    number = len(st.session_state.get(WRITTEN, ())) + 1
    data = writing.text.encode("utf-8", "surrogatepass")
    traces, _ = read_traces(data, f"written_{number}.jsonl")
    st.session_state[WRITTEN] = (*traces, *st.session_state.get(WRITTEN, ()))[:20]
    st.session_state[TEXT] = writing.text
    if writing.outcomes:
        st.session_state.results = results().adding(writing.made, writing.outcomes)
    for key in ("task", "model", "sample", "step"):  # look at what has just been written
        st.session_state.pop(key, None)


def show_verdicts(read: ReadTrace, task: TestedTask | None) -> None:
    """Which samples of `read` pass, each a way to its player."""
    if task is None:
        show_note("These words are of no task, so there are no tests.")
        return
    finals = final_outcomes(read, task)
    known = [told for told in finals if told is not None]
    if not known:
        return
    n_passed = sum(set(told) == {PASSED} for told in known)
    with st.container(horizontal=True, vertical_alignment="center", key="verdicts"):
        st.markdown(f"**{n_passed} of {len(known)}** pass the tests of this task:")
        for position, told in enumerate(finals):
            if told is None:
                continue
            passes = set(told) == {PASSED}
            st.button(
                f"{'✓' if passes else '✗'} {read.trace.samples[position].sample_index + 1}",
                key=f"verdict_{position}",
                help=f"Sample {position + 1} {'passes' if passes else 'fails'}: show it.",
                type="tertiary",
                on_click=_open,
                args=(position,),
            )


def _open(position: int) -> None:
    st.session_state.sample = position + 1
    st.session_state.see = "One sample"


def _show_download() -> None:
    """The download of what was written last."""
    if text := st.session_state.get(TEXT):
        st.download_button(
            "Download the trace",
            data=text,
            file_name="trace.jsonl",
            mime="application/jsonl",
            icon=":material/download:",
            on_click="ignore",
        )
