"""Writing now: a model on this machine draws samples while the page shows them, until stopped."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.files.loaders import load_given, load_tasks
from dashboard.shared import background
from dashboard.shared.show import as_markdown, show_note
from lintseq_core.benchmarks.pocket import held_out
from lintseq_core.benchmarks.pocket.wording import instruction as words_of
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import EditStep
from lintseq_core.generation.trace import TraceWriter
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.viewer.traces import read_traces, short

KIND = "write"
NEEDED = ("torch", "transformers")
MAX_SAMPLES, MAX_TOKENS, MAX_INSTRUCTION = 16, 1024, 4_000
ROOT = Path(__file__).resolve().parents[2]


def command_for_torch() -> str:
    """The one command that adds what writing needs, to the environment that serves this page."""
    if not (ROOT / "pyproject.toml").is_file():
        return 'pip install "lintseq-core[train]"'
    python = Path(sys.executable)
    if python.is_relative_to(ROOT):
        python = python.relative_to(ROOT)
    return f'{python} -m pip install -c constraints.txt -e ".[train]"'


class _Stopped(Exception):
    """The reader had enough."""


@dataclass(frozen=True, slots=True)
class _Order:
    model: str
    request: GenerationRequest
    problem: str | None = None
    """The problem of a benchmark that the words are of."""


def show_live() -> None:
    """The form that begins, or what is being written; finished traces are in the session."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        st.info(
            f"Writing takes a model, and {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not installed here. One command adds them; "
            "then start the dashboard anew:",
            icon=":material/extension_off:",
        )
        st.code(command_for_torch(), language=None)
        return
    if st.session_state.get("live_job") is not None:
        _show_writing()
        return
    if error := st.session_state.pop("live_error", None):
        st.error(as_markdown(error), icon=":material/error:")
    _show_form(_models())


def _models() -> dict[str, str]:
    """Label -> what `load_model` takes: nothing but presets and folders the server was given."""
    models = {"tiny, random weights: for trying out": "tiny"}
    from lintseq_core.models.smollm2 import smollm2_folder

    if (smollm2_folder() / "config.json").is_file():
        for name in ("smollm2-135m-lintseq", "smollm2-135m-whole", "smollm2-135m"):
            models[name] = name
    for path in load_given().models:
        models[short("/".join(path.parts[-3:]), 60)] = str(path)
    return models


@st.cache_resource(max_entries=1, show_spinner="Making the tasks")
def load_asked() -> dict[str, str]:
    """Name -> instruction of the tasks that can be chosen: those that ship, then Pocket's."""
    shipped = {task.task_id: task.instruction for task in load_tasks() if task.instruction}
    pocket = enumerate(held_out.tasks())
    return shipped | {f"Pocket/{index}": words_of(task) for index, task in pocket}


