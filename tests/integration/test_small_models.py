"""The experiment on small models, at its smallest, from instructions to its summary."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.experiment import read_result
from lintseq_core.experiments.pipeline.arms import Arm, Instructions, Recipe, Suite
from lintseq_core.experiments.pipeline.instructions import tidy, write_instructions
from lintseq_core.experiments.pipeline.stages import (
    Command,
    RunFolder,
    run_commands,
    run_here,
    run_process,
    run_stages,
)
from lintseq_core.experiments.small_models import PROFILES, plan, run_and_report, wanted_stages
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.models.devices import one_thread
from lintseq_core.training.metrics_log import StepMetrics

GOLDEN = Path(__file__).parents[1] / "golden" / "arms" / "small_models"


def run(folder: Path) -> list[str]:
    """Carry out the smallest profile in this process; the commands that ran."""
    ran: list[str] = []

    def carry_out(arguments: Sequence[str]) -> int:
        ran.append(arguments[0])
        return run_here(arguments)

    place = RunFolder(PROFILES["smoke"], folder, device="cpu")
    with one_thread():
        run_and_report("small_models", "smoke", place, command="test", mined=None, run=carry_out)
    return ran


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder of the smallest profile, and the commands that ran."""
    folder = tmp_path_factory.mktemp("small_models")
    return folder, run(folder)


def test_one_command_goes_from_instructions_to_a_summary_and_once_more_does_nothing(
    finished: tuple[Path, list[str]],
) -> None:
    folder, ran = finished
    assert len(ran) == 11
    found = read_result(folder / "report")
    arms = [arm.name for arm in PROFILES["smoke"].arms]
    programs = found.tables["programs"]
    assert list(programs.columns["arm"]) == arms
    assert list(programs.columns["samples"]) == [6, 6, 6]
    assert [value is None for value in programs.columns["malformed"]] == [True, False, False]
    assert set(found.tables["scores"].columns["n_problems"]) == {3}
    assert max(found.tables["cost"].columns["tokens"]) <= 6 * 24
    assert list(found.tables["training"].columns["steps"]) == [3, 3, 3]
    assert len(found.verdicts) == 3
    assert found.record.command == "test"
    assert sum(found.record.counts.values()) == 18
    assert run(folder) == []


@pytest.mark.parametrize("arm", ["whole", "lintseq", "randseq"])
def test_a_recorded_arm_comes_out_again(finished: tuple[Path, list[str]], arm: str) -> None:
    """LINTSEQ_UPDATE_GOLDEN=1 writes the record anew; what a clock measures is not in it."""
    tables = read_result(finished[0] / "report").tables
    record = {
        name: [
            {key: value for key, value in row.items() if key not in ("seconds", "tokens_per_s")}
            for row in table.rows()
            if row["arm"] == arm
        ]
        for name, table in tables.items()
    }
    file = GOLDEN / f"{arm}.json"
    if os.environ.get("LINTSEQ_UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    known = json.loads(file.read_text(encoding="utf-8"), parse_float=close, parse_constant=str)
    assert json.loads(json.dumps(record), parse_constant=str) == known


def close(text: str) -> Any:
    """Sums of floats may end differently on another processor."""
    return pytest.approx(float(text), rel=1e-4)


def commands(recipe: Recipe, folder: Path = Path("x")) -> list[str]:
    return list(map(str, RunFolder(replace(recipe, suites=()), folder, device="cpu").commands()))


def test_all_arms_see_the_same_instructions_for_the_same_steps() -> None:
    trained = [one for one in commands(PROFILES["cpu"]) if one.startswith("lintseq train")]
    assert [command.split()[2] for command in trained] == [
        "x/data/lintseq.jsonl",
        "x/data/lintseq.jsonl",
        "x/data/randseq.jsonl",
    ]
    assert all("--steps 60 --device" in command for command in trained)
    assert len({command.partition("--lr")[2] for command in trained}) == 1


def test_a_command_that_fails_stops_the_run_and_names_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Command("data", ("sample", str(tmp_path / "none.py")), tmp_path / "x")
    for run_it in (run_here, run_process):
        with pytest.raises(LintSeqError, match=r"none\.py' ended with exit code 3; mend"):
            run_commands([broken], tmp_path, run=run_it)
    assert "none.py" in capsys.readouterr().err


def test_a_command_runs_here_as_in_a_process_of_its_own(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"instruction": "Set x.", "response": "x = 1\ny = x\n"}) + "\n")
    for name, run_it in (("here", run_here), ("process", run_process)):
        output = tmp_path / f"{name}.jsonl"
        arguments = ("dataset", "build", str(rows), "-o", str(output), "--workers", "1")
        run_commands([Command("data", arguments, output)], tmp_path, run=run_it)
    assert (tmp_path / "here.jsonl").read_bytes() == (tmp_path / "process.jsonl").read_bytes()
    stages = [json.loads(line) for line in (tmp_path / "stages.jsonl").read_text().splitlines()]
    build = f"lintseq dataset build {rows} -o {tmp_path}"
    assert [stage["command"] for stage in stages] == [
        f"{build}/here.jsonl --workers 1",
        f"{build}/process.jsonl --workers 1",
    ]


def test_arms_that_are_taught_alike_share_their_training() -> None:
    recipe = PROFILES["smoke"]
    guarded = replace(recipe.arms[1], name="lintseq guarded", guard=True)
    recipe = replace(recipe, arms=(*recipe.arms, guarded))
    folder = RunFolder(recipe, Path("x"))
    assert [arm.name for arm, _ in recipe.trainings()] == ["whole", "lintseq", "randseq"]
    (sampled,) = (str(folder.sample(cell)) for cell in folder.cells() if cell.arm == guarded)
    assert "--model x/runs/lintseq-seed1/model --stepwise" in sampled
    assert "-o x/samples/lintseq_guarded-seed1-basics-T0.8 --guard lint" in sampled


