"""Which lines a line takes with it by the structure of its program, whole tables at a time."""

from __future__ import annotations

import sys
import tokenize
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


def test_structure_does_not_depend_on_what_tokenize_makes_of_f_strings() -> None:
    """3.11 gives an f-string as one token, 3.12 in pieces: the tables above hold on both."""
    source = 'x = f"""a {b}\nc"""\n'
    kinds = {
        tokenize.tok_name[token.type]
        for token in tokenize.generate_tokens(iter(source.splitlines(keepends=True)).__next__)
    }
    assert ("FSTRING_START" in kinds) == (sys.version_info >= (3, 12))
    assert dependents(source)[0] == [("statement", 0, 1), ("string", 0, 1)]
