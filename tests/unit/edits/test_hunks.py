"""Hunks: what difflib prints where no line occurs twice, and always what restores the program."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core import EditSequence, Hunk, Program, apply_edits, sample_path
from lintseq_core.edits.hunks import edit_text, edits_from_birth_steps, insert_hunks
from lintseq_core.edits.reasons import Drawn
from lintseq_core.edits.upstream import resolve_upstream
from tests.property.real_code import humaneval_programs

# lines and the edit that inserts each -> the text of every edit
EDITS = [
    ("a", "0", ["@@ -0,0 +1 @@\n+a"]),
    ("ab", "00", ["@@ -0,0 +1,2 @@\n+a\n+b"]),
    ("ab", "01", ["@@ -0,0 +1 @@\n+a", "@@ -1,0 +2 @@\n+b"]),
    ("ab", "10", ["@@ -0,0 +1 @@\n+b", "@@ -0,0 +1 @@\n+a"]),
    # above, between and below in one edit: `+b` counts the edit's own hunks, `-a` does not
    (
        "abcde",
        "10101",
        ["@@ -0,0 +1,2 @@\n+b\n+d", "@@ -0,0 +1 @@\n+a\n@@ -1,0 +3 @@\n+c\n@@ -2,0 +5 @@\n+e"],
    ),
    # lines that are neighbours in the state are one hunk, though later lines come between them
    ("abc", "010", ["@@ -0,0 +1,2 @@\n+a\n+c", "@@ -1,0 +2 @@\n+b"]),
    (
        "abcdef",
        "201102",
        [
            "@@ -0,0 +1,2 @@\n+b\n+e",
            "@@ -1,0 +2,2 @@\n+c\n+d",
            "@@ -0,0 +1 @@\n+a\n@@ -4,0 +6 @@\n+f",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "births", "expected"), EDITS)
def test_the_text_of_every_edit(lines: str, births: str, expected: list[str]) -> None:
    edits = edits_from_birth_steps(lines, [int(birth) for birth in births])
    assert [edit_text(edit) for edit in edits] == expected


def test_a_hunk_says_where_it_goes_before_and_after_its_edit() -> None:
    first, second = edits_from_birth_steps("abcde", [1, 0, 1, 0, 1])
    assert first == (Hunk(start=1, lines=("b", "d"), after=0),)
    assert second == (
        Hunk(start=1, lines=("a",), after=0),
        Hunk(start=3, lines=("c",), after=1),
        Hunk(start=5, lines=("e",), after=2),
    )
    assert [hunk.header for hunk in (*first, *second)] == [
        "@@ -0,0 +1,2 @@",
        "@@ -0,0 +1 @@",
        "@@ -1,0 +3 @@",
        "@@ -2,0 +5 @@",
    ]
    assert str(first[0]) == "@@ -0,0 +1,2 @@\n+b\n+d"


def test_inserting_happens_in_place_and_beyond_the_end_appends() -> None:
    lines = ["b", "d"]
    insert_hunks(lines, [Hunk(1, ("a",), 0), Hunk(3, ("c",), 1), Hunk(99, ("e", "f"), 2)])
    assert lines == ["a", "b", "c", "d", "e", "f"]


def diff_of(before: Sequence[str], after: Sequence[str]) -> str:
    """What difflib prints between two states, without its two lines of file names."""
    return "\n".join(list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:])


def test_humaneval_edits_are_what_difflib_prints_wherever_no_line_occurs_twice() -> None:
    compared = with_several_hunks = 0
    for name, program in humaneval_programs():
        for method in ("lintseq", "randseq"):
            sequence = sample_path(program, seed=0, method=method)
            states = [state.split("\n")[:-1] for state in sequence.states()]
            for (before, after), text in zip(
                itertools.pairwise(states), sequence.edits(), strict=True
            ):
                if len(set(after)) == len(after):
                    assert text == diff_of(before, after), name
                    compared += 1
                    with_several_hunks += text.count("\n@@") > 0
    assert compared > 500
    assert with_several_hunks > 100


def test_where_lines_occur_twice_ours_restores_and_difflib_does_not() -> None:
    lines = ["print(1)", "print(2)", "print(0)", "x = 1", "print(1)", "y = 2", "print(2)"]
    births = (1, 1, 0, 1, 0, 1, 0)
    program = Program.from_text("\n".join(lines))
    sequence = EditSequence(program, births, (Drawn(),) * 7, "randseq")
    states = [state.split("\n")[:-1] for state in sequence.states()]
    guessed = [diff_of(before, after) for before, after in itertools.pairwise(states)]
    assert guessed == [
        "@@ -0,0 +1,3 @@\n+print(0)\n+print(1)\n+print(2)",
        # difflib holds on to the pair of lines that stands together in both states
        "@@ -1 +0,0 @@\n-print(0)\n@@ -3,0 +3,5 @@\n+print(0)\n+x = 1\n+print(1)\n+y = 2\n+print(2)",
    ]
    close = "\n<|diff|>\n<|diff|>"
    restored = resolve_upstream("".join(f"\n<|diff|>{text}" for text in guessed) + close)
    assert restored.split("\n") != lines
    assert sequence.edits() == (
        "@@ -0,0 +1,3 @@\n+print(0)\n+print(1)\n+print(2)",
        "@@ -0,0 +1,2 @@\n+print(1)\n+print(2)\n@@ -1,0 +4 @@\n+x = 1\n@@ -2,0 +6 @@\n+y = 2",
    )
    assert apply_edits(sequence.hunks()) == program.text


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 4)), min_size=1, max_size=12))
def test_each_edit_leads_from_state_to_state_in_as_few_hunks_as_there_are(
    drawn: list[tuple[str, int]],
) -> None:
    lines = [line for line, _ in drawn]
    used = sorted({birth for _, birth in drawn})
    births = [used.index(birth) for _, birth in drawn]
    state: list[str] = []
    for step, edit in enumerate(edits_from_birth_steps(lines, births)):
        inserted = 0
        for hunk in edit:
            assert hunk.start == hunk.after + inserted + 1
            inserted += len(hunk.lines)
        places = [hunk.after for hunk in edit]
        assert places == sorted(set(places))
        insert_hunks(state, edit)
        assert state == [line for line, birth in zip(lines, births, strict=True) if birth <= step]
