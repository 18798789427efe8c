"""How a model behaves over all problems: what is told of each sample, and ways to sort them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean
from typing import Any, Literal

from lintseq_core.edits.formats.text import lines_of
from lintseq_core.generation.steps import SampledToken
from lintseq_core.generation.trace import TracedSample
from lintseq_core.metrics.intervals import Interval, mean_interval, score_interval
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.viewer.generated import outcomes_of_sample, states_of_sample
from lintseq_core.viewer.outcomes import PASSED, Results, TestedTask
from lintseq_core.viewer.traces import ReadTrace

MOST = 12
"""Counts from here on stand together."""
NO_FAULT = "none"
_LOG_PROBS = ((-0.1, "above -0.1"), (-0.5, "-0.1 to -0.5"), (-1.0, "-0.5 to -1"))
_LEAST = "below -1"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One sample, as far as it is told over all problems. Edits are counted from 1."""

    task: str
    model: str
    """What the trace is called among those of its task."""
    position: int
    """0-based, among the samples of its trace."""
    sample_index: int
    program: str
    sizes: tuple[int, ...]
    """Lines that each edit inserts."""
    is_stepwise: bool
    passed: bool | None
    """All tests; None where they were not run."""
    fault: str
    """Of its first malformed edit; "" where every edit is well formed."""
    fault_edit: int | None
    fault_log_prob: float | None
    """Mean of that edit's tokens."""
    other_log_prob: float | None
    """Mean of the tokens of all well-formed edits."""
    passing_edit: int | None
    """The first after which all tests pass, where each state before it was run too."""

    @property
    def n_edits(self) -> int:
        """Edits of the sample; a whole program is one."""
        return len(self.sizes)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to sort samples."""

    name: str
    title: str
    kind: Literal["words", "number"]
    key_of: Callable[[Behaviour], str | None]
    """None: the sample has no place here."""
    first: tuple[str, ...] = ()
    """The order of keys that are words; others follow."""
    label: str = "{}"

    def keys(self, samples: Iterable[Behaviour]) -> tuple[str, ...]:
        """The keys that `samples` have, in order; of numbers, those between as well."""
        found = {key for sample in samples if (key := self.key_of(sample)) is not None}
        if self.kind == "words":
            return (*(key for key in self.first if key in found), *sorted(found - {*self.first}))
        numbers = [_number(key) for key in found]
        return tuple(map(_counted, range(min(numbers), max(numbers) + 1))) if numbers else ()


WAYS = (
    Way(
        "tests",
        "Tests",
        "words",
        lambda one: {True: "all pass", False: "not all pass", None: "not run"}[one.passed],
        ("all pass", "not all pass", "not run"),
    ),
    Way(
        "fault",
        "First fault, by kind",
        "words",
        lambda one: (one.fault or NO_FAULT) if one.is_stepwise else None,
    ),
    Way(
        "fault_edit",
        "First fault, by edit",
        "number",
        lambda one: None if one.fault_edit is None else _counted(one.fault_edit),
        label="edit {}",
    ),
    Way(
        "log_prob",
        "Log-probability of a token there",
        "words",
        lambda one: None if one.fault_log_prob is None else _log_prob_key(one.fault_log_prob),
        (*(words for _, words in _LOG_PROBS), _LEAST),
    ),
    Way(
        "edits",
        "Edits a sample",
        "number",
        lambda one: _counted(one.n_edits) if one.is_stepwise else None,
        label="edits: {}",
    ),
    Way(
        "passing",
        "All tests begin to pass",
        "number",
        lambda one: None if one.passing_edit is None else _counted(one.passing_edit),
        label="edit {}",
    ),
)
Choices = Mapping[str, Sequence[str]]
"""The keys that were chosen, by the name of a way; none: all samples."""


def behaviours(
    model: str, read: ReadTrace, task: str, tested: TestedTask | None, results: Results | None
) -> list[Behaviour]:
    """Of each sample of a trace, which is called `model` among those of `task`."""
    mode = read.trace.header.request.mode
    return [
        _behaviour(sample, mode, (task, model, at), tested, results)
        for at, sample in enumerate(read.trace.samples)
    ]


def _behaviour(
    sample: TracedSample,
    mode: str,
    place: tuple[str, str, int],
    tested: TestedTask | None,
    results: Results | None,
) -> Behaviour:
    states = states_of_sample(sample, mode)
    outcomes = outcomes_of_sample(sample, mode, tested, results)
    lengths = [len(lines_of(state)) for state in states]
    steps = sample.kept_steps if mode == "stepwise" else ()
    at = next((number for number, step in enumerate(steps, start=1) if step.faults), None)
    sound = [figure for step in steps if not step.faults for figure in _known(step.tokens)]
    passes = [told and set(told) == {PASSED} for told in outcomes]
    passing = next((number for number, does in enumerate(passes) if does), None)
    is_known = passing is not None and None not in outcomes[:passing]
    task, model, position = place
    return Behaviour(
        task=task,
        model=model,
        position=position,
        sample_index=sample.sample_index,
        program=states[-1],
        sizes=tuple(after - before for before, after in pairwise(lengths)),
        is_stepwise=mode == "stepwise",
        passed=None if outcomes[-1] is None or len(states) == 1 else bool(passes[-1]),
        fault=steps[at - 1].faults[0].kind if at else "",
        fault_edit=at,
        fault_log_prob=_mean(_known(steps[at - 1].tokens)) if at else None,
        other_log_prob=_mean(sound),
        passing_edit=passing if is_known else None,
    )


def _known(tokens: Iterable[SampledToken]) -> list[float]:
    """The log-probabilities that were given."""
    return [token.log_prob for token in tokens if not math.isnan(token.log_prob)]


def chosen(samples: Iterable[Behaviour], choices: Choices, *, but: str = "") -> list[Behaviour]:
    """The samples that are in each choice, the way called `but` aside."""
    asked = [(way, choices[way.name]) for way in WAYS if choices.get(way.name) and way.name != but]
    return [one for one in samples if all(way.key_of(one) in keys for way, keys in asked)]


def counts(samples: Sequence[Behaviour], way: Way, choices: Choices) -> Counter[str | None]:
    """How many samples each key of `way` has, of those that the other choices leave."""
    return Counter(way.key_of(one) for one in chosen(samples, choices, but=way.name))


def solve_rates(samples: Iterable[Behaviour]) -> dict[str, float]:
    """Of each problem the share of its samples that pass all tests; those not run are left out."""
    by_task: dict[str, list[bool]] = {}
    for one in samples:
        if one.passed is not None:
            by_task.setdefault(one.task, []).append(one.passed)
    return {task: mean(passed) for task, passed in by_task.items()}


def solved(samples: Iterable[Behaviour]) -> Interval:
    """The share of samples that pass all tests, a mean over problems.

    NaN ends for too few problems (`score_interval`).
    """
    return score_interval([*solve_rates(samples).values()])


def surprise(samples: Iterable[Behaviour]) -> Interval:
    """How much lower a token's log-probability is in the first malformed edit than in sound ones.

    A mean over problems of the mean over samples; NaN ends where too few have both.
    """
    by_task: dict[str, list[float]] = {}
    for one in samples:
        if one.fault_log_prob is not None and one.other_log_prob is not None:
            by_task.setdefault(one.task, []).append(one.other_log_prob - one.fault_log_prob)
    return mean_interval([mean(gaps) for gaps in by_task.values()])


def behaviour_frame(samples: Iterable[Behaviour]) -> Frame:
    """A row a sample, without its program."""
    names = (
        "task", "model", "sample", "passed", "edits", "first_fault", "fault_edit",
        "fault_log_prob", "other_log_prob", "passing_edit",
    )  # fmt: skip
    rows: list[dict[str, Any]] = [
        {
            "task": one.task, "model": one.model, "sample": one.sample_index + 1,
            "passed": one.passed, "edits": one.n_edits, "first_fault": one.fault or None,
            "fault_edit": one.fault_edit, "fault_log_prob": one.fault_log_prob,
            "other_log_prob": one.other_log_prob, "passing_edit": one.passing_edit,
        }
        for one in samples
    ]  # fmt: skip
    return frame_of(rows, names)


def _counted(n: int) -> str:
    return str(n) if n < MOST else f"{MOST} or more"


def _number(key: str) -> int:
    return int(key.partition(" ")[0])


def _log_prob_key(value: float) -> str:
    return next((words for least, words in _LOG_PROBS if value > least), _LEAST)


def _mean(values: Sequence[float]) -> float | None:
    return mean(values) if values else None
