"""`lintseq dataset mine` as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lintseq(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call in `cwd`."""
    done = subprocess.run(
        [sys.executable, "-m", "lintseq_core", "dataset", "mine", *arguments],
        capture_output=True,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "LINTSEQ_DATA": "/nowhere"},
        timeout=200,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def pond(tmp_path: Path) -> Path:
    folder = tmp_path / "pond"
    folder.mkdir()
    (folder / "LICENSE").write_text(
        "Permission is hereby granted, free of charge, to any person obtaining a copy"
    )
    (folder / "fish.py").write_text(
        "print('imported')\n\n\n"
        "def count_fish(pond, kind=None):\n"
        '    """Count the fish of one kind, or of every kind, in a pond."""\n'
        "    chosen = [one for one in pond if kind in (None, one)]\n"
        "    return len(chosen)\n"
    )
    return folder


def test_a_folder_becomes_rows_and_a_report(pond: Path, tmp_path: Path) -> None:
    code, said, errors = lintseq("pond", "-o", "mined.jsonl", cwd=tmp_path)
    assert (code, errors) == (0, "")
    assert said == (
        "    rows  defined   files  package\n"
        "       1        1       1  pond (MIT)\n"
        "\n"
        "1 rows in mined.jsonl; the report is mined.jsonl.report.json\n"
    )
    (row,) = (json.loads(line) for line in (tmp_path / "mined.jsonl").read_text().splitlines())
    assert row["instruction"] == (
        "Write a Python function `count_fish(pond, kind=None)` to count the fish of one kind, or of "
        "every kind, in a pond."
    )
    report = json.loads((tmp_path / "mined.jsonl.report.json").read_text())
    assert report["command"] == "lintseq dataset mine pond -o mined.jsonl"


def test_what_is_left_out_is_told_with_its_meaning(pond: Path, tmp_path: Path) -> None:
    (pond / "LICENSE").unlink()
    code, said, errors = lintseq("pond", "-o", "mined.jsonl", cwd=tmp_path)
    assert code == 0
    assert (
        "left out\n       1  licence_unknown: the package states no licence that is understood "
        "(--any-licence takes it)\n"
    ) in said
    assert errors == (
        "lintseq: note: no row: the report says why each file and definition was left out\n"
    )
    code, said, _ = lintseq("pond", "-o", "any.jsonl", "--any-licence", cwd=tmp_path)
    assert "1 rows in any.jsonl" in said


ERRORS = [
    (["nothing_here", "-o", "m.jsonl"], 3, "'nothing_here' is no installed package, file or folder; "),
    (["pond", "-o", "pond/fish.py"], 3, "pond/fish.py exists; choose another name, or overwrite with --force"),
    (["pond", "-o", "no/m.jsonl"], 3, "no/m.jsonl.tmp: No such file or directory; check the path"),
    (["pond", "-o", "m.jsonl", "--any-licence", "--licence", "MIT"], 2, "--licence and --any-licence exclude"),
    (["pond", "-o", "m.jsonl", "--min-lines", "9", "--max-lines", "3"], 2, "--min-lines 9 is above --max-lines 3"),
    (["pond"], 2, "Missing option '--output'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "message"), ERRORS)
def test_an_error_is_one_line_and_nothing_is_written(
    pond: Path, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    before = sorted(path.name for path in tmp_path.rglob("*"))
    found, said, error = lintseq(*arguments, cwd=tmp_path)
    assert (found, said) == (code, "")
    assert error.startswith("lintseq: error: ")
    assert message in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_package_is_mined_without_running_any_of_it(tmp_path: Path) -> None:
    """pyflakes is installed wherever this package is."""
    code, said, _ = lintseq("pyflakes", "-o", "mined.jsonl", "--min-lines", "1", cwd=tmp_path)
    assert code == 0
    assert " pyflakes " in said
    report = json.loads((tmp_path / "mined.jsonl.report.json").read_text())
    assert report["packages"][0]["licence"] == "MIT"


def test_the_standard_library_gives_hundreds_of_rows(tmp_path: Path) -> None:
    """With everything an interpreter ships as input: broken files, Python 2, tests."""
    code, _, _ = lintseq("stdlib", "-o", "mined.jsonl", cwd=tmp_path)
    assert code == 0
    rows = [json.loads(line) for line in (tmp_path / "mined.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) > 600
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["instruction"].startswith("Write a Python ")
        assert 3 <= row["response"].count("\n") <= 150
        compile(row["response"], row["file"], "exec")
