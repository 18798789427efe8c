"""The authors' rules as they are, defects included; candidates stand in test_draws.py.

Expected programs of the resolver were made by running the authors' `resolve_edit_path`.
"""

from __future__ import annotations

import pytest

from lintseq_core import Program, apply_edits, parse_edits
from lintseq_core.edits.formats import model_text
from lintseq_core.edits.upstream import indent_children, resolve_upstream, upstream_weights

# --- weights -------------------------------------------------------------------------------------

WEIGHTS = [
    ("x = 1\ny = 2\n", 1, [1.0, 1.0]),
    ("if a:\n    if b:\n        x = 1\n", 1, [1.0, 1.0, 2.0]),
    ("if a:\n    if b:\n        x = 1\n", 3, [1.0, 3.0, 6.0]),
    ("if a:\n    if b:\n        x = 1\n", None, [1.0, 1.0, 1.0]),
    # below 1 where an indent is smaller than the first, which counts as the tab width
    ("if a:\n    x = 1\nif b:\n  y = 1\nif c:\n   z = 1\n", 1, [1.0, 1.0, 1.0, 0.5, 1.0, 0.75]),
    ("if a:\n        x = 1\nelse:\n  y = 1\n", 1, [1.0, 1.0, 1.0, 0.25]),
    # the first indent may be a comment's, or inside a string
    ("'''a\n  b'''\nif c:\n   x = 1\n", 1, [1.0, 1.0, 1.0, 1.5]),
    # blank lines and lines of one character have the indent of the line above
    ("if a:\n  x = 1\n\n  y\n  z = [\n  1,\n]\nw = 1\n", 1, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
    ("if a:\n  if b:\n    xy = [\n    1,\n]\nz = 1\n", 1, [1.0, 1.0, 2.0, 2.0, 2.0, 1.0]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "indent_bias", "expected"), WEIGHTS)
def test_a_line_weighs_its_indent_over_the_tab_width(
    text: str, indent_bias: int | None, expected: list[float]
) -> None:
    assert upstream_weights(Program(text).lines, indent_bias) == expected


# --- children ------------------------------------------------------------------------------------

# program -> the children of each line that has some
CHILDREN = [
    ("x = 1\ny = 2\n", {}),
    ("if a:\n    if b:\n        x = 1\n    y = 1\nz = 1\n", {0: range(1, 4), 1: range(2, 3)}),
    ("if a:\n    x = 1\nelse:\n    y = 1\n", {0: range(1, 2), 2: range(3, 4)}),
    # a blank line inside a block is indented like the line above
    ("if a:\n    x = 1\n\n    y = 1\nz = 1\n", {0: range(1, 4)}),
    ("if a:\n    x = 1\n\nz = 1\n", {0: range(1, 3)}),
    # a less indented comment ends the block
    ("if a:\n    x = 1\n# note\n    y = 1\nz = 1\n", {0: range(1, 2), 2: range(3, 4)}),
    ("def f():\n    if a:\n        x = 1\n    # note\n        y = 1\n", {0: range(1, 5), 1: range(2, 3), 3: range(4, 5)}),
    # a blank line after the header leaves it without children
    ("def f():\n\n    x = 1\n    return x\n", {1: range(2, 4)}),
    # so does a body of one character, and what follows a closing bracket is not its own
    ("if a:\n    x\n", {}),
    ("xs = [\n    1,\n]\ny = 1\n", {0: range(1, 3)}),
    # what is indented for looks is a child, too
    ("x = max(1,\n        2,\n        3)\n", {0: range(1, 3)}),
    ("    # note\nx = 1\n", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CHILDREN)
def test_children_are_the_lines_below_that_are_indented_more(
    text: str, expected: dict[int, range]
) -> None:
    children = indent_children(Program(text).lines)
    assert len(children) == text.count("\n")
    assert {line: taken for line, taken in enumerate(children) if taken} == {
        line: (("indent", lines),) for line, lines in expected.items()
    }


# --- resolving -----------------------------------------------------------------------------------

CLOSE = "\n<|diff|>\n<|diff|>"


def one_edit(*lines: str) -> str:
    count = "" if len(lines) == 1 else f",{len(lines)}"
    return f"\n<|diff|>@@ -0,0 +1{count} @@" + "".join(f"\n+{line}" for line in lines)


# what a model wrote -> what the authors make of it (paper.md 1.6, #5 to #7)
RESOLVED = [
    # sound text
    (one_edit("x = 1") + CLOSE, "x = 1"),
    (one_edit("x = 1") + CLOSE + "<|endoftext|>", "x = 1"),
    (one_edit("x = 1", "z = 3") + "\n<|diff|>@@ -1,0 +2 @@\n+y = 2" + CLOSE, "x = 1\ny = 2\nz = 3"),
    (one_edit("b") + "\n<|diff|>@@ -0,0 +1 @@\n+a\n@@ -1,0 +3 @@\n+c" + CLOSE, "a\nb\nc"),
    (one_edit("") + CLOSE, ""),
    (one_edit("  x", "", "  y") + CLOSE, "  x\n\n  y"),
    ("", ""),
    (CLOSE, ""),
    # 5: truncated text loses characters of the set of the end marker
    (one_edit("return n"), "return "),
    (one_edit("return text"), "return "),
    (one_edit("exit"), "exi"),
    (one_edit("f = open(fed"), "f = open("),
    (one_edit("x = [1]"), "x = [1]"),
    # 6: one closing marker becomes a line of its own; two are fine
    (one_edit("x = 1") + "\n<|diff|>", "x = 1\n<|di"),
    # 7: signs at the start of code are lost
    (one_edit("++3") + CLOSE, "3"),
    (one_edit("+x", "-y", "-+z") + CLOSE, "x\n-y\n-+z"),
    (one_edit("++ b") + CLOSE, " b"),
    # ... deleted lines are inserted
    (one_edit("x") + "\n<|diff|>@@ -1 +1 @@\n-x\n+y" + CLOSE, "x\ny\nx"),
    # ... a hunk with "@@" in its code is dropped, the other hunks stay
    (one_edit("x = '@@'") + CLOSE, ""),
    (one_edit("@@ -0,0 +1 @@") + CLOSE, ""),
    (one_edit("x") + "\n<|diff|>@@ -0,0 +1 @@\n+m @@ n\n@@ -1,0 +3 @@\n+z" + CLOSE, "x\nz"),
    # ... so is code that holds the marker at the start of a line's text? No: it carries its sign
    (one_edit("<|diff|>") + CLOSE, "<|diff|>"),
    # positions: beyond the end is the end; +0, which difflib prints for a deletion, is the last line but one
    (one_edit("x") + "\n<|diff|>@@ -9,0 +9 @@\n+y" + CLOSE, "x\ny"),
    (one_edit("x", "y") + "\n<|diff|>@@ -1 +0,0 @@\n-z" + CLOSE, "x\nz\ny"),
    # headers that are none are dropped with their code
    (one_edit("x") + "\n<|diff|>@@ -1,0 @@\n+y" + CLOSE, "x"),
    (one_edit("x") + "\n<|diff|>@@ -1,0 +b @@\n+y" + CLOSE, "x"),
    (one_edit("x") + "\n<|diff|>@@ -1,0  +2 @@\n+y" + CLOSE, "x"),
    (one_edit("x") + "\n<|diff|>@@ -1,0 +2\n+y" + CLOSE, "x"),
    # an indent is lost where the first line of a hunk has no sign
    ("\n<|diff|>@@ -0,0 +1,2 @@\n    return 1\n+x" + CLOSE, "return 1\nx"),
    # text without the marker: an instruction is dropped, a bare diff is read
    ("Sure:\n@@ -0,0 +1 @@\n+x" + CLOSE, "x"),
    ("\n@@ -0,0 +1 @@\n+x" + CLOSE, "x"),
    ("@@ -0,0 +1 @@\n+x" + CLOSE, "x"),
    ("Use @@ here.\n@@ -0,0 +1 @@\n+x" + CLOSE, "x"),
    ("Sure:" + one_edit("x") + CLOSE, "x"),
    ("Sure.", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), RESOLVED)
def test_what_the_authors_make_of_a_text(text: str, expected: str) -> None:
    assert resolve_upstream(text) == expected


@pytest.mark.parametrize("line", ["++3", "x = '@@'", "+x"])
def test_ours_loses_nothing_of_what_the_authors_lose(line: str) -> None:
    text = one_edit(line) + CLOSE
    edits = parse_edits(text).edits
    assert apply_edits(edits) == f"{line}\n"
    assert model_text(edits) == text
    assert resolve_upstream(text) != line


def test_another_end_marker_strips_other_characters() -> None:
    assert resolve_upstream(one_edit("return n") + CLOSE, eos="</s>") == "return n"
    assert resolve_upstream(one_edit("return n") + "\n<|diff|>", eos="</s>") == "return n\n<|diff|"
    assert resolve_upstream(one_edit("yes"), eos="</s>") == "ye"
