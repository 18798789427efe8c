"""Samples of the traces that ship, for the steps of the lesson `where_generations_fail`.

    python assets/make/lesson_cases.py

Prints for each kind of step the samples that fit it, short ones first: where traces are made anew,
the lesson takes its samples from here. tests/unit/lessons/test_shipped.py checks what it says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lintseq_core.generation.trace import TracedSample
from lintseq_core.generation.trace_reading import read_trace

TRACES = Path(__file__).resolve().parents[1] / "pocket" / "traces"
MODEL = "pocket-lintseq"
MOST = 8
PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Case:
    """A sample, its steps' verdicts, and the first step (from 1) that does not parse."""

    task: str
    sample: TracedSample

    @property
    def verdicts(self) -> list[str | None]:
        return [step.verdict for step in self.sample.kept_steps]

    @property
    def passing(self) -> int | None:
        """The first edit after which the tests pass."""
        return self.verdicts.index(PASSED) + 1 if PASSED in self.verdicts else None

    @property
    def faulty(self) -> int | None:
        """The first edit that breaks the grammar."""
        return self._first(lambda step: bool(step.faults))

    @property
    def broken(self) -> int | None:
        """The first edit after which the program no longer parses."""
        steps = self.sample.kept_steps
        return next(
            (
                at
                for at, step in enumerate(steps, start=1)
                if not step.compiles and (at == 1 or steps[at - 2].compiles)
            ),
            None,
        )

    @property
    def finding(self) -> int | None:
        """The first edit that adds a finding."""
        return self._first(lambda step: bool(step.new_findings) and step.compiles)

    def _first(self, holds: Callable[[object], bool]) -> int | None:
        steps = enumerate(self.sample.kept_steps, start=1)
        return next((at for at, step in steps if holds(step)), None)

    @property
    def is_clean(self) -> bool:
        """Whether no edit is bad."""
        return self.faulty is self.broken is self.finding is None

    def __str__(self) -> str:
        edits = len(self.sample.kept_steps)
        return (
            f"{self.task}, sample {self.sample.sample_index + 1}: {edits} edits, passes after "
            f"{self.passing}, fault {self.faulty}, no longer parses {self.broken}, finding "
            f"{self.finding}"
        )


KINDS: dict[str, Callable[[Case], bool]] = {
    "One that goes well": lambda case: case.is_clean and case.passing is not None,
    "No bad edit, and wrong": lambda case: case.is_clean and case.passing is None,
    "The first bad edit: malformed, and no longer parses": lambda case: (
        case.faulty is not None and case.faulty == case.broken
    ),
    "Grammar is not Python": lambda case: (
        case.broken is not None and (case.faulty is None or case.faulty > case.broken)
    ),
    "Malformed, and right in the end": lambda case: (
        case.faulty is not None and case.verdicts[-1:] == [PASSED]
    ),
    "Right, and broken by a later edit": lambda case: (
        case.passing is not None and case.verdicts[-1] != PASSED
    ),
}


def cases(model: str) -> Iterator[Case]:
    """Every traced sample of `model` that has an edit and came to an end."""
    for path in sorted((TRACES / model).glob("*.jsonl")):
        for sample in read_trace(path).samples:
            if sample.kept_steps and sample.end is not None:
                yield Case(path.stem.replace("_", "/"), sample)


def main(model: str = MODEL) -> None:
    """Print the samples for each kind of step."""
    found = sorted(cases(model), key=lambda case: len(case.sample.end.program))  # type: ignore[union-attr]
    for kind, fits in KINDS.items():
        fitting = [case for case in found if fits(case)]
        print(f"{kind}: {len(fitting)} of {len(found)}")
        for case in fitting[:MOST]:
            print(f"  {case}")


if __name__ == "__main__":
    main(*sys.argv[1:])
