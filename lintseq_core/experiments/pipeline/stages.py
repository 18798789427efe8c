"""The stages of a run as `lintseq` commands, each done once, in this process or in others.

    FOLDER/data/instructions.jsonl lintseq.jsonl ...   what arms are taught
    FOLDER/runs/ARM-seed1/                             a training, its model in model/
    FOLDER/samples/ARM-seed1-BENCHMARK-T0.8/           traces and samples.jsonl of a cell
    FOLDER/results/ARM-seed1-BENCHMARK-T0.8.jsonl      its verdicts, with a record
    FOLDER/stages.jsonl                                commands that ran, with their seconds
    FOLDER/recipe.json                                 what the run was begun with

A stage is done when its output is there: whatever stopped, the same call goes on.
"""

from __future__ import annotations

import io
import json
import re
import runpy
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pipeline.arms import Arm, Recipe, S, Suite
from lintseq_core.experiments.pipeline.instructions import write_instructions
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.json_text import json_text

StageName = Literal["data", "train", "sample", "evaluate", "report"]
STAGES: tuple[StageName, ...] = ("data", "train", "sample", "evaluate", "report")
Runner = Callable[[Sequence[str]], int]
"""Carries out the `lintseq` command with these arguments; its exit code."""
_NO_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Command:
    """One `lintseq` command; it is done when `output` is there."""

    stage: StageName
    arguments: tuple[str, ...]
    output: Path

    def __str__(self) -> str:
        return shlex.join(["lintseq", *self.arguments])


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm and seed, asked one suite at one setting: drawn, judged and counted by itself."""

    arm: Arm
    seed: int
    suite: Suite
    sampling: SamplingSettings
    samples: Path
    """Folder of its traces."""
    results: Path
    """File of its verdicts."""

    def key(self) -> dict[str, Any]:
        """The columns that say what a row is of."""
        return {
            "arm": self.arm.name,
            "seed": self.seed,
            "suite": self.suite.benchmark,
            "temperature": self.sampling.temperature,
        }


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of a run of `recipe`: where its files are, and the commands that make them."""

    recipe: Recipe
    path: Path
    device: str = "auto"
    workers: int | None = None
    """Processes that make a data set; None: as many as it takes."""

    @property
    def instructions(self) -> Path:
        return self.path / "data" / "instructions.jsonl"

    def edits(self, arm: Arm) -> Path:
        """The data set of an arm; that of the paper's s has no number in its name."""
        name = arm.method if arm.s == S else f"{arm.method}-s{arm.s}"
        return self.path / "data" / f"{name}.jsonl"

    def run(self, arm: Arm, seed: int) -> Path:
        """The folder of the training whose model the arm has."""
        return self.path / "runs" / _name(self.recipe.trainer_of(arm, seed), seed)

    def model(self, arm: Arm, seed: int) -> str:
        """The folder of the trained model, or the name of one that is not trained."""
        if arm.taught == "nothing":
            return self.recipe.model
        return str(self.run(arm, seed) / "model")

    def cells(self) -> Iterator[Cell]:
        """Every arm and seed with every suite and setting that it is asked.

        LintSeqError where two of them would have the same files.
        """
        known: set[str] = set()
        for arm, seed in self.recipe.runs():
            for suite in self.recipe.suites:
                for drawn in self.recipe.sampling if arm.sampling is None else (arm.sampling,):
                    name = f"{_name(arm, seed)}-{suite.benchmark}-T{drawn.temperature:g}"
                    if name in known:
                        raise LintSeqError(
                            f"{name}: two cells of this name; give their arms names of their own, "
                            "or leave one of the settings away"
                        )
                    known.add(name)
                    results = self.path / "results" / f"{name}.jsonl"
                    yield Cell(arm, seed, suite, drawn, self.path / "samples" / name, results)

    def commands(self) -> Iterator[Command]:
        """Every command after the instructions are written, in order."""
        built: dict[Path, Command] = {}
        for arm, _ in self.recipe.trainings():
            built.setdefault(self.edits(arm), self._build(arm))
        yield from built.values()
        for arm, seed in self.recipe.trainings():
            yield self._train(arm, seed)
        cells = list(self.cells())
        yield from map(self.sample, cells)
        yield from map(self.evaluate, cells)

    def _build(self, arm: Arm) -> Command:
        output = self.edits(arm)
        arguments = ["dataset", "build", str(self.instructions), "-o", str(output)]
        arguments += ["-s", str(arm.s), "--method", arm.method]
        arguments += _given("--workers", self.workers)
        return Command("data", (*arguments,), output)

    def _train(self, arm: Arm, seed: int) -> Command:
        recipe, output = self.recipe, self.run(arm, seed)
        arguments = ["train", str(self.edits(arm)), "-o", str(output), "--model", recipe.model]
        arguments += ["--target", "edits" if arm.writes_edits else "whole"]
        arguments += _given("--lr", recipe.learning_rate)
        arguments += ["--batch-size", str(recipe.batch_size)]
        arguments += _given("--micro-batch", recipe.micro_batch)
        arguments += ["--precision", recipe.precision]
        arguments += _given("--max-length", recipe.max_length)
        arguments += ["--seed", str(seed)]
        arguments += _given("--lora", recipe.lora_rank)
        arguments += _given("--save-every", recipe.save_every)
        if arm.matches is None:
            arguments += ["--steps", str(recipe.steps)]
        else:
            budget = self._trained_tokens(arm.matches)
            arguments += ["--match", "tokens", "--token-budget", budget]
        return Command("train", (*arguments, "--device", self.device), output / "model")

    def _trained_tokens(self, name: str) -> str:
        """What the arm called `name` was trained on; a word in its place while it is not known."""
        from lintseq_core.training.metrics_log import read_metrics

        arm, seed = next(run for run in self.recipe.runs() if run[0].name == name)
        metrics = self.run(arm, seed) / "metrics.jsonl"
        if not metrics.is_file():
            return "TOKENS"
        return str(read_metrics(metrics)[-1].trained_tokens_total)

    def sample(self, cell: Cell) -> Command:
        """The command that draws the cell's samples."""
        drawn = cell.sampling
        arguments = ["generate", "-b", cell.suite.benchmark]
        arguments += ["--model", self.model(cell.arm, cell.seed)]
        if cell.arm.writes_edits:
            arguments.append("--stepwise")
        arguments += ["-n", str(self.recipe.n_samples)]
        arguments += ["--temperature", f"{drawn.temperature:g}", "--top-p", f"{drawn.top_p:g}"]
        arguments += _given("--min-p", drawn.min_p or None)
        arguments += ["--max-tokens", str(drawn.max_tokens)]
        arguments += ["--seed", str(cell.seed), "--device", self.device, "-o", str(cell.samples)]
        if cell.arm.guard:
            arguments += ["--guard", "lint"]
        for task in cell.suite.tasks():
            arguments += ["--task", task]
        return Command("sample", (*arguments,), cell.samples / "samples.jsonl")

    def evaluate(self, cell: Cell) -> Command:
        """The command that judges the cell's samples."""
        samples = str(cell.samples / "samples.jsonl")
        arguments = ("evaluate", samples, "-b", cell.suite.benchmark, "-o", str(cell.results))
        return Command("evaluate", (*arguments, "--allow-execution"), cell.results)


