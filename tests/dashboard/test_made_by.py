"""The line over a player says what its widgets hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lintseq_core import Program, sample_path
from lintseq_core.cli.dashboard import FILES_VARIABLE
from tests.dashboard.apps import check, forget_files, open_trajectories, payload
from tests.dashboard.test_generations import open_generations


def line(app: AppTest) -> str:
    (popover,) = app.get("popover")
    return str(popover.proto.popover.label).replace("\\", "")


@pytest.mark.feature("Trajectories")
@pytest.mark.parametrize(
    ("link", "told"),
    [
        ({}, "coin_change · LintSeq · pyflakes · seed 0 · sequence 1"),
        (
            {"program": "bank_accounts", "seed": "7", "path": "2"},
            "bank_accounts · LintSeq · pyflakes · seed 7 · sequence 3",
        ),
        ({"method": "randseq", "seed": "4"}, "coin_change · RandSeq · seed 4 · sequence 1"),
        ({"linter": "syntax"}, "coin_change · LintSeq · syntax · seed 0 · sequence 1"),
        (
            {"program": "zz", "seed": "inf"},
            "coin_change · LintSeq · pyflakes · seed 0 · sequence 1",
        ),
        ({"source": "Own program"}, "Own program · LintSeq · pyflakes · seed 0 · sequence 1"),
    ],
)
def test_a_link_is_told_in_a_line(link: dict[str, str], told: str) -> None:
    assert line(open_trajectories(link)) == told


@pytest.mark.feature("Trajectories")
def test_what_is_chosen_is_told_at_once() -> None:
    app = open_trajectories()
    check(app.selectbox(key="program").set_value("matrix_sum").run())
    check(app.number_input(key="seed").set_value(5).run())
    check(app.number_input(key="path").set_value(2).run())
    assert line(app) == "matrix_sum · LintSeq · pyflakes · seed 5 · sequence 2"
    meta = payload(app)["meta"]
    assert (meta["seed"], meta["path_index"]) == (5, 1)
    check(app.segmented_control(key="method").set_value("randseq").run())
    assert line(app) == "matrix_sum · RandSeq · seed 5 · sequence 2"


@pytest.mark.feature("Hostile files")
def test_a_name_in_the_line_is_no_markdown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "![x](y) *b*.py"
    (tmp_path / name).write_text("a = 1\nb = a\n", encoding="utf-8")
    monkeypatch.setenv(FILES_VARIABLE, json.dumps([str(tmp_path / name)]))
    forget_files()  # given files are read once
    (popover,) = open_trajectories({"source": "Given file"}).get("popover")
    forget_files()
    label = popover.proto.popover.label
    assert r"\[x\]" in label
    assert r"\*b\*" in label


@pytest.mark.feature("Generations")
@pytest.mark.usefixtures("traces")
def test_the_line_never_names_a_sample_that_a_newly_chosen_task_lacks() -> None:
    app = open_generations({"sample": "8"})
    assert line(app).startswith("Given files · ") and line(app).endswith(" · tiny-long · sample 8")
    check(app.segmented_control(key="from").set_value("SmolLM2-135M").run())
    assert len(payload(app)["generation"]["steps"]) == payload(app)["n_edits"]
    assert app.number_input(key="sample").value == 4, "the last one there is"
    assert line(app).endswith(" · smollm2-135m-lintseq · sample 4")


@pytest.mark.feature("Generations")
@pytest.mark.usefixtures("traces")
@pytest.mark.parametrize(("asked", "told"), [("10", 10), ("11", 10), ("80", 10)])
def test_the_line_names_the_sample_of_a_link_as_far_as_there_is_one(asked: str, told: int) -> None:
    app = open_generations({"sample": asked})
    assert line(app).startswith("Given files · ")
    assert line(app).endswith(f" · tiny-long · sample {told}")
    assert payload(app)["meta"]["sample_index"] == told - 1


@pytest.mark.feature("Trajectories")
def test_the_line_never_names_a_row_that_a_file_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program("a = 1\nb = a\n")
    sequences = [sample_path(program, seed=seed).to_json() for seed in (0, 1)]
    (tmp_path / "two.jsonl").write_text("".join(f"{one}\n" for one in sequences), encoding="utf-8")
    monkeypatch.setenv(FILES_VARIABLE, json.dumps([str(tmp_path / "two.jsonl")]))
    forget_files()  # given files are read once
    app = open_trajectories({"source": "Given file", "row": "7"})
    forget_files()
    assert line(app) == "two.jsonl · row 2"
    assert app.number_input(key="row").value == 2
