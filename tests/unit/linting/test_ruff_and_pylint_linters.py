"""The two linters that are extras: what they find, whom they blame, what they do not depend on."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lintseq_core import LinterFailure, get_linter

pytest.importorskip("pylint", reason="needs the extra pylint")
pytest.importorskip("ruff", reason="needs the extra ruff")

RUFF, PYLINT = get_linter("ruff"), get_linter("pylint")

# source, then (code, line number, name) of ruff's and of pylint's findings
TABLE = [
    ("x = 1\nprint(x)\n", [], []),
    ("print(y)\n", [("F821", 1, "y")], [("E0602", 1, "y")]),
    ("__all__ = ['q']\n", [("F822", 1, "q")], [("E0603", 1, "q")]),
    ("if x:\ny\n", [("SyntaxError", 1, None)], [("E0001", 1, None)]),
    ("if x:\n", [("SyntaxError", 1, None)], [("E0001", 1, None)]),
    ("class A:\n    def f(self):\n    # c\nx = 1\n", [("SyntaxError", 2, None)], [("E0001", 2, None)]),
    ("try:\n    x\ny = 1\n", [("SyntaxError", 1, None)], [("E0001", 1, None)]),
    ("def f():\n    try:\n        a = 1\nz = 1\n", [("SyntaxError", 2, None)], [("E0001", 2, None)]),
    (
        "def f(\n    a,\n):\nz = 1\n",
        [("SyntaxError", 1, None)],
        [("E0001", 1, None)],
    ),
    ("return 1\n", [("F706", 1, None)], [("E0104", 1, None)]),
    # comments that silence: ruff's do not count, pylint's do, as they did for the authors
    ("# ruff: noqa\nprint(y)  # noqa\n", [("F821", 2, "y")], [("E0602", 2, "y")]),
    ("# pylint: disable=all\nprint(y)\n", [("F821", 2, "y")], []),
    # lines end at "\n" only
    ("x = 'a\u2028b\x0c'\nprint(y)\n", [("F821", 2, "y")], [("E0602", 2, "y")]),
    # a cookie in a text changes nothing
    ("# -*- coding: latin-1 -*-\nx = 'é'\nprint(y)\n", [("F821", 3, "y")], [("E0602", 3, "y")]),
    # warnings that count, in pylint only
    ("if True:\n   x = 1\n   print(x)\n", [], [("W0311", 2, None), ("W0311", 3, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "of_ruff", "of_pylint"), TABLE)
def test_findings(source: str, of_ruff: list[object], of_pylint: list[object]) -> None:
    assert [(f.code, f.line_number, f.name) for f in RUFF.lint(source)] == of_ruff
    assert [(f.code, f.line_number, f.name) for f in PYLINT.lint(source)] == of_pylint


def test_the_authors_blame_the_reported_line_for_a_try_without_handlers() -> None:
    theirs = get_linter("pylint", compat="upstream").lint("try:\n    x\ny = 1\n")
    assert [finding.line_number for finding in theirs] == [3]


def test_arguments_hold_no_line_numbers() -> None:
    sources = (
        "def f():\n    pass\ndef f():\n    pass\n",
        "\n\ndef f():\n    pass\ndef f():\n    pass\n",
    )
    near, far = (PYLINT.lint(source)[0] for source in sources)
    assert near.code == far.code == "E0102"
    assert near.arguments == far.arguments


def test_configuration_files_and_the_environment_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pylint]\ndisable = ['all']\n[tool.ruff.lint]\nignore = ['ALL']\n"
    )
    (tmp_path / "pylintrc").write_text("[MAIN]\ndisable=all\n")
    (tmp_path / "neighbour.py").write_text("value = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYLINTRC", str(tmp_path / "pylintrc"))
    monkeypatch.setenv("RUFF_IGNORE", "F821")
    monkeypatch.setenv("RUFF_OUTPUT_FORMAT", "full")
    path, files = sys.path[:], sorted(tmp_path.iterdir())
    source = "import neighbour\nprint(neighbour.value, y)\n"
    assert [f.code for f in get_linter("pylint").lint(source)] == ["E0401", "E0602"]
    assert [f.code for f in get_linter("ruff").lint(source)] == ["F821"]
    assert sys.path == path
    assert sorted(tmp_path.iterdir()) == files
    assert capfd.readouterr() == ("", "")


def test_one_source_leaves_nothing_behind_for_the_next() -> None:
    broken = "import os\nprint(os.not_there)\n"
    expected = PYLINT.lint(broken)
    assert [finding.code for finding in expected] == ["E1101"]
    for before in ("import os\nos.not_there = 1\n", "# pylint: disable=no-member\n\n", "if x:\n"):
        PYLINT.lint(before)
        assert PYLINT.lint(broken) == expected


@pytest.mark.parametrize("name", ["pyflakes", "syntax", "ruff", "pylint"])
def test_eight_threads_get_the_answers_of_one(name: str) -> None:
    linter = get_linter(name)
    sources = [source for source, _, _ in TABLE] * 3
    expected = [linter.lint(source) for source in sources]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(linter.lint, sources)) == expected


def test_a_ruff_that_fails_is_no_clean_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **kwargs: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], 2, b"", b"error: broken\nmore\n")

    monkeypatch.setattr(subprocess, "run", fails)
    with pytest.raises(LinterFailure, match="exit code 2: error: broken"):
        RUFF.lint("x = 1\n")


def test_a_pylint_that_crashes_is_no_clean_program(monkeypatch: pytest.MonkeyPatch) -> None:
    from pylint.lint import PyLinter

    def crash(*args: object, **kwargs: object) -> None:
        raise RecursionError("too deep")

    linter = get_linter("pylint")
    with monkeypatch.context() as patch:
        patch.setattr(PyLinter, "check_single_file_item", crash)
        with pytest.raises(LinterFailure, match="RecursionError: too deep"):
            linter.lint("print(y)\n")
    assert [finding.code for finding in linter.lint("print(y)\n")] == ["E0602"]
