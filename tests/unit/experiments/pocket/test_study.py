"""What is trained and asked, in which order, and where its files are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lintseq_core.edits.formats import UNIFIED
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pocket.plan import costs
from lintseq_core.experiments.pocket.shipping import ships
from lintseq_core.experiments.pocket.study import (
    LINTSEQ,
    PROFILES,
    RANDSEQ,
    WHOLE,
    StudyFolder,
)

CPU = PROFILES["cpu"]
RATES = {"whole": 0.01, "randseq": 0.01, **{arm.name: 0.02 for arm in LINTSEQ.values()}}


def chosen(path: Path, edit_format: str = "placed") -> StudyFolder:
    folder = StudyFolder(CPU, path)
    folder.chosen_file.parent.mkdir(parents=True)
    folder.chosen_file.write_text(json.dumps({"rates": RATES, "edit_format": edit_format}))
    return folder


@pytest.mark.parametrize("profile", PROFILES)
def test_ladders_end_at_all_tokens_and_have_a_checkpoint_at_each_rung(profile: str) -> None:
    study = PROFILES[profile]
    assert study.ladder[-1] == study.tokens and sorted(study.ladder) == list(study.ladder)
    assert all(tokens % study.save_tokens == 0 for tokens in study.ladder)


def test_cells_are_named_by_arm_seed_tokens_and_temperature(tmp_path: Path) -> None:
    folder = StudyFolder(CPU, tmp_path)
    assert [cell.name for cell in folder.cells(RANDSEQ, 2)] == [
        "randseq-seed2-5000000-T1", "randseq-seed2-10000000-T1",
        "randseq-seed2-15000000-T0.8", "randseq-seed2-15000000-T1",
        "randseq-seed2-15000000-T1-harder",
    ]  # fmt: skip
    assert [cell.asked.n_samples for cell in folder.cells(RANDSEQ, 2)] == [10, 10, 50, 50, 50]


def test_harder_tasks_are_held_out_and_of_steps_that_no_arm_is_taught(tmp_path: Path) -> None:
    folder = StudyFolder(CPU, tmp_path)
    commands = {command.output: command.arguments for command in folder.data_commands()}
    asked, taught = commands[folder.data("harder")], commands[folder.data("rows")]
    assert asked[:6] == ("pocket", "tasks", "-n", "200", "--split", "test")
    assert asked[6:8] == ("--difficulty", "3") and taught.count("--difficulty") == 2
    assert "3" not in taught
    *_, last = folder.cells(WHOLE, 1)
    assert last.tasks == "harder" and not ships(folder, last)


def test_seeds_go_last_so_what_does_not_finish_is_the_last_seed_of_all_arms(tmp_path: Path) -> None:
    trainings = chosen(tmp_path).trainings()
    arms = [WHOLE, LINTSEQ[UNIFIED], LINTSEQ["placed"], RANDSEQ]
    assert trainings == [(arm, seed) for seed in (1, 2, 3) for arm in arms]
    assert [part.name for part in costs(CPU)][-3:] == ["seed 1", "seed 2", "seed 3"]


def test_where_the_papers_format_is_best_it_is_trained_once(tmp_path: Path) -> None:
    assert chosen(tmp_path, UNIFIED).arms() == (WHOLE, LINTSEQ[UNIFIED], RANDSEQ)


def test_a_cell_asks_the_first_checkpoint_that_has_its_tokens(tmp_path: Path) -> None:
    folder = chosen(tmp_path)
    run = folder.run(WHOLE, 1)
    for step, tokens in ((90, 4_999_000), (100, 5_001_000), (110, 6_200_000), (210, 10_000_000)):
        checkpoint = run / "checkpoints" / f"step-{step:06}"
        checkpoint.mkdir(parents=True)
        (checkpoint / "state.json").write_text(json.dumps({"trained_tokens": tokens}))
    models = [folder.model(cell) for cell in folder.cells(WHOLE, 1)]
    checkpoints = run / "checkpoints"
    assert models == [
        checkpoints / "step-000100", checkpoints / "step-000210", *[run / "model"] * 3,
    ]  # fmt: skip
    first = next(folder.cells(WHOLE, 2))
    with pytest.raises(LintSeqError, match=r"no checkpoint of 5,000,000 trained tokens"):
        folder.model(first)


def test_arms_differ_in_what_they_are_taught_and_in_nothing_else(tmp_path: Path) -> None:
    folder = chosen(tmp_path)
    whole, unified, placed, randseq = (folder.train(arm, 1).arguments for arm in folder.arms())
    assert whole[1].endswith("data/whole.jsonl") and randseq[1].endswith("data/randseq.jsonl")
    assert unified[1] == placed[1]
    for one in (whole, unified, placed, randseq):
        assert one[one.index("--model") + 1] == str(tmp_path / "base" / "model")
        assert one[one.index("--token-budget") + 1] == "15000000"
        assert one[one.index("--seed") + 1] == "1"
    assert unified[unified.index("--edit-format") + 1] == "unified"
    assert placed[placed.index("--edit-format") + 1] == "placed"
    assert "--edit-format" not in whole and whole[whole.index("--lr") + 1] == "0.01"


def test_a_pilot_that_is_not_done_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(LintSeqError, match=r"chosen.json: not there yet; repeat the command"):
        StudyFolder(CPU, tmp_path).trainings()


@pytest.mark.parametrize("text", ["{", "[]", '{"rates": {}}', '"x"'])
def test_a_damaged_choice_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    folder = chosen(tmp_path)
    folder.chosen_file.write_text(text)
    with pytest.raises(LintSeqError, match=r"chosen.json: damaged \(.*\); remove it and go on$"):
        folder.chosen()


def test_a_choice_of_a_format_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LintSeqError, match=r"chosen.json: edit_format is 'woven'"):
        chosen(tmp_path, "woven").arms()


def test_the_folder_of_another_study_is_refused(tmp_path: Path) -> None:
    StudyFolder(CPU, tmp_path).refuse_another()
    StudyFolder(CPU, tmp_path).refuse_another()
    other = StudyFolder(replace(CPU, tokens=1, seeds=(9,)), tmp_path)
    with pytest.raises(LintSeqError, match=r"other values \(seeds, tokens\); choose another"):
        other.refuse_another()
