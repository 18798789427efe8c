"""The Python of docs/evaluation.md works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lintseq_core.data.files import file_sha256
from lintseq_core.results.record import RunRecord, record_path, write_record

PAGE = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"
ALONG, KEEP = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_way_of_a_program_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(ALONG, PAGE.name, "exec"), {})
    (shown,) = re.findall(r"^# (\(.*)$", ALONG, re.MULTILINE)
    assert capsys.readouterr().out == f"{shown}\n"


def test_a_run_is_kept_with_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    results = Path("results.jsonl")
    results.write_text('{"task_id": "T/0", "sample_id": 0, "passed": true}\n')
    record = RunRecord(
        kind="evaluate", name="basics", created="2026-01-01T00:00:00Z", command="lintseq evaluate",
        config={}, hashes={results.name: file_sha256(results)},
    )  # fmt: skip
    write_record(record, record_path(results))
    exec(compile(KEEP, PAGE.name, "exec"), {})
    kept = capsys.readouterr().out
    assert kept.startswith("20260101T000000Z_basics_") and "lintseq evaluate runs/" in kept
