"""A task: a view of what is given, steps in their order, what is gathered and how it is shown."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from lintseq_core.benchmarks.pocket import arguments
from lintseq_core.benchmarks.pocket.parts import Constant, Part, Source, View
from lintseq_core.benchmarks.pocket.results import ANNOTATIONS, GATHERINGS, PLAIN, SHOWS
from lintseq_core.benchmarks.pocket.sources import SOURCES
from lintseq_core.benchmarks.pocket.steps import ARRANGEMENTS, CHANGES, KEEPS

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
DIFFICULTIES = range(1, 6)
"""Numbers of steps that a task can have."""
_N_TRIALS = 12
"""Arguments on which every step of a task has to matter."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A part with its constant."""

    part: Part
    constant: Constant

    def value(self, values: Any) -> Any:
        """What the part makes of all values, or of a result."""
        part, constant = self.part, self.constant
        if part.kind == "keep":
            return [value for value in values if part.run(value, constant)]
        if part.kind == "change":
            return [part.run(value, constant) for value in values]
        return part.run(values, constant)


@dataclass(frozen=True, slots=True)
class PocketTask:
    """One task of the family."""

    source: Source
    view: View
    steps: tuple[Chosen, ...]
    gathering: Chosen
    show: Chosen

    @property
    def entry_point(self) -> str:
        """The name of the function."""
        return f"{self.gathering.part.verb}_{self.source.noun}"

    @property
    def result_type(self) -> str:
        """The type of what the function returns, as `ANNOTATIONS` has them."""
        return self.show.part.gives or self.gathering.part.gives

    @property
    def signature(self) -> str:
        """Name, parameters and types, as they stand between `def` and the colon."""
        given = ", ".join(f"{name}: {kind}" for name, kind in self.source.parameters)
        return f"{self.entry_point}({given}) -> {ANNOTATIONS[self.result_type]}"

    @property
    def difficulty(self) -> int:
        """How many steps it has."""
        return len(self.steps)

    @property
    def combination(self) -> str:
        """The names of its parts, whatever their constants, the steps in alphabetical order."""
        steps = sorted(step.part.name for step in self.steps)
        return ".".join([self.view.name, *steps, self.gathering.part.name, self.show.part.name])

    @property
    def split(self) -> Split:
        """Where the task belongs, by its combination alone: 8 of 10 train, 1 each held out."""
        digest = hashlib.sha256(self.combination.encode()).digest()
        return {0: "test", 1: "validation"}.get(digest[0] % 10, "train")  # type: ignore[return-value]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Zero and the numbers in its words: near them its answers change."""
        constants = [chosen.constant for chosen in (*self.steps, self.gathering, self.show)]
        return (0, *(constant for constant in constants if isinstance(constant, int)))

    def types(self) -> list[str]:
        """The types of values: that of the view, and after each step."""
        types = [self.view.gives]
        for step in self.steps:
            types.append(step.part.gives or types[-1])
        return types

    def answer(self, given: Sequence[Any]) -> Any:
        """What the function returns for the arguments `given`."""
        values: Any = self.view.run(*given)
        for step in self.steps:
            values = step.value(values)
        return self.show.value(self.gathering.value(values))


def draw_task(rng: random.Random, difficulty: int, split: Split | None = None) -> PocketTask:
    """A task of `difficulty` steps, each of which changes the answer for some arguments.

    `split`: where it belongs; None: anywhere.
    """
    while True:
        task = draft_task(rng, difficulty)
        if task is None or (split is not None and task.split != split):
            continue
        if _every_step_matters(task, rng):
            return task


def neighbours(task: PocketTask) -> Iterator[PocketTask]:
    """Tasks that differ in one thing.

    A step left out, two in another order, another constant, another part that fits in its place,
    or another answer where there are no values left.
    """
    steps = task.steps
    types = task.types()
    for i, step in enumerate(steps):
        without = replace(task, steps=steps[:i] + steps[i + 1 :])
        if types[i] == types[i + 1]:
            yield without
        for other in _others(step, types[i], types[i + 1]):
            yield replace(task, steps=(*steps[:i], other, *steps[i + 1 :]))
        if i and types[i - 1] == types[i] == types[i + 1]:
            yield replace(task, steps=(*steps[: i - 1], step, steps[i - 1], *steps[i + 1 :]))
    for part in GATHERINGS:
        known = task.gathering.part
        if types[-1] in part.takes and part.gives == known.gives:
            for constant in part.values:
                if (part.name, constant) != (known.name, task.gathering.constant):
                    yield replace(task, gathering=Chosen(part, constant))
    if task.gathering.part.empty is not None:
        yield replace(task, gathering=_otherwise_for_none(task.gathering))


def _others(step: Chosen, takes: str, gives: str) -> Iterator[Chosen]:
    """Other parts of the same kind, and the same with constants nearby."""
    part = step.part
    if isinstance(step.constant, int):
        for nearby in (step.constant - 1, step.constant + 1):
            if nearby > 0:
                yield Chosen(part, nearby)
    for constant in part.values:
        if constant != step.constant:
            yield Chosen(part, constant)
    for other in {"keep": KEEPS, "change": CHANGES, "arrange": ARRANGEMENTS}[part.kind]:
        if other is not part and takes in other.takes and (other.gives or takes) == gives:
            yield Chosen(other, other.values[0])


def _otherwise_for_none(gathering: Chosen) -> Chosen:
    part = gathering.part
    other = "?" if isinstance(part.empty, str) else 7

    def run(values: list[Any], constant: Constant) -> Any:
        return part.run(values, constant) if values else other

    return Chosen(replace(part, run=run), gathering.constant)


def draft_task(rng: random.Random, difficulty: int) -> PocketTask | None:
    """Parts that fit together, whether or not each of them matters; None where none fits."""
    source = rng.choice(SOURCES)
    view = rng.choice(source.views)
    type_, steps, used = view.gives, list[Chosen](), set[str]()
    for _ in range(difficulty):
        kinds = [KEEPS, CHANGES, ARRANGEMENTS]
        fitting = [p for p in rng.choice(kinds) if type_ in p.takes and p.name not in used]
        if not fitting:
            return None
        part = rng.choice(fitting)
        used.add(part.name)
        steps.append(Chosen(part, rng.choice(part.values)))
        type_ = part.gives or type_
    gatherings = [part for part in GATHERINGS if type_ in part.takes]
    if not gatherings:
        return None
    gathering = rng.choice(gatherings)
    shows = [part for part in SHOWS if gathering.gives in part.takes and part is not PLAIN[0]]
    show = rng.choice(shows) if shows and rng.random() < 0.5 else PLAIN[0]
    return PocketTask(
        source,
        view,
        tuple(steps),
        Chosen(gathering, rng.choice(gathering.values)),
        Chosen(show, rng.choice(show.values)),
    )


def _every_step_matters(task: PocketTask, rng: random.Random) -> bool:
    """True where each step changes several answers, and answers differ."""
    trials = [arguments.draw(task.source, task.view, rng, n_least=3) for _ in range(_N_TRIALS)]
    answers = [task.answer(trial) for trial in trials]
    if len({repr(answer) for answer in answers}) < 4:
        return False
    types = task.types()
    for i in range(len(task.steps)):
        if types[i] != types[i + 1]:
            continue
        without = replace(task, steps=task.steps[:i] + task.steps[i + 1 :])
        differs = (without.answer(t) != a for t, a in zip(trials, answers, strict=True))
        if sum(differs) < 3:
            return False
    return True
