"""`lintseq lesson` and `lintseq export --predict`, as a teacher meets them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lintseq_core import Program, sample_path, sample_randseq
from lintseq_core.seeds import path_rng

GOOD = "title: Mine\nsummary: S\nminutes: 4\nnote: Quiet\nsteps:\n  - {title: One, text: Look.}\n"


def lintseq(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lintseq_core", *words]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)


def payloads(file: Path) -> object:
    """The data in an exported page."""
    found = re.search(r'id="payloads">(.*?)</script>', file.read_text("utf-8"), re.S)
    assert found is not None
    return json.loads(found[1])


def test_a_lesson_is_checked_and_written(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD)
    told = lintseq(tmp_path, "lesson", "mine.yaml")
    assert (told.returncode, told.stdout) == (0, "mine: 1 step, 0 questions, 4 minutes\n")
    told = lintseq(tmp_path, "lesson", "mine.yaml", "-o", "a.html")
    assert told.returncode == 0 and told.stderr.startswith("lintseq: note: a.html: 1 step, ")
    data = payloads(tmp_path / "a.html")
    assert isinstance(data, dict) and data["explorer"] is None
    assert data["lesson"]["note"] == [["p", [["text", "Quiet"]]]]
    lintseq(tmp_path, "lesson", "mine.yaml", "-o", "b.html", "--no-notes")
    data = payloads(tmp_path / "b.html")
    assert isinstance(data, dict) and data["lesson"]["note"] is None


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["bad.yaml"], 3, "bad.yaml, step 1 (One), text: is missing: write a text"),
        (["nowhere.yaml"], 3, "nowhere.yaml: No such file or directory; check the path"),
        (["the_end"], 3, "the_end: neither a file nor a lesson that ships; those are linter_or_"),
        (
            ["mine.yaml", "--explorer", "localhost"],
            3,
            "--explorer localhost: an address begins with http:// or https://",
        ),
    ],
    ids=["broken", "missing", "unknown", "address"],
)
def test_what_cannot_be_written_is_one_line(
    tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(GOOD.replace(", text: Look.", ""))
    told = lintseq(tmp_path, "lesson", *words, "-o", "out.html")
    assert told.returncode == code
    assert told.stderr.startswith(f"lintseq: error: {message}") and told.stderr.count("\n") == 1
    assert not (tmp_path / "out.html").exists()


def test_sequences_become_exercises(tmp_path: Path) -> None:
    program = Program.from_text("a = 1\nb = a\nprint(b)\n")
    sequences = [sample_path(program, seed=seed) for seed in range(2)]
    (tmp_path / "rows.jsonl").write_text("".join(f"{each.to_json()}\n" for each in sequences))
    told = lintseq(tmp_path, "export", "rows.jsonl", "-o", "out.html", "--predict")
    assert told.returncode == 0
    data = payloads(tmp_path / "out.html")
    assert isinstance(data, list)
    assert [one["format"] for one in data] == ["lintseq-predict"] * 2
    assert [one["title"] for one in data] == ["1. rows", "2. rows"]

    chance = sample_randseq(program, rng=path_rng(0, program.id, 0))
    (tmp_path / "rows.jsonl").write_text(f"{chance.to_json()}\n")
    told = lintseq(tmp_path, "export", "rows.jsonl", "-o", "out.html", "--predict")
    assert told.returncode == 3
    assert "a RandSeq sequence may go on with any lines" in told.stderr
