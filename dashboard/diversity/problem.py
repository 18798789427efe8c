"""One problem: which of its samples are alike, which are the same, and two of them in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.diversity.code import runs_code
from dashboard.diversity.pair import show_side_by_side
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.show import as_markdown, chart_theme, show_chart, show_note, shown, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core import LintSeqError
from lintseq_core.charts.diversity import group_name, similarity_figure
from lintseq_core.metrics.similarity import Sameness, Similarity, group_numbers, similarity_matrix
from lintseq_core.results.frames import frame_of
from lintseq_core.results.sampled import ProblemSamples, SampledRun

ALIKE: dict[str, Similarity] = {
    "Text": "text",
    "Tokens": "tokens",
    "Tree": "tree",
    "CodeBLEU": "code_bleu",
    "Behaviour": "tests",
}
ALIKE_WORDS = {
    "Text": "1 less the edit distance",
    "Tokens": "cosine of the counts of 1 to 3 tokens in a row",
    "Tree": "subtrees in common over subtrees of both",
    "CodeBLEU": "mean of both directions",
    "Behaviour": "share of tests with the same outcome",
}
SAME: dict[str, Sameness] = {"Text": "text", "Tree, names aside": "tree", "Behaviour": "tests"}
MAX_GROUPS_TOLD = 8


def show_problem(runs: dict[str, SampledRun], most: int) -> None:
    """The matrix of a problem's samples, their groups, and the two that are chosen."""
    with st.container(horizontal=True):
        name = st.selectbox("Run", list(runs), key="div_run", bind="query-params", width=240)
        tasks = [t for t, one in runs[name].problems.items() if one.programs]
        task = st.selectbox(
            "Problem", tasks, key="div_task", bind="query-params", width=260, format_func=shown
        )
        alike = st.selectbox("Similarity", list(ALIKE), key="alike", bind="query-params", width=160)
        same = st.selectbox("Groups by", list(SAME), key="same", bind="query-params", width=200)
    problem = runs[name].problems[task]
    programs = list(problem.programs[:most])
    outcomes = problem.outcomes[:most] if problem.outcomes else None
    if outcomes is None and "Behaviour" in (alike, same):
        st.info(
            "Which tests each sample passes is not known: evaluate with `--each-test`, and give "
            "the page the results too.",
            icon=":material/rule:",
        )
        return
    if len(programs) < 2:
        st.info("One program: nothing to compare.", icon=":material/filter_1:")
        return
    try:
        matrix = similarity_matrix(programs, ALIKE[alike], outcomes)
        groups = group_numbers(programs, SAME[same], outcomes)
    except LintSeqError as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    numbers = sample_numbers(problem)[: len(programs)]
    one, other = _choose_pair(numbers, matrix)
    figure = similarity_figure(matrix, groups, chart_theme(), chosen=(one, other), numbers=numbers)
    upper = matrix[np.triu_indices(len(programs), 1)]
    mean = float(np.nanmean(upper)) if not np.isnan(upper).all() else float("nan")
    show_chart(
        figure,
        key="matrix",
        alt=f"Similarity ({alike}) of {len(programs)} samples, mean {mean:.2f}, in "
        f"{len(set(groups))} groups",
        on_select=_select,
    )
    show_note(
        f"{alike}: {ALIKE_WORDS[alike]}; 1 the same, 0 nothing in common, empty: does not parse. "
        "Samples of a group stand together, lines part the groups. Click a cell, or choose by "
        "number, to see its two programs; they are framed."
    )
    _tell_groups(problem, groups, same)
    _show_chosen(problem, programs, (one, other), float(matrix[one, other]))
    rows = [
        {
            "one": numbers[a],
            "other": numbers[b],
            "sample_id_one": problem.numbers[a],
            "sample_id_other": problem.numbers[b],
            "similarity": float(matrix[a, b]),
            "group_one": group_name(groups[a]),
            "group_other": group_name(groups[b]),
        }
        for a in range(len(programs))
        for b in range(a)
    ]
    chosen_run = {name: runs[name]}
    show_take_along(
        frame_of(rows, list(rows[0])),
        "similarity",
        chart="matrix",
        python=script(
            runs_code(chosen_run),
            code("problem = runs[{}].{}[{}]", name, SampledRun.problems, task),
            code("programs = problem.{}[:{}]", ProblemSamples.programs, most),
            code(
                "outcomes = problem.{outcomes}[:{most}] if problem.{outcomes} else None",
                outcomes=ProblemSamples.outcomes,
                most=most,
            ),
            code(
                "matrix = {}",
                call(similarity_matrix, Code("programs"), ALIKE[alike], Code("outcomes")),
            ),
            code(
                "groups = {}", call(group_numbers, Code("programs"), SAME[same], Code("outcomes"))
            ),
            code(
                "numbers = [number + 1 for number in problem.{}[:{}]]", ProblemSamples.numbers, most
            ),
            code(
                "figure = {}",
                call(
                    similarity_figure,
                    Code("matrix"),
                    Code("groups"),
                    theme_code(),
                    chosen=(one, other),
                    numbers=Code("numbers"),
                ),
            ),
            SHOW_FIGURE,
        ),
    )


