"""Files counted by temperature, wherever their tool says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.results.record import RunRecord, record_path, write_record
from lintseq_core.results.sample import Sample, temperature_of
from lintseq_core.results.scores.counting import (
    count_file,
    count_results,
    require_complete,
    temperature_remark,
)
from lintseq_core.results.scores.tally import MAX_TEMPERATURES, ScoreError

FORMATS = Path(__file__).resolve().parents[2] / "data" / "formats"


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def row(sample_id: int, verdict: str, **more: Any) -> dict[str, Any]:
    return {"task_id": "T/0", "sample_id": sample_id, "verdict": verdict, **more}


@pytest.mark.parametrize(
    ("extra", "temperature"),
    [
        ({"temperature": 0.2}, 0.2),
        ({"temperature": 1}, 1.0),
        ({"temperature": 0}, 0.0),
        ({"sampling_params": {"temperature": 0.8}}, 0.8),
        ({"gen_kwargs": {"temperature": 0.5}}, 0.5),
        ({}, None),
        ({"temperature": "hot"}, None),
        ({"temperature": True}, None),
        ({"temperature": -1}, None),
        ({"temperature": float("inf")}, None),
        ({"settings": [0.2]}, None),
    ],
)
def test_the_temperature_is_a_number_that_a_row_names(
    extra: dict[str, Any], temperature: float | None
) -> None:
    assert temperature_of(Sample("T/0", 0, extra=extra)) == temperature


def test_each_temperature_is_counted_apart_and_may_number_its_samples_anew(tmp_path: Path) -> None:
    rows = [
        row(0, "passed", temperature=0.8),
        row(0, "exception", temperature=0.2),
        row(1, "passed", temperature=0.8),
        row(0, "passed"),
    ]
    found = count_file(write(tmp_path / "r.jsonl", rows))
    assert {key: (one.n, one.c) for key, one in found.by_temperature.items()} == {
        0.2: ((1,), (0,)), 0.8: ((2,), (2,)), None: ((1,), (1,)),
    }  # fmt: skip
    assert list(found.by_temperature) == [0.2, 0.8, None]
    assert count_results(found.name, 0.8).c == (2,)
    assert count_results(found.name, None).c == (1,)


def test_of_several_temperatures_one_has_to_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [row(n, "passed", temperature=n / 2) for n in (0, 1, 2)])
    with pytest.raises(ScoreError, match=r"r.jsonl: name one of its temperatures: 0, 0.5, 1$"):
        count_results(path)
    with pytest.raises(ScoreError, match="name one of its temperatures"):
        count_results(path, 0.7)


def test_a_field_of_other_numbers_is_no_temperature(tmp_path: Path) -> None:
    rows = [row(n, "passed", temperature=n / 100) for n in range(MAX_TEMPERATURES + 1)]
    with pytest.raises(ScoreError, match=r"row 51: more than 50 temperatures in one file"):
        count_file(write(tmp_path / "r.jsonl", rows))


def test_rows_that_are_promised_count_over_all_temperatures(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "r.jsonl", [row(n, "passed", temperature=n) for n in (0, 1)]))
    record = RunRecord(kind="evaluate", name="r", created="", command="", promised={"T/0": 2})
    write_record(record, record_path(path))
    require_complete(count_file(str(path)))
    write_record(
        RunRecord(kind="evaluate", name="r", created="", command="", promised={"T/0": 3}),
        record_path(path),
    )
    with pytest.raises(ScoreError, match="1 of 3 rows that the run record promises are missing"):
        require_complete(count_file(str(path)))


def test_the_name_of_a_file_of_evalplus_says_the_temperature(tmp_path: Path) -> None:
    path = write(tmp_path / "model_vllm_temp_0.8.jsonl", [row(0, "passed")])
    assert list(count_file(path).by_temperature) == [0.8]
    assert list(count_file(path, "model_vllm_temp_0.2.jsonl").by_temperature) == [0.2]
    assert count_results(path).n == (1,)


def test_the_log_of_inspect_says_the_temperature(tmp_path: Path) -> None:
    log = json.loads((FORMATS / "inspect.json").read_text())
    log["eval"]["model_generate_config"] = {"temperature": 0.6}
    path = tmp_path / "log.json"
    path.write_text(json.dumps(log))
    assert list(count_file(str(path)).by_temperature) == [0.6]


def test_the_rows_of_lm_eval_say_the_temperature(tmp_path: Path) -> None:
    rows = [
        {"doc_id": n, "doc": {"task_id": f"T/{n}"}, "target": "", "resps": [["x"]]}
        | {"filtered_resps": ["x"], "pass@1": 1.0}
        | {"arguments": {"gen_args_0": {"arg_0": "", "arg_1": {"temperature": 0.4}}}}
        for n in range(2)
    ]
    assert list(count_file(write(tmp_path / "s.jsonl", rows)).by_temperature) == [0.4]


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ({"a": [0.2], "b": [0.2]}, ""),
        ({"a": [0.2], "b": [None]}, ""),
        ({"a": [0.2, 0.8], "b": [0.8, 0.2]}, ""),
        ({"a": [0.2], "b": [0.8]}, "unequal temperatures (a: 0.2; b: 0.8)"),
        ({"a": [0.2, 0.8], "b": [0.2]}, "unequal temperatures (a: 0.2, 0.8; b: 0.2)"),
    ],
)
def test_unequal_temperatures_are_said(runs: dict[str, list[float | None]], told: str) -> None:
    assert temperature_remark(runs).startswith(told)
    assert bool(temperature_remark(runs)) == bool(told)
