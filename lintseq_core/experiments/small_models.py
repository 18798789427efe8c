"""Edits against whole programs on a model of 135 million parameters (paper: table 1).

    python -m lintseq_core.experiments.small_models --profile cpu --mined mined.jsonl -o runs/cpu

One set of instructions, arms that differ in what they are taught to write, the same problems for
all. An experiment is a list of `lintseq` commands, each of which goes on where it was stopped;
--dry-run prints them. What they leave is read by `small_models_report`.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.experiment import Experiment, Result, write_result
from lintseq_core.experiments.plans import (
    RunPlan,
    parameters_of,
    plan_text,
    sampling_plan,
    training_plan,
)
from lintseq_core.experiments.profiles import Profile
from lintseq_core.experiments.small_models_arms import (
    PROFILES,
    STAGES,
    Layout,
    Settings,
    StageName,
    chosen_tasks,
    commands,
    run_commands,
    run_process,
    runs_of,
    samplings,
)
from lintseq_core.experiments.small_models_claims import CLAIMS
from lintseq_core.experiments.small_models_report import report

NAME = "small_models"
REPORT = "report"
"""Where tables, verdicts and record are, below the folder of an experiment."""
_PROBLEMS = {"humanevalpack": 164, "mbppplus": 378, "basics": 24}
_TOKENS = {"whole": 270, "edits": 410}
"""An example, instruction included: means over 1,500 mined functions with SmolLM2's tokenizer."""


def _untouched(settings: Settings) -> tuple[str, ...]:
    """Problems of `basics` that are tested, so not trained on."""
    return tuple(
        task
        for suite in settings.suites
        if suite.benchmark == "basics"
        for task in chosen_tasks(suite)
    )


def run_settings(
    name: str,
    profile: Profile,
    settings: Settings,
    output: Path,
    *,
    command: str,
    mined: Path | None,
    more: tuple[Path, ...] = (),
    stages: tuple[StageName, ...] = STAGES,
    device: str = "auto",
    run: Callable[[Sequence[str]], int] = run_process,
) -> None:
    """Do what is not done yet of the experiment called `name` in the folder `output`.

    `command` is how it was started, for the record.
    """
    layout = Layout(output)
    output.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if "data" in stages and not layout.instructions.exists():
        from lintseq_core.experiments.small_models_data import Instructions, write_instructions
        from lintseq_core.models.load import load_encoder

        encoder = load_encoder(settings.model)
        choice = Instructions(
            mined,
            settings.n_mined,
            settings.max_prompt_tokens,
            settings.max_program_tokens,
            more,
            basics=_untouched(settings) if settings.trains_on_basics else None,
        )
        layout.instructions.parent.mkdir(parents=True, exist_ok=True)
        counts = write_instructions(
            choice, layout.instructions, lambda text: len(encoder.encode([text])[0])
        )
        print(f"instructions: {counts}", flush=True)
    run_commands(commands(settings, layout, device=device), output, stages, run=run)
    if "report" in stages:
        result = report(name, profile, settings, layout)
        shutil.rmtree(output / REPORT, ignore_errors=True)
        write_result(
            replace(result, record=replace(result.record, command=command)), output / REPORT
        )
        for one in result.judgements:
            print(f"{one.claim.statement}: {one.verdict}. {one.words}.", flush=True)
        print(output / REPORT, flush=True)


def main(
    profile: Annotated[Profile, typer.Option(help="How large.")] = "smoke",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder.")] = Path("small_models"),
    mined: Annotated[
        Path | None, typer.Option(help="Rows of 'lintseq dataset mine'; smoke needs none.")
    ] = None,
    more: Annotated[
        list[Path] | None,
        typer.Option(help="More rows of instruction and response; nothing made of them may ship."),
    ] = None,
    stage: Annotated[
        list[str] | None, typer.Option(help=f"Only this one: {', '.join(STAGES)}.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda.")] = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands.")] = False,
) -> None:
    """Train and compare the arms of a profile; the same command goes on where it was stopped."""
    wanted = wanted_stages(stage)
    if dry_run:
        for one in plan(PROFILES[profile]):
            print(plan_text(one))
        for command in commands(PROFILES[profile], Layout(output), device=device):
            print(command)
        return
    run_settings(
        NAME,
        profile,
        PROFILES[profile],
        output,
        command=command_of(NAME),
        mined=mined,
        more=tuple(more or ()),
        stages=wanted,
        device=device,
    )


