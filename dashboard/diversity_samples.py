"""A run as the page Diversity takes it: few programs of each problem, the verdicts of all.

The work is bounded: comparing takes some 2 ms a program, 4 s for MAX_PROGRAMS.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lintseq_core.metrics.edit_orders import EditOrders, count_edit_orders, written_by
from lintseq_core.results.programs import gather_programs
from lintseq_core.results.sample import Sample

MAX_PER_PROBLEM = 50
MAX_PROGRAMS = 2_000
MAX_PROBLEMS = 1_000
MAX_SEQUENCES = 2_000


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of one sample."""

    passed: bool | None
    tests: str | None = None
    """A digit a test that was run, from `lintseq evaluate --each-test`."""
    verdict: str = ""


Verdicts = Mapping[tuple[str, int], Decided]


@dataclass(frozen=True, slots=True)
class ProblemSamples:
    """The samples of one problem: all are counted, the first ones are there to be compared."""

    programs: tuple[str, ...]
    numbers: tuple[int, ...]
    """The 0-based sample_id of each program."""
    n: int
    """All samples."""
    decided: tuple[bool, ...]
    """Whether each sample with a verdict passed."""
    passed: tuple[bool | None, ...]
    """Of the programs."""
    outcomes: tuple[tuple[str, ...], ...] | None
    """Of the programs, one an each test; None where a sample has none."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledRun:
    """The programs of a run by problem."""

    name: str
    problems: Mapping[str, ProblemSamples]
    orders: EditOrders | None
    """Of its edit sequences; None for programs in one piece."""
    remarks: tuple[str, ...]
    digest: str
    path: str = ""
    model: str = ""
    """That a trace names; "" for files of samples, which do not say it."""
    temperature: float | None = None

    @property
    def has_verdicts(self) -> bool:
        """Whether a sample is decided."""
        return any(one.decided for one in self.problems.values())

    @property
    def has_outcomes(self) -> bool:
        """Whether the tests of a problem are known one by one."""
        return any(one.outcomes for one in self.problems.values())

    @property
    def most(self) -> int:
        """The most programs that a problem has to compare."""
        return max((len(one.programs) for one in self.problems.values()), default=0)


def key_of(sample: Sample) -> tuple[str, int]:
    """What tells a sample from others of its file."""
    return sample.task_id, sample.sample_id


def decision_of(sample: Sample) -> Decided:
    """What its row says of a sample."""
    tests = sample.extra.get("tests")
    known = isinstance(tests, str) and not set(tests) - {"0", "1"}
    return Decided(sample.passed, str(tests) if known else None, sample.verdict or "")


def gather_run(
    samples: Iterable[Sample],
    name: str,
    path: str = "",
    program_of: Callable[[Sample], str] | None = None,
) -> SampledRun:
    """The run of `samples`, without verdicts; all are read, few kept."""
    seen: Counter[str] = Counter()
    numbers: dict[str, int] = {}

    def few() -> Iterator[Sample]:
        for sample in samples:
            seen[sample.task_id] += 1
            number = numbers.setdefault(sample.task_id, len(numbers))
            if seen[sample.task_id] <= MAX_PER_PROBLEM and number < MAX_PROBLEMS:
                yield sample

    found = gather_programs(few(), program_of)
    # As many of each problem, so that no problem counts for more than another.
    share = max(2, min(MAX_PER_PROBLEM, MAX_PROGRAMS // max(1, len(found.by_problem))))
    problems = {
        task_id: ProblemSamples(
            programs=tuple(programs[:share]),
            numbers=tuple(found.sample_ids[task_id][:share]),
            n=seen[task_id],
            decided=(),
            passed=(None,) * min(share, len(programs)),
            outcomes=None,
        )
        for task_id, programs in found.by_problem.items()
    }
    orders = None
    if found.edits:
        orders = count_edit_orders(written_by(edits) for edits in found.edits[:MAX_SEQUENCES])
    remarks = []
    kept = sum(len(one.programs) for one in problems.values())
    if kept < seen.total():
        which = f" of {len(problems):,} problems" if len(problems) < len(seen) else ""
        remarks.append(
            f"{kept:,} of {seen.total():,} samples are compared, the first {share} of each "
            f"problem{which}; `lintseq diversity` compares them all"
        )
    digest = hashlib.sha256(repr((name, problems)).encode("utf-8", "replace")).hexdigest()
    return SampledRun(name, problems, orders, tuple(remarks), digest, path)


def with_verdicts(run: SampledRun, verdicts: Verdicts, source: str = "") -> SampledRun:
    """`run` with what is known of its samples."""
    decided: dict[str, list[bool]] = {}
    for (task_id, _), known in verdicts.items():
        if known.passed is not None:
            decided.setdefault(task_id, []).append(known.passed)
    if not decided:
        return run
    problems = {}
    for task_id, one in run.problems.items():
        known = [verdicts.get((task_id, number), Decided(None)) for number in one.numbers]
        problems[task_id] = ProblemSamples(
            one.programs,
            one.numbers,
            one.n,
            tuple(decided.get(task_id, ())),
            tuple(each.passed for each in known),
            _outcomes(known),
        )
    remarks = (*run.remarks, f"verdicts from {source}") if source else run.remarks
    digest = hashlib.sha256(f"{run.digest}{problems}".encode("utf-8", "replace")).hexdigest()
    return replace(run, problems=problems, remarks=remarks, digest=digest)


def _outcomes(known: list[Decided]) -> tuple[tuple[str, ...], ...] | None:
    """The outcome of each test, all of one length: the verdict stands for tests not reached."""
    if not known or any(each.tests is None for each in known):
        return None
    length = max(len(each.tests or "") for each in known)
    if not length:
        return None
    return tuple(
        (*(each.tests or ""), *[each.verdict] * (length - len(each.tests or ""))) for each in known
    )
