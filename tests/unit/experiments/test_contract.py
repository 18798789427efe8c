"""The contract of experiments: verdicts follow intervals, results come back as they were written."""

import dataclasses
import math

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.claims import Claim, Effect, judge, untold
from lintseq_core.experiments.command import main
from lintseq_core.experiments.experiment import (
    Experiment,
    Result,
    make_record,
    read_result,
    recorded_results,
    write_result,
)
from lintseq_core.experiments.plans import parameters_of, plan_text, sampling_plan, training_plan
from lintseq_core.models.presets import PRESETS, count_parameters
from lintseq_core.results.frames import Frame

ABOVE = Claim("A is above B", "Figure 5")
ABOUT = Claim("about four", "Appendix", low=3.0, high=5.0)


@pytest.mark.parametrize(
    ("claim", "low", "high", "verdict", "end"),
    [
        (ABOVE, 0.4, 5.8, "holds", "all of it above 0"),
        (ABOVE, -3.0, -0.1, "does not hold", "none of it above 0"),
        (ABOVE, -1.0, 3.4, "cannot be told", "only part of it above 0"),
        (ABOVE, 0.0, 3.4, "cannot be told", "only part of it above 0"),
        (ABOVE, 0.0, 0.0, "cannot be told", "all 164 problems are alike"),
        (ABOVE, -1.0, -1.0, "does not hold", "none of it above 0"),
        (ABOUT, 3.5, 4.5, "holds", "all of it between 3 and 5"),
        (ABOUT, 5.0, 6.0, "does not hold", "none of it between 3 and 5"),
        (ABOUT, 4.5, 5.5, "cannot be told", "only part of it between 3 and 5"),
    ],
)
def test_a_verdict_follows_the_interval(claim, low, high, verdict, end):
    found = judge(claim, Effect("A less B", (low + high) / 2, low, high, "points", n=164))
    assert found.verdict == verdict
    assert found.words.endswith(end)
    assert "over 164 problems" in found.words


def test_words_say_the_numbers():
    found = judge(ABOVE, Effect("A less B", 1.234, -0.5, 12.34, "points", n=20))
    assert found.words == (
        "A less B: 1.23 points, 95% interval −0.5 to 12.3 over 20 problems: only part of it above 0"
    )


def test_without_an_interval_nothing_can_be_told():
    found = judge(ABOVE, Effect("A less B", 3.0, math.nan, math.nan, "points", n=1))
    assert found.verdict == "cannot be told"
    assert found.words == "A less B: 3 points, and no interval from 1 problems"
    assert untold(ABOVE, "nothing was run").verdict == "cannot be told"


@dataclasses.dataclass(frozen=True)
class Config:
    profile: str = "smoke"
    n: int = 3


def _run(config):
    table = Frame({"name": ["a", "b"], "n": [config.n, None], "share": [0.5, math.nan]})
    judged = judge(ABOVE, Effect("A less B", 1.0, 0.5, 2.0, "points", n=3))
    return Result(
        "demo", "smoke", {"rows": table}, (judged,), make_record("demo", "smoke", config),
        notes=("three rows",), seconds=1.26,
    )  # fmt: skip


DEMO = Experiment("demo", "A demonstration.", (ABOVE,), {"smoke": Config()}, _run)


def test_a_result_comes_back_as_it_was_written(tmp_path):
    write_result(_run(Config()), tmp_path / "demo" / "one")
    (found,) = recorded_results("demo", tmp_path)
    assert dict(found.tables["rows"].columns) == {
        "name": ["a", "b"], "n": [3, None], "share": [0.5, None]
    }  # fmt: skip
    assert found.verdicts[0][:2] == ("A is above B", "holds")
    assert (found.profile, found.notes, found.seconds) == ("smoke", ("three rows",), 1.3)
    assert found.record.config == {"profile": "smoke", "n": 3}


def test_a_changed_table_is_not_taken_for_the_recorded(tmp_path):
    write_result(_run(Config()), tmp_path)
    (tmp_path / "rows.csv").write_text("name\nc\n")
    with pytest.raises(LintSeqError, match=r"rows\.csv: not the file that was recorded"):
        read_result(tmp_path)


def test_the_command_writes_the_result_and_never_over_another(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(DEMO, ["--profile", "smoke", "-o", str(tmp_path / "out")])
    assert ended.value.code == 0
    assert "A is above B: holds." in capsys.readouterr().out
    assert (tmp_path / "out" / "record.json").is_file()
    with pytest.raises(SystemExit) as ended:
        main(DEMO, ["-o", str(tmp_path / "out")])
    assert ended.value.code == 3
    assert "holds a record already; choose another folder" in capsys.readouterr().err


def test_a_profile_that_is_missing_is_named(capsys):
    with pytest.raises(SystemExit) as ended:
        main(DEMO, ["--profile", "paper"])
    assert ended.value.code == 3
    assert "no profile 'paper'; choose one of smoke" in capsys.readouterr().err


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_parameters_by_arithmetic_are_those_of_the_module(preset):
    assert parameters_of(preset.config) == count_parameters(preset)


def test_plans_count_what_a_run_takes():
    trained = training_plan(
        "one", settings={"lr": 3e-4}, n_parameters=10, steps=2, tokens=100, gpus=1, command="x"
    )
    assert trained.flops == 6 * 10 * 100
    sampled = sampling_plan(
        "two", settings={}, n_parameters=10, n_problems=3, n_samples=2, tokens_per_sample=5,
        command="lintseq generate",
    )  # fmt: skip
    assert (sampled.tokens, sampled.flops) == (30, 600)
    assert plan_text(sampled).splitlines()[-1] == "  lintseq generate"
