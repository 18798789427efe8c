"""Files of older versions are read as ever; those of later ones are refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lintseq_core import EditSequence, LintSeqError
from lintseq_core.data.rows import DataRow, read_row, rows_of
from lintseq_core.generation.trace import TRACE_SCHEMA_VERSION
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.models.adapters import BASE, adapter_base, adapter_format
from lintseq_core.results.record import SCHEMA_VERSION, RunRecord
from lintseq_core.viewer.generated import build_generation_payload
from lintseq_core.viewer.traces import read_traces

OLDER = Path(__file__).parents[1] / "data" / "older"


def test_a_trace_of_version_1_is_read_and_its_edits_are_unified() -> None:
    trace = read_trace(OLDER / "trace.v1.jsonl")
    assert trace.header.request.edit_format == "unified"
    assert not trace.header.request.format_guard
    assert len(trace.samples) == 2
    assert all(sample.end is not None and sample.end.mask is None for sample in trace.samples)


def test_an_older_trace_is_shown_as_it_was() -> None:
    """All that the payload of version 3 says, version 4 says alike; new is the format, and that
    faults are marked in the text of their edit, whose lines count from its own first."""
    (read,), faults = read_traces((OLDER / "trace.v1.jsonl").read_bytes(), "trace.v1.jsonl")
    assert not faults
    older = json.loads((OLDER / "player.v3.json").read_text("utf-8"))
    payload = build_generation_payload(
        read.trace.header, read.trace.samples[0], title=older["title"]
    )
    assert payload["meta"].pop("edit_format") == "unified"
    for step, before in zip(
        payload["generation"]["steps"], older["generation"]["steps"], strict=True
    ):
        assert len(step.pop("marks")) == len(step["faults"])
        for told in (step, before):
            told["faults"] = [fault.partition(": ")[2] for fault in told["faults"]]
    for changed in ("version", "id"):
        assert payload.pop(changed) != older.pop(changed)
    assert payload == older


def test_the_record_of_a_run_of_version_1_is_read_and_its_edits_are_unified() -> None:
    record = RunRecord.from_json((OLDER / "results.jsonl.record.v1.json").read_text("utf-8"))
    assert record.schema_version == 1
    assert record.edit_format == "unified"
    assert record.counts


def test_an_edit_sequence_of_version_1_is_read() -> None:
    sequence = EditSequence.from_json((OLDER / "sequence.v1.json").read_text("utf-8"))
    assert sequence.program.lines[0] == "def double(x):"


@pytest.mark.parametrize("name", ["messages", "prompt_completion"])
def test_a_row_for_trainers_without_a_format_is_unified(name: str) -> None:
    (row,) = rows_of(OLDER / f"{name}.jsonl")
    assert isinstance(row, DataRow)
    assert row.edit_format == "unified"
    assert row.program.text == "def double(x):\n    # Twice.\n    return 2 * x\n"


def test_an_adapter_of_schema_1_has_no_format_of_its_own(tmp_path: Path) -> None:
    (tmp_path / BASE).write_bytes((OLDER / "adapter_base.v1.json").read_bytes())
    assert adapter_base(tmp_path) == "smollm2-135m"
    assert adapter_format(tmp_path) is None


# --- later versions, and formats that are not known ----------------------------------------------


def changed_trace(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    rows = (OLDER / "trace.v1.jsonl").read_text("utf-8").splitlines()
    head = json.loads(rows[0])
    change(head)
    path = folder / "trace.jsonl"
    path.write_text("\n".join([json.dumps(head), *rows[1:]]) + "\n")
    return path


def read_changed_record(change: dict[str, Any]) -> RunRecord:
    text = (OLDER / "results.jsonl.record.v1.json").read_text("utf-8")
    return RunRecord.from_json(json.dumps(json.loads(text) | change), "record.json")


def assert_one_line(error: BaseException, *parts: str) -> None:
    told = str(error)
    assert "\n" not in told
    for part in parts:
        assert part in told


def test_a_later_version_is_refused_in_one_line_with_the_remedy(tmp_path: Path) -> None:
    later = TRACE_SCHEMA_VERSION + 1
    path = changed_trace(tmp_path, lambda head: head.update(schema_version=later))
    with pytest.raises(LintSeqError) as trace:
        read_trace(path)
    assert_one_line(trace.value, f"schema_version is {later}; this release reads 1 and 2; update")
    with pytest.raises(LintSeqError) as record:
        read_changed_record({"schema_version": SCHEMA_VERSION + 1})
    assert_one_line(record.value, "schema_version is 3, this program reads 1 and 2; update")
    (tmp_path / BASE).write_text('{"schema": 4, "base": "tiny"}')
    with pytest.raises(LintSeqError) as adapter:
        adapter_base(tmp_path)
    assert_one_line(adapter.value, f"{BASE} is of schema 4; this release reads 1 to 3: update")


@pytest.mark.parametrize("version", [0, None, True, "2", 1.5])
def test_a_version_that_never_was_is_refused(tmp_path: Path, version: object) -> None:
    path = changed_trace(tmp_path, lambda head: head.update(schema_version=version))
    with pytest.raises(LintSeqError, match=r"schema_version is .*; generate the trace anew"):
        read_trace(path)
    with pytest.raises(LintSeqError, match="schema_version is"):
        read_changed_record({"schema_version": version})


def test_a_format_that_is_not_known_is_refused_in_one_line_wherever_it_stands(
    tmp_path: Path,
) -> None:
    told = "edit_format is 'woven'; this release knows unified, placed, anchored, search_replace"
    path = changed_trace(tmp_path, lambda head: head["request"].update(edit_format="woven"))
    with pytest.raises(LintSeqError) as trace:
        read_trace(path)
    row = json.loads((OLDER / "messages.jsonl").read_text("utf-8")) | {"edit_format": "woven"}
    with pytest.raises(LintSeqError) as data:
        read_row(0, row)
    with pytest.raises(LintSeqError) as record:
        _ = read_changed_record({"config": {"edit_format": "woven"}}).edit_format
    (tmp_path / BASE).write_text('{"schema": 2, "base": "tiny", "edit_format": "woven"}')
    with pytest.raises(LintSeqError) as adapter:
        adapter_format(tmp_path)
    for error in (trace, data, record, adapter):
        assert_one_line(error.value, told, "update lintseq-core")


def test_a_row_in_another_format_than_it_says_is_refused_with_the_one_it_looks_like() -> None:
    row = json.loads((OLDER / "prompt_completion.jsonl").read_text("utf-8"))
    with pytest.raises(LintSeqError) as error:
        read_row(0, row | {"edit_format": "anchored"})
    assert_one_line(
        error.value,
        "the edits do not parse: ",
        "; the hunks look unified, not anchored: give the row the edit_format unified",
    )