def run(settings: Settings) -> Result:
    """The result of a profile that needs no mined functions, in a folder that is then removed."""
    profile = _profile(settings)
    if settings.n_mined != 0:
        raise LintSeqError(
            f"{NAME}: {profile} takes mined functions and keeps its files: run "
            f"python -m lintseq_core.experiments.{NAME} --profile {profile} --mined FILE -o FOLDER"
        )
    with TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        stages = STAGES[:-1]
        command = f"python -m lintseq_core.experiments.{NAME} --profile {profile}"
        run_settings(
            NAME, profile, settings, layout.folder, command=command, mined=None, stages=stages
        )
        return report(NAME, profile, settings, layout)


def plan(settings: Settings) -> tuple[RunPlan, ...]:
    """What training and sampling of every run take."""
    from lintseq_core.models.presets import find_preset

    preset = find_preset(settings.model)
    assert preset is not None, settings.model
    n_parameters = parameters_of(preset.config)
    layout, profile = Layout(Path("FOLDER")), _profile(settings)
    command = (
        f"python -m lintseq_core.experiments.{NAME} --profile {profile} --mined MINED -o FOLDER"
    )
    values = {
        "model": settings.model, "batch_size": settings.batch_size, "steps": settings.steps,
        "learning_rate": settings.learning_rate, "max_length": settings.max_length,
        "precision": settings.precision, "lora_rank": settings.lora_rank,
        "s": settings.samples_per_program, "schedule": "linear", "weight_decay": 0.01,
    }  # fmt: skip
    plans = []
    for arm, seed in runs_of(settings):
        if arm.target != "none":
            steps = settings.steps
            plans.append(
                training_plan(
                    f"train {arm.name}, seed {seed}",
                    settings=values | {"target": arm.target, "method": arm.method},
                    n_parameters=n_parameters,
                    steps=steps,
                    tokens=float(steps * settings.batch_size * _TOKENS[arm.target]),
                    gpus=1,
                    command=command,
                    assumptions=(f"{_TOKENS[arm.target]} tokens an example",),
                )
            )
        for sampled in samplings(settings, layout, arm, seed):
            n_problems = sampled.suite.n_tasks or _PROBLEMS[sampled.suite.benchmark]
            plans.append(
                sampling_plan(
                    f"sample {arm.name}, seed {seed}: {sampled.folder.name}",
                    settings={"temperature": sampled.temperature, "top_p": settings.top_p},
                    n_parameters=n_parameters,
                    n_problems=n_problems,
                    n_samples=settings.n_samples,
                    tokens_per_sample=min(200.0, settings.max_tokens),
                    command=command,
                )
            )
    return tuple(plans)


def _profile(settings: Settings) -> Profile:
    return next(profile for profile, one in PROFILES.items() if one == settings)


EXPERIMENT = Experiment(
    NAME, "Small models: edits against whole programs on SmolLM2-135M.", CLAIMS, PROFILES, run, plan
)


def wanted_stages(asked: Sequence[str] | None) -> tuple[StageName, ...]:
    """The stages in `asked`, all for none, in their order; LintSeqError names a wrong one."""
    if wrong := [one for one in asked or () if one not in STAGES]:
        raise LintSeqError(f"no stage {wrong[0]!r}; one of {', '.join(STAGES)}")
    return tuple(one for one in STAGES if not asked or one in asked)


def command_of(module: str) -> str:
    """The command line that runs this process, for a record."""
    return shlex.join(["python", "-m", f"lintseq_core.experiments.{module}", *sys.argv[1:]])


def run_as_module(command: Callable[..., None], name: str) -> None:
    """Run `command` on this process's arguments; an error of ours is one line and exit code 1."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    try:
        app()
    except LintSeqError as error:
        sys.exit(f"{name}: error: {error}")


if __name__ == "__main__":
    run_as_module(main, NAME)
