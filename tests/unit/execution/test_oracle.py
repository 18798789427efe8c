"""What is counted from tests outside the box, and what reports are worth."""

from __future__ import annotations

from typing import Any, cast

import pytest

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.oracle import check_packages, decide
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


class _WithoutPackages:
    name = "wasm"
    has_packages = False


def test_tests_that_need_packages_are_refused_where_there_are_none() -> None:
    backend: Any = _WithoutPackages()
    tests = Tests("in_process", "import pandas", packages=("pandas", "numpy"))
    with pytest.raises(
        IsolationError,
        match=r"need pandas, numpy; programs in wasm have only .*: choose another --backend",
    ):
        decide("x = 1", tests, Limits(), backend, cast("Any", None))
    with pytest.raises(IsolationError, match=r"^BigCodeBench/0: its tests run beside"):
        check_packages(tests, backend, "BigCodeBench/0")
    check_packages(Tests("in_process", "import math"), backend)
    check_packages(Tests("split", "import numpy", packages=("numpy",)), backend)  # in the judge
