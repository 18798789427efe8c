"""The samples of one problem are those that reading the whole file gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.sample import Sample
from lintseq_core.results.samples.importing import import_file
from lintseq_core.results.samples.store import Store

pytest.importorskip("duckdb", reason="stores need duckdb, which comes with the extra dashboard")

NAMES = ("HumanEval/1", "HumanEval/10", "11", "1", "naïve/2", 'a"b', "x y.z-3", "T/1\n")


def write(path: Path, rows: list[dict[str, Any]], **how: Any) -> str:
    path.write_text("".join(json.dumps(row, **how) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def samples_of_problem(path: str, task_id: str) -> list[Sample]:
    """Those that the store of a file gives."""
    folder = Path(path).with_suffix(".store")
    import_file(Path(path), folder)
    return list(Store(folder).samples(task_id))


@pytest.mark.parametrize("name", NAMES, ids=map(str, range(len(NAMES))))
@pytest.mark.parametrize("numbered", [True, False], ids=["with sample_id", "in order"])
def test_they_are_those_of_the_whole_file(tmp_path: Path, name: str, numbered: bool) -> None:
    rows = [
        {"task_id": task, "completion": f"# {other} {n}\n", "verdict": "passed"}
        | ({"sample_id": 7 - n} if numbered else {})
        for n in range(3)
        for task, other in zip(NAMES, reversed(NAMES), strict=True)
    ]
    path = write(tmp_path / "s.jsonl", rows)
    with open_input(path) as opened:
        whole = [s for s in recognise(opened).samples() if s.task_id == name]
    found = samples_of_problem(path, name)
    assert [(s.sample_id, s.completion, s.passed) for s in found] == [
        (s.sample_id, s.completion, s.passed) for s in whole
    ]
    assert len(found) == 3


def test_names_that_are_numbers_are_found(tmp_path: Path) -> None:
    rows = [{"task_id": task, "completion": f"x = {task}"} for task in (11, 2, 11)]
    path = write(tmp_path / "mbpp.jsonl", rows)
    assert [s.completion for s in samples_of_problem(path, "11")] == ["x = 11", "x = 11"]
    path = write(tmp_path / "tight.jsonl", rows, separators=(",", ":"))
    assert len(samples_of_problem(path, "11")) == 2


def test_a_slash_that_is_escaped_is_a_slash(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(
        '{"task_id": "T\\/1", "completion": "x"}\n{"task_id": "T/2", "completion": ""}\n'
    )
    assert [s.completion for s in samples_of_problem(str(path), "T/1")] == ["x"]


def test_a_problem_that_is_not_there_has_no_samples(tmp_path: Path) -> None:
    path = write(tmp_path / "s.jsonl", [{"task_id": "T/1", "completion": "# T/2"}])
    assert samples_of_problem(path, "T/2") == []