def _show_form(models: dict[str, str]) -> None:
    asked = load_asked()

    def take_task() -> None:
        if chosen := st.session_state.get("live_task"):
            st.session_state.live_instruction = asked[chosen]

    st.selectbox(
        "Task",
        list(asked),
        index=None,
        placeholder="Your own words, or one of these",
        format_func=lambda name: short(f"{name}: {asked[name]}", 110),
        key="live_task",
        on_change=take_task,
    )
    st.session_state.setdefault("live_instruction", next(iter(asked.values())))
    with st.form("live", border=True):
        instruction = st.text_area(
            "What to write", key="live_instruction", max_chars=MAX_INSTRUCTION, height=80
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            model = st.selectbox(
                "Model",
                list(models),
                width=300,
                help="A folder that `lintseq train` wrote joins them: lintseq dashboard FOLDER.",
            )
            n_samples = st.number_input("Samples", 1, MAX_SAMPLES, 4, width=120)
            temperature = st.number_input("Temperature", 0.0, 5.0, 1.0, 0.1, width=130)
            max_tokens = st.number_input("Tokens a sample", 16, MAX_TOKENS, 256, width=140)
            seed = st.number_input("Seed", 0, 2**31, 0, width=120, key="live_seed")
            whole = st.toggle("Whole program", help="In one piece, not edit by edit.")
            guarded = st.toggle("Lint guard", help="Draws an edit again that breaks something.")
        began = st.form_submit_button("Write", icon=":material/edit:")
    if background.is_busy(KIND):
        show_note("Another page is writing: one at a time.")
    if not began:
        return
    request = GenerationRequest(
        (instruction or "").strip(),
        "whole" if whole else "stepwise",
        settings=SamplingSettings(temperature=float(temperature), max_tokens=int(max_tokens)),
        n_samples=int(n_samples),
        seed=int(seed),
        n_retries=3 if guarded and not whole else None,
    )
    order = _Order(models[model], request, _problem_of(request.instruction))
    st.session_state.live_job = background.start(KIND, lambda job: _write(job, order))
    st.rerun()


def _problem_of(words: str) -> str | None:
    """The name of Pocket's problem with these words, as traces have it; None if there is none."""
    names = (name for name, asked in load_asked().items() if asked == words)
    name = next(names, "")
    return f"{held_out.NAME} {name}" if name.startswith("Pocket/") else None


def _write(job: background.Job, order: _Order) -> None:
    from lintseq_core.generation.request import run_model

    def tell(n_live: int) -> None:
        job.done += n_live
        if job.stop.is_set():
            raise _Stopped

    run = run_model(_loaded(order.model), order.request, problem=order.problem, on_draw=tell)
    text = io.StringIO()
    writer = TraceWriter(text, run.header)
    try:
        for event in run.events:
            writer.write(event)
            job.events.append(event)
    except _Stopped:
        pass
    finally:
        job.result = text.getvalue()


@lru_cache(maxsize=1)
def _loaded(name: str) -> Any:
    from lintseq_core.models.extra import quiet_progress
    from lintseq_core.models.load import load_model

    quiet_progress()
    return load_model(name)


@st.fragment(run_every=0.5)
def _show_writing() -> None:
    job: background.Job | None = st.session_state.get("live_job")
    if job is None:
        return
    if job.is_over:
        _keep(job)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", icon=":material/stop:", key="stop_writing", on_click=job.stop.set)
        show_note(f"{job.done:,} tokens drawn" if job.done else "Loading the model …")
    by_sample: dict[int, list[Any]] = {}
    for event in list(job.events):
        by_sample.setdefault(event.sample_index, []).append(event)
    grid = st.container().grid("auto", min_column_width=260)
    for index, events in sorted(by_sample.items()):
        with grid.container(border=True, height="stretch", gap="xsmall"):
            last = events[-1]
            is_step = isinstance(last, EditStep)
            state = last.state if is_step else last.program
            words = f"{len(events)} edits so far" if is_step else "finished"
            parses = "parses" if last.compiles else "✗ does not parse"
            show_note(f"Sample {index + 1}: {words}, {parses}")
            shown = "\n".join(state[:4000].split("\n")[-14:])
            shown = shown.encode("utf-8", "replace").decode("utf-8")
            st.code(shown or "(nothing yet)", language=None, wrap_lines=True)


def _keep(job: background.Job) -> None:
    st.session_state.live_job = None
    st.session_state.live_error = job.error
    if not job.result or job.result.count("\n") < 2:
        return
    number = len(st.session_state.get("written", ())) + 1
    traces, _ = read_traces(job.result.encode("utf-8", "surrogatepass"), f"written_{number}.jsonl")
    st.session_state.written = (*traces, *st.session_state.get("written", ()))[:20]
    st.session_state.written_text = job.result
    for key in ("task", "model"):  # look at what has just been written
        st.session_state.pop(key, None)


def show_written() -> None:
    """The download of what was written last."""
    if text := st.session_state.get("written_text"):
        st.download_button(
            "Download the trace",
            data=text,
            file_name="trace.jsonl",
            mime="application/jsonl",
            icon=":material/download:",
            on_click="ignore",
        )
