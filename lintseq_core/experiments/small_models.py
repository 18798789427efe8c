"""07, small models (table 1): edits against whole programs on a model of 135 million parameters.

    python -m lintseq_core.experiments.small_models --profile cpu --mined mined.jsonl -o runs/cpu

One set of instructions, arms that differ in what they are taught to write, the same problems for
all. A run is a list of `lintseq` commands, each of which goes on where it was stopped; --dry-run
prints them. Beside it stands the published table.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import typer

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments import recorded_models
from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge, untold
from lintseq_core.experiments.command import command_of, run_as_module
from lintseq_core.experiments.experiment import Experiment, Result, write_result
from lintseq_core.experiments.pipeline.arms import Arm, Instructions, Recipe, Suite
from lintseq_core.experiments.pipeline.cells import CellOutcome, diversity_by_problem, read_cell
from lintseq_core.experiments.pipeline.report import cell_tables, finished_stages, run_record
from lintseq_core.experiments.pipeline.stages import (
    STAGES,
    RunFolder,
    Runner,
    StageName,
    run_process,
    run_stages,
)
from lintseq_core.experiments.plans import (
    RunPlan,
    parameters_of,
    plan_text,
    sampling_plan,
    training_plan,
)
from lintseq_core.experiments.profiles import Profile
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.metrics.intervals import mean_interval
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import PublishedNumber, published
from lintseq_core.results.scores.pass_at_k import compare
from lintseq_core.results.scores.tally import Tally

NAME = "small_models"
REPORT = "report"
"""Where tables, verdicts and record are, below the folder of a run."""
_SMALL = "TinyCodeLM 150M"
EDITS_HELP = Claim(
    "A small model trained on edits solves more problems in k tries than one trained on whole "
    "programs",
    "Table 1, pass@10",
    published(model=_SMALL, variant="LintSeqInstruct", k=10)
    + published(model=_SMALL, variant="Instruct", k=10),
)
LINTER_HELPS = Claim(
    "Without the linter, edits in random order, the gain goes: LintSeq solves more than RandSeq",
    "linter ablation (v1 Figure 4)",
    published(model=_SMALL, variant="RandSeqInstruct", k=50),
)
MORE_DIVERSE = Claim(
    "Programs written edit by edit differ more from each other than whole ones",
    "abstract; the paper measures it by pass@k alone",
)
CLAIMS = (EDITS_HELP, LINTER_HELPS, MORE_DIVERSE)
PLACES = ("Table 1", "Table 2")
BEATS = Claim(
    "On the paper's table, LintSeq improves TinyCodeLM in every cell: gains are above 0",
    "Tables 1 and 2 (v1), Table 1 (v3)",
)
OURS = Claim(
    "SmolLM2-135M taught edits solves more at pass@1 than taught whole programs",
    "as Table 1, on another model of its size",
)
TABLE_CLAIMS = (BEATS, OURS)
"""Of the published table, and of our place beside it."""
PAIRS = (
    ("lintseq", "whole"),
    ("lintseq", "randseq"),
    ("lintseq", "whole-tokens"),
    ("whole", "untuned"),
    ("lintseq", "untuned"),
    ("lintseq guarded", "lintseq"),
)
"""Arms that are compared."""
_PROBLEMS = {"humanevalpack": 164, "mbppplus": 378, "basics": 24}
_TOKENS = {"whole": 270, "edits": 410}
"""An example, instruction included: means over 1,500 mined functions with SmolLM2's tokenizer."""

_UNTUNED = Arm("untuned", "nothing", seeds=(1,))
_WHOLE, _LINTSEQ = Arm("whole", "whole", seeds=(1,)), Arm("lintseq", "lintseq", seeds=(1,))
_RANDSEQ = Arm("randseq", "randseq", seeds=(1,))
_TWICE = tuple(
    replace(arm, seeds=(1, 2))
    for arm in (_WHOLE, _LINTSEQ, replace(_LINTSEQ, name="lintseq guarded", guard=True))
)


def _drawn(max_tokens: int, *temperatures: float) -> tuple[SamplingSettings, ...]:
    return tuple(SamplingSettings(one, max_tokens=max_tokens) for one in temperatures)


