"""All problems: how one model behaves over all of them; each number leads to its samples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.components.panel import draw_facets, preview, show_rows
from dashboard.shared.execution import results, task_of
from dashboard.shared.show import as_markdown, show_note, shown
from dashboard.shared.take_along import show_take_along
from lintseq_core.metrics.intervals import FEWEST_PROBLEMS, TOO_FEW, Interval
from lintseq_core.viewer.over_problems import (
    WAYS,
    Behaviour,
    Choices,
    Way,
    behaviour_frame,
    behaviours,
    chosen,
    counts,
    solved,
    surprise,
)
from lintseq_core.viewer.trace_runs import by_model
from lintseq_core.viewer.traces import ReadTrace

MAX_LISTED = 20
MAX_BARS = 80
MAX_KEPT = 4
"""Models whose samples over all problems are kept for a visit."""
SIGNS = {True: "✓ passes all tests", False: "✗ does not pass", None: "tests not run"}


def show_over_problems(
    source: str, tasks: Mapping[str, Sequence[ReadTrace]], read: ReadTrace
) -> None:
    """What the model of `read` did on all `tasks`: in words, in bars, and its samples."""
    samples = samples_of_model(source, tasks, read)
    if not samples:
        show_note("No sample of this model is finished yet.")
        return
    choices = _choices(samples)
    st.markdown("  \n".join(map(as_markdown, told(samples))), width=1100)
    left, right = st.columns([3, 8], gap="medium")
    with left:
        draw_facets(
            [_facet(way, samples, choices) for way in WAYS if way.keys(samples)],
            key="over_facets",
            on_choose=_choose,
            noun="samples",
        )
        show_note("Click a bar: its samples. Several of one kind: any of them.")
    with right:
        found = chosen(samples, choices)
        with st.container(horizontal=True, vertical_alignment="center"):
            n = "1 sample" if len(found) == 1 else f"{len(found):,} samples"
            st.markdown(f"**{n}** of {len(samples):,}", width="content")
            if choices:
                st.button(
                    "Clear all",
                    icon=":material/filter_alt_off:",
                    type="tertiary",
                    on_click=_clear,
                    key="over_clear",
                )
        _show_list(found)
        show_take_along(behaviour_frame(found), "behaviour")


def told(samples: Sequence[Behaviour]) -> list[str]:
    """The behaviour of a model in sentences; what cannot be told is said to be so."""
    return [
        sentence
        for sentence in (_solved_words(samples), _fault_words(samples), _surprise_words(samples))
        if sentence
    ]


def _solved_words(samples: Sequence[Behaviour]) -> str:
    judged = [one for one in samples if one.passed is not None]
    n_tasks = len({one.task for one in samples})
    if not judged:
        problems = "1 problem" if n_tasks == 1 else f"{n_tasks:,} problems"
        return (
            f"Which of the {len(samples):,} samples of {problems} are right is not known: their "
            "tests were not run."
        )
    n_passed = sum(one.passed is True for one in judged)
    solving = len({one.task for one in judged if one.passed})
    words = (
        f"{n_passed:,} of {len(judged):,} samples pass all tests, at least one sample for "
        f"{solving:,} of {len({one.task for one in judged}):,} problems: solved, as a mean over "
        f"problems, {_share(solved(judged))}."
    )
    if left := len(samples) - len(judged):
        words += f" The tests of {left:,} more were not run."
    return words


def _fault_words(samples: Sequence[Behaviour]) -> str:
    written = [one for one in samples if one.is_stepwise]
    if not written:
        return "It writes whole programs: no edit can break the format."
    broken = [one for one in written if one.fault]
    if not broken:
        return f"No edit of the {len(written):,} samples breaks the format."
    first = sum(one.fault_edit == 1 for one in broken)
    return (
        f"{len(broken):,} of {len(written):,} samples break the format of edits somewhere, "
        f"{first:,} of them in their first edit."
    )


def _surprise_words(samples: Sequence[Behaviour]) -> str:
    if not any(one.fault for one in samples):
        return ""
    gap = surprise(samples)
    if math.isnan(gap.low) or gap.n_problems < FEWEST_PROBLEMS:
        return (
            "Whether the model is less sure where the format first breaks cannot be told: too few "
            "problems have both such an edit and a sound one."
        )
    ends = f"95 % interval {gap.low:.2f} to {gap.high:.2f} over {gap.n_problems:,} problems"
    said = (
        f"A token of the edit where the format first breaks has {abs(gap.estimate):.2f} nats "
        f"{'less' if gap.estimate > 0 else 'more'} log-probability than one of sound edits ({ends})"
    )
    if gap.low <= 0 <= gap.high:
        return f"{said}: whether the model is less sure there cannot be told."
    return f"{said}: the model is {'less' if gap.low > 0 else 'more'} sure there."


def _share(found: Interval) -> str:
    if math.isnan(found.low):
        return f"{found.estimate:.1%} ({TOO_FEW})"
    return f"{found.estimate:.1%} (95 % interval {found.low:.1%} to {found.high:.1%})"


def samples_of_model(
    source: str, tasks: Mapping[str, Sequence[ReadTrace]], read: ReadTrace
) -> Sequence[Behaviour]:
    """What the model of `read`, asked as there, did on all `tasks`; worked out once a visit."""
    known, mark = results(), _mark(source, read)
    held: tuple[str, ...] = ()
    if isinstance(tasks, dict):  # what is read already may change; other files ship, and stay
        held = tuple(one.sha256 for of_task in tasks.values() for one in of_task)
    key = (mark, held, len(known.outcomes))
    kept: dict[Any, list[Behaviour]] = st.session_state.setdefault("over_problems", {})
    if key not in kept:
        with st.spinner("Reading what it wrote for all problems"):
            found = [
                one
                for task, of_task in tasks.items()
                for label, each in by_model(of_task).items()
                if _mark(source, each) == mark
                for one in behaviours(label, each, task, task_of(each.trace.header), known)
            ]
        while len(kept) >= MAX_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = found
    return kept[key]


def _mark(source: str, read: ReadTrace) -> tuple[str, str, str, float]:
    """What the samples of one behaviour have in common."""
    request = read.trace.header.request
    return source, read.trace.header.model, request.mode, request.settings.temperature


def _choices(samples: Sequence[Behaviour]) -> Choices:
    """What the link chose; what it chose in vain is said."""
    found: dict[str, list[str]] = {}
    for way in WAYS:
        asked = st.query_params.get_all(f"in_{way.name}")
        known = way.keys(samples)
        if strange := [key for key in asked if key not in known]:
            st.warning(
                as_markdown(f"{way.title}: no sample has {', '.join(strange[:5])[:200]}."),
                icon=":material/link_off:",
            )
        if kept := [key for key in asked if key in known]:
            found[way.name] = kept
    return found


def _facet(way: Way, samples: Sequence[Behaviour], choices: Choices) -> dict[str, Any]:
    """What the browser draws of one way to sort samples."""
    keys, found = way.keys(samples), counts(samples, way, choices)
    return {
        "name": way.name,
        "title": way.title,
        "kind": way.kind,
        "sorted": not way.first,
        "keys": list(keys),
        "labels": [shown(way.label.format(key)) for key in keys],
        "counts": [found[key] for key in keys],
        "chosen": list(choices.get(way.name, ())),
    }


def _show_list(found: Sequence[Behaviour]) -> None:
    listed = found[: st.session_state.get("over_listed", MAX_LISTED)]
    largest = max((max(one.sizes, default=0) for one in listed), default=0)
    longest = max((one.program.count("\n") for one in listed), default=0)
    st.session_state.over_shown = listed
    show_rows(
        [_row(at, one, largest, longest) for at, one in enumerate(listed)],
        first=1,
        key="over_rows",
        on_open=_open,
    )
    if len(found) > len(listed):
        st.button(
            f"Show {min(MAX_LISTED, len(found) - len(listed))} more",
            on_click=_show_more,
            key="over_more",
        )


def _row(at: int, one: Behaviour, largest: int, longest: int) -> dict[str, Any]:
    n_lines = one.program.count("\n")
    about = "1 line" if n_lines == 1 else f"{n_lines:,} lines"
    if one.is_stepwise:
        about += ", 1 edit" if one.n_edits == 1 else f", {one.n_edits:,} edits"
    return {
        "index": at,
        "task": f"{shown(one.task)}, sample {one.sample_index + 1}",
        "verdict": SIGNS[one.passed],
        "about": about,
        "faults": f"✗ edit {one.fault_edit}: {one.fault}" if one.fault else "",
        "lines": preview(one.program, None),
        "bars": [size / largest if largest else 0 for size in one.sizes[:MAX_BARS]]
        if one.is_stepwise
        else [],
        "length": n_lines / longest if longest else 0,
    }


def _choose() -> None:
    asked = st.session_state.over_facets["choose"]
    if isinstance(asked, dict) and isinstance(asked.get("keys"), list):
        name, keys = str(asked.get("facet")), [str(key) for key in asked["keys"]]
        if name in {way.name for way in WAYS}:
            st.session_state.over_listed = MAX_LISTED
            if keys:
                st.query_params[f"in_{name}"] = keys
            else:
                st.query_params.pop(f"in_{name}", None)


def _clear() -> None:
    st.session_state.over_listed = MAX_LISTED
    for way in WAYS:
        st.query_params.pop(f"in_{way.name}", None)


def _show_more() -> None:
    st.session_state.over_listed = st.session_state.get("over_listed", MAX_LISTED) + MAX_LISTED


def _open() -> None:
    """The sample that was clicked, at the edit that was asked for: where the tests begin to pass,
    else where a sample opens by itself, at its first bad edit."""
    at = int(st.session_state.over_rows["open"])
    listed: Sequence[Behaviour] = st.session_state.get("over_shown", ())
    if at >= len(listed):
        return
    one = listed[at]
    step = one.passing_edit if "in_passing" in st.query_params else None
    if step is None and "in_fault_edit" in st.query_params:
        step = one.fault_edit
    st.session_state.task, st.session_state.model = one.task, one.model
    st.session_state.sample, st.session_state.see = one.position + 1, "One sample"
    if step is None:
        st.query_params.pop("step", None)
    else:
        st.query_params["step"] = str(step)
