"""Two models, or two runs, side by side: as pairs of samples of one task, and over all problems."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import mean

import streamlit as st

from dashboard.generations.sample import field_name, payload_of, provenance
from dashboard.generations.tiles import final_outcomes
from dashboard.shared.execution import show_test_runs
from dashboard.shared.show import as_markdown, show_note, show_player
from lintseq_core.metrics.intervals import TOO_FEW, paired_difference
from lintseq_core.metrics.normal_form import count_distinct
from lintseq_core.viewer.clinic import malformed_edits
from lintseq_core.viewer.generated import last_state, states_of_sample
from lintseq_core.viewer.outcomes import PASSED, Outcomes, TestedTask, n_passed
from lintseq_core.viewer.over_problems import Behaviour, solve_rates
from lintseq_core.viewer.traces import ReadTrace, short

MAX_PAIRS = 60
SIGNS = {True: "✓", False: "✗", None: "·"}


def show_two_models(
    named: dict[str, ReadTrace],
    first: str,
    task: TestedTask | None,
    position: int,
    over: Callable[[ReadTrace], Sequence[Behaviour]],
) -> None:
    """The trace called `first` beside another of the same task: pairs of samples, and figures.

    One that writes in the other way, whole programs or edits, comes first among the others. `over`
    gives the samples of a trace's model over all problems.
    """
    others = sorted(
        (name for name in named if name != first),
        key=lambda name: _mode(named[name]) == _mode(named[first]),
    )
    if not others:
        st.info(
            "There is one trace of this task here. Give a second one of the same instruction, "
            "joined in one file or in a folder, and they stand side by side.",
            icon=":material/compare:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = st.selectbox("Beside", others, key="beside", bind="query-params", width=260)
        beside = named[other]
        last = len(beside.trace.samples)
        at = st.number_input(
            f"Its {field_name(beside).lower()}",
            1,
            max(1, last),
            key="beside_sample",
            bind="query-params",
            width=130,
        )
    pair = {first: named[first], other: beside}
    if task is not None:
        finals = [
            last_state(sample, read.trace.header.request.mode)
            for read in pair.values()
            for sample in read.trace.samples
        ]
        outcomes = [told for read in pair.values() for told in final_outcomes(read, task)]
        show_test_runs(task, finals, key="models", recorded=outcomes)
    if last:
        _show_pairs(pair, task, position, min(at, last) - 1)
    payloads = [payload_of(named[first], task, position)]
    if last:
        payloads.append(payload_of(beside, task, min(at, last) - 1))
    show_player(*payloads, key="two_models", step=1, start=1)
    st.table([_row(name, read, task) for name, read in pair.items()])
    show_note("Of these samples alone: no interval is drawn, because they are of one task.")
    st.markdown(as_markdown(over_words({name: over(read) for name, read in pair.items()})))
    for read in pair.values():
        show_note(provenance(read))


def _show_pairs(
    pair: dict[str, ReadTrace], task: TestedTask | None, position: int, beside: int
) -> None:
    """The verdicts of both on the same sample number, to choose from; the chosen two in words."""
    of_both = [
        {sample.sample_index: at for at, sample in enumerate(read.trace.samples)}
        for read in pair.values()
    ]
    shared = sorted(of_both[0].keys() & of_both[1].keys())[:MAX_PAIRS]
    finals = [final_outcomes(read, task) for read in pair.values()]
    places = {index: (of_both[0][index], of_both[1][index]) for index in shared}
    signs = {
        index: " ".join(SIGNS[_passes(told[at])] for told, at in zip(finals, of_pair, strict=True))
        for index, of_pair in places.items()
    }
    counted = Counter(signs.values())
    words = "; ".join(
        f"{told}: {counted[sign]}"
        for sign, told in (
            ("✓ ✓", "Both solve it"), ("✓ ✗", "only the first"), ("✗ ✓", "only the second"),
            ("✗ ✗", "neither"),
        )
    )  # fmt: skip
    if all("·" in sign for sign in signs.values()):
        words = "The tests were not run"
    now = [index for index, of_pair in places.items() if of_pair == (position, beside)]
    st.session_state.pair = now[0] if now else None
    st.session_state.pair_places = places
    names = " and ".join(short(name, 40) for name in pair)
    st.pills(
        as_markdown(f"Samples of one number, of {names}. {words}"),
        shared,
        format_func=lambda index: f"{index + 1}: {signs[index]}",
        key="pair",
        on_change=_choose_pair,
    )
    columns = st.columns(2)
    for column, (name, read), told, at in zip(
        columns, pair.items(), finals, (position, beside), strict=True
    ):
        sample = read.trace.samples[at]
        n_edits = len(states_of_sample(sample, _mode(read))) - 1
        written = "whole program" if _mode(read) == "whole" else f"{n_edits} edits"
        with column:
            st.markdown(
                as_markdown(
                    f"{short(name, 40)}, sample {sample.sample_index + 1}: "
                    f"{_verdict_words(told[at])} · {written}"
                )
            )


def _choose_pair() -> None:
    places = st.session_state.get("pair_places", {})
    if st.session_state.pair in places:
        first, beside = places[st.session_state.pair]
        st.session_state.sample, st.session_state.beside_sample = first + 1, beside + 1


def over_words(samples: dict[str, Sequence[Behaviour]]) -> str:
    """What can be told of the difference of two models over the problems of both."""
    (first, a), (second, b) = ((name, solve_rates(found)) for name, found in samples.items())
    found = paired_difference(a, b)
    gap = found.difference
    if not gap.n_problems:
        return "Over all problems nothing can be told: no problem has tests run on samples of both."
    problems = "the one problem" if gap.n_problems == 1 else f"the {gap.n_problems:,} problems"
    shared = sorted(a.keys() & b.keys())
    rates = [mean(rate[task] for task in shared) for rate in (a, b)]
    said = (
        f"Over {problems} of both, {short(first, 40)} solves {rates[0]:.1%} of samples, "
        f"{short(second, 40)} {rates[1]:.1%}"
    )
    if math.isnan(gap.low):
        return f"{said}: whether they differ cannot be told ({TOO_FEW})."
    ends = f"95 % interval of the difference {100 * gap.low:.1f} to {100 * gap.high:.1f} points"
    if found.is_told_from_none:
        return f"{said}: they differ ({ends})."
    return f"{said}: that they differ cannot be told ({ends})."


def _passes(told: Outcomes | None) -> bool | None:
    return None if told is None else set(told) == {PASSED}


def _verdict_words(told: Outcomes | None) -> str:
    if told is None:
        return "tests not run"
    if len(told) == 1:
        return "✓ passes all tests" if told[0] == PASSED else f"✗ {told[0].replace('_', ' ')}"
    return f"{SIGNS[_passes(told)]} {n_passed(told)} of {len(told)} tests pass"


def _mode(read: ReadTrace) -> str:
    return read.trace.header.request.mode


def _row(name: str, read: ReadTrace, task: TestedTask | None) -> dict[str, str]:
    mode = read.trace.header.request.mode
    samples = read.trace.samples
    ended = [sample.end for sample in samples if sample.end is not None]
    edits = [len(states_of_sample(sample, mode)) - 1 for sample in samples]
    finals = final_outcomes(read, task)
    known = [told for told in finals if told is not None]
    passed = sum(set(told) == {PASSED} for told in known)
    malformed = len(malformed_edits(samples))
    programs = [last_state(sample, mode) for sample in samples]
    return {
        "Model": name.replace("|", "/"),
        "Pass all tests": f"{passed} of {len(known)}" if known else "not run",
        "Parse": f"{sum(end.compiles for end in ended)} of {len(ended)}",
        "Malformed edits": f"{malformed} of {sum(edits)}"
        if mode == "stepwise"
        else "whole program",
        "Different programs": f"{count_distinct(programs).n_trees} of {len(programs)}",
        "Edits a sample": f"{mean(edits):.1f}" if edits else "none",
        "Tokens a sample": f"{mean(end.n_tokens for end in ended):.0f}" if ended else "none",
    }