PROFILES: dict[Profile, Recipe] = {
    "smoke": Recipe(
        (_WHOLE, _LINTSEQ, _RANDSEQ), (Suite("basics", 3),), 2, _drawn(24, 0.8), steps=3,
        batch_size=4, micro_batch=4, learning_rate=5e-3, max_length=1_024,
        instructions=Instructions("basics", 0, 600, 600),
    ),
    "cpu": Recipe(
        (_UNTUNED, _WHOLE, _LINTSEQ, _RANDSEQ),
        (Suite("humanevalpack", 10), Suite("mbppplus", 10)), 5, _drawn(128, 0.8), steps=60,
        batch_size=8, micro_batch=1, learning_rate=1e-3, max_length=512,
        instructions=Instructions("mbpp", 300, 120, 100),
        model="smollm2-135m", precision="bf16", lora_rank=8,
    ),
    "small": Recipe(
        (
            _UNTUNED, *_TWICE, _RANDSEQ,
            Arm("whole-tokens", "whole", seeds=(1,), matches="lintseq"),
        ),
        (Suite("humanevalpack"), Suite("mbppplus")), 20, _drawn(512, 0.2, 0.8, 1.0), steps=400,
        batch_size=128, micro_batch=32, learning_rate=3e-4, max_length=1_024,
        instructions=Instructions("mbpp", None, 400, 600),
        model="smollm2-135m", precision="bf16",
    ),
    # The paper's values for TinyCodeLM-150M: batch 512, rate 3e-4, 1,740 steps.
    "paper": Recipe(
        (_UNTUNED, *_TWICE, _RANDSEQ),
        (Suite("humanevalpack"), Suite("mbppplus")), 50, _drawn(512, 0.2, 0.8, 1.0), steps=1_740,
        batch_size=512, micro_batch=16, learning_rate=3e-4, max_length=1_024,
        instructions=Instructions("mbpp", None, 1_024, 1_024),
        model="smollm2-135m", precision="bf16",
    ),
}  # fmt: skip


def run_and_report(
    name: str,
    profile: Profile,
    folder: RunFolder,
    *,
    command: str,
    mined: Path | None,
    more: Sequence[Path] = (),
    stages: Sequence[StageName] = STAGES,
    run: Runner = run_process,
) -> None:
    """Do what is not done yet of the run called `name`, and report it.

    `command` is how it was started, for the record.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    run_stages(folder, stages, mined=mined, more=more, run=run, tell=_tell)
    if "report" in stages:
        result = report(name, profile, folder)
        shutil.rmtree(folder.path / REPORT, ignore_errors=True)
        write_result(
            replace(result, record=replace(result.record, command=command)),
            folder.path / REPORT,
        )
        for one in result.judgements:
            _tell(f"{one.claim.statement}: {one.verdict}. {one.words}.")
        _tell(str(folder.path / REPORT))


def _tell(line: str) -> None:
    print(line, flush=True)


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
    folder = RunFolder(PROFILES[profile], output, device)
    if dry_run:
        for one in plan(folder.recipe):
            print(plan_text(one))
        for command in folder.commands():
            print(command)
        return
    run_and_report(
        NAME, profile, folder, command=command_of(f"-m lintseq_core.experiments.{NAME}"),
        mined=mined, more=more or (), stages=wanted,
    )  # fmt: skip


def run(recipe: Recipe) -> Result:
    """The result of a profile that needs no mined functions, in a folder that is then removed."""
    profile = _profile(recipe)
    command = f"python -m lintseq_core.experiments.{NAME} --profile {profile}"
    if recipe.instructions.n_mined != 0:
        raise LintSeqError(
            f"{NAME}: {profile} takes mined functions and keeps its files: run "
            f"{command} --mined FILE -o FOLDER"
        )
    with TemporaryDirectory() as path:
        folder = RunFolder(recipe, Path(path))
        run_and_report(NAME, profile, folder, command=command, mined=None, stages=STAGES[:-1])
        return report(NAME, profile, folder)


def report(name: str, profile: Profile, folder: RunFolder) -> Result:
    """Everything that was measured in the folder of a run, as its Result.

    LintSeqError if a stage before is not finished.
    """
    return report_on(name, profile, folder, list(map(read_cell, folder.cells())))


def report_on(
    name: str, profile: Profile, folder: RunFolder, cells: Sequence[CellOutcome]
) -> Result:
    """What `cells` measured, as a Result; `folder` has the training and its data."""
    tables = cell_tables(folder, cells, PAIRS)
    k = max(tables["scores"].columns["k"])
    return Result(
        name, profile, tables, _judgements(cells, k), run_record(name, profile, folder, cells),
        _notes(folder), sum(stage["seconds"] for stage in finished_stages(folder)),
    )  # fmt: skip


def _judgements(cells: Sequence[CellOutcome], k: int) -> tuple[Judgement, ...]:
    """The claims on all problems together, at the largest k and of the first seed."""
    found = []
    for claim, other in ((EDITS_HELP, "whole"), (LINTER_HELPS, "randseq")):
        merged = [_merged(cells, arm) for arm in ("lintseq", other)]
        if None in merged:
            found.append(untold(claim, "this profile does not have both arms"))
            continue
        a, b = (one for one in merged if one is not None)
        if not sum(a.c) + sum(b.c):
            found.append(untold(claim, f"neither lintseq nor {other} solves any problem"))
            continue
        (one,) = compare(a, b, [k])
        name = f"pass@{k} of lintseq less that of {other}"
        found.append(judge(claim, Effect.from_interval(name, one.paired.difference)))
    ours, theirs = (_vendi(cells, arm) for arm in ("lintseq", "whole"))
    if ours and theirs:
        gaps = [ours[problem] - theirs[problem] for problem in sorted(ours.keys() & theirs.keys())]
        name = "Vendi score, as a share of the programs, of lintseq less that of whole"
        found.append(judge(MORE_DIVERSE, Effect.from_interval(name, mean_interval(gaps))))
    else:
        found.append(untold(MORE_DIVERSE, "this profile does not have both arms"))
    return tuple(found)


def _merged(cells: Sequence[CellOutcome], arm: str) -> Tally | None:
    """The problems of all suites at the arm's middle temperature as one run."""
    chosen = [(cell.cell.suite.benchmark, cell.judged()) for cell in _chosen(cells, arm)]
    if not chosen:
        return None
    return replace(
        chosen[0][1],
        name=arm,
        task_ids=tuple(f"{suite} {task}" for suite, found in chosen for task in found.task_ids),
        n=tuple(n for _, found in chosen for n in found.n),
        c=tuple(n for _, found in chosen for n in found.c),
    )


