"""Which line a syntax error is put down to, on the running Python."""

from __future__ import annotations

import pytest

from lintseq_core.linting.syntax_linter import syntax_finding

# source, 1-based line to blame, and a part of the message
BLAMES = [
    ("if x:\n", 1, "indented block after 'if'"),
    ("if x:\ny\n", 1, "indented block after 'if'"),
    ("for i in x:\n\n# comment\n", 1, "indented block after 'for'"),
    ("class A:\n  def f(self):\n  x = 1\n", 2, "indented block after function"),
    ("match x:\n  case 1:\n", 2, "indented block after 'case'"),
    ("try:\n  x\nexcept:\n", 3, "indented block after 'except'"),
    ("def f(\n    a,\n):\n", 1, "indented block after function"),
    # a try without handlers blames the try
    ("try:\n    x\n", 1, "expected 'except'"),
    ("try:\n    x\n\ny = 1\n", 1, "expected 'except'"),
    ("try:\n    x\n\n# comment\n", 1, "expected 'except'"),
    ("try: x\n", 1, "expected 'except'"),
    ("a\ntry: x\ntry: y\n", 2, "expected 'except'"),
    # ... which can stand deeper than the line where the parser noticed
    ("def f():\n    try:\n        a\nz\n", 2, "expected 'except'"),
    # ... and before a try that has its handlers
    ("try:\n    try:\n        a\n    except E:\n        b\nz\n", 1, "expected 'except'"),
    (
        "try:\n    def g():\n        try:\n            a\n    z\nexcept E: pass\n",
        3,
        "expected 'except'",
    ),
    ("try:\n    try: x\n", 2, "expected 'except'"),
    ("try:\n    a\nexcept E:\n    b\ntry:\n    tryst = 1\n", 5, "expected 'except'"),
    ("x = 1\n'''try:\n'''\ntry:\n    a\n", 4, "expected 'except'"),
    # everything else blames the line the parser reports
    ("else:\n    x\n", 1, "invalid syntax"),
    ("@decorate\nx = 1\n", 2, "invalid syntax"),
    ("x = (1,\n2\n", 1, "never closed"),
    ("x = [1,\n(2]\n", 2, "does not match"),
    ("def f():\n    nonlocal x\n", 2, "no binding for nonlocal"),
    ("x = 1\nfrom __future__ import annotations\n", 2, "must occur at the beginning"),
    ("x = 1\nreturn x\n", 2, "'return' outside function"),
]


@pytest.mark.parametrize(("source", "line_number", "message"), BLAMES)
def test_the_line_to_delete_for_a_syntax_error(source: str, line_number: int, message: str) -> None:
    finding = syntax_finding(source)
    assert finding is not None
    assert message in finding.arguments[0]
    assert finding.line_number == line_number


def test_arguments_are_equal_wherever_the_error_stands() -> None:
    above = syntax_finding("if x:\ny\n")
    below = syntax_finding("a\nb\nif x:\ny\n")
    assert above is not None
    assert below is not None
    assert (above.line_number, below.line_number) == (1, 3)
    assert above.arguments == below.arguments


def test_a_program_that_compiles_has_no_finding() -> None:
    assert syntax_finding("try:\n    x\nfinally:\n    y\n") is None
    assert syntax_finding("") is None
