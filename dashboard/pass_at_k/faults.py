"""Strangely low scores: faults of the harness that the samples of a run show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.files.brought import Brought
from dashboard.files.programs import BENCHMARKS
from dashboard.files.results import samples_of_file
from dashboard.files.samples import (
    Deciding,
    Run,
    decided_store,
    has_programs,
    record_beside,
)
from dashboard.shared import background
from dashboard.shared.execution import is_allowed
from dashboard.shared.show import as_markdown, show_note, shown
from lintseq_core import LintSeqError
from lintseq_core.benchmarks import PROMPT_STYLES, get_benchmark
from lintseq_core.results.diagnosis.diagnose import Diagnosis, Examined, diagnose
from lintseq_core.results.diagnosis.kinds import WORDS, FaultKind
from lintseq_core.results.diagnosis.points import Points, measure_points
from lintseq_core.results.samples.store import Store

LOW = 0.1
"""pass@1 up to which a score counts as strangely low."""
MAX_SAMPLES = 3_280
"""That are looked at, the first of each problem: under five seconds."""
MAX_LINES = 24
KIND = "measure faults"


def show_faults(
    runs: Mapping[str, Run], file_of: Mapping[str, Brought | None], files: Sequence[Brought]
) -> None:
    """For each run with a low score whose programs are here: which faults they show.

    `file_of`: the file of each run. What ships is left out: its scores are known to be its models'.
    """
    for title, run in runs.items():
        file = file_of[title]
        benchmark = _benchmark_of(run)
        if file is None or file.origin == "ships" or not benchmark or _score(run) > LOW:
            continue
        try:
            source = file if has_programs(file.path, file.file) else samples_of_file(file, files)
            if source is not None:
                _show(title, run, source, benchmark, _style_of(file))
        except (LintSeqError, OSError) as error:
            show_note(f"Scores strangely low? The samples of {title} cannot be looked at: {error}")


def _score(run: Run) -> float:
    """pass@1."""
    tally = run.tally
    return sum(c / n for n, c in zip(tally.n, tally.c, strict=True)) / len(tally.n)


def _benchmark_of(run: Run) -> str:
    """The benchmark whose problems are on this machine that the task_ids are of; "" for none."""
    names = {task.partition("/")[0].lower() for task in run.tally.task_ids}
    found = next(iter(names)) if len(names) == 1 else ""
    return found if found in BENCHMARKS else ""


def _style_of(file: Brought) -> str:
    """The style that the record of the run says its samples were read in; "" for as code."""
    record = None if file.origin == "uploaded" else record_beside(file.path)
    style = "" if record is None else str(record.config.get("style", ""))
    return style if style in PROMPT_STYLES and style != "completion" else ""


def _folder(store: Store) -> str:
    return str(store.folder)


@st.cache_resource(
    max_entries=8, show_spinner="Looking for faults of the harness", hash_funcs={Store: _folder}
)
def load_diagnosis(store: Store, benchmark: str, style: str, most: int) -> Diagnosis:
    """What the first `most` samples of each problem of a store show."""
    chosen = get_benchmark(benchmark)
    read_as = next((one for one in PROMPT_STYLES if one == style), None)
    few = (one for one in store.samples(most=most) if one.text or one.completion is not None)
    return diagnose(few, chosen, chosen.problems(), read_as)


def _show(title: str, run: Run, source: Brought, benchmark: str, style: str) -> None:
    store = decided_store(source.path, source.file, Deciding(scorer=run.scorer))
    if store is None:
        return  # it is on its way
    most = max(1, MAX_SAMPLES // len(run.tally.task_ids))
    found = load_diagnosis(store, benchmark, style, most)
    if not found.shares:
        show_note(
            f"Scores strangely low? The {len(found.samples):,} samples of {title} that were looked "
            "at show no fault of a harness."
        )
        return
    key = f"{store.folder} {benchmark} {style} {most}"
    points: Points | None = st.session_state.get("fault_points", {}).get(key)
    named = "; ".join(
        f"{_words(kind)} in {share:.0%} of the samples" for kind, share in found.shares.items()
    )
    with st.container(border=True):
        st.markdown(f"**Scores strangely low?** {as_markdown(f'{title}: {named}.')}")
        for kind, share in found.shares.items():
            brings = "" if points is None else _brings(kind, points)
            with st.expander(as_markdown(f"{_words(kind)}: {share:.0%}{brings}")):
                show_note(f"{WORDS[kind].remedy[0].upper()}{WORDS[kind].remedy[1:]}.")
                for example in found.examples(kind):
                    _show_example(example)
        _show_measuring(key, found, points)


def _words(kind: FaultKind) -> str:
    return WORDS[kind].title


def _brings(kind: FaultKind, points: Points) -> str:
    if not WORDS[kind].can_be_mended:
        return ", only another run can mend it"
    return f", mending brings {points.by_kind.get(kind, 0.0):.1f} points"


def _show_example(example: Examined) -> None:
    as_is, mended = st.columns(2)
    with as_is:
        show_note(f"{example.sample.task_id}, sample {example.sample.sample_id + 1}, as it is run")
        st.code(_cut(example.program), language="python")
    if example.can_be_mended:
        with mended:
            show_note("Mended")
            st.code(_cut(example.mended), language="python")


def _cut(text: str) -> str:
    lines = text.split("\n")
    more = [f"… {len(lines) - MAX_LINES:,} lines more"] if len(lines) > MAX_LINES else []
    return shown("\n".join([*lines[:MAX_LINES], *more])) or "(empty)"


def _show_measuring(key: str, found: Diagnosis, points: Points | None) -> None:
    """What mending brings, and the button that measures it where programs may be run."""
    if points is not None:
        show_note(
            f"Run in boxes: {points.before:.1f} % of the samples pass as they stand, "
            f"{points.after:.1f} % once mended."
        )
    elif st.session_state.get("faults_job") is not None:
        _show_running()
    elif is_allowed():
        if error := st.session_state.pop("faults_error", None):
            st.error(as_markdown(error), icon=":material/error:")
        st.button(
            "Measure what mending brings",
            icon=":material/play_arrow:",
            key=f"measure_faults_{key}",
            on_click=_start,
            args=(key, found),
            disabled=background.is_busy(KIND),
            help="Runs the samples with a fault as they stand and mended, in boxes.",
        )
    else:
        show_note(
            "What mending brings is measured by `lintseq diagnose --allow-execution`, or here on a "
            "server that may run programs."
        )


def _start(key: str, found: Diagnosis) -> None:
    def work(job: background.Job) -> None:
        from lintseq_core.execution.pool import default_workers
        from lintseq_core.execution.selfcheck import choose
        from lintseq_core.execution.verdict import Isolation

        def tell(done: int, of: int) -> None:
            job.done, job.of = done, of

        backend, _ = choose(Isolation.BOX)
        try:
            measured = measure_points(
                found, backend, workers=default_workers(), on_progress=tell, stop=job.stop
            )
        finally:
            backend.close()
        if not job.stop.is_set():
            job.result = (key, measured)

    if is_allowed():
        st.session_state.faults_job = background.start(KIND, work)


@st.fragment(run_every=0.5)
def _show_running() -> None:
    job: background.Job | None = st.session_state.get("faults_job")
    if job is None:
        return
    if job.is_over:
        st.session_state.faults_job = None
        st.session_state.faults_error = job.error
        if job.result is not None:
            key, measured = job.result
            st.session_state.setdefault("fault_points", {})[key] = measured
        st.rerun()
    share = job.done / job.of if job.of else 0.0
    st.progress(share, text=f"Judging programs in boxes: {job.done} of {job.of or '…'}")
    st.button("Stop", icon=":material/stop:", key="stop_faults", on_click=job.stop.set)
