"""The steps of a study: done once, gone on with, ended when time is over; the commands are made up."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pipeline.stages import Command
from lintseq_core.experiments.pocket.cells import write_counts
from lintseq_core.experiments.pocket.report import study_result
from lintseq_core.experiments.pocket.running import (
    OutOfTime,
    Sitting,
    _best_rates,
    _choose,
    _side_by_side,
    format_nats_file,
    rate_file,
    run_study,
)
from lintseq_core.experiments.pocket.study import (
    LINTSEQ,
    PILOT_ARMS,
    PROFILES,
    WHOLE,
    StudyFolder,
)
from tests.unit.experiments.pocket.made import STUDY, counts, task

# Called as: python -m lintseq_core WHAT OUTPUT
PROGRAM = """#!/bin/sh
echo "$3" >> "$(dirname "$0")/called"
case "$3" in
    make) echo made > "$4" ;;
    fail) echo "one line" >&2; echo "lintseq: error: no room" >&2; exit 3 ;;
    slow) mkdir "$4"; echo half > "$4/weights"; exec sleep 60 ;;
esac
"""


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the program that stands for Python was called with."""
    program = tmp_path / "python"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return tmp_path / "called"


def command(what: str, output: Path) -> Command:
    return Command("train", (what, str(output)), output)


def test_a_command_is_carried_out_once_and_noted(tmp_path: Path, called: Path) -> None:
    output = tmp_path / "new" / "out"
    for _ in range(2):
        Sitting(tmp_path, None).do(command("make", output))
    assert called.read_text() == "make\n" and output.read_text() == "made\n"
    (line,) = (tmp_path / "stages.jsonl").read_text().splitlines()
    noted = json.loads(line)
    assert noted.keys() == {"stage", "command", "seconds"}
    assert (noted["stage"], noted["command"]) == ("train", f"lintseq make {output}")


def test_a_command_that_fails_is_one_line_and_is_repeated_next_time(
    tmp_path: Path, called: Path
) -> None:
    output = tmp_path / "out"
    with pytest.raises(LintSeqError) as told:
        Sitting(tmp_path, None).do(command("fail", output))
    assert str(told.value) == (
        f"'lintseq fail {output}' ended with exit code 3: lintseq: error: no room"
    )
    assert not isinstance(told.value, OutOfTime)
    assert not (tmp_path / "stages.jsonl").exists()
    Sitting(tmp_path, None).do(command("make", output))
    assert called.read_text() == "fail\nmake\n" and output.exists()


def test_a_command_that_runs_when_time_is_over_is_ended_and_repeated_next_time(
    tmp_path: Path, called: Path
) -> None:
    """Nothing half written counts as done."""
    output = tmp_path / "out"
    sitting = Sitting(tmp_path, time.time() + 5)
    with pytest.raises(OutOfTime, match="during 'lintseq slow"):
        sitting.do(command("slow", output))
    assert called.read_text() == "slow\n"
    assert not output.exists() and not (tmp_path / "stages.jsonl").exists()
    Sitting(tmp_path, None).do(command("make", output))
    assert output.read_text() == "made\n"


def test_nothing_is_begun_when_time_is_over(tmp_path: Path, called: Path) -> None:
    sitting = Sitting(tmp_path, time.time() - 1)
    with pytest.raises(OutOfTime):
        sitting.do(command("make", tmp_path / "out"))
    with pytest.raises(OutOfTime):
        sitting.work(tmp_path / "out", lambda: pytest.fail("begun"))
    folder = StudyFolder(PROFILES["smoke"], tmp_path / "study")
    assert not run_study(folder, until=time.time() - 1)
    assert not called.exists()


def test_a_worker_ends_with_its_study_and_a_study_outlives_its_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parents = iter(range(1, 100))
    monkeypatch.setattr(os, "getppid", lambda: next(parents))  # as where a shell is left
    Sitting(tmp_path, None).work(tmp_path / "study", (tmp_path / "study").touch)

    gone = SimpleNamespace(is_alive=lambda: False)
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: gone)
    with pytest.raises(OutOfTime, match="has ended"):
        Sitting(tmp_path, None).work(tmp_path / "worker", lambda: pytest.fail("begun"))


