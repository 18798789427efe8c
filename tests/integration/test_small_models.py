"""The experiment on small models, at its smallest, from instructions to its summary."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lintseq_core.cli import app
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.experiment import read_result
from lintseq_core.experiments.small_models import plan, run_settings, wanted_stages
from lintseq_core.experiments.small_models_arms import (
    PROFILES,
    Arm,
    Command,
    Layout,
    commands,
    run_commands,
)
from lintseq_core.experiments.small_models_data import Instructions, tidy, write_instructions
from lintseq_core.training.metrics_log import StepMetrics

GOLDEN = Path(__file__).parents[1] / "golden" / "arms" / "small_models"


def run(folder: Path) -> list[str]:
    """Carry out the smallest profile in this process; the commands that ran."""
    ran: list[str] = []

    def carry_out(arguments: Sequence[str]) -> int:
        ran.append(arguments[0])
        return CliRunner().invoke(app, list(arguments)).exit_code

    run_settings(
        "small_models",
        "smoke",
        PROFILES["smoke"],
        folder,
        command="test",
        mined=None,
        device="cpu",
        run=carry_out,
    )
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


def test_all_arms_see_the_same_instructions_for_the_same_steps() -> None:
    settings = replace(PROFILES["cpu"], suites=())
    planned = [str(command) for command in commands(settings, Layout(Path("x")), device="cpu")]
    trained = [command for command in planned if command.startswith("lintseq train")]
    assert [command.split()[2] for command in trained] == [
        "x/data/lintseq.jsonl",
        "x/data/lintseq.jsonl",
        "x/data/randseq.jsonl",
    ]
    assert all("--steps 60 --device" in command for command in trained)
    assert len({command.partition("--lr")[2] for command in trained}) == 1


def test_a_command_that_fails_stops_the_experiment_and_names_itself(tmp_path: Path) -> None:
    broken = Command("data", ("sample", str(tmp_path / "none.py")), tmp_path / "x")
    with pytest.raises(LintSeqError, match=r"none\.py' ended with exit code 3; mend"):
        run_commands([broken], tmp_path)


def test_instructions_leave_out_what_is_tested_and_what_is_too_long(tmp_path: Path) -> None:
    mined = tmp_path / "mined.jsonl"
    rows = [{"instruction": f"Write f{n}.", "response": "x = 1\n" * n} for n in range(1, 6)]
    mined.write_text("".join(json.dumps(row) + "\n" for row in rows))
    choice = Instructions(mined, 2, 60, 18, basics=("Basics/0",))
    counts = write_instructions(choice, tmp_path / "out.jsonl", len)
    kept = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert counts["mined"] == 2
    assert all(len(row["response"]) <= 18 for row in kept)
    assert "Basics/0" not in {row["source"] for row in kept}


def test_a_mined_row_that_does_not_fit_is_named(tmp_path: Path) -> None:
    mined = tmp_path / "mined.jsonl"
    mined.write_text('{"instruction": "a"}\n')
    with pytest.raises(LintSeqError, match=r"mined\.jsonl, line 1: expected an object"):
        write_instructions(Instructions(mined, 2, 60, 18, basics=()), tmp_path / "out.jsonl", len)


def test_tidying_changes_no_program() -> None:
    assert tidy("def f(x): \n\treturn x \n") == "def f(x):\n    return x"
    text = 'x = """a  \nb"""\n'
    assert tidy(text) == text


def test_an_untuned_model_is_not_trained() -> None:
    settings = replace(PROFILES["cpu"], suites=())
    assert settings.arms[0] == Arm("untuned", "none")
    planned = commands(settings, Layout(Path("x")), device="cpu")
    assert not any("untuned" in str(one) for one in planned if one.stage == "train")


@pytest.mark.parametrize("profile", ["small", "paper"])
def test_a_plan_counts_every_run_of_a_profile(profile: str) -> None:
    settings = PROFILES[profile]
    plans = plan(settings)
    trained = [one for one in plans if one.steps]
    runs = [seed for arm in settings.arms if arm.target != "none" for seed in arm.seeds]
    assert len(trained) == len(runs)
    assert {one.n_parameters for one in plans} == {134_515_008}
    assert all(one.tokens > 0 and one.gpu_hours > 0 for one in plans)


def test_the_paper_profile_has_the_papers_values() -> None:
    """Section 3.2 of the reference: TinyCodeLM-150M."""
    settings = PROFILES["paper"]
    values = (settings.batch_size, settings.learning_rate, settings.max_length, settings.steps)
    assert values == (512, 3e-4, 1_024, 1_740)
    assert (settings.samples_per_program, settings.precision) == (5, "bf16")
    assert (settings.lora_rank, settings.n_samples) == (None, 50)


def test_the_token_matched_arm_ends_at_the_tokens_of_the_edits(tmp_path: Path) -> None:
    settings = replace(PROFILES["small"], suites=())
    layout = Layout(tmp_path)

    def matched() -> str:
        (found,) = (
            str(c) for c in commands(settings, layout, device="cpu") if "token-budget" in str(c)
        )
        return found

    assert "whole-tokens-seed1" in matched()
    assert "--token-budget TOKENS " in matched()
    run = layout.run(Arm("lintseq", "edits"), 1)
    run.mkdir(parents=True)
    line = {name: 0 for name in StepMetrics.__dataclass_fields__} | {"trained_tokens_total": 4321}
    (run / "metrics.jsonl").write_text(json.dumps(line) + "\n")
    assert "--token-budget 4321 " in matched()


def test_a_stage_that_is_none_is_named() -> None:
    assert wanted_stages(["train", "data"]) == ("data", "train")
    with pytest.raises(LintSeqError, match="no stage 'trian'; one of data, train, sample"):
        wanted_stages(["trian"])
