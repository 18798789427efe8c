"""Many edit sequences of one program: in which orders its lines can come."""

from __future__ import annotations

import math
from dataclasses import replace

import streamlit as st

from dashboard.files.loaders import (
    MAX_MANY_LINES,
    load_dependencies,
    load_orders,
    load_payload,
)
from dashboard.shared.address import choose_from_one
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.commands import command_line
from dashboard.shared.links import read_number
from dashboard.shared.show import (
    chart_theme,
    show_chart,
    show_error,
    show_note,
    show_player,
    theme_code,
)
from dashboard.shared.take_along import show_take_along
from dashboard.trajectories.choice import SequenceChoice
from dashboard.trajectories.dependencies import show_dependencies
from lintseq_core import LintSeqError, Program, sample_paths
from lintseq_core.charts.alignment import alignment_figure
from lintseq_core.charts.birth_order import birth_order_figure
from lintseq_core.charts.dependencies import (
    Dependencies,
    dependencies_frame,
    read_dependencies,
)
from lintseq_core.charts.edit_sizes import edit_sizes_figure
from lintseq_core.charts.order_frames import (
    alignment_frame,
    birth_frame,
    precedence_frame,
    sizes_frame,
)
from lintseq_core.charts.orders import (
    Orders,
    align,
    drawn_lines,
    edit_sizes,
    n_distinct,
    never_after,
    order_entropy_bits,
    pair_entropy_bits,
    read_orders,
)
from lintseq_core.charts.precedence import precedence_figure
from lintseq_core.cli.sample import sample
from lintseq_core.results.frames import Frame

ORDERS = Code("orders")
"""In a script for a chart: the sequences that it shows."""
SAMPLES = (10, 20, 50, 100, 200)
DEFAULT_SAMPLES = 50
TABS = NEEDS, HEAT, SIZES, TWO, GRAPH = (
    "What needs what",
    "When each line comes",
    "Edit sizes",
    "Two of them",
    "As a graph",
)
FORMER_TABS = {"What comes before what": GRAPH}
"""What links of earlier versions call a tab."""


def n_asked() -> int:
    """How many sequences `choose_n_paths` will say."""
    linked = read_number(st.query_params.get("n"))
    asked = st.session_state.get("n") or linked
    return asked if asked in SAMPLES else DEFAULT_SAMPLES


def choose_n_paths() -> int:
    """How many sequences the reader chose."""
    n_paths = st.segmented_control(
        "How many sequences (the paper's s)",
        SAMPLES,
        default=DEFAULT_SAMPLES,
        key="n",
        required=True,
        bind="query-params",
    )
    return int(n_paths)


def show_many_lab(choice: SequenceChoice, n_paths: int) -> None:
    """What the first sequences of a program under one seed have in common, and in charts."""
    limit = MAX_MANY_LINES["none" if choice.method == "randseq" else choice.linter]
    n_lines = choice.text.count("\n")
    if n_lines > limit:
        _say_too_long(choice, n_lines, limit)
        return
    try:
        orders = load_orders(choice.text, choice.method, choice.linter, choice.seed, n_paths)
    except LintSeqError as error:
        show_error(error)
        return
    needs, heat, sizes, two, graph = st.tabs(
        TABS, key="many_tab", bind="query-params", on_change="rerun"
    )
    theme = chart_theme()
    if needs.open:
        with needs:
            _show_needs(choice, orders)
    if heat.open:
        with heat:
            show_note(
                "A row is a line, a column a sequence. Lines of one colour in every column come in "
                "one edit. Left out: blank lines, and comments that are there from the first edit "
                "on."
            )
            show_chart(
                birth_order_figure(orders, theme),
                key="heat",
                alt=f"When each of {len(drawn_lines(orders))} lines comes in each of {n_paths} "
                "sequences",
            )
            _show_numbers(orders)
            made = call(birth_order_figure, ORDERS, theme_code())
            _take_along(choice, orders, birth_frame(orders), "birth_order", made, chart="heat")
    if sizes.open:
        with sizes:
            show_chart(
                edit_sizes_figure(edit_sizes(orders), theme),
                key="sizes",
                alt="Share of the edits that insert one line, two lines, and so on",
            )
            _show_numbers(orders)
            frame = sizes_frame(edit_sizes(orders))
            made = call(edit_sizes_figure, call(edit_sizes, ORDERS), theme_code())
            _take_along(choice, orders, frame, "edit_sizes", made, chart="sizes")
    if two.open:
        with two:
            _show_two(choice, orders)
    if graph.open:
        with graph:
            _show_graph(choice, orders)


def _show_needs(choice: SequenceChoice, orders: Orders) -> None:
    dependencies = load_dependencies(
        choice.text, choice.method, choice.linter, choice.seed, orders.n_samples
    )
    by = "RandSeq" if choice.method == "randseq" else f"LintSeq with {choice.linter}"
    show_dependencies(
        orders,
        dependencies,
        key="needs",
        notes=(
            "Point at a line, tap it, or move with the arrow keys.",
            "Needs: comes before it, or with it, never after it. Free: in one sequence before it, "
            "in another after it.",
            f"This held in all {orders.n_samples} sequences sampled ({by}, seed {choice.seed}). "
            "With few sequences some of it may be chance.",
        ),
    )
    _show_numbers(orders)
    found = call(read_dependencies, ORDERS)
    frame = dependencies_frame(orders, dependencies)
    _take_along(choice, orders, frame, "dependencies", found)


