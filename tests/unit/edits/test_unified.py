"""Model text: written exactly, read strictly with every fault named, or leniently with none raised."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lintseq_core import EditParseError, Fault, Hunk, ParsedEdits, apply_edits, parse_edits
from lintseq_core.edits.formats import FAULT_KINDS, model_text
from lintseq_core.edits.hunks import Edit, edit_text, edits_from_birth_steps

CLOSE = "\n<|diff|>\n<|diff|>"
EOS = "<|endoftext|>"


def edits_of(lines: Sequence[str], births: Sequence[int]) -> tuple[Edit, ...]:
    return edits_from_birth_steps(lines, births)


def marked(*pieces: str, close: str = CLOSE) -> str:
    """Model text of `pieces`, which need not be edits."""
    return "".join(f"\n<|diff|>{piece}" for piece in pieces) + close


# --- writing -------------------------------------------------------------------------------------

TWO_EDITS = edits_of(["def f(x):", "    # twice", "    return 2 * x"], [0, 1, 0])

WRITTEN = [
    (
        {},
        "\n<|diff|>@@ -0,0 +1,2 @@\n+def f(x):\n+    return 2 * x"
        "\n<|diff|>@@ -1,0 +2 @@\n+    # twice"
        "\n<|diff|>\n<|diff|>",
    ),
    (
        {"instruction": "Double x.", "eos": EOS},
        "Double x."
        "\n<|diff|>@@ -0,0 +1,2 @@\n+def f(x):\n+    return 2 * x"
        "\n<|diff|>@@ -1,0 +2 @@\n+    # twice"
        "\n<|diff|>\n<|diff|><|endoftext|>",
    ),
]


@pytest.mark.parametrize(("options", "expected"), WRITTEN)
def test_the_text_a_model_is_trained_on(options: dict[str, str], expected: str) -> None:
    assert model_text(TWO_EDITS, **options) == expected


def test_an_instruction_stays_as_it_is() -> None:
    text = model_text(TWO_EDITS, instruction="  <|diff|>@@\n+ends in a newline\n")
    assert text.startswith("  <|diff|>@@\n+ends in a newline\n\n<|diff|>@@ -0,0 +1,2 @@\n+def")


# --- one text per kind of fault ------------------------------------------------------------------

ONE = "@@ -0,0 +1 @@\n+x"  # a sound first edit of one line

# text -> its only fault, the program that lenient reading makes of it
ONE_FAULT = [
    (
        "Sure:" + marked(ONE),
        Fault("text before the first edit", 1, 0, 0, "'Sure:'", "ignored"),
        "x\n",
    ),
    (
        marked("x = 1"),
        Fault("no header", 2, 0, 0, "expected '@@ -a,0 +b,n @@', found 'x = 1'", "skipped"),
        "",
    ),
    (
        marked("+x\n" + ONE),  # a hunk that lost its header, then a sound one
        Fault("no header", 2, 0, 0, "expected '@@ -a,0 +b,n @@', found '+x'", "skipped"),
        "x\n",
    ),
    (marked("\n" + ONE), Fault("no header", 2, 0, 0, "expected '@@ -a,0 +b,n @@', found ''", "skipped"), "x\n"),
    *(
        (marked(f"{header}\n+x"), Fault("bad header", 2, 0, 0, repr(header), "skipped"), "")
        for header in [
            "@@",
            "@@ -0,0 +1",
            "@@ -0,0 +1 @",
            "@@ -0,0 +1 @@@",
            "@@ -0,0 +1 @@def f():",
            "@@ -0,0  +1 @@",
            "@@ +1 -0,0 @@",
            "@@ -0,0 +x @@",
            "@@ -0,0 +-1 @@",
            "@@ -0,0 +1,0 @@",
            "@@ -0,0 +0 @@",
            "@@ -0,0 +٣ @@",
            "@@ -0,0 +1000000000 @@",
            "@@ -9999999999,0 +1 @@",
            "@@ -0,0 +1,10000000000000000000 @@",
            "@@@ -0,0 +1 @@@",
        ]
    ),
    # what diff -p and git write after a header, and at the end of a file
    (
        marked("@@ -0,0 +1 @@ def f():\n+x"),
        Fault("bad header", 2, 0, 0, "text after the second @@: 'def f():'", "ignored"),
        "x\n",
    ),
    (
        marked("@@ -0,0 +1 @@ \n+x"),
        Fault("bad header", 2, 0, 0, "text after the second @@: ''", "ignored"),
        "x\n",
    ),
    (
        marked("@@ -0,0 +1 @@\n+x\n\\ No newline at end of file"),
        Fault("line without +", 4, 0, 0, "'\\\\ No newline at end of file'", "ignored"),
        "x\n",
    ),
    (
        "@@ -0,0 +1 @@\n+x\n\nThis is all.",  # a model's diff, all of its lines there
        Fault("line without +", 3, 0, 0, "''", "ignored"),
        "x\n",
    ),
    (
        "@@ -0,0 +1 @@\n+x\n-y",
        Fault("deletion", 3, 0, 0, "'-y'", "skipped"),
        "",
    ),
    (
        "@@ -0,0 +1,2 @@\n+x\ny",
        Fault("line without +", 3, 0, 0, "'y'", "skipped"),
        "",
    ),
    (
        marked("@@ -0,0 +1,3 @@\n+x\n+y"),
        Fault("count differs from the lines", 2, 0, 0, "header says 3, found 2", "lines kept"),
        "x\ny\n",
    ),
    (
        marked("@@ -0,0 +1 @@\n+x\n+y"),
        Fault("count differs from the lines", 2, 0, 0, "header says 1, found 2", "lines kept"),
        "x\ny\n",
    ),
    (
        marked(ONE, "@@ -1,0 +2 @@"),
        Fault("count differs from the lines", 4, 1, 0, "header says 1, found 0", "skipped"),
        "x\n",
    ),
    (
        marked("@@ -4,0 +5 @@\n+x"),
        Fault("position out of range", 2, 0, 0, "-4 +5 in a program of 0 lines", "appended"),
        "x\n",
    ),
    (
        marked(ONE, "@@ -999999999,0 +999999999 @@\n+y"),
        Fault("position out of range", 4, 1, 0, "-999999999 +999999999 in a program of 1 line", "appended"),
        "x\ny\n",
    ),
    (
        marked(ONE, "@@ -2,0 +1 @@\n+y"),
        Fault("position out of range", 4, 1, 0, "-2 +1 in a program of 1 line", "placed by +b"),
        "y\nx\n",
    ),
    (
        marked(ONE, "@@ -1,0 +2 @@\n+z\n@@ -0,0 +1 @@\n+y"),
        Fault("hunks out of order", 6, 1, 1, "-0 follows -1", "placed by +b"),
        "y\nx\nz\n",
    ),
    (
        marked("@@ -0,0 +1 @@\n+x\n@@ -0,0 +2 @@\n+y"),  # one place, so one hunk of two lines
        Fault("hunks out of order", 4, 0, 1, "-0 follows -0", "placed by +b"),
        "x\ny\n",
    ),
    (
        marked(ONE, "@@ -0,0 +2 @@\n+y"),
        Fault("-a inconsistent with +b", 4, 1, 0, "-0 calls for +1, found +2", "placed by +b"),
        "x\ny\n",
    ),
    (
        marked(ONE, "@@ -1 +1 @@\n+y"),
        Fault("deletion", 4, 1, 0, "'@@ -1 +1 @@' removes 1 line(s)", "skipped"),
        "x\n",
    ),
    (
        marked(ONE, "@@ -1,2 +1 @@\n-x\n+y"),
        Fault("deletion", 4, 1, 0, "'@@ -1,2 +1 @@' removes 2 line(s)", "skipped"),
        "x\n",
    ),
    # what difflib prints where lines only go
    (
        marked(ONE, "@@ -1 +0,0 @@\n-x"),
        Fault("deletion", 4, 1, 0, "'@@ -1 +0,0 @@' removes 1 line(s)", "skipped"),
        "x\n",
    ),
    (
        marked("@@ -0,0 +1,2 @@\n+x\n-y"),
        Fault("deletion", 4, 0, 0, "'-y'", "skipped"),
        "",
    ),
    (
        marked("@@ -0,0 +1,2 @@\n+x\ny"),
        Fault("line without +", 4, 0, 0, "'y'", "skipped"),
        "",
    ),
    (
        marked("@@ -0,0 +1,2 @@\n+x\n"),
        Fault("line without +", 4, 0, 0, "''", "skipped"),
        "",
    ),
    (
        marked("", ONE),
        Fault("empty edit before the close", 2, 0, 0, "no hunk", "skipped"),
        "x\n",
    ),
    (marked(ONE, close=""), Fault("truncated", 3, 0, 0, "none of the two closing markers", "ignored"), "x\n"),
    (marked(ONE, ""  , close=""), Fault("truncated", 4, 1, 0, "one of the two closing markers", "ignored"), "x\n"),
    (marked("", close=""), Fault("truncated", 2, 0, 0, "one of the two closing markers", "ignored"), ""),
    (marked(ONE) + marked("", close=""), Fault("text after the close", 6, 1, 0, "''", "ignored"), "x\n"),
    (
        marked(ONE) + marked("@@ -1,0 +2 @@\n+y"),
        Fault("text after the close", 6, 1, 0, "'@@ -1,0 +2 @@'", "ignored"),
        "x\n",
    ),
    # what a model goes on to say where generation was not stopped
    (marked(ONE) + "<|im_end|>", Fault("text after the close", 5, 1, 0, "'<|im_end|>'", "ignored"), "x\n"),
    (marked(ONE) + EOS, Fault("text after the close", 5, 1, 0, "'<|endoftext|>'", "ignored"), "x\n"),
    (
        marked(ONE) + "\nThis doubles x.\nIt is\nshort.",
        Fault("text after the close", 6, 1, 0, "'This doubles x.'", "ignored"),
        "x\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fault", "program"), ONE_FAULT)
def test_the_fault_of_a_text_with_one(text: str, fault: Fault, program: str) -> None:
    parsed = parse_edits(text, strict=False)
    assert parsed.faults == (fault,)
    assert apply_edits(parsed.edits) == program
    with pytest.raises(EditParseError) as caught:
        parse_edits(text)
    assert caught.value.faults == (fault,)
    place = f"line {fault.line_number} (edit {fault.edit_index + 1}, hunk {fault.hunk_index + 1})"
    assert str(caught.value) == f"{place}: {fault.kind}: {fault.detail}"


def test_the_table_above_has_every_kind_of_fault() -> None:
    assert {fault.kind for _, fault, _ in ONE_FAULT} == set(FAULT_KINDS[:12])
    assert FAULT_KINDS[12] == "no line to insert"  # the rest are of the other formats


def test_every_fault_of_a_text_is_named_and_the_rest_is_read() -> None:
    text = "Here is\nthe code." + marked(
        "", "x\n@@ -0,0 +1,3 @@\n+a\n+b", "@@ -9,0 +9 @@\n+c\n@@ -0,1 +1 @@\n+d", close=""
    )
    expected = (
        Fault("text before the first edit", 1, 0, 0, "'Here is'", "ignored"),
        Fault("text before the first edit", 2, 0, 0, "'the code.'", "ignored"),
        Fault("empty edit before the close", 3, 0, 0, "no hunk", "skipped"),
        Fault("no header", 4, 1, 0, "expected '@@ -a,0 +b,n @@', found 'x'", "skipped"),
        Fault("count differs from the lines", 5, 1, 1, "header says 3, found 2", "lines kept"),
        Fault("position out of range", 8, 2, 0, "-9 +9 in a program of 2 lines", "appended"),
        Fault("deletion", 10, 2, 1, "'@@ -0,1 +1 @@' removes 1 line(s)", "skipped"),
        Fault("truncated", 11, 2, 0, "none of the two closing markers", "ignored"),
    )
    parsed = parse_edits(text, strict=False)
    assert sorted(parsed.faults, key=lambda fault: fault.line_number) == list(expected)
    assert apply_edits(parsed.edits) == "a\nb\nc\n"
    with pytest.raises(EditParseError) as caught:
        parse_edits(text)
    assert caught.value.faults == parsed.faults
    assert str(caught.value) == f"{parsed.faults[0]} (and 7 more)"


def test_an_edit_has_one_number_in_all_its_faults() -> None:
    parsed = parse_edits(marked(ONE, "", "@@\n+y", close=""), strict=False)
    assert {(fault.kind, fault.line_number, fault.edit_index) for fault in parsed.faults} == {
        ("empty edit before the close", 4, 1),
        ("bad header", 5, 2),
        ("truncated", 6, 2),
    }


def test_a_fault_shows_at_most_60_characters_of_a_line() -> None:
    parsed = parse_edits(marked("y" * 1000), strict=False)
    assert parsed.faults[0].detail == f"expected '@@ -a,0 +b,n @@', found '{'y' * 59}"
    assert max(len(fault.detail) for fault in parsed.faults) < 120


# --- what is no fault ----------------------------------------------------------------------------

X_THEN_Y = ((Hunk(1, ("x",), 0),), (Hunk(2, ("y",), 1),))
SECOND = "@@ -1,0 +2 @@\n+y"

SOUND = [
    ("", {}, ()),
    ("\n", {}, ()),
    ("\n<|diff|>\n<|diff|>", {}, ()),
    (marked(ONE, SECOND), {}, X_THEN_Y),
    # the newline that ends a file
    (marked(ONE, SECOND) + "\n", {}, X_THEN_Y),
    # a model continues a prompt that ends in the marker, or in the newline before it
    (marked(ONE, SECOND).removeprefix("\n<|diff|>"), {}, X_THEN_Y),
    (marked(ONE, SECOND).removeprefix("\n"), {}, X_THEN_Y),
    # an end marker, where it is announced
    (marked(ONE, SECOND) + EOS, {"eos": EOS}, X_THEN_Y),
    (marked(ONE, SECOND), {"eos": EOS}, X_THEN_Y),
    (marked(ONE, SECOND) + "</s>", {"eos": "</s>"}, X_THEN_Y),
    # `,n` may be written for one line
    (marked(ONE, "@@ -1,0 +2,1 @@\n+y"), {}, X_THEN_Y),
    # edits of a program that is there already
    (marked("@@ -3,0 +4 @@\n+x"), {"base_line_count": 3}, ((Hunk(4, ("x",), 3),),)),
    # unified diffs, without and with headers
    (f"{ONE}\n", {}, X_THEN_Y[:1]),
    (f"--- a/p.py\n+++ b/p.py\n{ONE}\n--- a/p.py\n+++ b/p.py\n{SECOND}\n", {}, X_THEN_Y),
    (f"--- \n+++ \n{ONE}\n--- \n+++ \n{SECOND}\n", {}, X_THEN_Y),
    (f"\n\n--- a\t2024-10-03\n+++ b\t2024-10-03\n{ONE}", {}, X_THEN_Y[:1]),
    # as git diff -U0, diff -U0 -p and diff -r write them
    (f"diff --git a/p.py b/p.py\nindex 2df1db8..8057a15 100644\n--- a/p.py\n+++ b/p.py\n{ONE}", {}, X_THEN_Y[:1]),
    (f"diff --git a/p.py b/p.py\nnew file mode 100644\nindex 0000000..8057a15\n--- /dev/null\n+++ b/p.py\n{ONE}", {}, X_THEN_Y[:1]),
    (f"diff --git a/p.py b/p.py\nold mode 100644\nnew mode 100755\nindex 2df1db8..8057a15\n--- a/p.py\n+++ b/p.py\n{ONE}\ndiff -U0 -p a/p.py b/p.py\n--- a/p.py\n+++ b/p.py\n{SECOND}", {}, X_THEN_Y),
    ("@@ -0,0 +1 @@ def f(x):\n+x\n@@ -1,0 +3 @@ class A: @@\n+y", {"base_line_count": 1}, ((Hunk(1, ("x",), 0), Hunk(3, ("y",), 1)),)),
    (f"{ONE}\n\\ No newline at end of file\n", {}, X_THEN_Y[:1]),
    (f"{ONE}\n\\ Kein Zeilenumbruch am Dateiende.\n--- a\n+++ b\n{SECOND}\n", {}, X_THEN_Y),
    (f"--- a\n+++ b\n{ONE}\n@@ -2,0 +4 @@\n+z", {"base_line_count": 2}, ((Hunk(1, ("x",), 0), Hunk(4, ("z",), 2)),)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "edits"), SOUND)
def test_a_sound_text_is_read_without_a_fault(
    text: str, options: dict[str, object], edits: tuple[Edit, ...]
) -> None:
    assert parse_edits(text, **options) == ParsedEdits(edits, ())  # type: ignore[arg-type]


def test_the_length_of_the_program_decides_what_is_out_of_range() -> None:
    text = marked("@@ -3,0 +4 @@\n+x")
    kinds = [
        [fault.kind for fault in parse_edits(text, strict=False, base_line_count=count).faults]
        for count in (2, 3, 4)
    ]
    assert kinds == [["position out of range"], [], []]


def test_edits_are_inserted_into_a_base() -> None:
    edits = parse_edits(marked("@@ -1,0 +2 @@\n+b"), base_line_count=2).edits
    assert apply_edits(edits, base="a\nc\n") == "a\nb\nc\n"
    assert apply_edits(edits, base="a\nc") == "a\nb\nc\n"
    assert apply_edits((), base="a\n\n") == "a\n\n"
    assert apply_edits(()) == ""


def test_only_the_end_marker_at_the_very_end_is_taken_off() -> None:
    edits = edits_of([f"x = '{EOS}'", EOS], [0, 1])
    text = model_text(edits, eos=EOS)
    assert text.endswith(f"\n+{EOS}\n<|diff|>\n<|diff|>{EOS}")
    assert parse_edits(text, eos=EOS).edits == edits


# --- identity ------------------------------------------------------------------------------------

HARD_LINES = [
    "",
    " ",
    "+",
    "++3",
    "+x",
    "-x",
    "--- a",
    "--- a/program.py",
    "++ b",
    "+++ b",
    "+++ b/program.py",
    "@@",
    "@@ -0,0 +1 @@",
    "@@ -0,0 +1,2 @@",
    "<|diff|>",
    "<|diff|>@@ -0,0 +1 @@",
    "x = '<|diff|>'",
    "<|endoftext|>",
    "return '<|endoftext|>'",
    "\tif x:",
    "\f",
    "\fclass A:",
    "a\vb",
    "a\x1cb\x1db\x1eb",
    "a\x85b\u2028c\u2029d",
    "\ufeffx",
    "'é' '日本' '🙂' 'e\u0301'",
    "\\",
    "\\ No newline at end of file",
    "diff --git a/x b/x",
    "x = 1  ",
]


@pytest.mark.parametrize("line", HARD_LINES)
@pytest.mark.parametrize("births", [(0, 1, 0, 2), (1, 0, 2, 1), (2, 1, 0, 0)])
def test_hard_lines_come_back_as_they_are(line: str, births: tuple[int, ...]) -> None:
    lines = [line, "x = 1", line, line]
    edits = edits_of(lines, births)
    for eos in ("", EOS):
        parsed = parse_edits(model_text(edits, eos=eos), eos=eos)
        assert parsed.edits == edits
        assert apply_edits(parsed.edits) == "".join(f"{line}\n" for line in lines)
    diffs = "".join(f"--- a\n+++ b\n{edit_text(edit)}\n" for edit in edits)
    assert parse_edits(diffs).edits == edits


anything = st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"])
any_line = st.one_of(st.text(anything, max_size=12), st.sampled_from(HARD_LINES))
line_births = st.lists(st.tuples(any_line, st.integers(0, 9)), min_size=1, max_size=20)


@given(line_births, st.sampled_from(["", EOS, "</s>"]), st.sampled_from(["", "Do it."]))
@example([("", 0)], "", "")
def test_any_lines_in_any_order_survive_writing_and_reading(
    drawn: list[tuple[str, int]], eos: str, instruction: str
) -> None:
    lines = [line for line, _ in drawn]
    used = sorted({birth for _, birth in drawn})
    edits = edits_of(lines, [used.index(birth) for _, birth in drawn])
    text = model_text(edits, instruction=instruction, eos=eos)
    parsed = parse_edits(text.removeprefix(instruction), eos=eos)
    assert parsed == ParsedEdits(edits, ())
    assert apply_edits(parsed.edits) == "".join(f"{line}\n" for line in lines)
    continued = text.removeprefix(f"{instruction}\n<|diff|>")
    assert parse_edits(continued, eos=eos) == parsed
    diffs = "".join(f"--- a\n+++ b\n{edit_text(edit)}\n" for edit in edits)
    assert parse_edits(diffs) == parsed


# --- any text at all -----------------------------------------------------------------------------

pieces_of_edits = st.lists(
    st.sampled_from(
        [
            "<|diff|>", "\n", "\n<|diff|>", "\n@@", "@@ -0,0 +1 @@", "\n@@ -1,0 +2,2 @@", "\n+x",
            "\n+y", "\n-z", "\n z", "\n--- a", "\n+++ b", " ", "@@", "-1,1 ", "+0,0", EOS,
            "\n@@ -999999999,0 +999999999,999999999 @@", "\n@@ -2,0 +3 @@\n+z", "\x1c", "\u2028",
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(st.one_of(st.text(max_size=60), pieces_of_edits), st.sampled_from(["", EOS]))
def test_any_text_is_read_leniently_and_refused_only_by_its_faults(text: str, eos: str) -> None:
    lenient = parse_edits(text, strict=False, eos=eos)
    n_lines = text.count("\n") + 1
    for fault in lenient.faults:
        assert fault.kind in FAULT_KINDS
        assert 1 <= fault.line_number <= n_lines
        assert fault.edit_index >= 0
        assert fault.hunk_index >= 0
        assert "\n" not in str(fault)
    program = apply_edits(lenient.edits)
    inserted = [line for edit in lenient.edits for hunk in edit for line in hunk.lines]
    assert sorted(program.split("\n")[:-1]) == sorted(inserted)
    assert all(hunk.lines for edit in lenient.edits for hunk in edit)
    assert all(lenient.edits)
    if lenient.faults:
        with pytest.raises(EditParseError) as caught:
            parse_edits(text, eos=eos)
        assert caught.value.faults == lenient.faults
    else:
        assert parse_edits(text, eos=eos) == lenient
        assert parse_edits(model_text(lenient.edits)) == lenient
