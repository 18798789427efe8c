"""The arms of `small_models`, its sizes, and the `lintseq` commands that carry them out."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.profiles import Profile
from lintseq_core.json_text import json_text

Method = Literal["lintseq", "randseq"]
StageName = Literal["data", "train", "sample", "evaluate", "report"]
STAGES: tuple[StageName, ...] = ("data", "train", "sample", "evaluate", "report")


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to teach the model; all arms see the same instructions for the same steps."""

    name: str
    target: Literal["none", "whole", "edits"]
    """"none": the model as it is, asked through its chat template."""
    method: Method = "lintseq"
    """Which edits; whole programs are read from either file."""
    seeds: tuple[int, ...] = (1,)
    matches: str | None = None
    """Instead of the steps of all arms: ends at the trained tokens of this one, trained before."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Problems to sample for."""

    benchmark: str
    n_tasks: int | None = None
    """Evenly spread over the benchmark; None: all."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All values of a profile."""

    model: str
    steps: int
    batch_size: int
    micro_batch: int
    learning_rate: float
    precision: Literal["float32", "bf16"]
    lora_rank: int | None
    max_length: int
    n_mined: int | None
    max_prompt_tokens: int
    max_program_tokens: int
    arms: tuple[Arm, ...]
    suites: tuple[Suite, ...]
    n_samples: int
    temperatures: tuple[float, ...]
    max_tokens: int
    samples_per_program: int = 5
    top_p: float = 0.95
    trains_on_basics: bool = False
    """On shipped problems that it is not tested on, in place of MBPP: needs no other file."""
    guard: bool = False
    """Sample the edits of LintSeq a second time with the lint guard."""


