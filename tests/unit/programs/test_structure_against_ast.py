"""Blocks and clauses read from tokens are those of the syntax tree, on real modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lintseq_core import Program
from tests.property.real_code import stdlib_programs

Block = tuple[int, int, int]
"""0-based lines: the header, first and last line of its block's statements."""


def ast_blocks(program: Program) -> Iterator[Block]:
    """Every indented block whose header the tree locates: all but `else`, `finally` and `case`."""
    for node in ast.walk(ast.parse(program.text)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(node, ast.stmt | ast.excepthandler):
            first = body[0]
            decorators = getattr(first, "decorator_list", [])
            start = min([first.lineno, *(decorator.lineno for decorator in decorators)])
            if start > node.lineno:
                yield node.lineno - 1, start - 1, (body[-1].end_lineno or 0) - 1


def test_every_block_of_the_tree_is_taken_by_its_header() -> None:
    compared = 0
    for name, program in stdlib_programs()[:120]:
        dependents = program.structure.dependents
        for header, first, last in ast_blocks(program):
            taken = [lines for relation, lines in dependents[header] if relation == "block"]
            if not taken:  # a one-line suite that goes on behind a backslash or a bracket
                assert program.lines[header].rstrip()[-1] != ":", (name, header + 1)
                continue
            assert taken[0].start <= first, (name, header + 1)
            assert taken[0].stop - 1 == last, (name, header + 1)
            compared += 1
    assert compared > 4000


def test_every_clause_is_taken_by_the_head_of_its_statement() -> None:
    compared = 0
    for name, program in stdlib_programs()[:120]:
        dependents = program.structure.dependents
        for node in ast.walk(ast.parse(program.text)):
            if isinstance(node, ast.Try):
                taken = {
                    line
                    for relation, lines in dependents[node.lineno - 1]
                    if relation == "clause"
                    for line in lines
                }
                for handler in node.handlers:
                    clause = range(handler.lineno - 1, handler.body[-1].end_lineno or 0)
                    assert taken.issuperset(clause), (name, handler.lineno)
                    compared += 1
                for tail in (node.orelse, node.finalbody):
                    if tail:
                        assert taken.issuperset(range(tail[0].lineno, tail[-1].end_lineno or 0))
                        compared += 1
    assert compared > 200
