"""Which lines of a statement are whole elements, so that it parses without any of them."""

from __future__ import annotations

import io
import itertools
import tokenize

import pytest

from lintseq_core import Program
from lintseq_core.edits.incremental.elements import element_lines
from lintseq_core.edits.incremental.layout import Layout
from lintseq_core.edits.incremental.recorder import record
from lintseq_core.edits.incremental.remnants import Remnants
from lintseq_core.programs.compiling import compile_source
from tests.property.real_code import stdlib_programs

SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}

# statement -> 0-based lines that are elements
STATEMENTS = [
    ("x = {\n    'a': 1,\n    'b': 2,\n}", {1, 2}),
    ("x = {\n    'a': 1,\n    'b': 2\n}", {1, 2}),
    ("x = [\n    1, 2,\n    3,  # three\n    [4, 5],\n]", {1, 2, 3}),
    ("f(\n    a,\n    *b,\n    c=1,\n    **d\n)", {1, 2, 3, 4}),
    ("x = (\n    1,\n    2\n)", {1, 2}),
    ("x = a[f(\n    1,\n)]", {1}),
    ("if f(\n    a,\n) and b:", {1}),
    # more than one line, or less than an element
    ("x = {\n    'a':\n        1,\n    'b': [\n        2,\n    ],\n}", {4}),
    ("x = [\n    'a'\n    'b',\n    c +\n    d,\n]", set()),
    ("x = [\n    1,\n    2]", {1}),
    ("x = [1,\n     2,\n]", {1}),
    ("x = f(\n    g(1,\n      2),\n    3,\n)", {3}),
    ('x = [\n    """a\n    b""",\n    c,\n]', {3}),
    # brackets that hold no elements, or may not be empty
    ("x = a[\n    1,\n    2,\n]", set()),
    ("x = f()[\n    1\n]", set()),
    ("x = [\n    a\n    for a,\n    b in c\n]", set()),
    ("f(\n    lambda a,\n    b,\n    c: 1,\n)", set()),
    ("def f(\n    a,\n    b,\n): pass", set()),
    ("from a import (\n    b,\n    c,\n)", set()),
    ("if a: from b import (\n    c,\n)", set()),
    ("with (\n    a as b,\n    c as d,\n): pass", set()),
    ("@f(\n    1,\n)", set()),
    ("(\n    x\n) += 1", set()),
    ("del (\n    a,\n    b,\n)", {1, 2}),
    # an inner bracket of its own
    ("x = [f(\n    a,\n    b,\n) for a in c]", {1, 2}),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS)
def test_lines_that_are_whole_elements(statement: str, expected: set[int]) -> None:
    stream = tokenize.generate_tokens(io.StringIO(f"{statement}\n").readline)
    tokens = [token for token in stream if token.type not in SILENT]
    assert {row - 1 for row in element_lines(tokens, tokens[0].string)} == expected


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS)
def test_without_any_of_them_the_statement_compiles(statement: str, expected: set[int]) -> None:
    lines = statement.split("\n")
    before = "def f():\n" if not statement.startswith(("from", "def")) else ""
    after = (
        "    pass\n"
        if statement.endswith(":")
        else "def g(): pass\n"
        if statement[0] == "@"
        else ""
    )
    for gone in itertools.chain.from_iterable(
        itertools.combinations(sorted(expected), count) for count in range(len(expected) + 1)
    ):
        kept = "".join(f" {line}\n" for index, line in enumerate(lines) if index not in gone)
        compile_source(f"{before}{kept} {after}" if before else statement)


def test_on_real_code_the_rule_agrees_with_a_parse() -> None:
    """For each statement with elements, without all of them: the events of the lines that stay."""
    looked_at = 0
    for _, program in stdlib_programs()[:200]:
        layout = Layout(Program(program.text))
        trace = record(
            program.tree, annotations_later=False, mentions_typing="typing" in program.text
        )
        remnants = Remnants(layout, trace, annotations_later=False)
        for index, statement in enumerate(layout.statements):
            if statement.last - statement.first < 2:
                continue
            every = tuple(range(statement.first, statement.last + 1))
            elements = remnants.elements(index)
            if not elements:
                continue
            kept = tuple(line for line in every if line not in elements)
            remnant = remnants.examine(index, kept)
            assert remnant.verdict == "regular", program.lines[statement.first]
            assert remnant.names is None, program.lines[statement.first]
            looked_at += 1
    assert looked_at > 300
