"""What an experiment compares: arms, what all of them have in common, and the problems asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.benchmarks.problem import Problem
from lintseq_core.edits.sequence import Method
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.json_text import json_text

Taught = Literal["nothing", "whole", "lintseq", "randseq"]
"""What a model learns to write; "nothing": it is asked as it is, through its chat template."""
S = 5
"""Sequences of each program (paper)."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to teach a model, and one to draw from it; all arms are asked the same problems."""

    name: str
    taught: Taught
    s: int = S
    """Sequences of each program; whole programs are read once from any number."""
    seeds: tuple[int, ...] = (0,)
    """Of training and of sampling; a model of its own each."""
    sampling: SamplingSettings | None = None
    """None: every one of the recipe's."""
    guard: bool = False
    """Draws an edit again that breaks the program or adds a finding."""
    matches: str | None = None
    """Instead of the steps of all arms: ends at the trained tokens of this one, trained before."""

    @property
    def method(self) -> Method:
        """Which edits the data set has."""
        return "randseq" if self.taught == "randseq" else "lintseq"

    @property
    def writes_edits(self) -> bool:
        return self.taught in ("lintseq", "randseq")

    def is_taught_as(self, other: Arm) -> bool:
        """Whether one trained model serves both."""
        return (self.taught, self.s, self.matches) == (other.taught, other.s, other.matches)


@dataclass(frozen=True, slots=True)
class Suite:
    """Problems to draw samples for."""

    benchmark: str
    n_tasks: int | None = None
    """None: all."""
    is_spread: bool = True
    """Whether these are spread evenly over the benchmark, or its first."""

    def problems(self) -> list[Problem]:
        """In their order; LintSeqError if the benchmark has fewer."""
        known = list(get_benchmark(self.benchmark).problems(None))
        n = len(known) if self.n_tasks is None else self.n_tasks
        if n > len(known):
            raise LintSeqError(f"{self.benchmark} has {len(known)} problems, not {n}: lower it")
        return [known[at * len(known) // n] for at in range(n)] if self.is_spread else known[:n]

    def tasks(self) -> list[str]:
        """The ids of its problems; none if it is the whole benchmark."""
        return [] if self.n_tasks is None else [problem.task_id for problem in self.problems()]


@dataclass(frozen=True, slots=True)
class Instructions:
    """Which instructions all arms are taught, and how long they and their programs may be."""

    source: Literal["asked", "basics", "mbpp"] = "asked"
    """"asked": the very problems that are asked, to be learned by heart. "basics": the problems
    that ship but for those. "mbpp": the train and validation splits but for MBPP+."""
    n_mined: int | None = 0
    """How many rows of `lintseq dataset mine` more, drawn among those that fit; None: all."""
    max_prompt_tokens: int | None = None
    """None: any number."""
    max_program_tokens: int | None = None
    seed: int = 0

    def fits(self, prompt_tokens: int, program_tokens: int) -> bool:
        """Whether an instruction and its program are short enough."""
        lengths = (
            (prompt_tokens, self.max_prompt_tokens),
            (program_tokens, self.max_program_tokens),
        )
        return all(most is None or n <= most for n, most in lengths)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All values of a run. What is None is as the model's preset has it."""

    arms: tuple[Arm, ...]
    suites: tuple[Suite, ...]
    n_samples: int
    """Of each problem."""
    sampling: tuple[SamplingSettings, ...]
    steps: int
    """Optimizer steps of each training, the same for every arm, as in the paper."""
    batch_size: int
    model: str = "tiny"
    instructions: Instructions = Instructions()
    precision: Literal["float32", "bf16"] = "float32"
    learning_rate: float | None = None
    micro_batch: int | None = None
    max_length: int | None = None
    """Tokens an example."""
    lora_rank: int | None = None
    save_every: int | None = None
    """Steps between checkpoints; None: an epoch."""

    def parts(self) -> dict[str, Any]:
        """Its values, by names that stay while arms, seeds, suites and settings are added."""
        values = json.loads(json_text(asdict(self)))
        arms = {f"arm {arm['name']}": arm | {"seeds": []} for arm in values.pop("arms")}
        suites = {f"suite {suite['benchmark']}": suite for suite in values.pop("suites")}
        drawn = {f"temperature {one['temperature']:g}": one for one in values.pop("sampling")}
        return {**values, **arms, **suites, **drawn}

    def runs(self) -> Iterator[tuple[Arm, int]]:
        """Each arm with each of its seeds."""
        for arm in self.arms:
            for seed in arm.seeds:
                yield arm, seed

    def trainer_of(self, arm: Arm, seed: int) -> Arm:
        """The first arm that is taught as `arm` with this seed: its model serves both."""
        return next(one for one in self.arms if seed in one.seeds and one.is_taught_as(arm))

    def trainings(self) -> Iterator[tuple[Arm, int]]:
        """The arms and seeds whose models are trained, in order."""
        for arm, seed in self.runs():
            if arm.taught != "nothing" and self.trainer_of(arm, seed) is arm:
                yield arm, seed
