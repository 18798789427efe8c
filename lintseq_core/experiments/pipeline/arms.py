"""The small chain: data set, training, samples, verdicts, for several arms on the same problems.

It runs on the tiny model and the problems of this project, so it needs no download: every path of
a real run in seconds. The model is taught the reference solutions of the problems that it is asked,
so its scores say how well it learned them by heart, and nothing about code that nobody wrote yet.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.benchmarks.problem import Problem
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.request import run_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import SampleEnd
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.json_text import json_text
from lintseq_core.results.sample import Sample
from lintseq_core.results.scores.tally import Tally, tally

Taught = Literal["whole", "lintseq", "randseq"]
NAMES: dict[Taught, str] = {"whole": "whole programs", "lintseq": "LintSeq", "randseq": "RandSeq"}
BY_HEART = (
    "The model is tiny and was taught the reference solutions of these very problems: its scores "
    "say what it learned by heart."
)

SHORT = SamplingSettings(temperature=1.0, top_p=0.95, max_tokens=64)
LONG = SamplingSettings(temperature=1.0, top_p=0.95, max_tokens=420)


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to train, and one to draw samples."""

    name: str
    taught: Taught
    s: int = 2
    """Sequences of each program; 1 for whole programs."""
    sampling: SamplingSettings = field(default_factory=lambda: SHORT)


@dataclass(frozen=True, slots=True)
class ChainConfig:
    """What all arms have in common."""

    model: str = "tiny"
    benchmark: str = "basics"
    n_problems: int = 2
    steps: int = 6
    """Optimizer steps of each training, the same for every arm, as in the paper."""
    batch_size: int = 4
    n_samples: int = 4
    seed: int = 0


SMOKE = ChainConfig()
LEARNED = ChainConfig(n_problems=6, steps=400, batch_size=12, n_samples=10)
"""Enough for the tiny model to know most of what it was taught: minutes for each arm."""


@dataclass(frozen=True, slots=True)
class Training:
    """What a training took and came to."""

    examples: int
    trained_tokens: int
    steps: int
    loss: float
    """A token, of the last step."""
    losses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ArmOutcome:
    """What one arm wrote, and what became of it."""

    arm: Arm
    training: Training
    ends: Mapping[str, tuple[SampleEnd, ...]]
    """Samples by problem."""
    prompt_tokens: Mapping[str, int]
    verdicts: Mapping[str, tuple[str, ...]] | None
    """By problem, in the order of the samples; None where no box could be had."""

    @property
    def programs(self) -> dict[str, list[str]]:
        """Texts by problem."""
        return {task: [end.program for end in ends] for task, ends in self.ends.items()}

    @property
    def tokens_a_sample(self) -> float:
        """Tokens drawn, mean over all samples."""
        drawn = [end.n_tokens for ends in self.ends.values() for end in ends]
        return sum(drawn) / len(drawn)

    def tally(self) -> Tally | None:
        """Samples and passes by problem; None without verdicts."""
        if self.verdicts is None:
            return None
        samples = [
            Sample(task, number, solution=end.program, verdict=verdict, passed=verdict == "passed")
            for task, ends in self.ends.items()
            for number, (end, verdict) in enumerate(zip(ends, self.verdicts[task], strict=True))
        ]
        return tally(samples, self.arm.name)


@dataclass(frozen=True, slots=True)
class ChainOutcome:
    """All arms, and what to say about them."""

    arms: tuple[ArmOutcome, ...]
    n_parameters: int
    isolation: str | None
    by_heart: bool
    """Whether the problems asked are those taught to a model that knows nothing else."""
    notes: tuple[str, ...]

    def tallies(self) -> dict[str, Tally]:
        """By arm, of those that have verdicts."""
        found = {one.arm.name: one.tally() for one in self.arms}
        return {name: one for name, one in found.items() if one is not None}


def run_chain(config: ChainConfig, arms: Sequence[Arm]) -> ChainOutcome:
    """Train, sample and judge every arm; arms that are taught alike share their training.

    Without a box on this machine programs are not run: verdicts are None, and a note says why.
    """
    from lintseq_core.models.extra import quiet_progress, require_extra

    require_extra("torch", "transformers", "accelerate")
    quiet_progress()
    problems = list(get_benchmark(config.benchmark).problems(None))[: config.n_problems]
    if len(problems) < config.n_problems:
        raise LintSeqError(
            f"{config.benchmark} has {len(problems)} problems, not {config.n_problems}: lower it"
        )
    trained: dict[tuple[str, int], tuple[Any, Training]] = {}
    drawn: list[ArmOutcome] = []
    n_parameters = 0
    from lintseq_core.models.devices import one_thread

    threads = one_thread() if config.model == "tiny" else nullcontext()
    with threads, tempfile.TemporaryDirectory() as folder:
        for arm in arms:
            key = (arm.taught, arm.s)
            if key not in trained:
                trained[key] = _train(config, arm, problems, Path(folder) / f"{arm.taught}-{arm.s}")
            loaded, training = trained[key]
            n_parameters = int(loaded.model.num_parameters())
            drawn.append(_sample(config, arm, loaded, training, problems))
    verdicts, isolation, notes = _judge(config, drawn, problems)
    judged = tuple(
        replace(one, verdicts=None if verdicts is None else verdicts[at])
        for at, one in enumerate(drawn)
    )
    by_heart = config.model == "tiny"
    said = (BY_HEART,) if by_heart else ()
    return ChainOutcome(judged, n_parameters, isolation, by_heart, (*said, *notes))


