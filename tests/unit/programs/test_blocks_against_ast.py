"""The structure read from tokens against what `ast` says, on 60 real modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from lintseq_core import Program
from tests.property.real_code import stdlib_programs


def sixty_modules() -> list[tuple[str, Program]]:
    """60 standard-library modules of 100 to 800 lines."""
    return [item for item in stdlib_programs() if 100 <= len(item[1].lines) <= 800][:60]


def blocks_of_ast(tree: ast.Module, lines: tuple[str, ...]) -> set[tuple[int, int]]:
    """(line of the header, last line of the block), for blocks that stand on lines of their own."""
    found = set()
    for node in ast.walk(tree):
        for header, body in _headers_with_bodies(node, lines):
            start = first_line(body[0])
            if start > header and not _text_before(body[0], lines).strip():
                found.add((header, _last_line(body[-1])))
    return found


def clauses_of_ast(tree: ast.Module, lines: tuple[str, ...]) -> set[tuple[int, int, int]]:
    """(line of the head, line of the clause, last line of the clause)."""
    found = set()
    elifs = {
        id(node.orelse[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and _is_elif(node, lines)
    }
    for head in ast.walk(tree):
        node = head
        if id(head) in elifs:
            continue
        while True:
            if isinstance(node, ast.If) and _is_elif(node, lines):
                inner = node.orelse[0]
                assert isinstance(inner, ast.If)
                found.add((head.lineno - 1, inner.lineno - 1, _last_line(inner.body[-1])))
                node = inner
                continue
            for name in ("orelse", "finalbody"):
                body = getattr(node, name, None)
                if body and isinstance(node, ast.stmt):
                    header = _clause_header(node, name, body, lines)
                    found.add((head.lineno - 1, header, _last_line(body[-1])))
            if isinstance(node, ast.Try | getattr(ast, "TryStar", ast.Try)):
                found |= {
                    (head.lineno - 1, handler.lineno - 1, _last_line(handler.body[-1]))
                    for handler in node.handlers
                }
            break
    return found


def _headers_with_bodies(
    node: ast.AST, lines: tuple[str, ...]
) -> Iterator[tuple[int, list[ast.stmt]]]:
    if isinstance(node, ast.Match):
        yield node.lineno - 1, node.cases  # type: ignore[misc]
    elif isinstance(node, ast.match_case):
        yield _line_above(lines, node.pattern.lineno - 1, r"\s*case\b"), node.body
    elif isinstance(node, ast.stmt | ast.ExceptHandler) and getattr(node, "body", None):
        yield node.lineno - 1, node.body  # type: ignore[attr-defined]
    for name in ("orelse", "finalbody"):
        body = getattr(node, name, None)
        if body and isinstance(node, ast.stmt) and not (name == "orelse" and _is_elif(node, lines)):
            yield _clause_header(node, name, body, lines), body


def _clause_header(node: ast.stmt, name: str, body: list[ast.stmt], lines: tuple[str, ...]) -> int:
    word = "else" if name == "orelse" else "finally"
    return _line_above(lines, first_line(body[0]), rf"\s*{word}\s*:")


def _line_above(lines: tuple[str, ...], line: int, pattern: str) -> int:
    while not re.match(pattern, lines[line]):
        line -= 1
    return line


def _is_elif(node: ast.AST, lines: tuple[str, ...]) -> bool:
    inner = node.orelse[0] if isinstance(node, ast.If) and node.orelse else None
    return isinstance(inner, ast.If) and lines[inner.lineno - 1].lstrip().startswith("elif")


def first_line(node: ast.stmt | ast.match_case) -> int:
    """0-based, decorators included."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno - 1
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1


def _last_line(node: ast.stmt | ast.match_case) -> int:
    last = node.body[-1] if isinstance(node, ast.match_case) else node
    return (last.end_lineno or 0) - 1


def _text_before(node: ast.stmt | ast.match_case, lines: tuple[str, ...]) -> str:
    if isinstance(node, ast.match_case) or getattr(node, "decorator_list", []):
        return ""
    return lines[node.lineno - 1].encode()[: node.col_offset].decode()


def test_blocks_and_clauses_are_those_of_ast_on_real_modules() -> None:
    seen = {"block": 0, "clause": 0}
    modules = sixty_modules()
    assert len(modules) == 60
    for name, program in modules:
        tree = ast.parse(program.text)
        blocks = set()
        clauses = set()
        for line, taken in enumerate(program.structure.dependents):
            for relation, lines in taken:
                if relation == "block":
                    blocks.add((line, lines.stop - 1))
                    # From the line behind the header's last to the block's last.
                    assert lines.start == _header_end(program, line) + 1, (name, line)
                elif relation == "clause":
                    clauses.add((line, lines.start, lines.stop - 1))
        assert blocks == blocks_of_ast(tree, program.lines), name
        assert clauses == clauses_of_ast(tree, program.lines), name
        seen["block"] += len(blocks)
        seen["clause"] += len(clauses)
    assert seen["block"] > 3000  # else the comparison shows little
    assert seen["clause"] > 500


def _header_end(program: Program, first: int) -> int:
    ends = [line.last for line in program.structure.logical_lines if line.first == first]
    assert len(ends) == 1
    return ends[0]


def test_statements_and_decorators_are_those_of_ast_on_real_modules() -> None:
    seen = {"statement": 0, "decorator": 0}
    for name, program in sixty_modules():
        taken = program.structure.dependents
        expected: dict[int, set[int]] = {}  # line that takes others as decorators -> those lines
        for node in ast.walk(ast.parse(program.text)):
            is_block = hasattr(node, "body") or isinstance(node, ast.Match)
            if isinstance(node, ast.stmt) and not is_block:
                first, last = node.lineno - 1, (node.end_lineno or 0) - 1
                if last > first and not _text_before(node, program.lines).strip():
                    seen["statement"] += 1
                    # A ";" would make one logical line of two statements; these modules have none.
                    assert ("statement", range(first, last + 1)) in taken[first], (name, first)
                    assert ("statement", range(first, last + 1)) in taken[last], (name, last)
            decorators = getattr(node, "decorator_list", [])
            if decorators:
                seen["decorator"] += 1
                starts = [decorator.lineno - 1 for decorator in decorators] + [node.lineno - 1]
                for one in starts:
                    expected[one] = {other for other in starts if other != one}
        found = {
            line: {lines.start for relation, lines in one if relation == "decorator"}
            for line, one in enumerate(taken)
            if any(relation == "decorator" for relation, _ in one)
        }
        assert found == expected, name
    assert seen["statement"] > 500
    assert seen["decorator"] > 20


def test_strings_of_several_lines_are_those_of_the_syntax_tree_on_real_modules() -> None:
    """Every string constant that spans lines begins and ends where a string token does."""
    seen = 0
    for name, program in sixty_modules():
        starts = {start for start, _ in program.structure.strings}
        ends = {end for _, end in program.structure.strings}
        for node in ast.walk(ast.parse(program.text)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                value = node.value
                if isinstance(value.value, str) and value.end_lineno != value.lineno:
                    seen += 1
                    assert value.lineno - 1 in starts, (name, value.lineno)
                    assert (value.end_lineno or 0) - 1 in ends, (name, value.lineno)
        for start, end in program.structure.strings:
            assert ("string", range(start, end + 1)) in program.structure.dependents[start]
            assert ("string", range(start, end + 1)) in program.structure.dependents[end]
    assert seen > 200
