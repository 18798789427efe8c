"""What a program is built of is what its tree says, and each edit has what it brings."""

from __future__ import annotations

import pytest

from lintseq_core.results.samples.features import (
    BITS,
    FEATURES,
    MAX_CHARACTERS,
    ParseState,
    names_of,
    read_structure,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for x in y: pass", {"loop"}),
        ("while x: break", {"loop", "break"}),
        ("'''\nfor x in y:\n'''", set()),
        ("x = [\n  a\n  for a in b]", {"assignment", "comprehension"}),
        ("for a in b:\n  for c in d: pass", {"loop", "nested loop"}),
        ("for a in b:\n  def f():\n    for c in d: pass", {"loop", "function"}),
        ("def f(n):\n  return f(n - 1)", {"function", "return", "recursion"}),
        ("def f(n): return g(n)", {"function", "return"}),
        ("@d\nclass C: pass", {"class"}),
        ("@d\ndef f(): yield 1", {"function", "yield", "decorator"}),
        ("import os\nfrom os import sep", {"import"}),
        ("x = 1 if y else 2", {"assignment", "conditional"}),
        ("try:\n  raise E\nexcept E: assert 0", {"try", "raise", "assert"}),
        ("with a: f'{b}'", {"with", "f-string"}),
        ("f = lambda: (y := 1)", {"lambda", "assignment"}),
        ("match x:\n  case 1: pass", {"conditional"}),
    ],
)
def test_the_features_of_a_program(text: str, expected: set[str]) -> None:
    assert set(names_of(read_structure(text, None).features)) == expected


def test_an_edit_has_what_starts_on_its_lines() -> None:
    text = "import os\ndef f(x):\n    for y in x:\n        print(y)\n    return os\n"
    found = read_structure(text, [3, 0, 1, 1, 2])
    assert [names_of(bits) for bits in found.of_edits] == [
        ["function"],
        ["loop"],
        ["return"],
        ["import"],
    ]


@pytest.mark.parametrize(
    ("text", "prompt", "state", "names"),
    [
        ("x = 1", None, ParseState.PARSES, ["assignment"]),
        ("    for x in y:\n        pass\n", None, ParseState.BODY, ["loop"]),
        ("    return 1\n", "class C:\n  def f(self):\n", ParseState.BODY, ["return"]),
        ("    return 1\n", "Write a function.", ParseState.BODY, ["return"]),
        ("x = (", None, ParseState.BROKEN, []),
        ("x = \0", None, ParseState.BROKEN, []),
        ("(" * 5_000, None, ParseState.BROKEN, []),
        ("x = 1\n" * MAX_CHARACTERS, None, ParseState.TOO_LONG, []),
    ],
)
def test_how_far_a_program_can_be_read(
    text: str, prompt: str | None, state: ParseState, names: list[str]
) -> None:
    found = read_structure(text, None, prompt)
    assert (found.state, names_of(found.features)) == (state, names)


def test_features_are_bits_with_names_of_their_own() -> None:
    assert len(set(BITS.values())) == len(FEATURES) == len(BITS) < 32
