"""What the terminal and exported pages say is counted from 1; files and options keep their counting."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lintseq_core import Program, sample_path
from tests.integration.test_command_line import ROOT, lintseq

PROGRAM = ROOT / "assets" / "programs" / "matrix_sum.py"
TRACE = ROOT / "tests" / "data" / "traces" / "count_vowels.tiny-long.jsonl"
ZEROTH = re.compile(r"\b(edit|sample|sequence|path|row)s? 0\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sequences of one program, as rows and as a data set with two others beside it."""
    folder = tmp_path_factory.mktemp("counted")
    code, rows, _ = lintseq("sample", str(PROGRAM), "-s", "3", "--format", "json")
    assert code == 0
    (folder / "rows.jsonl").write_text(rows, encoding="utf-8")
    source = json.dumps({"instruction": "Write it.", "response": PROGRAM.read_text()})
    (folder / "source.jsonl").write_text(f"{source}\n", encoding="utf-8")
    for name, seed in (("a.jsonl", "0"), ("b.jsonl", "1")):
        options = ("-o", str(folder / name), "-s", "2", "--seed", seed)
        assert lintseq("dataset", "build", str(folder / "source.jsonl"), *options)[0] == 0
    return folder


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sample", str(PROGRAM), "-s", "2"), "seed 0, sequence 2)"),
        (("sample", str(PROGRAM), "--path", "2"), "seed 0, sequence 3)"),
        (("view", str(PROGRAM), "--step", "1"), "sequence 1 of 20"),
        (("view", "{}/rows.jsonl", "--step", "1"), "sequence 1 of 3"),
        (("view", str(TRACE), "--step", "1"), "sample 1 of 10"),
        (("dataset", "sample", "{}/a.jsonl", "-n", "2"), "a.jsonl, row 1: 11 lines in"),
        (("dataset", "sample", "{}/a.jsonl", "-n", "2"), "(seed 0, sequence 2)"),
        (("dataset", "diff", "{}/a.jsonl", "{}/b.jsonl"), "source row 1, sequence 1"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, tuple) else None,
)
def test_the_terminal_counts_from_1(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    _, told, notes = lintseq(*(each.format(folder) for each in arguments))

    assert said in told
    assert ZEROTH.search(told + notes) is None


def test_files_keep_counting_from_0(folder: Path) -> None:
    rows = [json.loads(row) for row in (folder / "rows.jsonl").read_text().splitlines()]

    assert [row["path_index"] for row in rows] == [0, 1, 2]
    _, third, _ = lintseq("sample", str(PROGRAM), "--path", "2", "--format", "json")
    assert json.loads(third)["path_index"] == 2
    program = Program.from_file(PROGRAM)
    assert json.loads(third)["birth_steps"] == list(
        sample_path(program, seed=0, path_index=2).birth_steps
    )


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("{}/rows.jsonl", ["Previous sequence", "Next sequence", ", seed 0, sequence 1</option>"]),
        (str(TRACE), ["Previous sample", "Next sample", "tiny-long, sample 1: "]),
    ],
    ids=["sequences", "samples"],
)
def test_an_exported_page_calls_things_by_their_names_and_counts_from_1(
    folder: Path, tmp_path: Path, file: str, names: list[str]
) -> None:
    page = tmp_path / "page.html"
    assert lintseq("export", file.format(folder), "-o", str(page))[0] == 0

    text = page.read_text(encoding="utf-8").partition('<script type="application/json"')[0]
    assert [name for name in names if name not in text] == []
    assert ZEROTH.search(text) is None
