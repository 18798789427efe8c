"""Which lines bind a name: what a reason can point at when the name is missing."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from lintseq_core import Program

# name: (source, {name: 0-based lines})
PROGRAMS: dict[str, tuple[str, dict[str, set[int]]]] = {
    "assignments": (
        """\
        a = 1
        b = c = a
        (d, [e, *f]) = a
        g: int = 1
        h: int
        a += 1
        """,
        {
            "a": {0, 5},
            "b": {1},
            "c": {1},
            "d": {2},
            "e": {2},
            "f": {2},
            "g": {3},
            "h": {4},
        },
    ),
    "what is used, deleted or declared is not bound": (
        """\
        print(a)
        def f():
            global b
            del c
            d.e = 1
            d[0] = 2
            return b
        """,
        {"f": {1}},
    ),
    "functions and their parameters": (
        """\
        @decorated
        def f(
            a, /, b=1, *c,
            d: int = 2,
            **e,
        ):
            return lambda g, *h: g
        async def i(): pass
        class J: pass
        """,
        {
            "f": {1},
            "a": {2},
            "b": {2},
            "c": {2},
            "d": {3},
            "e": {4},
            "g": {6},
            "h": {6},
            "i": {7},
            "J": {8},
        },
    ),
    "imports bind the first part of a path, or the name after as": (
        """\
        import a
        import b.c.d, e
        import f.g as h
        from i import j
        from .k import (
            l,
            m as n,
        )
        """,
        {"a": {0}, "b": {1}, "e": {1}, "h": {2}, "j": {3}, "l": {5}, "n": {6}},
    ),
    "loops, with, except, walrus, comprehensions": (
        """\
        for a, b in x:
            pass
        with x as c, x as (d,
                           e):
            pass
        try:
            pass
        except X as f:
            pass
        if (g := 1):
            [h for h in x if (i := h)]
        """,
        {
            "a": {0},
            "b": {0},
            "c": {2},
            "d": {2},
            "e": {3},
            "f": {7},
            "g": {9},
            "h": {10},
            "i": {10},
        },
    ),
    "patterns": (
        """\
        match x:
            case [a, *b]:
                pass
            case {"k": c, **d}:
                pass
            case A(e) | B(f=e):
                pass
            case 1 as g:
                pass
            case _:
                pass
        """,
        {"a": {1}, "b": {1}, "c": {3}, "d": {3}, "e": {5}, "g": {7}},
    ),
    "one name in several scopes": (
        """\
        a = 1
        def f(a):
            a = 2
            class a: pass
        """,
        {"a": {0, 1, 2, 3}, "f": {1}},
    ),
    "nothing": ("print(1)\n", {}),
}
if sys.version_info >= (3, 12):
    PROGRAMS["type parameters and aliases"] = (
        "type A = int\ndef f[T, *U, **V](): pass\nclass C[W]: pass\n",
        {"A": {0}, "f": {1}, "T": {1}, "U": {1}, "V": {1}, "C": {2}, "W": {2}},
    )


@pytest.mark.parametrize(("source", "expected"), PROGRAMS.values(), ids=PROGRAMS)
def test_names_are_bound_on_these_lines(source: str, expected: dict[str, set[int]]) -> None:
    assert Program.from_text(dedent(source)).binding_lines == expected


def test_an_empty_match_wildcard_and_a_bare_except_bind_nothing() -> None:
    program = Program.from_text(
        "try:\n    pass\nexcept:\n    pass\nmatch 1:\n    case [_, *_]: pass\n    case {**r}: pass\n"
    )
    assert program.binding_lines == {"r": {6}}
