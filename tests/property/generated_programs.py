"""Programs that Hypothesis writes: every compound statement, nested, with odd lines between."""

from __future__ import annotations

from hypothesis import strategies as st

Lines = list[str]

NAMES = ("a", "b", "count", "Box")
names = st.sampled_from(NAMES)

# One statement each; "{0}" is bound, "{1}" is used, bound or not.
SIMPLE: tuple[Lines, ...] = (
    ["{0} = {1}"],
    ["{0} = {1} = 1"],
    ["{0} += {1}"],
    ["print({1})"],
    ["pass"],
    ["del {1}"],
    ["import {0}"],
    ["from os import path as {0}"],
    ["{0} = [{1} for {1} in range(3) if {1}]"],
    ["{0} = lambda {1}: {1} + 1"],
    ["{0} = (", "    {1},", "", "    # inside", "    2,", ")"],
    ["{0} = {1} + \\", "    1"],
    ['{0} = """one', "two {1}", '"""'],
    ["{0} = f'''{{{1}}}", "'''"],
    ["ITEMS = [", "    {1},", "    2,", "]"],
    ["assert {1}, '%s %s' % ({1}, 2)"],
    ["{0} = 1; print({1})"],
    ["++{1}"],
    ["-{1}"],
    ['"""A string alone', "", '    @@ -1 +1 @@"""'],
)
BETWEEN: tuple[Lines, ...] = ([""], ["# a comment"], ["        # far right"], ["", "\f", ""])

# Headers with the clauses that may follow, in order; every header takes a block.
COMPOUND: tuple[tuple[str, ...], ...] = (
    ("if {1}:",),
    ("if {1}:", "else:"),
    ("if {1}:", "elif {0}:", "elif 1:", "else:"),
    ("for {0} in {1}:",),
    ("for {0} in {1}:", "else:"),
    ("while {1}:", "else:"),
    ("try:", "finally:"),
    ("try:", "except {1}:"),
    ("try:", "except ValueError as {0}:", "except:", "else:", "finally:"),
    ("with {1} as {0}:",),
    ("def {0}({1}, *rest, key={1}):",),
    ("async def {0}():",),
    ("@{1}\ndef {0}():",),
    ("@{1}\n@{0}(\n    1,\n)\nclass {0}:",),
    ("class {0}({1}):",),
    ("def {0}(\n    {1}=1,\n):",),
)


def indented(lines: Lines, by: str) -> Lines:
    """`lines` moved right; blank lines and the inside of strings as they come."""
    return [f"{by}{line}" if line.strip() else line for line in lines]


@st.composite
def simple_statements(draw: st.DrawFn) -> Lines:
    bound, used = draw(names), draw(names)
    return [line.format(bound, used) for line in draw(st.sampled_from(SIMPLE))]


@st.composite
def compound_statements(draw: st.DrawFn, blocks: st.SearchStrategy[Lines]) -> Lines:
    bound, used = draw(names), draw(names)
    by = draw(st.sampled_from(["    ", "    ", "  ", "\t"]))
    lines: Lines = []
    for header in draw(st.sampled_from(COMPOUND)):
        lines += header.format(bound, used).split("\n")
        lines += indented(draw(blocks), by)
    return lines


@st.composite
def match_statements(draw: st.DrawFn, blocks: st.SearchStrategy[Lines]) -> Lines:
    used = draw(names)
    cases = draw(st.lists(st.sampled_from(["1", "[a, *b]", "{'k': count}"]), max_size=2)) + ["_"]
    lines = [f"match {used}:"]
    for case in cases:
        lines += [f"    case {case}:", *indented(draw(blocks), "        ")]
    return lines


@st.composite
def suites(draw: st.DrawFn, statements: st.SearchStrategy[Lines]) -> Lines:
    """One to three statements, with blank lines and comments between and after."""
    lines: Lines = []
    for statement in draw(st.lists(statements, min_size=1, max_size=3)):
        lines += statement
        if draw(st.integers(0, 3)) == 0:
            lines += draw(st.sampled_from(BETWEEN))
    return lines


def _deeper(statements: st.SearchStrategy[Lines]) -> st.SearchStrategy[Lines]:
    blocks = suites(statements)
    return st.one_of(simple_statements(), compound_statements(blocks), match_statements(blocks))


program_texts: st.SearchStrategy[str] = suites(
    st.recursive(simple_statements(), _deeper, max_leaves=12)
).map(lambda lines: "".join(f"{line}\n" for line in lines))
"""Texts that compile; half of them have more than ten lines."""