def _show_numbers(orders: Orders) -> None:
    sizes = edit_sizes(orders)
    n_edits = sum(sizes.values())
    mean = len(orders.lines) * orders.n_samples / n_edits
    pairs = pair_entropy_bits(orders)
    with st.container(horizontal=True):
        st.metric("Different sequences", f"{n_distinct(orders)} of {orders.n_samples}")
        st.metric(
            "Entropy of the sequences",
            f"{order_entropy_bits(orders):.2f} bits",
            help=f"At most log2 of their number, {math.log2(orders.n_samples):.2f} bits, which it "
            "reaches when no two are alike.",
        )
        st.metric(
            "Entropy of a pair of lines",
            "none" if math.isnan(pairs) else f"{pairs:.2f} bits",
            help="Before, together or after: the mean over all pairs of lines, at most 1.58 bits. "
            "0 would mean that only one order is possible.",
        )
        st.metric("Lines an edit", f"{mean:.2f}")
        st.metric("Edits a sequence", f"{n_edits / orders.n_samples:.1f}")


def _show_graph(choice: SequenceChoice, orders: Orders) -> None:
    precedence = never_after(orders)
    show_note(
        "A point is a group of lines that came in one edit in every sequence; it stands at its "
        "first line. A stroke leads from what never came later to what never came earlier, read "
        f"from left to right. It says what held in these {orders.n_samples} sequences: fewer "
        "sequences, more strokes by chance."
    )
    show_chart(
        precedence_figure(orders, precedence, chart_theme()),
        key="graph",
        alt=f"Partial order of {len(precedence.groups)} groups of lines with "
        f"{len(precedence.arrows)} arrows",
    )
    made = call(precedence_figure, ORDERS, call(never_after, ORDERS), theme_code())
    _take_along(choice, orders, precedence_frame(precedence), "precedence", made, chart="graph")


def _show_two(choice: SequenceChoice, orders: Orders) -> None:
    n = orders.n_samples
    with st.container(horizontal=True):
        one = choose_from_one("First sequence", n, key="one", width=150)
        other = choose_from_one("Second sequence", n, key="other", default=1, width=150)
    found = align(orders, one, other)
    share = f"{found.n_same / found.n_pairs:.0%}" if found.n_pairs else "none"
    inner = len(found.common_states) - 2
    st.markdown(
        f"Of {found.n_pairs:,} pairs of lines that come in different edits in both, **{share}** "
        f"come in the same order. Besides the empty and the whole program, both go through "
        f"**{inner}** {'state' if inner == 1 else 'states'} with the same lines."
    )
    show_chart(
        alignment_figure(orders, one, other, chart_theme()),
        key="alignment",
        alt=f"The edit of each line in sequence {one + 1} against sequence {other + 1}",
    )
    made = call(alignment_figure, ORDERS, one, other, theme_code())
    frame = alignment_frame(orders, one, other)
    _take_along(choice, orders, frame, "alignment", made, chart="alignment")
    payloads = [
        load_payload(replace(choice, path=path, title=f"Sequence {path + 1}"))
        for path in (one, other)
    ]
    step = payloads[0]["n_edits"] // 2
    show_player(*payloads, key="two_players", step=step, start=step)


def _take_along(
    choice: SequenceChoice, orders: Orders, frame: Frame, name: str, made: Code, *, chart: str = ""
) -> None:
    """The data of a chart, and the call that makes it of ORDERS; without one, of dependencies."""
    each = (code("for line in {}:", made), code("    print(line.{})", Dependencies.words))
    shown = (code("figure = {}", made), SHOW_FIGURE) if chart else each
    n_paths = orders.n_samples
    sequences = call(
        sample_paths, Code("program"), seed=choice.seed, n_paths=n_paths, **choice.way_in_python
    )
    show_take_along(
        frame,
        name,
        chart=chart,
        python=script(
            code("program = {}", call(Program.from_file, choice.file)),
            code("sequences = {}", sequences),
            code("orders = {}", call(read_orders, Code("sequences"))),
            *shown,
        ),
        command=_command(choice, n_paths),
    )


def _command(choice: SequenceChoice, n_paths: int) -> str:
    return command_line(
        sample,
        file=choice.file,
        **choice.way,
        seed=choice.seed,
        samples=n_paths,
        format="json",
    )


def _say_too_long(choice: SequenceChoice, n_lines: int, limit: int) -> None:
    if limit == 0:
        st.info(
            f"{choice.linter} runs as a whole for every state, which is too slow for many "
            "sequences on a page. Choose pyflakes, syntax or none, or use the command line:",
            icon=":material/hourglass_disabled:",
        )
    else:
        st.info(
            f"This program has {n_lines:,} lines; the charts hold up to {limit:,} with this "
            "linter. The command line has no limit:",
            icon=":material/hourglass_disabled:",
        )
    st.code(_command(choice, 200), language=None)
