"""All samples of a task as tiles, grouped by what they do; and where they part ways."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.generations.source import MODE, trace_code
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.execution import results, show_test_runs
from dashboard.shared.show import as_markdown, chart_theme, show_chart, show_note, shown, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core.charts.prefix_tree import describe_rate, prefix_tree_figure
from lintseq_core.charts.prefixes import decisive_edits, prefix_frame, prefix_tree
from lintseq_core.generation.trace import GenerationTrace, TracedSample
from lintseq_core.viewer import trace_runs
from lintseq_core.viewer.behaviours import group_samples
from lintseq_core.viewer.generated import (
    first_bad_edit,
    last_state,
    states_of_sample,
)
from lintseq_core.viewer.outcomes import PASSED, Outcomes, TestedTask
from lintseq_core.viewer.traces import ReadTrace, short

MAX_TILES = 24  # of one group; the others look the same
MAX_LINES_SHOWN = 14


def show_tiles(read: ReadTrace, task: TestedTask | None) -> None:
    """The samples of `read`, those that behave alike together."""
    mode = read.trace.header.request.mode
    samples = read.trace.samples
    programs = [last_state(sample, mode) for sample in samples]
    finals = final_outcomes(read, task)
    groups = group_samples(programs, finals)
    is_known = any(group.n_passed is not None for group in groups)
    by = "the outcome of every test" if is_known else "their programs, names aside"
    show_note(f"{len(samples)} samples in {len(groups)} groups, by {by}.")
    if task is not None:
        show_test_runs(task, programs, key="tiles", recorded=finals)
        with st.expander("The tests"):
            st.code(
                "\n".join(f"{i}  {name}" for i, name in enumerate(task.names, 1)),
                None,
                wrap_lines=True,
            )
    for number, group in enumerate(groups, start=1):
        with st.container(key=f"group_{number}"):
            sign = _sign(group.n_passed, len(finals[group.samples[0]] or ()))
            n = len(group.samples)
            count = "1 sample" if n == 1 else f"{n} samples"
            st.header(as_markdown(f"{sign}{count}: {group.words}"), anchor=False)
            grid = st.container().grid("auto", min_column_width=260)
            for position in group.samples[:MAX_TILES]:
                with grid.container(border=True, height="stretch", gap="xsmall"):
                    bad = first_bad_edit(samples[position], mode, task, results())
                    _show_tile(samples[position], position, programs[position], mode, bad)
            if len(group.samples) > MAX_TILES:
                show_note(f"And {len(group.samples) - MAX_TILES} more that behave the same.")


def final_outcomes(read: ReadTrace, task: TestedTask | None) -> list[Outcomes | None]:
    """The outcomes of the tests on the last state of each sample, as far as they are known."""
    return trace_runs.final_outcomes(read, task, results())


def _sign(n_passed: int | None, n_tests: int) -> str:
    if n_passed is None:
        return ""
    return "✓ " if n_passed == n_tests else "✗ " if n_passed == 0 else "◐ "


def _show_tile(
    sample: TracedSample, position: int, program: str, mode: str, bad: dict[str, Any] | None
) -> None:
    """`bad` is the first bad edit, as in the payload of the player."""
    words = _edits(len(states_of_sample(sample, mode)) - 1)
    if sample.end:
        words += f", {sample.end.n_tokens} tokens"
    if bad:
        words += f"; ✗ the first bad edit is {bad['step']}: {', '.join(bad['why'])}"
    st.button(
        f"Sample {sample.sample_index + 1}",
        key=f"open_{position}",
        on_click=_open,
        args=(position,),
        type="tertiary",
        icon=":material/open_in_full:",
    )
    show_note(words)
    lines = program.split("\n")
    text = "\n".join(line[:200] for line in lines[:MAX_LINES_SHOWN])
    if len(lines) > MAX_LINES_SHOWN:
        text += f"\n… {len(lines) - MAX_LINES_SHOWN} lines more"
    st.code(shown(text) or "(empty)", language=None, wrap_lines=True)


def _edits(n: int) -> str:
    return "1 edit" if n == 1 else f"{n} edits"


def _after(n_edits: int) -> str:
    return f"After {_edits(n_edits)}" if n_edits else "Of all samples"


def _open(position: int) -> None:
    st.session_state.sample = position + 1
    st.session_state.see = "One sample"


def _python(read: ReadTrace, passes: list[bool | None]) -> str:
    tree = call(prefix_tree, Code("states"), Code("passes"))
    return script(
        trace_code(read),
        code(
            "states = [{} for sample in trace.{}]",
            call(states_of_sample, Code("sample"), MODE),
            GenerationTrace.samples,
        ),
        Code("# Whether each sample passes all tests, as the page knew it."),
        code("passes = {}", passes),
        code("figure = {}", call(prefix_tree_figure, tree, theme_code())),
        SHOW_FIGURE,
    )


def show_tree(read: ReadTrace, task: TestedTask | None) -> None:
    """The prefix tree of the samples, and the edits at which it was decided."""
    mode = read.trace.header.request.mode
    states = [states_of_sample(sample, mode) for sample in read.trace.samples]
    finals = final_outcomes(read, task)
    tree = prefix_tree(states, [None if o is None else set(o) == {PASSED} for o in finals])
    show_note(
        "From left to right, an edit a column; each box is a program that samples came to, as high "
        "as there are samples. ✓ blue: all of them pass in the end; ✗ orange and hatched: none; "
        "◐ between: some. Click a box to look closer."
    )
    if task is not None:
        show_test_runs(task, [s[-1] for s in states], key="tree", recorded=finals)
    show_chart(
        prefix_tree_figure(tree, chart_theme()),
        key="prefix_tree",
        alt=f"Prefix tree of {len(states)} samples with {len(tree)} programs on the way. "
        + (describe_rate(tree[0]) if tree else ""),
    )
    show_take_along(
        prefix_frame(tree),
        "prefix_tree",
        chart="prefix_tree",
        python=_python(read, [None if o is None else set(o) == {PASSED} for o in finals]),
    )
    decided = list(decisive_edits(tree))
    for node, child in decided[:6]:
        parent, lost = tree[node], tree[child]
        numbers = ", ".join(str(sample + 1) for sample in lost.samples[:12])
        st.markdown(
            as_markdown(
                f"{_after(parent.n_edits)} {describe_rate(parent)} pass in the end; none "
                f"does that goes on with `{short(lost.added, 60).replace('`', chr(39))}` "
                f"(sample {numbers})."
            )
        )
    if not decided and any(node.n_passed is not None for node in tree):
        show_note("At no edit do samples that pass part from samples that never do.")
