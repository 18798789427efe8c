"""A run is in the store whole or not at all, and is never overwritten."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.results import store as stores
from lintseq_core.results.record import RunRecord
from lintseq_core.results.store import list_runs, save_run

RECORD = RunRecord("evaluate", "base, T=0.8", "2026-11-24T20:00:00Z", "lintseq evaluate")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("rows\n")
    return path


def test_a_run_is_stored_under_time_name_and_content(tmp_path: Path, results: Path) -> None:
    run = save_run(tmp_path / "runs", RECORD, {"results.jsonl": results})
    assert re.fullmatch(r"20261124T200000Z_base-T-0.8_[0-9a-f]{8}", run.folder.name)
    assert sorted(one.name for one in run.folder.iterdir()) == ["record.json", "results.jsonl"]
    assert run.file("results.jsonl").read_text() == "rows\n"
    assert list_runs(tmp_path / "runs").runs == (run,)


def test_the_same_run_again_changes_nothing(tmp_path: Path, results: Path) -> None:
    run = save_run(tmp_path / "runs", RECORD, {"results.jsonl": results})
    with pytest.raises(LintSeqError, match="this run is already stored; nothing was changed"):
        save_run(tmp_path / "runs", RECORD, {"results.jsonl": results})
    assert [one.name for one in (tmp_path / "runs").iterdir()] == [run.folder.name]


def test_runs_are_listed_oldest_first(tmp_path: Path, results: Path) -> None:
    times = ["2026-11-24T20:00:02Z", "2026-11-24T20:00:00Z", "2026-11-24T20:00:01Z"]
    for time in times:
        save_run(tmp_path / "runs", replace(RECORD, created=time), {"r": results})
    listed = list_runs(tmp_path / "runs")
    assert [run.record.created for run in listed.runs] == sorted(times)
    assert listed.unreadable == ()


def test_a_failed_save_leaves_nothing(
    tmp_path: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stores, "write_record", full)
    with pytest.raises(OSError, match="No space left"):
        save_run(tmp_path / "runs", RECORD, {"results.jsonl": results})
    assert list((tmp_path / "runs").iterdir()) == []


def test_folders_that_are_no_runs_are_named_and_interrupted_saves_passed_over(
    tmp_path: Path, results: Path
) -> None:
    runs = tmp_path / "runs"
    run = save_run(runs, RECORD, {"results.jsonl": results})
    (runs / "notes").mkdir()
    (runs / ".partial-abc").mkdir()
    shutil.copytree(run.folder, runs / "damaged")
    (runs / "damaged" / "record.json").write_text("{")
    listed = list_runs(runs)
    assert listed.runs == (run,)
    assert [line.partition(": ")[2][:14] for line in listed.unreadable] == [
        "not JSON (Expe", "no record.json",
    ]  # fmt: skip
    with pytest.raises(LintSeqError, match="no folder of runs; check the path"):
        list_runs(tmp_path / "nowhere")


def test_a_stored_file_that_changed_is_not_handed_out(tmp_path: Path, results: Path) -> None:
    run = save_run(tmp_path / "runs", RECORD, {"results.jsonl": results})
    (run.folder / "results.jsonl").write_text("other\n")
    with pytest.raises(LintSeqError, match="not the file that was recorded"):
        run.file("results.jsonl")
    with pytest.raises(LintSeqError, match="the run has no such file"):
        run.file("nothing")


@pytest.mark.parametrize("name", ["../evil", "a/b", "record.json", ".."])
def test_a_file_name_cannot_lead_out_of_the_run(name: str, tmp_path: Path, results: Path) -> None:
    with pytest.raises(LintSeqError, match="not a name for a file of a run"):
        save_run(tmp_path / "runs", RECORD, {name: results})
