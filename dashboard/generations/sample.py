"""One sample: the player on what a model wrote, and how to take it along."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.generations.source import MODE, trace_code
from dashboard.shared.calls import call, code, script
from dashboard.shared.commands import command_line
from dashboard.shared.execution import results, show_test_runs
from dashboard.shared.show import as_markdown, show_note, show_player
from lintseq_core import __version__
from lintseq_core.cli.generate import generate
from lintseq_core.generation.trace import GenerationTrace, TracedSample
from lintseq_core.viewer.generated import (
    build_generation_payload,
    outcomes_of_sample,
    states_of_sample,
)
from lintseq_core.viewer.html import build_page
from lintseq_core.viewer.outcomes import TestedTask
from lintseq_core.viewer.traces import ReadTrace, short

KEY = "generation_player"
MAX_INSTRUCTION = 600
"""Characters of what was asked for that stand below the player."""


def field_name(read: ReadTrace) -> str:
    """What a field that counts the samples of a trace from 1 is called.

    Of a trace without some of its samples it counts places: those that are there keep their names.
    """
    found = [sample.sample_index for sample in read.trace.samples]
    return "Sample" if found == list(range(len(found))) else "Place in the trace"


def show_sample(
    read: ReadTrace,
    task: TestedTask | None,
    position: int,
    asked: int | None,
    *,
    autoplay: bool = False,
) -> None:
    """The sample at `position` (0-based), its tests, provenance and downloads.

    At the step `asked`; without one at the first bad edit, or at the end.
    """
    trace = read.trace
    sample = trace.samples[position]
    payload = payload_of(read, task, position)
    bad = payload["generation"]["bad"]
    opening = 0 if autoplay else bad["step"] if bad else payload["n_edits"]
    show_player(
        payload,
        key=KEY,
        step=opening if asked is None else asked,
        opening=opening,
        autoplay=autoplay,
        linked=True,
        copies=[
            ("Copy link", None),
            ("Copy as Python", as_python(read, position)),
            ("Copy as command", as_command(trace)),
        ],
        on_ask={"sample": _move(len(trace.samples))},
    )
    asked_for = as_markdown(short(trace.header.request.instruction, MAX_INSTRUCTION))
    st.markdown(f"**Asked for:** {asked_for}", width=860)
    _show_end(sample, payload)
    if task is not None:
        mode = trace.header.request.mode
        recorded = outcomes_of_sample(sample, mode, task, results())
        show_test_runs(task, states_of_sample(sample, mode), key="sample", recorded=recorded)
    _show_downloads(read, task, position)
    show_note(provenance(read))


def payload_of(read: ReadTrace, task: TestedTask | None, position: int) -> dict[str, Any]:
    """What the player shows of one sample, with the results of tests that are known."""
    sample = read.trace.samples[position]
    title = f"{short(read.task, 40)}  ({read.model}, sample {sample.sample_index + 1})"
    return build_generation_payload(
        read.trace.header, sample, title=short(title, 160), task=task, results=results()
    )


def as_command(trace: GenerationTrace) -> str:
    """The command that asks the same of the same model."""
    request = trace.header.request
    settings = request.settings
    is_stepwise, backend = request.mode == "stepwise", trace.header.backend
    return command_line(
        generate,
        instruction=request.instruction,
        stepwise=is_stepwise,
        model=trace.header.model,
        revision=trace.header.revision,
        backend=backend if backend in ("vllm", "server") else None,
        base_url="http://localhost:8000/v1" if backend == "server" else None,
        samples=request.n_samples,
        temperature=settings.temperature,
        top_p=settings.top_p,
        min_p=settings.min_p or None,
        max_tokens=settings.max_tokens,
        seed=request.seed,
        linter=request.linter_name if is_stepwise else None,
        guard="format" if request.format_guard else None if request.n_retries is None else "lint",
        retries=request.n_retries,
        stop=list(request.stop),
        output="trace.jsonl",
    )


def as_python(read: ReadTrace, position: int) -> str:
    """A script that reads the trace and prints every state of the sample."""
    sample = code("trace.{}[{}]", GenerationTrace.samples, position)
    return script(
        trace_code(read),
        code(r'print(*{}, sep="\n\n")', call(states_of_sample, sample, MODE)),
    )


def provenance(read: ReadTrace) -> str:
    """From what and by what this was made, in a line."""
    header = read.trace.header
    versions = ", ".join(f"{name} {version}" for name, version in header.versions.items())
    parts = [
        short(read.name, 80),
        f"sha256 {read.sha256[:16]}",
        f"model {short(header.model, 60)}, {header.dtype} on {header.device}",
        f"seed {header.request.seed}, temperature {header.request.settings.temperature:g}",
        short(versions, 160),
        f"shown by lintseq-core {__version__}",
    ]
    return " · ".join(part for part in parts if part)


def _move(n_samples: int) -> Callable[[], None]:
    def move() -> None:
        moved = getattr(st.session_state.get(KEY), "sample", None)
        if isinstance(moved, int):
            wanted = int(st.session_state.sample or 1) + moved
            st.session_state.sample = min(max(1, wanted), n_samples)

    return move


def _show_end(sample: TracedSample, payload: dict[str, Any]) -> None:
    if sample.end is None:
        show_note("This sample is unfinished: it is still being written, or was stopped.")
        return
    figures = [f"{sample.end.n_tokens} tokens"]
    if not math.isnan(sample.end.log_prob):
        figures.append(f"log-probability {sample.end.log_prob:.1f}")
    if sample.end.n_rejected_tokens:
        figures.append(f"{sample.end.n_rejected_tokens} tokens drawn again")
    if sample.end.mask is not None:
        figures.append(f"a mask that took {sample.end.mask.nats:.1f} nats")
    show_note(f"The sample was {payload['generation']['end']}; {', '.join(figures)} in all.")


def _show_downloads(read: ReadTrace, task: TestedTask | None, position: int) -> None:
    name = f"sample_{read.trace.samples[position].sample_index + 1}"
    with st.container(horizontal=True):
        st.download_button(
            "Download this sample as a page",
            data=lambda: build_page([payload_of(read, task, position)], title=short(read.task, 80)),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/code:",
            on_click="ignore",
            help="One HTML file that plays it without a server or a network.",
        )
        st.download_button(
            "All samples as a page",
            data=lambda: build_page(
                [payload_of(read, task, at) for at in range(len(read.trace.samples))],
                title=short(read.task, 80),
                footer=provenance(read),
            ),
            file_name="samples.html",
            mime="text/html",
            icon=":material/playlist_play:",
            on_click="ignore",
        )