_WHOLE, _LINTSEQ = Arm("whole", "whole"), Arm("lintseq", "edits")
_RANDSEQ = Arm("randseq", "edits", "randseq")
_UNTUNED = Arm("untuned", "none")
PROFILES: dict[Profile, Settings] = {
    "smoke": Settings(
        model="tiny", steps=3, batch_size=4, micro_batch=4, learning_rate=5e-3,
        precision="float32", lora_rank=None, max_length=1_024, n_mined=0,
        max_prompt_tokens=600, max_program_tokens=600,
        arms=(_WHOLE, _LINTSEQ, _RANDSEQ), suites=(Suite("basics", 3),),
        n_samples=2, temperatures=(0.8,), max_tokens=24, trains_on_basics=True,
    ),
    "cpu": Settings(
        model="smollm2-135m", steps=60, batch_size=8, micro_batch=1, learning_rate=1e-3,
        precision="bf16", lora_rank=8, max_length=512, n_mined=300,
        max_prompt_tokens=120, max_program_tokens=100,
        arms=(_UNTUNED, _WHOLE, _LINTSEQ, _RANDSEQ),
        suites=(Suite("humanevalpack", 10), Suite("mbppplus", 10)),
        n_samples=5, temperatures=(0.8,), max_tokens=128,
    ),
    "small": Settings(
        model="smollm2-135m", steps=400, batch_size=128, micro_batch=32, learning_rate=3e-4,
        precision="bf16", lora_rank=None, max_length=1_024, n_mined=None,
        max_prompt_tokens=400, max_program_tokens=600,
        arms=(
            _UNTUNED, replace(_WHOLE, seeds=(1, 2)), replace(_LINTSEQ, seeds=(1, 2)), _RANDSEQ,
            Arm("whole-tokens", "whole", matches="lintseq"),
        ),
        suites=(Suite("humanevalpack"), Suite("mbppplus")),
        n_samples=20, temperatures=(0.2, 0.8, 1.0), max_tokens=512, guard=True,
    ),
    # The paper's values for TinyCodeLM-150M: batch 512, rate 3e-4, 1,740 steps.
    "paper": Settings(
        model="smollm2-135m", steps=1_740, batch_size=512, micro_batch=16, learning_rate=3e-4,
        precision="bf16", lora_rank=None, max_length=1_024, n_mined=None,
        max_prompt_tokens=1_024, max_program_tokens=1_024,
        arms=(_UNTUNED, replace(_WHOLE, seeds=(1, 2)), replace(_LINTSEQ, seeds=(1, 2)), _RANDSEQ),
        suites=(Suite("humanevalpack"), Suite("mbppplus")),
        n_samples=50, temperatures=(0.2, 0.8, 1.0), max_tokens=512, guard=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Command:
    """One `lintseq` command of an experiment; it is done when `output` is there."""

    stage: StageName
    arguments: tuple[str, ...]
    output: Path

    def __str__(self) -> str:
        return shlex.join(["lintseq", *self.arguments])


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an experiment keeps its files, below one folder."""

    folder: Path

    @property
    def instructions(self) -> Path:
        return self.folder / "data" / "instructions.jsonl"

    def edits(self, method: Method) -> Path:
        return self.folder / "data" / f"{method}.jsonl"

    def run(self, arm: Arm, seed: int) -> Path:
        return self.folder / "runs" / _run_name(arm, seed)

    def samples(self, arm: Arm, seed: int, suite: Suite, temperature: float, guard: bool) -> Path:
        guarded = "-guard" if guard else ""
        name = f"{_run_name(arm, seed)}{guarded}-{suite.benchmark}-T{temperature:g}"
        return self.folder / "samples" / name

    def results(self, samples: Path) -> Path:
        return self.folder / "results" / f"{samples.name}.jsonl"


def _run_name(arm: Arm, seed: int) -> str:
    return arm.name if arm.target == "none" else f"{arm.name}-seed{seed}"


def commands(settings: Settings, layout: Layout, *, device: str) -> Iterator[Command]:
    """Every command after the instructions are written, in order."""
    methods = dict.fromkeys(arm.method for arm in settings.arms if arm.target != "none")
    for method in methods:
        output = layout.edits(method)
        arguments = ["dataset", "build", str(layout.instructions), "-o", str(output)]
        arguments += ["-s", str(settings.samples_per_program), "--method", method]
        yield Command("data", (*arguments,), output)
    for arm, seed in runs_of(settings):
        if arm.target != "none":
            yield _train(settings, layout, arm, seed, device)
    for arm, seed in runs_of(settings):
        for sampled in samplings(settings, layout, arm, seed):
            yield _sample(settings, layout, arm, seed, sampled, device)
    for arm, seed in runs_of(settings):
        for sampled in samplings(settings, layout, arm, seed):
            yield _evaluate(layout, sampled)


@dataclass(frozen=True, slots=True)
class Sampling:
    """One run asked for one suite at one temperature."""

    suite: Suite
    temperature: float
    guard: bool
    folder: Path


def runs_of(settings: Settings) -> Iterator[tuple[Arm, int]]:
    """Each arm with each of its seeds."""
    for arm in settings.arms:
        for seed in arm.seeds:
            yield arm, seed


def samplings(settings: Settings, layout: Layout, arm: Arm, seed: int) -> Iterator[Sampling]:
    """What one run is asked for."""
    guards = (False, True) if settings.guard and arm.name == "lintseq" else (False,)
    for suite in settings.suites:
        for temperature in settings.temperatures:
            for guard in guards:
                folder = layout.samples(arm, seed, suite, temperature, guard)
                yield Sampling(suite, temperature, guard, folder)


def _train(settings: Settings, layout: Layout, arm: Arm, seed: int, device: str) -> Command:
    output = layout.run(arm, seed)
    arguments = ["train", str(layout.edits(arm.method)), "-o", str(output)]
    arguments += ["--model", settings.model, "--target", arm.target]
    arguments += ["--lr", f"{settings.learning_rate:g}", "--batch-size", str(settings.batch_size)]
    arguments += ["--micro-batch", str(settings.micro_batch), "--precision", settings.precision]
    arguments += ["--max-length", str(settings.max_length), "--seed", str(seed)]
    if settings.lora_rank is not None:
        arguments += ["--lora", str(settings.lora_rank)]
    if arm.matches is None:
        arguments += ["--steps", str(settings.steps)]
    else:
        budget = _trained_tokens(layout.run(Arm(arm.matches, "edits"), 1))
        arguments += ["--match", "tokens", "--token-budget", budget]
    return Command("train", (*arguments, "--device", device), output / "model")


def _trained_tokens(run: Path) -> str:
    """What the finished `run` was trained on; a word in its place while that is not known."""
    from lintseq_core.training.metrics_log import read_metrics

    metrics = run / "metrics.jsonl"
    if not metrics.is_file():
        return "TOKENS"
    return str(list(read_metrics(metrics))[-1].trained_tokens_total)


def _sample(
    settings: Settings, layout: Layout, arm: Arm, seed: int, sampled: Sampling, device: str
) -> Command:
    model = settings.model if arm.target == "none" else str(layout.run(arm, seed) / "model")
    arguments = ["generate", "-b", sampled.suite.benchmark, "--model", model]
    if arm.target == "edits":
        arguments.append("--stepwise")
    arguments += ["-n", str(settings.n_samples), "--temperature", f"{sampled.temperature:g}"]
    arguments += ["--top-p", f"{settings.top_p:g}", "--max-tokens", str(settings.max_tokens)]
    arguments += ["--seed", str(seed), "--device", device, "-o", str(sampled.folder)]
    if sampled.guard:
        arguments += ["--guard", "lint"]
    for task in chosen_tasks(sampled.suite):
        arguments += ["--task", task]
    return Command("sample", (*arguments,), sampled.folder / "samples.jsonl")


def _evaluate(layout: Layout, sampled: Sampling) -> Command:
    output = layout.results(sampled.folder)
    samples = sampled.folder / "samples.jsonl"
    arguments = ("evaluate", str(samples), "-b", sampled.suite.benchmark, "-o", str(output))
    return Command("evaluate", (*arguments, "--allow-execution"), output)


def chosen_tasks(suite: Suite) -> list[str]:
    """The ids of the problems of `suite`; none if it is the whole benchmark."""
    if suite.n_tasks is None:
        return []
    from lintseq_core.benchmarks import get_benchmark

    problems = get_benchmark(suite.benchmark).problems()
    n = min(suite.n_tasks, len(problems))
    return [problems[index * len(problems) // n].task_id for index in range(n)]


def run_process(arguments: Sequence[str]) -> int:
    """The exit code of a `lintseq` command in a process of its own, which gives back its memory."""
    command = [sys.executable, "-m", "lintseq_core", *arguments]
    return subprocess.run(command, check=False).returncode


def run_commands(
    found: Iterable[Command],
    folder: Path,
    stages: tuple[StageName, ...] = STAGES,
    *,
    run: Callable[[Sequence[str]], int] = run_process,
) -> None:
    """Run what is not done yet; `stages.jsonl` in `folder` gets command and seconds of each.

    LintSeqError if a command fails; `run` carries one out and gives its exit code.
    """
    for command in found:
        if command.stage not in stages:
            continue
        if command.output.exists():
            print(f"done already: {command.output}", flush=True)
            continue
        command.output.parent.mkdir(parents=True, exist_ok=True)
        print(f"$ {command}", flush=True)
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