def test_a_folder_goes_on_with_more_arms_and_not_with_other_values(tmp_path: Path) -> None:
    recipe = PROFILES["smoke"]
    for arms in (recipe.arms[:1], recipe.arms, (replace(recipe.arms[0], seeds=(1, 2)),)):
        run_stages(RunFolder(replace(recipe, arms=arms), tmp_path), [], run=run_here)
    for other, what in (
        (replace(recipe, steps=4), "steps 3, not 4"),
        (replace(recipe, arms=(replace(recipe.arms[0], s=1),)), "arm whole "),
        (replace(recipe, suites=(Suite("basics", 5),)), "suite basics "),
        (PROFILES["cpu"], "batch_size 4, not 8"),
    ):
        with pytest.raises(
            LintSeqError, match=rf"recipe\.json: begun with .*{what}.*; choose anoth"
        ):
            run_stages(RunFolder(other, tmp_path), [], run=run_here)


def test_cells_that_would_share_their_files_are_refused() -> None:
    two = (SamplingSettings(0.8, 0.95), SamplingSettings(0.8, 1.0))
    recipe = replace(PROFILES["smoke"], sampling=two)
    with pytest.raises(LintSeqError, match=r"whole-seed1-basics-T0\.8: two cells of this name"):
        list(RunFolder(recipe, Path("x")).cells())


def test_a_suite_has_no_more_problems_than_its_benchmark() -> None:
    with pytest.raises(LintSeqError, match="basics has 24 problems, not 25: lower it"):
        Suite("basics", 25).problems()


def of_basics(n_mined: int | None) -> Recipe:
    instructions = Instructions("basics", n_mined, 60, 18)
    return replace(PROFILES["smoke"], suites=(Suite("basics", 1),), instructions=instructions)


def test_instructions_leave_out_what_is_tested_and_what_is_too_long(tmp_path: Path) -> None:
    mined = tmp_path / "mined.jsonl"
    rows = [{"instruction": f"Write f{n}.", "response": "x = 1\n" * n} for n in range(1, 6)]
    mined.write_text("".join(json.dumps(row) + "\n" for row in rows))
    counts = write_instructions(of_basics(2), tmp_path / "out.jsonl", len, mined=mined)
    kept = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert counts["mined"] == 2
    assert all(len(row["response"]) <= 18 for row in kept)
    (tested,) = Suite("basics", 1).problems()
    assert tested.instruction not in {row["instruction"] for row in kept}


def test_mined_functions_that_are_meant_and_not_given_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(LintSeqError, match="taught mined functions too: give their file with --m"):
        write_instructions(of_basics(None), tmp_path / "out.jsonl", len)


def test_a_mined_row_that_does_not_fit_is_named(tmp_path: Path) -> None:
    mined = tmp_path / "mined.jsonl"
    mined.write_text('{"instruction": "a"}\n')
    with pytest.raises(LintSeqError, match=r"mined\.jsonl, line 1: expected an object"):
        write_instructions(of_basics(2), tmp_path / "out.jsonl", len, mined=mined)


def test_tidying_changes_no_program() -> None:
    assert tidy("def f(x): \n\treturn x \n") == "def f(x):\n    return x"
    text = 'x = """a  \nb"""\n'
    assert tidy(text) == text


def test_an_untuned_model_is_not_trained() -> None:
    assert PROFILES["cpu"].arms[0] == Arm("untuned", "nothing", seeds=(1,))
    assert not any("untuned" in command for command in commands(PROFILES["cpu"]))


@pytest.mark.parametrize("profile", ["small", "paper"])
def test_a_plan_counts_every_run_of_a_profile(profile: str) -> None:
    recipe = PROFILES[profile]
    plans = plan(recipe)
    assert len([one for one in plans if one.steps]) == len(list(recipe.trainings()))
    assert {one.n_parameters for one in plans} == {134_515_008}
    assert all(one.tokens > 0 and one.gpu_hours > 0 for one in plans)


def test_the_paper_profile_has_the_papers_values() -> None:
    """Section 3.2 of the reference: TinyCodeLM-150M."""
    recipe = PROFILES["paper"]
    values = (recipe.batch_size, recipe.learning_rate, recipe.max_length, recipe.steps)
    assert values == (512, 3e-4, 1_024, 1_740)
    assert ({arm.s for arm in recipe.arms}, recipe.precision) == ({5}, "bf16")
    assert (recipe.lora_rank, recipe.n_samples) == (None, 50)


def test_the_token_matched_arm_ends_at_the_tokens_of_the_edits(tmp_path: Path) -> None:
    recipe = PROFILES["small"]

    def matched() -> str:
        (found,) = (one for one in commands(recipe, tmp_path) if "token-budget" in one)
        return found

    assert "whole-tokens-seed1" in matched()
    assert "--token-budget TOKENS " in matched()
    run = tmp_path / "runs" / "lintseq-seed1"
    run.mkdir(parents=True)
    line = {name: 0 for name in StepMetrics.__dataclass_fields__} | {"trained_tokens_total": 4321}
    (run / "metrics.jsonl").write_text(json.dumps(line) + "\n")
    assert "--token-budget 4321 " in matched()


def test_a_stage_that_is_none_is_named() -> None:
    assert wanted_stages(["train", "data"]) == ("data", "train")
    with pytest.raises(LintSeqError, match="no stage 'trian'; one of data, train, sample"):
        wanted_stages(["trian"])
