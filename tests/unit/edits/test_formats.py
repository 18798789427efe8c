"""Every edit format: written, read strictly with each fault named, read leniently."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core import EditParseError, Fault, Hunk, LintSeqError, apply_edits, parse_edits
from lintseq_core.cli import options
from lintseq_core.edits.formats import (
    FAULT_KINDS,
    FORMAT_NAMES,
    EditFormatName,
    checked_format,
    edit_texts,
    format_remedy,
    get_format,
    likely_format,
    model_text,
)
from lintseq_core.edits.formats.format import InsertionPoint
from lintseq_core.edits.formats.occurrences import Occurrences
from lintseq_core.edits.hunks import edits_from_birth_steps, insert_hunks
from tests.unit.edits.test_unified import HARD_LINES, any_line, marked

names = pytest.mark.parametrize("name", FORMAT_NAMES)
LINES = ["def f(x):", "    # twice", "    return 2 * x", "", "", "print(f(2))"]
BIRTHS = [0, 1, 0, 2, 2, 1]

WRITTEN = {
    "unified": (
        "@@ -0,0 +1,2 @@\n+def f(x):\n+    return 2 * x",
        "@@ -1,0 +2 @@\n+    # twice\n@@ -2,0 +4 @@\n+print(f(2))",
        "@@ -3,0 +4,2 @@\n+\n+",
    ),
    "placed": (
        "@@ +1\n+def f(x):\n+    return 2 * x",
        "@@ +2\n+    # twice\n@@ +4\n+print(f(2))",
        "@@ +4\n+\n+",
    ),
    "anchored": (
        "@@\n+def f(x):\n+    return 2 * x",
        "@@ def f(x):\n+    # twice\n@@     return 2 * x\n+print(f(2))",
        "@@     return 2 * x\n+\n+",
    ),
    "search_replace": (
        "@@\n+def f(x):\n+    return 2 * x",
        "@@\n-def f(x):\n+def f(x):\n+    # twice\n"
        "@@\n-    return 2 * x\n+    return 2 * x\n+print(f(2))",
        "@@\n-    return 2 * x\n+    return 2 * x\n+\n+",
    ),
}


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_how_a_sequence_is_written(name: str) -> None:
    edits = edits_from_birth_steps(LINES, BIRTHS)
    assert edit_texts(edits, edit_format=name) == WRITTEN[name]
    text = model_text(edits, instruction="Double.", eos="</s>", edit_format=name)
    assert text == f"Double.{marked(*WRITTEN[name])}</s>"


# lines -> what stands above a line put in below each of them, the top first
SEVERAL_PLACES = [
    (
        ["a", "b", "a", ""],
        ["@@", "@@1 a", "@@ b", "@@2 a", "@@ "],
        ["@@", "@@1\n-a\n+a", "@@\n-b\n+b", "@@\n-b\n-a\n+b\n+a", "@@\n-\n+"],
    ),
    (
        ["x", "x", "x"],
        ["@@", "@@1 x", "@@2 x", "@@3 x"],
        ["@@", "@@1\n-x\n+x", "@@2\n-x\n+x", "@@\n-x\n-x\n-x\n+x\n+x\n+x"],
    ),
    (
        ["3 y", "", "", "@@", "+1"],
        ["@@", "@@ 3 y", "@@1 ", "@@2 ", "@@ @@", "@@ +1"],
        ["@@", "@@\n-3 y\n+3 y", "@@\n-3 y\n-\n+3 y\n+", "@@\n-\n-\n+\n+", "@@\n-@@\n+@@", "@@\n-+1\n++1"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "anchored", "replaced"), SEVERAL_PLACES)
def test_text_that_stands_at_several_places_says_which(
    lines: list[str], anchored: list[str], replaced: list[str]
) -> None:
    base = "".join(f"{line}\n" for line in lines)
    for at in range(len(lines) + 1):
        edits = ((Hunk(at + 1, ("new",), at),),)
        for name, openings in (("anchored", anchored), ("search_replace", replaced)):
            (text,) = edit_texts(edits, base=base, edit_format=name)
            assert text == f"{openings[at]}\n+new"
            assert parse_edits(marked(text), base=base, edit_format=name).edits == edits


# --- one text per kind of fault ------------------------------------------------------------------

BASE = "a\nb\na\n"
# format, text -> its only fault, the program that lenient reading makes of BASE
ONE_FAULT = [
    ("placed", "x\n@@ +1\n+n", ("no header", 2, "expected '@@ +b', found 'x'", "skipped"), "n\na\nb\na\n"),
    *(("placed", f"{header}\n+n", ("bad header", 2, repr(header), "skipped"), BASE)
      for header in ("@@", "@@ +0", "@@ 1", "@@ +1 @@", "@@ -0,0 +1 @@", "@@ +01", "@@ +1 ", "@@ +1234567890", "@@ +٣")),
    ("placed", "@@ +2", ("no line to insert", 2, "no line with a + below the header", "skipped"), BASE),
    ("placed", "@@ +2\n-b", ("deletion", 3, "'-b'", "skipped"), BASE),
    ("placed", "@@ +2\nn", ("line without +", 3, "'n'", "skipped"), BASE),
    ("placed", "@@ +2\n+n\n", ("line without +", 4, "''", "skipped"), BASE),
    ("placed", "@@ +5\n+n", ("position out of range", 2, "+5 in a program of 3 lines", "appended"), f"{BASE}n\n"),
    ("placed", "@@ +2\n+n\n@@ +3\n+m", ("hunks out of order", 4, "below line 2 of the program, which is above the end of the hunk before", "placed by +b"), "a\nn\nm\nb\na\n"),
    ("placed", "@@ +3\n+n\n@@ +1\n+m", ("hunks out of order", 4, "below line 0 of the program, which is above the end of the hunk before", "placed by +b"), "m\na\nb\nn\na\n"),
    *(("anchored", f"{header}\n+n", ("bad header", 2, repr(header), "skipped"), BASE)
      for header in ("@@0 a", "@@2", "@@01 a", "@@x", "@@@ b", "@@+1")),
    ("anchored", "@@ b", ("no line to insert", 2, "no line with a + below the header", "skipped"), BASE),
    ("anchored", "@@ c\n+n", ("text not in the program", 2, "'c'", "appended"), f"{BASE}n\n"),
    ("anchored", "@@ b \n+n", ("text not in the program", 2, "'b '", "appended"), f"{BASE}n\n"),
    ("anchored", "@@ \n+n", ("text not in the program", 2, "''", "appended"), f"{BASE}n\n"),
    ("anchored", "@@ a\n+n", ("text at several places", 2, "'a' stands at 2 places, and no number says at which", "first place taken"), "a\nn\nb\na\n"),
    ("anchored", "@@3 a\n+n", ("no such occurrence", 2, "number 3 of 'a', which stands at 2", "last place taken"), f"{BASE}n\n"),
    ("anchored", "@@ b\n+n\n@@1 a\n+m", ("hunks out of order", 4, "below line 1 of the program, which is above the end of the hunk before", "placed by its text"), "a\nm\nb\nn\na\n"),
    ("anchored", "@@ b\n+n\n@@ n\n+m", ("hunks out of order", 4, "below line 3 of the program, which is above the end of the hunk before", "placed by its text"), "a\nb\nn\nm\na\n"),
    *(("search_replace", f"{header}\n-b\n+b\n+n", ("bad header", 2, repr(header), "skipped"), BASE)
      for header in ("@@0", "@@ ", "@@ b", "@@ +1", "@@ -0,0 +1 @@")),
    ("search_replace", "@@1\n+n", ("bad header", 2, "'@@1'", "skipped"), BASE),  # a place of what?
    ("search_replace", "@@\n-b", ("no line to insert", 2, "no line with a + below the header", "skipped"), BASE),
    ("search_replace", "@@\n-b\n+b", ("no line to insert", 2, "both blocks are the same", "skipped"), BASE),
    ("search_replace", "@@\n-b\n+n", ("deletion", 2, "the updated block lacks a line of the original one", "skipped"), BASE),
    ("search_replace", "@@\n-b\n-a\n+a\n+b\n+n", ("deletion", 2, "the updated block lacks a line of the original one", "skipped"), BASE),
    ("search_replace", "@@\n-b\n+b\n-a\n+n", ("deletion", 5, "'-a'", "skipped"), BASE),
    ("search_replace", "@@\n-b\n+b\nn", ("line without +", 5, "'n'", "skipped"), BASE),
    ("search_replace", "@@\n-c\n+c\n+n", ("text not in the program", 2, "'c'", "appended"), f"{BASE}n\n"),
    ("search_replace", "@@\n-a\n-a\n+a\n+n\n+a", ("text not in the program", 2, "'a\\na'", "appended"), f"{BASE}n\n"),
    ("search_replace", "@@\n-a\n+a\n+n", ("text at several places", 2, "'a' stands at 2 places, and no number says at which", "first place taken"), "a\nn\nb\na\n"),
    ("search_replace", "@@9\n-a\n+a\n+n", ("no such occurrence", 2, "number 9 of 'a', which stands at 2", "last place taken"), f"{BASE}n\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "piece", "told", "program"), ONE_FAULT)
def test_the_fault_of_an_edit_with_one(
    name: str, piece: str, told: tuple[str, int, str, str], program: str
) -> None:
    text = marked(piece)
    parsed = parse_edits(text, strict=False, base=BASE, edit_format=name)
    (fault,) = parsed.faults
    assert (fault.kind, fault.line_number, fault.detail, fault.remedy) == told
    assert apply_edits(parsed.edits, base=BASE) == program
    with pytest.raises(EditParseError) as caught:
        parse_edits(text, base=BASE, edit_format=name)
    assert caught.value.faults == (fault,)


def test_every_kind_of_fault_has_a_text() -> None:
    of_the_frame = {"text before the first edit", "empty edit before the close", "truncated"}
    of_the_frame |= {"text after the close"}
    of_unified = {"count differs from the lines", "-a inconsistent with +b"}
    told = {told[0] for _, _, told, _ in ONE_FAULT}
    assert told == set(FAULT_KINDS) - of_the_frame - of_unified


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_the_frame_is_the_same_in_every_format(name: str) -> None:
    first = WRITTEN[name][0]
    for text, kinds in (
        (f"Sure:{marked(first)}", ["text before the first edit"]),
        (marked(first, close=""), ["truncated"]),
        (marked(first, close="\n<|diff|>"), ["truncated"]),
        (marked("", first), ["empty edit before the close"]),
        (marked(first) + "\nThat is all.", ["text after the close"]),
        (marked(first), []),
        (marked(first).removeprefix("\n<|diff|>"), []),
    ):
        parsed = parse_edits(text, strict=False, edit_format=name)
        assert [fault.kind for fault in parsed.faults] == kinds
        assert apply_edits(parsed.edits) == "def f(x):\n    return 2 * x\n"


def test_new_lines_may_stand_between_those_of_an_original_block() -> None:
    text = marked("@@\n-a\n-b\n+n\n+a\n+m\n+b\n+b")
    parsed = parse_edits(text, base="a\nb\n", edit_format="search_replace")
    assert apply_edits(parsed.edits, base="a\nb\n") == "n\na\nm\nb\nb\n"
    assert parsed.edits == ((Hunk(1, ("n",), 0), Hunk(3, ("m",), 1), Hunk(5, ("b",), 2)),)


def test_a_number_may_be_given_where_none_is_needed() -> None:
    for name, text in (("anchored", "@@1 b\n+n"), ("search_replace", "@@1\n-b\n+b\n+n")):
        parsed = parse_edits(marked(text), base=BASE, edit_format=name)
        assert apply_edits(parsed.edits, base=BASE) == "a\nb\nn\na\n"


@pytest.mark.parametrize("name", ["anchored", "search_replace"])
def test_the_length_of_a_program_is_not_enough_to_find_a_line_in_it(name: str) -> None:
    with pytest.raises(LintSeqError, match=f"^the format {name} goes by the text of lines: give"):
        parse_edits(marked("@@"), base_line_count=3, edit_format=name)


# --- names ---------------------------------------------------------------------------------------


def test_an_unknown_format_is_refused_with_those_that_there_are() -> None:
    known = "unified, placed, anchored, search_replace"
    with pytest.raises(LintSeqError, match=f"^unknown edit format 'diff': one of {known}$"):
        get_format("diff")
    with pytest.raises(LintSeqError, match=f"^m: edit_format is 'v9'; this release knows {known}"):
        checked_format("v9", "m")
    assert checked_format(None) == "unified"
    assert [checked_format(name) for name in FORMAT_NAMES] == list(FORMAT_NAMES)
    assert [get_format(name).name for name in FORMAT_NAMES] == list(FORMAT_NAMES)


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_the_format_of_a_text_is_told_from_its_hunks(name: str) -> None:
    text = marked(*WRITTEN[name])
    assert likely_format(text) == name
    for asked in FORMAT_NAMES:
        told = f"; the hunks look {name}, not {asked}: --edit-format {name}"
        assert format_remedy(text, asked) == ("" if asked == name else told)
    assert likely_format("Sure, here it is.") is None


@names
@given(st.lists(st.sampled_from(["", "x", "y", "@@", "+", "-x", "@@2 x", "x\r"]), max_size=12))
def test_openings_are_signed_and_none_begins_another(name: str, lines: list[str]) -> None:
    """What the mask goes by: at each place another text, told apart before it ends."""
    edit_format, state = get_format(name), Occurrences(lines)
    openings = []
    for at in range(len(lines) + 1):
        place = InsertionPoint(state, at, at)
        around = edit_format.counted(place)
        openings += [f"{edit_format.opening(place)}\n+", *([around[0]] if around else [])]
    openings.sort()
    for text, following in pairwise(openings):
        assert not following.startswith(text)
    for text in openings:
        first, *rest = text.split("\n")
        assert first.startswith("@@")
        assert all(line[:1] in ("+", "-") for line in rest)


def test_the_command_offers_the_formats_that_there_are() -> None:
    assert get_args(options.EditFormatName) == get_args(EditFormatName) == FORMAT_NAMES


# --- identity ------------------------------------------------------------------------------------

HARDER_LINES = [*HARD_LINES, "a\rb", "\r", "x\r", "@@ +1", "@@2 x", "@@2", "@@ ", "-", "- x", "2 x"]


def assert_survives(lines: Sequence[str], births: Sequence[int], name: str) -> None:
    """Written as one text and edit by edit, strictly and leniently read, nothing changes."""
    edits = edits_from_birth_steps(lines, births)
    text = model_text(edits, edit_format=name)
    parsed = parse_edits(text, edit_format=name)
    assert parsed.edits == edits
    assert parsed == parse_edits(text, strict=False, edit_format=name)
    assert apply_edits(parsed.edits) == "".join(f"{line}\n" for line in lines)
    assert parse_edits(text.removeprefix("\n<|diff|>"), edit_format=name) == parsed
    state: list[str] = []
    for edit, piece in zip(edits, edit_texts(edits, edit_format=name), strict=True):
        base = "".join(f"{line}\n" for line in state)
        assert parse_edits(marked(piece), base=base, edit_format=name).edits == (edit,)
        insert_hunks(state, edit)


@names
@pytest.mark.parametrize("line", HARDER_LINES)
@pytest.mark.parametrize("births", [(0, 1, 0, 2), (1, 0, 2, 1), (2, 1, 0, 0), (0, 1, 2, 3)])
def test_hard_lines_survive_every_format(name: str, line: str, births: tuple[int, ...]) -> None:
    assert_survives([line, "x = 1", line, line], births, name)


few_lines = st.sampled_from(["", "x", "y", "@@", "+", "-"])
anything = st.characters(exclude_characters="\n", exclude_categories=["Cs"])
hostile = st.one_of(
    any_line, few_lines, st.sampled_from(HARDER_LINES), st.text(anything, max_size=9)
)
line_births = st.lists(st.tuples(hostile, st.integers(0, 9)), min_size=1, max_size=20)


@names
@given(
    st.one_of(line_births, st.lists(st.tuples(few_lines, st.integers(0, 9)), min_size=1)),
    st.sampled_from(["", "</s>"]),
)
def test_any_lines_in_any_order_survive_every_format(
    name: str, drawn: list[tuple[str, int]], eos: str
) -> None:
    used = sorted({birth for _, birth in drawn})
    lines, births = [line for line, _ in drawn], [used.index(birth) for _, birth in drawn]
    assert_survives(lines, births, name)
    edits = edits_from_birth_steps(lines, births)
    text = model_text(edits, eos=eos, edit_format=name)
    assert parse_edits(text, eos=eos, edit_format=name).edits == edits


pieces = st.lists(
    st.sampled_from(
        [
            "<|diff|>", "\n<|diff|>", "\n@@", "@@", "\n@@ +1", "\n@@ +2", "\n@@ x", "\n@@1 x",
            "\n@@2 x", "\n@@ ", "\n+x", "\n+y", "\n+", "\n-x", "\n-", "\n@@ -0,0 +1 @@", " ", "1",
        ]
    ),
    max_size=16,
).map("".join)  # fmt: skip


@names
@given(st.one_of(st.text(max_size=60), pieces), st.sampled_from(["", "x\n", "x\ny\nx\n\n"]))
def test_any_text_is_read_leniently_and_what_is_strictly_read_can_be_written(
    name: str, text: str, base: str
) -> None:
    lenient = parse_edits(text, strict=False, base=base, edit_format=name)
    for fault in lenient.faults:
        assert fault.kind in FAULT_KINDS
        assert 1 <= fault.line_number <= text.count("\n") + 1
        assert "\n" not in str(fault)
    n_new = sum(len(hunk.lines) for edit in lenient.edits for hunk in edit)
    program = apply_edits(lenient.edits, base=base)
    assert program.count("\n") == base.count("\n") + n_new
    if lenient.faults:
        with pytest.raises(EditParseError) as caught:
            parse_edits(text, base=base, edit_format=name)
        assert caught.value.faults == lenient.faults
    else:
        assert parse_edits(text, base=base, edit_format=name) == lenient
        again = model_text(lenient.edits, base=base, edit_format=name)
        assert parse_edits(again, base=base, edit_format=name) == lenient


def test_a_fault_shows_at_most_60_characters_of_a_line() -> None:
    for name, text in (("anchored", f"@@ {'y' * 999}"), ("placed", f"@@{'y' * 999}")):
        parsed = parse_edits(marked(f"{text}\n+n"), strict=False, edit_format=name)
        assert max(len(fault.detail) for fault in parsed.faults) < 120


def test_numbers_are_of_the_program_as_it_is_then() -> None:
    """The edit's earlier hunks count: "x" stands twice when the second hunk is read."""
    edits = ((Hunk(1, ("x",), 0), Hunk(3, ("n",), 1)),)
    base = "x\ny\n"
    assert edit_texts(edits, base=base, edit_format="anchored") == ("@@\n+x\n@@2 x\n+n",)
    assert edit_texts(edits, base=base, edit_format="placed") == ("@@ +1\n+x\n@@ +3\n+n",)
    assert edit_texts(edits, base=base, edit_format="search_replace") == (
        "@@\n+x\n@@\n-x\n-x\n+x\n+x\n+n",
    )
    for name in FORMAT_NAMES:
        text = model_text(edits, base=base, edit_format=name)
        assert parse_edits(text, base=base, edit_format=name).edits == edits


def test_a_fault_is_a_value_with_kind_and_place() -> None:
    parsed = parse_edits(
        marked("@@\n+x", "@@ x\n+y\n@@ z\n+n"), strict=False, edit_format="anchored"
    )
    assert parsed.faults == (Fault("text not in the program", 6, 1, 1, "'z'", "appended"),)
