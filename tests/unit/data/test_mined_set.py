"""The data set that mining writes, and its report."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.data.building.report import report_path
from lintseq_core.data.mining.mine import DEFINITION_DROPS, FILE_DROPS
from lintseq_core.data.mining.mined_set import (
    LICENCE_DROPS,
    REASONS,
    LicencePolicy,
    mine_dataset,
)
from lintseq_core.data.mining.self_contained import MiningConfig
from lintseq_core.errors import LintSeqError

WORDS = '''\
"""A module."""

import re


def split_words(text):
    """Return the words of a text in lower case, without marks."""
    found = re.findall(r"[a-z]+", text.lower())
    return found


def foreign(text):
    """Return the words of a text as other code wants them."""
    from elsewhere import want
    return want(text)
'''
PROBLEM = '''\
def shared(first, second):
    """Find the shared elements from the given two lists."""
    result = tuple(set(first) & set(second))
    return result
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "pond"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "pond"\nversion = "1"\nlicense = "MIT"\n'
    )
    (folder / "words.py").write_text(WORDS)
    (folder / "again.py").write_text(WORDS)
    (folder / "problem.py").write_text(PROBLEM)
    (folder / "old.py").write_bytes(b"print 'two'\n")
    (folder / "big.py").write_text("x = 1\n" * 200_000)
    return folder


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_row_is_an_instruction_a_program_and_where_it_comes_from(
    tree: Path, tmp_path: Path
) -> None:
    output = tmp_path / "mined.jsonl"
    mine_dataset([str(tree)], output)
    program = (
        "import re\n\n\ndef split_words(text):\n"
        '    found = re.findall(r"[a-z]+", text.lower())\n    return found\n'
    )
    assert read(output) == [
        {
            "instruction": "Write a Python function `split_words(text)` to return the words of a "
            "text in lower case, without marks.\n\nImports to use:\nimport re",
            "response": program,
            "id": hashlib.sha256(program.encode()).hexdigest(),
            "name": "split_words",
            "helpers": [],
            "package": "pond",
            "version": "1",
            "licence": "MIT",
            "file": "again.py",
            "line_number": 6,
        }
    ]


def test_the_report_counts_everything_that_was_left_out(tree: Path, tmp_path: Path) -> None:
    output = tmp_path / "mined.jsonl"
    mine_dataset([str(tree)], output, command="lintseq dataset mine pond -o mined.jsonl")
    report = json.loads(report_path(output).read_text())
    assert report["command"] == "lintseq dataset mine pond -o mined.jsonl"
    assert report["output"] == {
        "file": "mined.jsonl",
        "rows": 1,
        "bytes": output.stat().st_size,
        "sha256": hashlib.sha256(output.read_bytes()).hexdigest(),
    }
    assert report["packages"] == [
        {
            "package": "pond", "version": "1", "licence": "MIT", "files": 5, "definitions": 5,
            "rows": 1,
        }
    ]  # fmt: skip
    assert {reason: one["count"] for reason, one in report["left_out"].items()} == {
        "foreign_import": 2,
        "duplicate": 1,
        "evaluation_problem": 1,
        "file_syntax": 1,
        "file_too_large": 1,
    }
    assert report["left_out"]["evaluation_problem"]["examples"] == [
        "pond: problem.py:1 · shared · solution of Mbpp/2"
    ]
    assert report["left_out"]["file_too_large"]["examples"] == ["pond: big.py:1 · 1,200,000 bytes"]
    assert {"lintseq", "python", "pyflakes"} == report["versions"].keys()
    assert report["settings"]["modules"] == ["the standard library"]


def test_two_runs_write_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    mine_dataset([str(tree)], first)
    mine_dataset([str(tree)], second)
    assert first.read_bytes() == second.read_bytes()


def test_no_reason_stands_in_two_tables() -> None:
    assert len(REASONS) == len(LICENCE_DROPS) + len(FILE_DROPS) + len(DEFINITION_DROPS)


POLICIES = [
    ("MIT", LicencePolicy(), {}),
    ("GPL-3.0-only", LicencePolicy(), {"licence_not_allowed": 5}),
    (None, LicencePolicy(), {"licence_unknown": 5}),
    ("GPL-3.0-only", LicencePolicy(frozenset({"GPL-3.0-only"})), {}),
    ("MIT", LicencePolicy(frozenset({"GPL-3.0-only"})), {"licence_not_allowed": 5}),
    (None, LicencePolicy(takes_any=True), {}),
]


@pytest.mark.parametrize(("licence", "policy", "expected"), POLICIES)
def test_the_licence_decides(
    tree: Path, tmp_path: Path, licence: str | None, policy: LicencePolicy, expected: dict[str, int]
) -> None:
    stated = "" if licence is None else f'license = "{licence}"\n'
    (tree / "pyproject.toml").write_text(f'[project]\nname = "pond"\n{stated}')
    counts = mine_dataset([str(tree)], tmp_path / "m.jsonl", licences=policy)
    assert {k: n for k, n in counts.left_out.items() if k in LICENCE_DROPS} == expected
    assert counts.rows == (0 if expected else 1)


def test_a_docstring_that_spells_a_lone_surrogate_does_not_stop_the_run(
    tree: Path, tmp_path: Path
) -> None:
    odd = WORDS.replace("without marks", r"without \ud800").replace("split", "find")
    (tree / "odd.py").write_text(odd)
    (tree / "control.py").write_text(odd.replace(r"\ud800", r"\x1b[1m").replace("find_", "get_"))
    counts = mine_dataset([str(tree)], tmp_path / "mined.jsonl")
    refused = counts.left_out["documentation_not_english"]
    refused += counts.left_out["file_syntax"] - 1  # Python 3.13 does not compile the first
    assert (counts.rows, refused) == (1, 2)


def test_a_deep_definition_and_a_file_name_that_is_no_text_do_not_stop_the_run(
    tree: Path, tmp_path: Path
) -> None:
    deep = WORDS.replace("found = re", "x = text" + " + text" * 2000 + "\n    found = re")
    (tree / "deep.py").write_text(deep)
    odd = WORDS.replace("split", "find").encode()
    try:
        Path(os.fsdecode(os.fsencode(tree) + b"/\xff.py")).write_bytes(odd)
    except OSError:
        pytest.skip("this file system holds no such name")
    counts = mine_dataset([str(tree)], tmp_path / "mined.jsonl")
    assert counts.left_out["too_deep"] + counts.left_out["file_too_deep"] == 1
    assert [row["file"] for row in read(tmp_path / "mined.jsonl")] == ["again.py", "\udcff.py"]


def test_an_output_that_exists_is_kept_unless_forced(tree: Path, tmp_path: Path) -> None:
    output = tmp_path / "mined.jsonl"
    output.write_text("precious")
    with pytest.raises(LintSeqError, match=r"mined.jsonl exists; choose .* --force"):
        mine_dataset([str(tree)], output)
    assert output.read_text() == "precious"
    mine_dataset([str(tree)], output, force=True)
    assert len(read(output)) == 1


def test_a_run_that_fails_leaves_nothing_behind(tree: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.whl"
    broken.write_bytes(b"no archive")
    with pytest.raises(LintSeqError, match="not a readable wheel"):
        mine_dataset([str(tree), str(broken)], tmp_path / "mined.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.whl", "pond"]


@pytest.mark.skipif(os.name == "nt", reason="needs the permissions of a POSIX system")
def test_a_file_that_cannot_be_read_is_a_counted_drop(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "problem.py":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    counts = mine_dataset([str(tree)], tmp_path / "mined.jsonl")
    assert counts.examples["file_unreadable"] == ["pond: problem.py:1 · Permission denied"]
    assert counts.rows == 1


def test_limits_are_those_of_the_settings(tree: Path, tmp_path: Path) -> None:
    small = MiningConfig(max_lines=5)
    assert mine_dataset([str(tree)], tmp_path / "1.jsonl", small).left_out["too_long"] == 2
    many = MiningConfig(max_file_bytes=10)
    assert mine_dataset([str(tree)], tmp_path / "2.jsonl", many).left_out["file_too_large"] == 5