def _name(arm: Arm, seed: int) -> str:
    name = _NO_NAME.sub("_", arm.name)
    return name if arm.taught == "nothing" else f"{name}-seed{seed}"


def _given(option: str, value: float | None) -> list[str]:
    return [] if value is None else [option, f"{value:.10g}"]  # all digits of a number of steps


def run_stages(
    folder: RunFolder,
    stages: Sequence[StageName] = STAGES,
    *,
    mined: Path | None = None,
    more: Sequence[Path] = (),
    run: Runner,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Do what is not done yet: write the instructions, then run the commands of `stages`.

    `mined` and `more` are files of instructions; `tell` hears what is done. LintSeqError if a
    command fails: the same call goes on there; and for a folder that another recipe was begun in,
    unless this one adds arms, seeds, suites or settings to it.
    """
    _keep_recipe(folder)
    if "data" in stages and not folder.instructions.exists():
        from lintseq_core.models.load import load_encoder

        encoder = load_encoder(folder.recipe.model)
        folder.instructions.parent.mkdir(parents=True, exist_ok=True)
        counts = write_instructions(
            folder.recipe,
            folder.instructions,
            lambda text: len(encoder.encode([text])[0]),
            mined=mined,
            more=more,
        )
        tell(f"instructions: {counts}")
    wanted = (command for command in folder.commands() if command.stage in stages)
    run_commands(wanted, folder.path, run=run, tell=tell)


def _keep_recipe(folder: RunFolder) -> None:
    path, parts = folder.path / "recipe.json", folder.recipe.parts()
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name in sorted(parts.keys() & known.keys()):
        if parts[name] != known[name]:
            raise LintSeqError(
                f"{path}: begun with {name} {known[name]}, not {parts[name]}; choose another folder"
            )
    folder.path.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write((json_text(known | parts, indent=1) + "\n").encode())


def run_commands(
    commands: Iterable[Command],
    folder: Path,
    *,
    run: Runner,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Run what is not done yet; `stages.jsonl` in `folder` gets command and seconds of each.

    LintSeqError if a command fails.
    """
    for command in commands:
        if command.output.exists():
            tell(f"done already: {command.output}")
            continue
        command.output.parent.mkdir(parents=True, exist_ok=True)
        tell(f"$ {command}")
        started = time.perf_counter()
        code = run(command.arguments)
        if code != 0:
            raise LintSeqError(
                f"'{command}' ended with exit code {code}; mend what it says and repeat "
                "the command of this experiment: it goes on here"
            )
        seconds = round(time.perf_counter() - started, 1)
        row = {"stage": command.stage, "command": str(command), "seconds": seconds}
        with (folder / "stages.jsonl").open("a", encoding="utf-8") as file:
            file.write(json_text(row) + "\n")


def run_process(arguments: Sequence[str]) -> int:
    """Run a `lintseq` command in a process of its own, which gives back its memory."""
    command = [sys.executable, "-m", "lintseq_core", *arguments]
    return subprocess.run(command, check=False).returncode


def run_here(arguments: Sequence[str]) -> int:
    """Run a `lintseq` command in this process, which has torch already; it prints if it fails."""
    printed, before = io.StringIO(), sys.argv
    sys.argv = ["lintseq", *arguments]
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            runpy.run_module("lintseq_core", run_name="__main__")
    except SystemExit as ended:
        if ended.code:
            print(printed.getvalue(), end="", file=sys.stderr)
        return int(ended.code or 0)
    finally:
        sys.argv = before
    return 0
