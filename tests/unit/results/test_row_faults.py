"""A file with a bad row in every format: the row is named with its field, the others are read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from lintseq_core.results.formats.fault import Fault
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise

GOOD = {
    "human-eval": {"task_id": "T/0", "completion": "x = 1"},
    "human-eval-results": {"task_id": "T/0", "completion": "x", "passed": True, "result": "passed"},
    "lintseq-predictions": {"task_id": 7, "prompt": "p", "completion": "x = 1"},
    "evalplus": {"task_id": "HumanEval/0", "solution": "x = 1"},
    "bigcodebench": {"task_id": "BigCodeBench/0", "solution": "x = 1"},
    "lintseq": {"task_id": "T/0", "sample_id": 0, "verdict": "passed"},
    "lm-eval": {"doc": {"task_id": "T/0"}, "resps": [["x = 1"]]},
    "pylintseq": {"edit_path": ["@@ -0,0 +1 @@\n+x = 1"], "index": 0, "source_file": "f"},
}
CHANGES = [
    ("human-eval", "completion", 3, "field 'completion' is a number, expected a string"),
    ("human-eval-results", "passed", "yes", "field 'passed' is a string, expected true or false"),
    ("lintseq-predictions", "prompt", [], "field 'prompt' is a list; write one row a sample"),
    ("evalplus", "solution", None, "field 'solution' is null, expected a string"),
    ("bigcodebench", "solution", {}, "field 'solution' is an object, expected a string"),
    ("lintseq", "verdict", "solved", "verdict 'solved' is unknown; one of passed,"),
    ("lintseq", "sample_id", -1, "field 'sample_id' is -1, expected a number from 0"),
    ("lm-eval", "resps", "x", "field 'resps' is a string, expected a list"),
    ("pylintseq", "edit_path", "x", "edit_path: expected a list of strings"),
]


def read(path: Path) -> tuple[int, list[Fault]]:
    """How many samples, and what is wrong with the others."""
    found = list(recognise(Input(path, "f")).each())
    faults = [one for one in found if isinstance(one, Fault)]
    return len(found) - len(faults), faults


@pytest.mark.parametrize(("name", "field", "value", "said"), CHANGES)
def test_a_bad_row_is_named_with_its_field_and_the_others_are_read(
    tmp_path: Path, name: str, field: str, value: object, said: str
) -> None:
    good = json.dumps(GOOD[name])
    bad = json.dumps(GOOD[name] | {field: value})
    path = tmp_path / "f.jsonl"
    path.write_text("\n".join([good, bad, '{"task_id"', "[]", good]) + "\n")
    assert recognise(Input(path, "f")).format.name == name
    n_samples, faults = read(path)
    assert n_samples == 2
    assert [str(fault).split(",")[1].split(":")[0] for fault in faults] == [
        " row 2",
        " row 3",
        " row 4",
    ]
    assert said in str(faults[0])
    assert faults[0].field == field


def test_a_bad_item_of_a_document_does_not_end_it(tmp_path: Path) -> None:
    path = tmp_path / "eval_results.json"
    fine = {"solution": "x = 1", "base_status": "pass", "plus_status": "fail"}
    tasks = {"HumanEval/0": [fine, {"solution": 1, "base_status": "pass"}, 5], "HumanEval/1": "x"}
    path.write_text(json.dumps({"eval": tasks | {"HumanEval/2": [fine]}}))
    n_samples, faults = read(path)
    assert n_samples == 2
    assert [str(fault) for fault in faults] == [
        "f, HumanEval/0, sample 2: field 'solution' is a number, expected a string",
        "f, HumanEval/0, sample 3: a number, expected an object",
        "f, HumanEval/1: a string, expected a list",
    ]


def test_a_bad_program_among_generations_does_not_end_them(tmp_path: Path) -> None:
    path = tmp_path / "generations.json"
    path.write_text('[["x = 1"], ["y = 1", 2, "z = 1"], 4, ["w = 1"]]')
    n_samples, faults = read(path)
    assert n_samples == 4
    assert [str(fault) for fault in faults] == [
        "f, item 2, program 2: a number, expected a string",
        "f, item 3: a number, expected a list of programs",
    ]


def test_a_bad_sample_of_an_inspect_log_does_not_end_it(tmp_path: Path) -> None:
    fine = {"id": "T/0", "epoch": 1, "output": {"completion": "x"}, "scores": {"s": {"value": "C"}}}
    samples = [fine, {"id": None}, fine | {"epoch": 0}, fine | {"epoch": 2}]
    log = {"eval": {"run_id": "r", "task": "t"}, "status": "success", "samples": samples}
    document, archive = tmp_path / "log.json", tmp_path / "log.eval"
    document.write_text(json.dumps(log))
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("header.json", json.dumps({"status": "success"}))
        for number, sample in enumerate(samples):
            packed.writestr(f"samples/{number}.json", json.dumps(sample))
        packed.writestr("samples/9.json", "{")
    n_samples, faults = read(document)
    assert (n_samples, [fault.field for fault in faults]) == (2, ["id", "epoch"])
    n_samples, faults = read(archive)
    assert (n_samples, [fault.field for fault in faults]) == (2, ["id", "epoch", ""])


def test_a_file_that_is_no_text_does_not_end_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "HumanEval_0"
    folder.mkdir()
    for name, content in (("0.py", b"x = 1"), ("1.py", b"\xff"), ("2.py", b"y = 1")):
        (folder / name).write_bytes(content)
    n_samples, faults = read(tmp_path)
    assert n_samples == 2
    assert [str(fault) for fault in faults] == [
        "f/HumanEval_0/1.py: not UTF-8; convert the file to UTF-8"
    ]
