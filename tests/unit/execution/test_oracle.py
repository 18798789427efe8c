"""What is counted from tests outside the box, and what reports are worth."""

from __future__ import annotations

import pytest

from lintseq_core.execution.oracle import test_methods as methods_of
from lintseq_core.execution.verdict import Flag, Outcome, Verdict, printable


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("assert f(1) == 1\n", ((), 1)),
        ("class T:\n    def test_a(self): ...\n", ((), 1)),
        (
            "import unittest\nclass T(unittest.TestCase):\n    def setUp(self): ...\n"
            "    def test_a(self): ...\n    async def test_b(self): ...\n    x = 1\n",
            (("T",), 3),
        ),
        (
            "from unittest import TestCase\nclass A(TestCase):\n    def test_a(self): ...\n"
            "class B(A):\n    def test_a(self): ...\n    def test_b(self): ...\n",
            (("A", "B"), 5),
        ),
    ],
)
def test_tests_are_counted_from_their_text(source: str, expected: object) -> None:
    assert methods_of(source) == expected


def test_a_detail_is_one_printable_line() -> None:
    assert printable("a\x00b\n\x1b[2Jc\u2028d") == "a b [2Jc d"
    assert printable("x" * 400) == "x" * 299 + "…"


def test_a_flag_is_given_once() -> None:
    outcome = Outcome(Verdict.PASSED).flagged(Flag.FALLBACK).flagged(Flag.FALLBACK, Flag.FLAKY)
    assert outcome.flags == (Flag.FALLBACK, Flag.FLAKY)