def sample_numbers(problem: ProblemSamples) -> list[int]:
    """What the programs of a problem are called on every page: their sample_id, from 1."""
    return [number + 1 for number in problem.numbers]


def _choose_pair(numbers: Sequence[int], matrix: np.ndarray) -> tuple[int, int]:
    """Two 0-based places, from the number inputs, which a click on the chart sets.

    A link holds places. Where samples are missing, these are not their numbers, and are called so.
    """
    state, n = st.session_state, len(numbers)
    is_whole = list(numbers) == list(range(1, n + 1))
    if "second" not in state and "second" not in st.query_params:
        state.second = 2
    for key in ("first", "second"):
        if key in state and state[key] > n:  # a problem with fewer samples was chosen
            state[key] = n
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = "Sample" if is_whole else "Place in the file"
        one = st.number_input(name, 1, n, key="first", bind="query-params", width=130)
        other = st.number_input("beside", 1, n, key="second", bind="query-params", width=130)
        apart = np.where(np.isnan(matrix), np.inf, matrix)
        lowest = np.unravel_index(int(np.argmin(apart)), apart.shape)
        st.button(
            "Least alike",
            on_click=_set_pair,
            args=(int(lowest[0]), int(lowest[1])),
            icon=":material/swap_horiz:",
        )
    return int(one) - 1, int(other) - 1


def _select() -> None:
    points = st.session_state.matrix.selection.points
    if points:
        one, other, _ = points[0]["customdata"]
        _set_pair(int(one), int(other))


def _set_pair(one: int, other: int) -> None:
    st.session_state.first, st.session_state.second = one + 1, other + 1


def _tell_groups(problem: ProblemSamples, groups: tuple[int, ...], same: str) -> None:
    counts = Counter(groups)
    n_alone = sum(size == 1 for size in counts.values())
    told = f"{len(counts)} groups by {same[0].lower()}{same[1:]}, {n_alone} of one sample."
    st.markdown(as_markdown(told))
    for number, size in sorted(counts.items())[:MAX_GROUPS_TOLD]:
        if size > 1:
            members = [at for at, group in enumerate(groups) if group == number]
            listed = ", ".join(str(problem.numbers[at] + 1) for at in members)
            passed = [problem.passed[at] for at in members]
            verdict = f"; {sum(map(bool, passed))} pass" if None not in passed else ""
            show_note(f"{group_name(number)}: {size} samples{verdict} ({listed})")


def _show_chosen(
    problem: ProblemSamples, programs: list[str], chosen: tuple[int, int], similarity: float
) -> None:
    one, other = chosen
    st.header("Two of them", anchor=False)
    if one == other:
        show_note("Choose two different samples.")
        return
    said = "cannot be said" if np.isnan(similarity) else f"{similarity:.3f}"
    show_note(f"Similarity: {said}.")
    titles = tuple(
        f"Sample {problem.numbers[at] + 1}"
        + {True: ", ✓ passes", False: ", ✗ fails", None: ""}[problem.passed[at]]
        for at in chosen
    )
    show_side_by_side(programs[one], programs[other], titles)  # type: ignore[arg-type]
