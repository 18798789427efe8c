"""Which lines a line takes with it by the structure of its program, whole tables at a time."""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections.abc import Iterator
from textwrap import dedent

import pytest

from lintseq_core import Program
from lintseq_core.programs.blocks import (
    RELATIONS,
    LogicalLine,
    indent_width,
    is_code,
    read_structure,
)
from tests.property.real_code import stdlib_programs

Taken = tuple[str, int, int]
"""Relation, first and last line (0-based, both included)."""


def dependents(source: str) -> dict[int, list[Taken]]:
    """What each line takes directly; lines that take nothing are left out."""
    program = Program.from_text(dedent(source))
    found = program.structure.dependents
    assert len(found) == len(program.lines)
    assert all(lines.step == 1 and len(lines) > 0 for taken in found for _, lines in taken)
    return {
        line: [(relation, lines.start, lines.stop - 1) for relation, lines in taken]
        for line, taken in enumerate(found)
        if taken
    }


# name: (source, what each line takes)
PROGRAMS: dict[str, tuple[str, dict[int, list[Taken]]]] = {
    "flat": ("x = 1\n# c\n\ny = x\n", {}),
    "one block": (
        """\
        if a:
            b = 1
            c = 2
        d = 3
        """,
        {0: [("block", 1, 2)]},
    ),
    "nested blocks": (
        """\
        class A:
            def f(self):
                for x in y:
                    print(x)
                return 1

            z = 2
        w = 3
        """,
        {0: [("block", 1, 6)], 1: [("block", 2, 4)], 2: [("block", 3, 3)]},
    ),
    "three blocks end at once": (
        """\
        def f():
            while a:
                with b:
                    c()
        d()
        """,
        {0: [("block", 1, 3)], 1: [("block", 2, 3)], 2: [("block", 3, 3)]},
    ),
    "blank lines and comments inside a block, not those behind it": (
        """\
        def f():

            # first
            a = 1
        # less indented

            b = 2

            # behind
        # behind too

        c = 3
        """,
        {0: [("block", 1, 6)]},
    ),
    "a program that ends in a block and comments": (
        """\
        if a:
            b
            # c
        # d
        """,
        {0: [("block", 1, 1)]},
    ),
    "header of several lines": (
        """\
        def f(
            a,
            b=(1,
               2),
        ) -> int:
            return a
        """,
        {
            0: [("statement", 0, 4), ("block", 5, 5)],
            4: [("statement", 0, 4)],
        },
    ),
    "statement of several lines: first and last take all, inner lines none": (
        """\
        x = [
            1,
            # one
            2,
        ]
        y = 3
        """,
        {0: [("statement", 0, 4)], 4: [("statement", 0, 4)]},
    ),
    "if, elif, else": (
        """\
        if a:
            b
        elif c:
            d
        # between
        else:
            e
            f
        g
        """,
        {
            0: [("block", 1, 1), ("clause", 2, 3), ("clause", 5, 7)],
            2: [("block", 3, 3)],
            5: [("block", 6, 7)],
        },
    ),
    "clauses belong to the if of their own depth": (
        """\
        if a:
            if b:
                c
            else:
                d
        else:
            e
        """,
        {
            0: [("block", 1, 4), ("clause", 5, 6)],
            1: [("block", 2, 2), ("clause", 3, 4)],
            3: [("block", 4, 4)],
            5: [("block", 6, 6)],
        },
    ),
    "try, except, else, finally": (
        """\
        try:
            a
        except B:
            c
        except (D,
                E):
            f
        else:
            g
        finally:
            h
        """,
        {
            0: [
                ("block", 1, 1),
                ("clause", 2, 3),
                ("clause", 4, 6),
                ("clause", 7, 8),
                ("clause", 9, 10),
            ],
            2: [("block", 3, 3)],
            4: [("statement", 4, 5), ("block", 6, 6)],
            5: [("statement", 4, 5)],
            7: [("block", 8, 8)],
            9: [("block", 10, 10)],
        },
    ),
    "except star": (
        """\
        try:
            a
        except* B:
            c
        """,
        {0: [("block", 1, 1), ("clause", 2, 3)], 2: [("block", 3, 3)]},
    ),
    "for and else, while and else": (
        """\
        for a in b:
            c
        else:
            d
        while e:
            f
        else:
            g
        """,
        {
            0: [("block", 1, 1), ("clause", 2, 3)],
            2: [("block", 3, 3)],
            4: [("block", 5, 5), ("clause", 6, 7)],
            6: [("block", 7, 7)],
        },
    ),
    "match and case: the cases are its block": (
        """\
        match a:
            case [1,
                  2]:
                b
            # c
            case _ if d:
                e
        f
        """,
        {
            0: [("block", 1, 6)],
            1: [("statement", 1, 2), ("block", 3, 3)],
            2: [("statement", 1, 2)],
            5: [("block", 6, 6)],
        },
    ),
    "match, case and type as names": (
        """\
        match = case = 1
        type = match
        if match:
            case
        """,
        {2: [("block", 3, 3)]},
    ),
    "stacked decorators": (
        """\
        @a
        # why
        @b
        def f():
            pass
        """,
        {
            0: [("decorator", 2, 2), ("decorator", 3, 3)],
            2: [("decorator", 0, 0), ("decorator", 3, 3)],
            3: [("decorator", 0, 0), ("decorator", 2, 2), ("block", 4, 4)],
        },
    ),
    "decorator and header of several lines": (
        """\
        @a(
            1,
        )
        class B(
            C,
        ):
            d = 1
        """,
        {
            0: [("statement", 0, 2), ("decorator", 3, 5)],
            2: [("statement", 0, 2)],
            3: [("statement", 3, 5), ("decorator", 0, 2), ("block", 6, 6)],
            5: [("statement", 3, 5)],
        },
    ),
    "decorated methods one after the other": (
        """\
        class A:
            @p
            def f(self): pass
            @q
            async def g(self):
                await h
        """,
        {
            0: [("block", 1, 5)],
            1: [("decorator", 2, 2)],
            2: [("decorator", 1, 1)],
            3: [("decorator", 4, 4)],
            4: [("decorator", 3, 3), ("block", 5, 5)],
        },
    ),
    "a matrix product is no decorator": (
        "a = b @ c\nd = (b\n@ c)\ne = 1\n",
        {1: [("statement", 1, 2)], 2: [("statement", 1, 2)]},
    ),
    "async def, async for, async with": (
        """\
        async def f():
            async for a in b:
                c
            else:
                d
            async with e:
                g
        """,
        {
            0: [("block", 1, 6)],
            1: [("block", 2, 2), ("clause", 3, 4)],
            3: [("block", 4, 4)],
            5: [("block", 6, 6)],
        },
    ),
    "compound statements in one line": (
        """\
        if a: b
        elif c: d; e
        else: f
        try: g
        finally: h
        def i(): return 1
        class J: pass
        """,
        {0: [("clause", 1, 1), ("clause", 2, 2)], 3: [("clause", 4, 4)]},
    ),
    "one-line compound statement whose body has several lines": (
        """\
        if a: b = [
            1,
        ]
        else: c(
            2)
        """,
        {
            0: [("statement", 0, 2), ("clause", 3, 4)],
            2: [("statement", 0, 2)],
            3: [("statement", 3, 4)],
            4: [("statement", 3, 4)],
        },
    ),
    "else of a conditional expression and of a comprehension is no clause": (
        """\
        x = (1 if a
        else 2)
        y = [b
             for b in c
             if b]
        """,
        {
            0: [("statement", 0, 1)],
            1: [("statement", 0, 1)],
            2: [("statement", 2, 4)],
            4: [("statement", 2, 4)],
        },
    ),
    "backslashes": (
        """\
        x = 1 + \\
            2 + \\
            3
        if a and \\
                b:
            c
        """,
        {
            0: [("statement", 0, 2)],
            2: [("statement", 0, 2)],
            3: [("statement", 3, 4), ("block", 5, 5)],
            4: [("statement", 3, 4)],
        },
    ),
    "a line of a backslash alone starts the statement below": (
        """\
        \\
        x = 1
        if x:
            \\
            y = 2
            z = 3
        """,
        {
            0: [("statement", 0, 1)],
            1: [("statement", 0, 1)],
            2: [("block", 3, 5)],
            3: [("statement", 3, 4)],
            4: [("statement", 3, 4)],
        },
    ),
    "a backslash in front of a blank line": (
        "x = 1 \\\n\ny = 2\n",
        {0: [("statement", 0, 1)], 1: [("statement", 0, 1)]},
    ),
    "docstring of several lines": (
        '''\
        def f():
            """Do it.

            Well.
            """
            return 1
        ''',
        {
            0: [("block", 1, 5)],
            1: [("statement", 1, 4), ("string", 1, 4)],
            4: [("statement", 1, 4), ("string", 1, 4)],
        },
    ),
    "string of several lines inside a call": (
        '''\
        f(
            a,
            """b
            c
            """,
            d,
        )
        ''',
        {
            0: [("statement", 0, 6)],
            2: [("string", 2, 4)],
            4: [("string", 2, 4)],
            6: [("statement", 0, 6)],
        },
    ),
    "two strings that share a line": (
        '''\
        x = """a
        b""" + """c
        d"""
        ''',
        {
            0: [("statement", 0, 2), ("string", 0, 1)],
            1: [("string", 0, 1), ("string", 1, 2)],
            2: [("statement", 0, 2), ("string", 1, 2)],
        },
    ),
    "string over a backslash": (
        "x = 'a\\\nb'\ny = 1\n",
        {
            0: [("statement", 0, 1), ("string", 0, 1)],
            1: [("statement", 0, 1), ("string", 0, 1)],
        },
    ),
    "what looks like code inside a string": (
        '''\
        x = """
        if a:
            b
        else:
        @c
        """
        ''',
        {
            0: [("statement", 0, 5), ("string", 0, 5)],
            5: [("statement", 0, 5), ("string", 0, 5)],
        },
    ),
    "f-string of several lines": (
        '''\
        x = f"""a {b}
        {c:>{d}} e
        """
        y = 1
        ''',
        {
            0: [("statement", 0, 2), ("string", 0, 2)],
            2: [("statement", 0, 2), ("string", 0, 2)],
        },
    ),
    "f-string with strings inside": (
        """\
        x = [
            f'''{", ".join('a' for a in b)}
        {f"{c}"}
        ''',
            rf"one {line}",
        ]
        """,
        {
            0: [("statement", 0, 5)],
            1: [("string", 1, 3)],
            3: [("string", 1, 3)],
            5: [("statement", 0, 5)],
        },
    ),
    "f-string and plain string side by side": (
        '''\
        x = (f"{a}" """b
        c""" f"d")
        ''',
        {
            0: [("statement", 0, 1), ("string", 0, 1)],
            1: [("statement", 0, 1), ("string", 0, 1)],
        },
    ),
    "semicolons": (
        """\
        a = 1; b = [
            2,
        ]; c = 3
        if d: e; f
        g = (4,
             5); h = (6,
                      7)
        """,
        {
            0: [("statement", 0, 2)],
            2: [("statement", 0, 2)],
            4: [("statement", 4, 6)],
            6: [("statement", 4, 6)],
        },
    ),
    "class whose last statement has several lines": (
        """\
        class A:
            x = 1
            y = {
                2: 3,

                # four
            }

        z = 5
        """,
        {
            0: [("block", 1, 6)],
            2: [("statement", 2, 6)],
            6: [("statement", 2, 6)],
        },
    ),
    "class whose last statement is a string with lines that are not indented": (
        '''\
        class A:
            """Doc.
        no indent
        """
        x = 1
        ''',
        {
            0: [("block", 1, 3)],
            1: [("statement", 1, 3), ("string", 1, 3)],
            3: [("statement", 1, 3), ("string", 1, 3)],
        },
    ),
    "tabs and form feeds": (
        "def f():\n\tif a:\n\t\tb\n\f\n\tc\n\fd = 1\n",
        {0: [("block", 1, 4)], 1: [("block", 2, 2)]},
    ),
    "lambda and annotation have no block": (
        """\
        f = lambda a: a
        x: int = {1: 2}[1:]
        """,
        {},
    ),
}

