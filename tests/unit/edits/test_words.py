"""Reasons as a reader meets them: correct English, 1-based line numbers, one sentence a reason."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from lintseq_core import EditSequence, Program, closure, sample_path
from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Leftover, Reason
from lintseq_core.edits.words import (
    describe_edit,
    describe_line,
    describe_reason,
    describe_reasons,
    describe_writing,
    name_lines,
)

# Binds `total` on lines 1 and 2, `a` and `b` on line 3.
PROGRAM = Program.from_text(
    "total = 1\ntotal = 2\na, b = 3, 4\nif a:\n    b\n    total\nprint(b)\nprint(a)\nprint(total)\n"
)
SYNTAX = "SyntaxError"
EMPTY = ("expected an indented block after 'if' statement on line",)
NO_HANDLER = ("expected 'except' or 'finally' block",)


def finding(code: str, arguments: tuple[str, ...], *absent: int) -> FromFinding:
    return FromFinding(code, arguments, 1, absent)


# reason -> sentence for line 5 alone, sentence for lines 5 and 6
SENTENCES: list[tuple[Reason, str, str]] = [
    (Drawn(), "Line 5 was drawn at random.", "Lines 5-6 were drawn at random."),
    (
        Leftover(),
        "Line 5 was never drawn (blank lines and comments never are).",
        "Lines 5-6 were never drawn (blank lines and comments never are).",
    ),
    # structure
    (
        Dependent(3, "block"),
        "Line 5 is inside the block of line 4.",
        "Lines 5-6 are inside the block of line 4.",
    ),
    (
        Dependent(3, "clause"),
        "Line 5 is in a clause of the statement on line 4.",
        "Lines 5-6 are in a clause of the statement on line 4.",
    ),
    (
        Dependent(3, "statement"),
        "Line 5 is part of the same statement as line 4.",
        "Lines 5-6 are part of the same statement as line 4.",
    ),
    (
        Dependent(3, "string"),
        "Line 5 is part of the same string as line 4.",
        "Lines 5-6 are part of the same string as line 4.",
    ),
    (
        Dependent(3, "decorator"),
        "Line 5 belongs together with line 4, a decorator and its definition.",
        "Lines 5-6 belong together with line 4, a decorator and its definition.",
    ),
    (
        Dependent(3, "indent"),
        "Line 5 is indented under line 4.",
        "Lines 5-6 are indented under line 4.",
    ),
    # names
    (
        finding("UndefinedName", ("b",), 2),
        "Line 5 uses `b`, which line 3 brings.",
        "Lines 5-6 use `b`, which line 3 brings.",
    ),
    (
        finding("UndefinedName", ("total",), 0, 1),
        "Line 5 uses `total`, which lines 1-2 bring.",
        "Lines 5-6 use `total`, which lines 1-2 bring.",
    ),
    (
        finding("UndefinedLocal", ("total",), 1),
        "Line 5 uses `total`, which line 2 brings.",
        "Lines 5-6 use `total`, which line 2 brings.",
    ),
    (
        finding("UndefinedExport", ("a",), 2),
        "Line 5 exports `a`, which line 3 brings.",
        "Lines 5-6 export `a`, which line 3 brings.",
    ),
    (
        finding("E0602", ("Undefined variable 'b'",), 2),  # pylint's
        "Line 5 uses `b`, which line 3 brings.",
        "Lines 5-6 use `b`, which line 3 brings.",
    ),
    (
        finding("F821", ("Undefined name `b`",), 2),  # ruff's
        "Line 5 uses `b`, which line 3 brings.",
        "Lines 5-6 use `b`, which line 3 brings.",
    ),
    # syntax
    (
        finding(SYNTAX, EMPTY, 6),
        "Line 5 has nothing left in its block without line 7.",
        "Lines 5-6 have nothing left in their blocks without line 7.",
    ),
    (
        finding(SYNTAX, NO_HANDLER, 6, 7, 8),
        "Line 5 has neither `except` nor `finally` without lines 7-9.",
        "Lines 5-6 have neither `except` nor `finally` without lines 7-9.",
    ),
    (
        finding(SYNTAX, ("invalid syntax",), 1, 3),
        "Line 5 no longer parses without lines 2 and 4 (invalid syntax).",
        "Lines 5-6 no longer parse without lines 2 and 4 (invalid syntax).",
    ),
    (
        finding(SYNTAX, ("'(' was never closed on line",), 1),
        "Line 5 no longer parses without line 2 ('(' was never closed).",
        "Lines 5-6 no longer parse without line 2 ('(' was never closed).",
    ),
    (
        finding("E0001", ("Parsing failed: 'unmatched ')''",), 1),  # pylint's
        "Line 5 no longer parses without line 2 (Parsing failed: 'unmatched ')'').",
        "Lines 5-6 no longer parse without line 2 (Parsing failed: 'unmatched ')'').",
    ),
    # anything else is quoted
    (
        finding("PercentFormatPositionalCountMismatch", ("2", "1"), 0, 2, 3),
        "Line 5 gets PercentFormatPositionalCountMismatch without lines 1 and 3-4: 2, 1.",
        "Lines 5-6 get PercentFormatPositionalCountMismatch without lines 1 and 3-4: 2, 1.",
    ),
    (
        finding("W0231", (), 1),
        "Line 5 gets W0231 without line 2.",
        "Lines 5-6 get W0231 without line 2.",
    ),
    (
        finding("UndefinedName", ("elsewhere",), 1),  # bound by no line, as after `import *`
        "Line 5 gets UndefinedName without line 2: elsewhere.",
        "Lines 5-6 get UndefinedName without line 2: elsewhere.",
    ),
]


@pytest.mark.parametrize(("reason", "one", "two"), SENTENCES)
def test_a_sentence_agrees_with_the_number_of_its_lines(reason: Reason, one: str, two: str) -> None:
    assert describe_reasons(PROGRAM, {4: reason}) == (one,)
    assert describe_reasons(PROGRAM, {4: reason, 5: reason}) == (two,)
    assert f"Line 5 {describe_reason(PROGRAM, 4, reason)}." == one


NAMES = [
    ([0], "Line 1"),
    ([0, 1], "Lines 1-2"),
    ([2, 3, 4, 8], "Lines 3-5 and 9"),
    ([0, 2, 4], "Lines 1, 3 and 5"),
    ([0, 1, 3, 7, 8, 9], "Lines 1-2, 4 and 8-10"),
]


@pytest.mark.parametrize(("lines", "name"), NAMES)
def test_lines_are_named_in_ranges_counted_from_1(lines: list[int], name: str) -> None:
    assert name_lines(lines) == name


def test_the_drawn_line_comes_first_then_runs_with_one_reason_in_line_order() -> None:
    reasons: dict[int, Reason] = {
        0: finding("UndefinedName", ("a",), 2),
        1: finding("UndefinedName", ("a",), 2),
        2: Drawn(),
        4: Dependent(3, "block"),
        5: Dependent(3, "block"),
        6: finding("UndefinedName", ("b",), 2),
        7: finding("UndefinedName", ("a",), 2),
        8: finding("UndefinedName", ("a",), 2),
    }
    assert describe_reasons(PROGRAM, reasons) == (
        "Line 3 was drawn at random.",
        "Lines 1-2 use `a`, which line 3 brings.",
        "Lines 5-6 are inside the block of line 4.",
        "Line 7 uses `b`, which line 3 brings.",
        "Lines 8-9 use `a`, which line 3 brings.",
    )


def test_findings_of_two_rounds_with_one_cause_share_a_sentence() -> None:
    reasons: dict[int, Reason] = {
        6: FromFinding("UndefinedName", ("b",), 2, (2,)),
        8: FromFinding("UndefinedName", ("b",), 1, (2,)),
    }
    assert describe_reasons(PROGRAM, reasons) == ("Lines 7 and 9 use `b`, which line 3 brings.",)


def test_a_whole_trajectory_reads_as_a_story() -> None:
    program = Program.from_text(
        "# Sums.\n"
        "from functools import reduce\n"
        "\n"
        "def add_all(numbers):\n"
        "    '''The sum.'''\n"
        "    try:\n"
        "        return reduce(lambda a, b: a + b, numbers)\n"
        "    except TypeError:\n"
        "        return 0\n"
        "\n"
        "print(add_all([1, 2]))\n"
    )
    first = dict(closure(program, 1).reasons)
    then = dict(closure(program, 3, present=set(range(11)) - first.keys()).reasons)
    sequence = EditSequence(
        program=program,
        birth_steps=tuple(2 if i in first else 1 if i in then else 0 for i in range(11)),
        reasons=tuple((first | then).get(i, Leftover()) for i in range(11)),
        method="lintseq",
    )
    assert [describe_edit(sequence, edit) for edit in range(3)] == [
        ("Lines 1, 3 and 10 were never drawn (blank lines and comments never are).",),
        (
            "Line 4 was drawn at random.",
            "Line 5 is inside the block of line 4.",
            "Line 11 uses `add_all`, which line 4 brings.",
        ),
        (
            "Line 2 was drawn at random.",
            "Line 6 has nothing left in its block without line 7.",
            "Line 7 uses `reduce`, which line 2 brings.",
            "Lines 8-9 are in a clause of the statement on line 6.",
        ),
    ]
    assert describe_line(sequence, 10) == "uses `add_all`, which line 4 brings"
    assert [describe_writing(sequence, edit) for edit in range(3)] == [
        (
            "Lines 1, 3 and 10 stand there from the start (blank lines and comments are never drawn).",
        ),
        (
            "Line 4 comes with what needs it.",
            "Line 5 is inside the block of line 4.",
            "Line 11 uses `add_all`, which line 4 brings.",
        ),
        (
            "Line 2 comes with what needs it.",
            "Line 6 needs line 7 in its block.",
            "Line 7 uses `reduce`, which line 2 brings.",
            "Lines 8-9 are in a clause of the statement on line 6.",
        ),
    ]
    assert describe_line(sequence, 10, writing=True) == "uses `add_all`, which line 4 brings"
    assert describe_line(sequence, 3, writing=True) == "is needed by the others"
    assert describe_line(sequence, 0, writing=True).startswith("stands there from the start")


def test_randseq_says_that_its_lines_have_nothing_in_common() -> None:
    sequence = EditSequence(PROGRAM, (0, 1, 1, 0, 2, 0, 0, 0, 0), (Drawn(),) * 9, "randseq")
    assert [describe_edit(sequence, edit) for edit in range(3)] == [
        ("Lines 1, 4 and 6-9: drawn at random, without a linter.",),
        ("Lines 2-3: drawn at random, without a linter.",),
        ("Line 5: drawn at random, without a linter.",),
    ]
    assert describe_writing(sequence, 1) == (
        "Lines 2-3 come together by chance: no linter is asked.",
    )
    assert describe_writing(sequence, 2) == ("Line 5 comes by chance: no linter is asked.",)


SUBJECT = re.compile(r"Lines? (\d+(?:-\d+)?(?:(?:, | and )\d+(?:-\d+)?)*) ")


@pytest.mark.parametrize("describe", [describe_edit, describe_writing])
def test_every_line_of_an_edit_is_the_subject_of_one_sentence(
    describe: Callable[[EditSequence, int], tuple[str, ...]],
) -> None:
    for seed in range(20):
        sequence = sample_path(PROGRAM, seed=seed)
        for edit in range(sequence.n_edits):
            named: list[int] = []
            for sentence in describe(sequence, edit):
                subject = SUBJECT.match(sentence)
                assert subject is not None, sentence
                for part in re.split(", | and ", subject[1]):
                    first, _, last = part.partition("-")
                    named.extend(range(int(first), int(last or first) + 1))
            births = enumerate(sequence.birth_steps, start=1)
            assert sorted(named) == [line for line, birth in births if birth == edit]


def test_a_block_is_emptied_by_the_lines_that_stood_in_it() -> None:
    """A round may delete lines all over the program; the rest of them emptied nothing here."""
    program = Program.from_text(
        "x = 1\n"
        "if x:\n    y = x\n"
        "try:\n    print(1)\nexcept OSError:\n    print(2)\n"
        "print(y)\n"
    )  # fmt: skip
    emptied = finding(SYNTAX, EMPTY, 2, 7)
    assert describe_reason(program, 1, emptied) == "has nothing left in its block without line 3"
    assert describe_reason(program, 1, emptied, writing=True) == "needs line 3 in its block"
    bare = finding(SYNTAX, NO_HANDLER, 2, 5, 6)
    assert describe_reason(program, 3, bare) == (
        "has neither `except` nor `finally` without lines 6-7"
    )
    needed = "needs lines 6-7, its `except` or `finally`"
    assert describe_reason(program, 3, bare, writing=True) == needed