def _chosen(cells: Sequence[CellOutcome], arm: str) -> list[CellOutcome]:
    temperatures = sorted({cell.cell.sampling.temperature for cell in cells})
    middle = temperatures[len(temperatures) // 2]
    seeds = [cell.cell.seed for cell in cells if cell.cell.arm.name == arm]
    chosen = {"arm": arm, "temperature": middle, "seed": min(seeds, default=0)}
    return [cell for cell in cells if chosen.items() <= cell.key().items()]


def _vendi(cells: Sequence[CellOutcome], arm: str) -> dict[str, float]:
    """Of each problem the Vendi score of its programs, as a share of their number.

    The share of different syntax trees would say as much, but nearly all of a few samples of a
    small model differ somewhere.
    """
    return {
        f"{cell.cell.suite.benchmark} {problem}": measures.vendi / measures.n_programs
        for cell in _chosen(cells, arm)
        for problem, measures in diversity_by_problem(cell).items()
    }


def _notes(folder: RunFolder) -> tuple[str, ...]:
    """What limits the numbers, from the settings that they were made with."""
    recipe = folder.recipe
    told = json.loads(folder.instructions.with_suffix(".json").read_text(encoding="utf-8"))
    left_out = ("too long", "problem of MBPP+")
    kept = {name: n for name, n in told["counts"].items() if name not in left_out}
    notes = [
        f"Instructions: {', '.join(f'{n:,} {name}' for name, n in kept.items())}.",
        f"{recipe.steps} steps of {recipe.batch_size} examples, {recipe.n_samples} samples "
        f"a problem of at most {recipe.sampling[0].max_tokens} tokens.",
    ]
    if recipe.model == "smollm2-135m":
        notes.append(
            "Every arm starts from SmolLM2-135M-Instruct, dequantised from 4 bits a weight: an "
            "instruction model, where the paper starts from pretrained ones."
        )
    if recipe.lora_rank is not None:
        notes.append(
            f"Adapters of rank {recipe.lora_rank} are trained; the paper trains all weights."
        )
    n_tasks = sum(suite.n_tasks or 0 for suite in recipe.suites)
    if n_tasks:
        notes.append(
            f"{n_tasks} problems: intervals are wide, and what cannot be told here may hold "
            "elsewhere."
        )
    return tuple(notes)


def plan(recipe: Recipe) -> tuple[RunPlan, ...]:
    """What training and sampling of every run take."""
    from lintseq_core.models.presets import find_preset

    preset = find_preset(recipe.model)
    assert preset is not None, recipe.model
    n_parameters = parameters_of(preset.config)
    command = (
        f"python -m lintseq_core.experiments.{NAME} --profile {_profile(recipe)} --mined MINED "
        "-o FOLDER"
    )
    values = {
        "model": recipe.model, "batch_size": recipe.batch_size, "steps": recipe.steps,
        "learning_rate": recipe.learning_rate, "max_length": recipe.max_length,
        "precision": recipe.precision, "lora_rank": recipe.lora_rank,
        "schedule": "linear", "weight_decay": 0.01,
    }  # fmt: skip
    plans = []
    for arm, seed in recipe.trainings():
        target: Literal["edits", "whole"] = "edits" if arm.writes_edits else "whole"
        plans.append(
            training_plan(
                f"train {arm.name}, seed {seed}",
                settings=values | {"target": target, "method": arm.method, "s": arm.s},
                n_parameters=n_parameters,
                steps=recipe.steps,
                tokens=float(recipe.steps * recipe.batch_size * _TOKENS[target]),
                gpus=1,
                command=command,
                assumptions=(f"{_TOKENS[target]} tokens an example",),
            )
        )
    for cell in RunFolder(recipe, Path("FOLDER")).cells():
        drawn = cell.sampling
        plans.append(
            sampling_plan(
                f"sample {cell.arm.name}, seed {cell.seed}: {cell.samples.name}",
                settings={"temperature": drawn.temperature, "top_p": drawn.top_p},
                n_parameters=n_parameters,
                n_problems=cell.suite.n_tasks or _PROBLEMS[cell.suite.benchmark],
                n_samples=recipe.n_samples,
                tokens_per_sample=min(200.0, drawn.max_tokens),
                command=command,
            )
        )
    return tuple(plans)


def _profile(recipe: Recipe) -> Profile:
    return next(profile for profile, one in PROFILES.items() if one == recipe)


def published_table() -> Frame:
    """model, variant, version and the four scores of the published tables, in their order."""
    numbers = [one for place in PLACES for one in published("pass@k", place=place)]
    keys = dict.fromkeys((one.version, one.model, one.variant) for one in numbers)
    value = {
        (one.version, one.model, one.variant, one.benchmark, one.k): one.value for one in numbers
    }
    rows = [
        {
            "model": model, "variant": variant, "version": version,
            **{
                f"{benchmark} pass@{k}": value.get((version, model, variant, benchmark, k))
                for benchmark in ("HumanEval", "MBPP(+)")
                for k in (1, 10)
            },
        }
        for version, model, variant in keys
    ]  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def bar_frame() -> Frame:
    """model (with its variant), k, score: HumanEval of version 1, for a figure."""
    rows = [
        {"model": f"{one.model} {one.variant}".strip(), "k": f"pass@{one.k}", "score": one.value}
        for place in PLACES
        for one in published("pass@k", version="v1", benchmark="HumanEval", place=place)
    ]
    return frame_of(rows, ("model", "k", "score"))


def command_frame(profile: Profile) -> Frame:
    """The commands of this profile, with the stage they belong to."""
    folder = RunFolder(PROFILES[profile], Path("runs") / "small_models" / profile)
    rows = [{"stage": one.stage, "command": str(one)} for one in folder.commands()]
    return frame_of(rows, ("stage", "command"))


def published_judgements() -> tuple[Judgement, ...]:
    """The table's claim judged by its own cells."""
    gains = list(_gains())
    gain = Effect.from_interval(
        "Published score of LintSeqInstruct less that of Instruct",
        mean_interval(gains), scale=1, of="cells",
    )  # fmt: skip
    return (judge(BEATS, gain),)


def table_judgements() -> tuple[Judgement, ...]:
    """Published and recorded; of ours there are as many as recorded seeds and temperatures."""
    ours = recorded_models.recorded_judgements(OURS, "lintseq", "whole", 1)
    return (*published_judgements(), *ours)


def _gains() -> Iterator[float]:
    numbers: list[PublishedNumber] = [
        one for place in PLACES for one in published("pass@k", place=place)
    ]
    for one in numbers:
        for other in numbers:
            same = (one.version, one.benchmark, one.model, one.k) == (
                other.version, other.benchmark, other.model, other.k,
            )  # fmt: skip
            if same and (one.variant, other.variant) == ("LintSeqInstruct", "Instruct"):
                yield one.value - other.value


EXPERIMENT = Experiment(
    NAME, "Small models: edits against whole programs on SmolLM2-135M.", CLAIMS, PROFILES, run, plan
)


def wanted_stages(asked: Sequence[str] | None) -> tuple[StageName, ...]:
    """The stages in `asked`, all for none, in their order; LintSeqError names a wrong one."""
    if wrong := [one for one in asked or () if one not in STAGES]:
        raise LintSeqError(f"no stage {wrong[0]!r}; one of {', '.join(STAGES)}")
    return tuple(one for one in STAGES if not asked or one in asked)


if __name__ == "__main__":
    run_as_module(main, NAME)
