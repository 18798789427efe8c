"""The runs at full size have the paper's hyperparameters, and commands that exist."""

import importlib
import shlex

import pytest
import typer.main

from lintseq_core.cli import app
from lintseq_core.experiments import paper_runs
from lintseq_core.experiments.command import main
from lintseq_core.experiments.plans import plan_text
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.results.paper import published

PLANNED = (
    "algorithm", "edit_data", "pretraining", "instruction_tuning", "pass_at_1", "test_time_scaling", "linter_ablation",
    "diversity", "sampling",
)  # fmt: skip
ON_CPUS = ("algorithm", "edit_data")
MODELS = (*paper_runs.SMALL, *paper_runs.LARGE)


def number(quantity, **which):
    (found,) = published(quantity, with_unverified=True, **which)
    return found.value


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("target", "variant"), [("whole", "Instruct"), ("lintseq", "LintSeqInstruct")]
)
def test_fine_tuning_is_the_papers(model, target, variant):
    (plan,) = paper_runs.tuning_plans((model,), (target,))
    settings = plan.settings
    assert settings["learning_rate"] == number(
        "fine-tuning learning rate", model=paper_runs.PAPER_NAMES[model]
    )
    assert settings["batch_size"] == number("fine-tuning batch")
    assert settings["weight_decay"] == number("fine-tuning weight decay")
    assert settings["warmup_ratio"] == number("fine-tuning warm-up share")
    assert settings["max_length"] == number("fine-tuning context")
    assert settings["seed"] == number("fine-tuning seed")
    assert settings["epochs"] == number("fine-tuning epochs", variant=variant)
    assert plan.steps == number("fine-tuning steps", variant=variant)
    rows = "instruction and program pairs" if target == "whole" else "edit sequence examples"
    assert settings["rows"] == number(rows)
    assert settings["sequences_a_program"] == number("edit sequences per program (s)")


@pytest.mark.parametrize("plan", paper_runs.pretraining_plans(), ids=lambda plan: plan.name)
def test_pre_training_is_the_papers(plan):
    model = plan.name.split(",")[0]
    settings = plan.settings
    assert plan.tokens == number("pretraining tokens")
    assert settings["tokens_a_step"] == number("pretraining batch")
    assert plan.n_parameters == number("parameters", model=model)
    assert settings["num_hidden_layers"] == number("layers", model=model)
    assert settings["hidden_size"] == number("model width", model=model)
    assert settings["num_attention_heads"] == number("attention heads", model=model)
    assert settings["intermediate_size"] == number("feed-forward width", model=model)
    assert settings["learning_rate"] == number("pretraining learning rate")
    assert settings["least_learning_rate"] == number("pretraining lowest learning rate")
    assert settings["warmup_steps"] == number("pretraining warm-up")
    assert settings["max_length"] == number("pretraining context")
    assert plan.steps == 137_330


def test_the_data_are_the_papers():
    (lintseq, whole) = paper_runs.data_plans([("lintseq", "pyflakes"), ("whole", "")])
    assert lintseq.settings["programs"] == number("instruction and program pairs")
    assert lintseq.settings["sequences_a_program"] == number("edit sequences per program (s)")
    assert whole.settings["sequences"] == number("instruction and program pairs")


def test_sampling_is_the_papers():
    (plan,) = paper_runs.sampling_plans(
        ("phi-3-mini",), ("lintseq",), (paper_runs.HUMANEVAL,), (SamplingSettings(1.0, 0.95),)
    )
    assert plan.settings["problems"] == number("problems", benchmark="HumanEval")
    assert plan.settings["samples_per_problem"] == number(
        "samples per problem", model="large models", version="v1", place="Figure 3"
    )
    assert plan.settings["max_tokens"] == number("most new tokens", benchmark="HumanEval")
    assert plan.settings["top_p"] == number("top-p", benchmark="HumanEval")
    assert plan.flops == 2 * plan.n_parameters * 164 * 50 * 246


@pytest.mark.parametrize("name", PLANNED)
def test_the_printed_commands_are_understood(name):
    module = importlib.import_module(f"lintseq_core.experiments.{name}")
    plans = module.plan(module.EXPERIMENT.config("paper"))
    assert plans
    commands = {part for plan in plans for part in plan.command.split(" && ")}
    for command in commands:
        words = shlex.split(command)
        at = max(words.index(word) for word in ("lintseq_core", "lintseq") if word in words)
        verb, *arguments = words[at + 1 :]
        typer.main.get_command(app).commands[verb].make_context(verb, arguments)


@pytest.mark.parametrize("name", PLANNED)
def test_a_dry_run_prints_configuration_counts_and_command_and_runs_nothing(
    name, capsys, monkeypatch
):
    module = importlib.import_module(f"lintseq_core.experiments.{name}")
    monkeypatch.setattr(module, "run", lambda _: pytest.fail("it ran"))
    with pytest.raises(SystemExit) as ended:
        main(module.EXPERIMENT, ["--profile", "paper", "--dry-run"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    plans = module.plan(module.EXPERIMENT.config("paper"))
    assert printed.strip() == "\n".join(map(plan_text, plans)).strip()
    on_cpus = name in ON_CPUS
    assert ("CPU hours" if on_cpus else "GPU hours") in printed
    assert ("FLOPs, about" in printed) is not on_cpus
    assert printed.count("lintseq") >= len(plans)


@pytest.mark.parametrize("name", [name for name in PLANNED if name not in ON_CPUS])
def test_what_is_only_planned_is_not_run_under_its_name(name, capsys):
    module = importlib.import_module(f"lintseq_core.experiments.{name}")
    with pytest.raises(SystemExit) as ended:
        main(module.EXPERIMENT, ["--profile", "paper"])
    assert ended.value.code == 3
    assert capsys.readouterr().err == (
        f"{name}: error: the profile 'paper' is planned here and not run; --dry-run prints its "
        "commands\n"
    )
