"""pyflakes as LintSeq's linter: which messages count, and what the answer does not depend on."""

from __future__ import annotations

import builtins
import inspect
import subprocess
import sys
import warnings

import pytest
from pyflakes import messages
from pyflakes.checker import Checker

from lintseq_core import Finding, LinterUnavailable, get_linter
from lintseq_core.linting.pyflakes_linter import BUILTIN_NAMES, COUNTED, NOT_COUNTED, _Checker
from lintseq_core.programs.compiling import parse_source
from tests.property.real_code import stdlib_programs

LINTER = get_linter("pyflakes")

FINDINGS = [
    ("x = 1\n", []),
    ("", []),
    ("print(y)\n", [Finding("UndefinedName", 1, 6, ("y",), "y")]),
    (
        "x = 1\ndef f():\n    print(x)\n    x = 2\n",
        [Finding("UndefinedLocal", 3, 10, ("x",), "x")],
    ),
    (
        "def f():\n    print(len)\n    len = 2\n",
        [Finding("UndefinedLocal", 2, 10, ("len",), "len")],
    ),
    ('__all__ = ["gone"]\n', [Finding("UndefinedExport", 1, 0, ("gone",), "gone")]),
    ("x: 'int[' = 1\n", [Finding("ForwardAnnotationSyntaxError", 1, 3, ("int[",))]),
    ("'{} {}'.format(1)\n", [Finding("StringDotFormatMissingArgument", 1, 0, ("1",))]),
    ("'%s %s' % (1,)\n", [Finding("PercentFormatPositionalCountMismatch", 1, 0, ("2", "1"))]),
    ("'%(a)s' % {'b': 1}\n", [Finding("PercentFormatMissingArgument", 1, 0, ("a",))]),
    ("'%y' % 1\n", [Finding("PercentFormatUnsupportedFormatCharacter", 1, 0, ("y",))]),
    # a syntax error is the only finding of its state
    ("print(y)\nif x:\n", [Finding("SyntaxError", 2, 5, ("expected an indented block after 'if' statement on line",))]),
    # style, unused and redefined names do not count
    ("import os\n", []),
    ("def f():\n    x = 1\n", []),
    ("import os\nimport os\nos\n", []),
    ("from os import *\npath\n", []),
    ("if (1, 2): pass\n", []),
    ("'{}'.format(1, 2)\n", []),
    ("f'x'\n", []),
    ("raise NotImplemented\n", []),
    ("def f():\n    '''\n    >>> undefined\n    '''\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), FINDINGS)
def test_findings(source: str, expected: list[Finding]) -> None:
    found = LINTER.lint(source)
    assert [(f.code, f.line_number, f.arguments, f.name) for f in found] == [
        (f.code, f.line_number, f.arguments, f.name) for f in expected
    ]


def test_every_message_of_pyflakes_is_counted_or_not_for_a_reason() -> None:
    classes = {
        name
        for name, value in vars(messages).items()
        if inspect.isclass(value) and value is not messages.Message
    }
    assert classes == COUNTED.keys() | NOT_COUNTED.keys()
    assert not COUNTED.keys() & NOT_COUNTED.keys()
    assert all((COUNTED | NOT_COUNTED).values())


def test_the_fixed_builtins_are_those_of_a_bare_python() -> None:
    script = "import builtins; print(*dir(builtins))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )
    bare = {name for name in done.stdout.split() if not name.startswith("_Inc")}
    magic = {"__file__", "__builtins__", "__annotations__", "WindowsError"}
    assert set(BUILTIN_NAMES) == bare | magic


def test_names_put_into_builtins_at_run_time_stay_undefined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(builtins, "display", print, raising=False)
    monkeypatch.setenv("PYFLAKES_BUILTINS", "display,shout")
    monkeypatch.setenv("PYFLAKES_DOCTEST", "1")
    found = LINTER.lint("display(1)\nshout(2)\ndef f():\n    '''\n    >>> gone\n    '''\n")
    assert [finding.name for finding in found] == ["display", "shout"]


def test_warning_filters_change_nothing_and_are_left_alone() -> None:
    source = "x = '\\d'\nif x is 1: y\n"
    expected = LINTER.lint(source)
    assert [finding.name for finding in expected] == ["y"]
    with warnings.catch_warnings(record=True) as caught:
        for action in ("error", "always", "ignore"):
            warnings.simplefilter(action)  # type: ignore[arg-type]
            assert LINTER.lint(source) == expected
        warnings.simplefilter("error")
        assert LINTER.lint(source) == expected
        with pytest.raises(SyntaxError, match="is"):  # the user's own code still gets its warning
            compile("x is 1", "user.py", "exec")
    assert caught == []


def test_filled_builtins_give_what_stock_pyflakes_gives() -> None:
    def answers(checker: type[Checker], source: str) -> list[str]:
        made = checker(parse_source(source), filename="x.py", withDoctest=False)
        return sorted(str(message) for message in made.messages)

    programs = [program for _, program in stdlib_programs() if len(program.lines) < 400][:80]
    assert len(programs) == 80
    found = 0
    for program in programs:
        expected = answers(Checker, program.text)
        assert answers(_Checker, program.text) == expected
        found += len(expected)
    assert found > 100


def test_an_unknown_linter_names_the_choices() -> None:
    with pytest.raises(LinterUnavailable) as caught:
        get_linter("flake9")
    assert str(caught.value) == (
        "unknown linter 'flake9': choose one of pyflakes, pylint, ruff, syntax, none"
    )