def _train(
    config: ChainConfig, arm: Arm, problems: Sequence[Problem], folder: Path
) -> tuple[Any, Training]:
    """The trained model and what its training came to."""
    from lintseq_core.data.building.dataset import build_dataset, settings_for
    from lintseq_core.data.settings import default_layout
    from lintseq_core.models.load import load_model
    from lintseq_core.training.config import DataChoice, fine_tuning_preset
    from lintseq_core.training.run import plan_fine_tuning, run_plan

    folder.mkdir()
    rows, data = folder / "rows.jsonl", folder / "data.jsonl"
    rows.write_text(
        "".join(
            json_text({"instruction": one.instruction, "response": one.reference}) + "\n"
            for one in problems
        ),
        encoding="utf-8",
    )
    samples = 1 if arm.taught == "whole" else arm.s
    settings = settings_for(
        rows, method=arm.taught, samples=samples, layout=default_layout(arm.taught),
        seed=config.seed,
    )  # fmt: skip
    build_dataset(rows, data, settings, workers=1)
    preset = fine_tuning_preset(config.model)
    optimization = replace(
        preset.optimization(), batch_size=config.batch_size, precision="float32", seed=config.seed
    )
    execution = replace(preset.execution(), device="cpu", save_every=10**9)
    loaded = load_model(config.model, dtype="float32", seed=config.seed)
    choice = DataChoice(target="whole" if arm.taught == "whole" else "edits", steps=config.steps)
    plan = plan_fine_tuning(
        [data], loaded, data=choice, optimization=optimization, execution=execution
    )
    losses: list[float] = []
    outcome = run_plan(
        plan,
        loaded,
        folder / "run",
        optimization=optimization,
        execution=execution,
        on_step=lambda metrics: losses.append(metrics.loss),
    )
    training = Training(
        plan.counts.examples, plan.counts.trained_tokens, outcome.steps, losses[-1], tuple(losses)
    )
    return load_model(str(outcome.model_folder), dtype="float32"), training


def _sample(
    config: ChainConfig, arm: Arm, loaded: Any, training: Training, problems: Sequence[Problem]
) -> ArmOutcome:
    ends: dict[str, tuple[SampleEnd, ...]] = {}
    prompts: dict[str, int] = {}
    for problem in problems:
        request = GenerationRequest(
            problem.instruction,
            mode="whole" if arm.taught == "whole" else "stepwise",
            settings=arm.sampling,
            n_samples=config.n_samples,
            seed=config.seed,
        )
        run = run_model(loaded, request)
        found = [event for event in run.events if isinstance(event, SampleEnd)]
        ends[problem.task_id] = tuple(sorted(found, key=lambda end: end.sample_index))
        prompts[problem.task_id] = run.header.n_prompt_tokens
    return ArmOutcome(arm, training, ends, prompts, None)


def _judge(
    config: ChainConfig, drawn: Sequence[ArmOutcome], problems: Sequence[Problem]
) -> tuple[list[dict[str, tuple[str, ...]]] | None, str | None, tuple[str, ...]]:
    """Verdicts of every arm by problem, the isolation they came about in, and notes."""
    from lintseq_core.execution import pool
    from lintseq_core.execution.backends import IsolationError
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Flag, Isolation, Outcome
    from lintseq_core.generation.problems import solution

    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        return None, None, (f"No program was run, because this machine has no box: {error}.",)
    benchmark = get_benchmark(config.benchmark)
    known = {problem.task_id: problem for problem in problems}
    keys: dict[tuple[str, str], int] = {}
    for one in drawn:
        for task, programs in one.programs.items():
            for program in programs:
                keys.setdefault((task, program), len(keys))
    tasks = [
        pool.Task(
            number,
            solution(benchmark, known[task], program),
            known[task].tests,
            task,
            known[task].reference,
            known[task].cpu_limit_s,
        )
        for (task, program), number in keys.items()
    ]
    told: dict[int, str] = {}
    unmeasured: set[str] = set()

    def take(number: int, outcome: Outcome) -> None:
        told[number] = str(outcome.verdict)
        if Flag.REFERENCE_FAILED in outcome.flags:
            unmeasured.add(tasks[number].name)

    try:
        pool.run(tasks, backend, take, workers=pool.default_workers())
    finally:
        backend.close()
    verdicts = [
        {
            task: tuple(told[keys[task, program]] for program in programs)
            for task, programs in one.programs.items()
        }
        for one in drawn
    ]
    notes = tuple(
        f"The reference solution of {task} does not pass here: programs had the default limit."
        for task in sorted(unmeasured)
    )
    return verdicts, str(backend.level), notes