def test_work_that_is_done_is_not_done_again(tmp_path: Path) -> None:
    output = tmp_path / "out"
    Sitting(tmp_path, None).work(output, output.touch)
    Sitting(tmp_path, None).work(output, lambda: pytest.fail("done again"))
    assert len((tmp_path / "stages.jsonl").read_text().splitlines()) == 1


def test_the_first_that_is_out_of_time_ends_a_row_of_trainings() -> None:
    begun = []

    def do(index: int) -> None:
        begun.append(index)
        if index == 1:
            raise OutOfTime("over")

    assert not _side_by_side(1, do, [(0,), (1,), (2,)])
    assert begun == [0, 1]
    assert _side_by_side(1, do, [(0,), (2,)])


def piloted(path: Path, best: str = "anchored") -> StudyFolder:
    """A folder whose pilot is done: the middle rate is best, and this format."""
    folder = StudyFolder(STUDY, path)
    for arm in PILOT_ARMS:
        for rate, nats in zip(STUDY.rates, (30.0, 20.0, 25.0), strict=True):
            file = rate_file(folder, arm, rate)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"per_text": nats}))
    for name in LINTSEQ:
        nats = {"nats": {"content": 16.0}, "texts": 8, "tokens": {"content": 80}}
        format_nats_file(folder, name).write_text(json.dumps(nats))
        passed = 30 if name == best else 10
        made = counts(task(index, 50, passed) for index in range(8))
        write_counts(made, folder.counted(f"format-{name}"))
    return folder


def test_the_pilot_chooses_the_rate_of_fewest_nats_and_the_format_that_solves_most(
    tmp_path: Path,
) -> None:
    folder = piloted(tmp_path)
    rates = _best_rates(folder)
    assert rates == {arm.name: STUDY.rates[1] for arm in PILOT_ARMS}
    _choose(folder, rates)
    assert folder.chosen().edit_format == "anchored"
    assert folder.chosen().rates == rates
    kept = folder.chosen_file.read_bytes()
    _choose(folder, {})  # a choice stands
    assert folder.chosen_file.read_bytes() == kept


def test_each_try_of_the_pilot_has_a_file_of_its_own(tmp_path: Path) -> None:
    folder = StudyFolder(STUDY, tmp_path)
    files = {rate_file(folder, arm, rate) for arm in PILOT_ARMS for rate in STUDY.rates}
    assert len(files) == len(PILOT_ARMS) * len(STUDY.rates)
    assert rate_file(folder, WHOLE, 8e-3).name == "whole-0.008.json"


def test_a_report_names_the_cells_that_are_missing(tmp_path: Path) -> None:
    folder = piloted(tmp_path)
    _choose(folder, _best_rates(folder))
    piloted_alone = study_result("cpu", folder)
    assert any("Only the pilot is done" in note for note in piloted_alone.notes)
    assert {one.verdict for one in piloted_alone.judgements} == {"cannot be told"}
    cells = [cell for arm, seed in folder.trainings() for cell in folder.cells(arm, seed)]
    done = [cell for cell in cells if cell.arm is WHOLE and cell.seed == 1]
    for cell in done:
        tasks = (task(index, cell.asked.n_samples, 5) for index in range(8))
        write_counts(counts(tasks), folder.counted(cell.name))
    found = study_result("cpu", folder)
    names = [cell.name for cell in cells if cell not in done]
    assert found.notes[-1] == (
        f"Not all is done: {len(names)} cells are missing: {', '.join(names)}."
    )
    assert found.record.counts == {"cells": 5, "cells missing": len(names)}
    formats = list(found.tables["formats"].rows())
    assert [row["edit_format"] for row in formats] == list(LINTSEQ)
    assert all((row["nats of content"], row["tokens of count"]) == (2, 0) for row in formats)
    assert len(found.tables["rates"]) == len(PILOT_ARMS) * len(STUDY.rates)
    assert {one.verdict for one in found.judgements} == {"cannot be told"}