# From Python 3.12 on, an expression inside an f-string may hold line ends and the same quotes.
PROGRAMS_312: dict[str, tuple[str, dict[int, list[Taken]]]] = {
    "f-string with a string of several lines inside": (
        '''\
        x = f"{
            f"""a
        {b}"""
        }"
        ''',
        {
            0: [("statement", 0, 3), ("string", 0, 3)],
            3: [("statement", 0, 3), ("string", 0, 3)],
        },
    ),
    "type statement and type parameters": (
        """\
        type A[
            T,
        ] = list[T]
        def f[T](a: T):
            return a
        """,
        {
            0: [("statement", 0, 2)],
            2: [("statement", 0, 2)],
            3: [("block", 4, 4)],
        },
    ),
}
if sys.version_info >= (3, 12):
    PROGRAMS |= PROGRAMS_312


@pytest.mark.parametrize(("source", "expected"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_line_takes_these_lines(source: str, expected: dict[int, list[Taken]]) -> None:
    assert dependents(source) == expected


def test_the_tables_show_every_relation_but_the_upstream_one() -> None:
    shown = {
        relation
        for _, expected in PROGRAMS.values()
        for taken in expected.values()
        for relation, _, _ in taken
    }
    assert shown == set(RELATIONS) - {"indent"}


def test_logical_lines_have_their_first_token_and_depth() -> None:
    program = Program.from_text(
        "# c\nclass A:\n    x = [\n        1]; y = 2\n\n    \\\n    @p\n    def f(self): pass\n"
    )
    assert program.structure.logical_lines == (
        LogicalLine(first=1, last=1, keyword="class", depth=0),
        LogicalLine(first=2, last=3, keyword="x", depth=1),
        LogicalLine(first=5, last=6, keyword="@", depth=1),
        LogicalLine(first=7, last=7, keyword="def", depth=1),
    )
    assert program.structure == read_structure(program.lines)


# line: (is code, indent)
LINES = {
    "x": (True, 0),
    "    x": (True, 4),
    "\tx": (True, 1),
    " \t x": (True, 3),
    "\f x": (True, 2),
    "": (False, 0),
    "# x": (False, 0),
    "    # x": (False, 4),
    "x # y": (True, 0),
    "'# x'": (True, 0),
    ")": (True, 0),
    "\\": (True, 0),
}


@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=map(repr, LINES))
def test_code_and_indent_are_judged_by_the_text_of_a_line(
    line: str, expected: tuple[bool, int]
) -> None:
    assert (is_code(line), indent_width(line)) == expected


@pytest.mark.parametrize("blank", ["", " ", "\t", "\f", " \t \f"], ids=repr)
def test_a_blank_line_is_no_code(blank: str) -> None:
    assert not is_code(blank)


# ---- the same from ast, on real modules


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
            if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                first, last = node.lineno - 1, (node.end_lineno or 0) - 1
                if last > first and not _text_before(node, program.lines).strip():
                    seen["statement"] += 1
                    # A statement behind a ";" may stretch it; the standard library has none.
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


def test_structure_does_not_depend_on_what_tokenize_makes_of_f_strings() -> None:
    """3.11 gives an f-string as one token, 3.12 in pieces: the tables above hold on both."""
    source = 'x = f"""a {b}\nc"""\n'
    kinds = {
        tokenize.tok_name[token.type]
        for token in tokenize.generate_tokens(iter(source.splitlines(keepends=True)).__next__)
    }
    assert ("FSTRING_START" in kinds) == (sys.version_info >= (3, 12))
    assert dependents(source)[0] == [("statement", 0, 1), ("string", 0, 1)]
