"""A record reads back as it was written, and says which field does not fit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lintseq_core.results.record import (
    RunRecord,
    RunRecordError,
    installed_versions,
    read_record,
    record_path,
    this_device,
    utc_now,
    write_record,
)

RECORD = RunRecord(
    kind="evaluate",
    name="base model, T=0.8",
    created="2026-11-24T20:00:00Z",
    command="lintseq evaluate samples.jsonl --benchmark humaneval -o results.jsonl",
    config={"workers": 2, "limits": {"cpu_s": 4.0}},
    seeds={"sampling": 7},
    versions={"python": "3.11.7"},
    device={"cores": 2},
    isolation="L3",
    integrity="I2",
    promised={"HumanEval/0": 10},
    counts={"passed": 3, "wrong_answer": 7},
    hashes={"samples.jsonl": "0" * 64},
)


def test_a_record_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = record_path(tmp_path / "results.jsonl")
    assert path.name == "results.jsonl.record.json"
    write_record(RECORD, path)
    assert read_record(path) == RECORD
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema_version": 3}, "r: schema_version is 3, this program reads 1 and 2; update lintseq-core"),
        ({"schema_version": None}, "r: schema_version is None, this program reads 1 and 2; update lintseq-core"),
        ({"colour": 1}, "r: unknown field 'colour'; remove it"),
        ({"name": 3}, "r: field 'name' must be a string"),
        ({"isolation": 3}, "r: field 'isolation' must be a string or null"),
        ({"seeds": {"a": "7"}}, "r: field 'seeds' must be an object of whole numbers"),
        ({"promised": {"a": -1}}, "r: field 'promised' must be an object of counts"),
        ({"promised": [1]}, "r: field 'promised' must be an object of counts"),
        ({"counts": {"a": True}}, "r: field 'counts' must be an object of counts"),
        ({"hashes": {"a": "00"}}, "r: field 'hashes' must be an object of sha256 sums (64 hexadecimal digits)"),
    ],
)  # fmt: skip
def test_a_field_that_does_not_fit_is_named(changes: dict[str, object], message: str) -> None:
    text = json.dumps(json.loads(RECORD.to_json()) | changes)
    with pytest.raises(RunRecordError) as caught:
        RunRecord.from_json(text, "r")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "r: not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1)); restore the file"),
        ("[]", "r: expected one JSON object"),
        ("[" * 100_000, "r: not JSON ("),
    ],
)  # fmt: skip
def test_what_is_no_record_says_so(text: str, message: str) -> None:
    with pytest.raises(RunRecordError) as caught:
        RunRecord.from_json(text, "r")
    assert str(caught.value).startswith(message)


def test_bytes_that_are_no_text_say_so(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(b"\xff")
    with pytest.raises(RunRecordError, match="not UTF-8; restore the file"):
        read_record(path)


def test_a_record_can_say_what_it_ran_on() -> None:
    versions = installed_versions("numpy", "no-such-package")
    assert {"python", "lintseq-core", "numpy"} == versions.keys()
    assert this_device()["cores"] >= 1
    assert replace(RECORD, created=utc_now()).created.endswith("Z")
