"""Runs whose programs are compared: few programs of each problem, the verdicts of all samples.

The work is bounded: comparing takes some 2 ms a program, 4 s for MAX_PROGRAMS.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lintseq_core.benchmarks.problem import PromptStyle
from lintseq_core.metrics.diversity import N_PAIRS, ProblemDiversity, problem_diversity
from lintseq_core.metrics.edit_orders import EditOrders, count_edit_orders, written_by
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.programs.compiling import compiles
from lintseq_core.results.formats.fault import Fault
from lintseq_core.results.programs import SampledPrograms, gather_programs
from lintseq_core.results.sample import EvalPlusSuite, Sample, suite_of, temperature_of
from lintseq_core.results.scores.tally import MAX_TEMPERATURES, ScoreError, Tests, passed_by
from lintseq_core.results.styles import StyleDecision, StyleVotes, doubt

MAX_PER_PROBLEM = 50
MAX_PROGRAMS = 2_000
MAX_PROBLEMS = 1_000
MAX_SEQUENCES = 2_000
MAX_COMPILED = 200
"""Programs that are compiled to see whether samples are read as they were written."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of one sample."""

    passed: bool | None
    tests: str | None = None
    """A digit a test that was run, from `lintseq evaluate --each-test`."""
    verdict: str = ""
    suite: EvalPlusSuite = ""
    """The tests of EvalPlus that decided it."""


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
    """Runs of one model, at several temperatures, belong together; "" where nothing says it."""
    temperature: float | None = None
    results: str = ""
    """The file that its verdicts are from, if it is another one."""
    style: str = ""
    """In which its samples were read because it was named; "" where they tell it."""
    benchmark: str = ""
    """Whose prompts its samples continue; "" for whole programs."""
    traces: tuple[str, ...] = ()
    """Names of the files of traces that it is from."""
    is_upload: bool = False
    """Whether `path` was there only while it was read."""
    suite: EvalPlusSuite = ""
    """The tests of EvalPlus that decide its samples."""
    scorer: str = ""
    """The scorer that was chosen, of several in a log of Inspect; "" for the first."""

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


def decision_of(sample: Sample, which: Tests = "all") -> Decided:
    """What its row says of a sample, by `which` tests of EvalPlus where it tells them apart."""
    tests = sample.extra.get("tests")
    known = isinstance(tests, str) and not set(tests) - {"0", "1"}
    suite = suite_of(sample)
    return Decided(
        passed_by(sample, which),
        str(tests) if known else None,
        sample.verdict or "",
        "base" if suite and which == "base" else suite,
    )


ProgramOf = Callable[[PromptStyle, Sample], str]
"""From the style of a file and a sample of it to the whole program."""


def gather_run(
    samples: Iterable[Sample], name: str, path: str = "", program_of: ProgramOf | None = None
) -> SampledRun:
    """The run of `samples` of our own traces, whatever their temperatures and styles.

    All are read, few are kept.
    """
    gathering = _Gathering()
    for sample in samples:
        gathering.add(sample)
    return gathering.run(name, path, program_of, None)


def gather_runs(
    samples: Iterable[Sample],
    name: str,
    path: str = "",
    program_of: ProgramOf | None = None,
    style: PromptStyle | None = None,
    tests: Tests = "all",
    votes: Mapping[str, int] | None = None,
) -> dict[float | None, SampledRun]:
    """A run for each temperature that samples name, with the verdicts of their rows by `tests`.

    Low temperatures come first; None, last, for samples that name none. All are read in one
    `style`, by default that which they are written in; FormatError where they disagree. `votes`:
    what they look like, where that is known. Samples past the first of a problem need no text.
    """
    counts = StyleVotes(Counter(votes or {}), most=0 if votes is not None else None)
    found: dict[float | None, _Gathering] = {}
    for sample in samples:
        temperature = temperature_of(sample)
        if temperature not in found:
            if len(found) == MAX_TEMPERATURES:
                what = f"more than {MAX_TEMPERATURES} temperatures in one file"
                remedy = "keep in the field 'temperature' what the sample was drawn at"
                raise ScoreError(Fault(sample.place, what, remedy))
            found[temperature] = _Gathering(tests)
        found[temperature].add(sample)
        counts.add(sample)
    asked = counts.decide(name, style)
    order = sorted(found, key=lambda one: (one is None, one or 0.0))
    runs = {}
    for temperature in order:
        run = found[temperature].run(name, path, program_of, asked)
        model = name if len(found) > 1 else ""
        run = replace(run, model=model, temperature=temperature)
        runs[temperature] = with_verdicts(run, found[temperature].verdicts)
    return runs


class _Gathering:
    """A run in the making."""

    def __init__(self, tests: Tests = "all") -> None:
        self.tests: Tests = tests
        self.seen: Counter[str] = Counter()
        self.numbers: dict[str, int] = {}
        self.few: list[Sample] = []
        self.verdicts: dict[tuple[str, int], Decided] = {}

    def add(self, sample: Sample) -> None:
        self.seen[sample.task_id] += 1
        number = self.numbers.setdefault(sample.task_id, len(self.numbers))
        if self.seen[sample.task_id] <= MAX_PER_PROBLEM and number < MAX_PROBLEMS:
            self.few.append(sample)
        self.verdicts[key_of(sample)] = decision_of(sample, self.tests)

    def run(
        self, name: str, path: str, program_of: ProgramOf | None, asked: StyleDecision | None
    ) -> SampledRun:
        """What was gathered, without verdicts."""
        style = None if asked is None else asked.style
        make = None
        if program_of is not None and style is not None:
            make = partial(program_of, style)
        found = gather_programs(self.few, make, style)
        # As many of each problem, so that no problem counts for more than another.
        share = max(2, min(MAX_PER_PROBLEM, MAX_PROGRAMS // max(1, len(found.by_problem))))
        problems = {
            task_id: ProblemSamples(
                programs=tuple(programs[:share]),
                numbers=tuple(found.sample_ids[task_id][:share]),
                n=self.seen[task_id],
                decided=(),
                passed=(None,) * min(share, len(programs)),
                outcomes=None,
            )
            for task_id, programs in found.by_problem.items()
        }
        orders = None
        if found.edits:
            orders = count_edit_orders(written_by(edits) for edits in found.edits[:MAX_SEQUENCES])
        remarks = _style_remarks(found, asked)
        kept = sum(len(one.programs) for one in problems.values())
        if kept < self.seen.total():
            is_few = len(problems) < len(self.seen)
            which = f" of {len(problems):,} problems" if is_few else ""
            remarks.append(
                f"{kept:,} of {self.seen.total():,} samples are compared, the first {share} of "
                f"each problem{which}; `lintseq diversity` compares them all"
            )
        digest = hashlib.sha256(repr((name, problems)).encode("utf-8", "replace")).hexdigest()
        return SampledRun(name, problems, orders, tuple(remarks), digest, path)


def _style_remarks(found: SampledPrograms, asked: StyleDecision | None) -> list[str]:
    """How the programs were read, unless as they stand, and whether nearly none compiles."""
    if asked is None:
        return []
    remarks = [] if asked.style == "completion" else [f"read in {asked}"]
    looked_at = [programs[0] for programs in found.by_problem.values()][:MAX_COMPILED]
    failing = sum(not compiles(program) for program in looked_at)
    if doubted := doubt(failing, len(looked_at), asked.style):
        remarks.append(doubted)
    return remarks


def measure_run(
    run: SampledRun, most: int, *, n_pairs: int = N_PAIRS, n_problems: int | None = None
) -> dict[str, ProblemDiversity]:
    """Every measure of the first `most` programs of each problem that has two at least.

    `n_problems`: of as many problems at most, spread evenly over the run's.
    """
    found = {}
    tasks = list(run.problems)
    if n_problems is not None and n_problems < len(tasks):
        tasks = [tasks[index * len(tasks) // n_problems] for index in range(n_problems)]
    for task_id in tasks:
        one = run.problems[task_id]
        if min(len(one.programs), most) > 1:
            outcomes = one.outcomes[:most] if one.outcomes else None
            found[task_id] = problem_diversity(one.programs[:most], outcomes, n_pairs=n_pairs)
    return found


def pass_at_k_of_run(run: SampledRun, k: int) -> dict[str, float]:
    """pass@k by problem, over all its decided samples; NaN where there are fewer than k."""
    tasks = [(task_id, one.decided) for task_id, one in run.problems.items() if one.decided]
    n = np.array([len(decided) for _, decided in tasks], dtype=np.int64)
    c = np.array([sum(decided) for _, decided in tasks], dtype=np.int64)
    values = pass_at_k(n, c, k).tolist() if tasks else []
    return {task_id: value for (task_id, _), value in zip(tasks, values, strict=True)}


def with_verdicts(run: SampledRun, verdicts: Verdicts, source: str = "") -> SampledRun:
    """`run` with what is known of its samples; ScoreError if unlike tests of EvalPlus decided."""
    decided: dict[str, list[bool]] = {}
    for (task_id, _), decision in verdicts.items():
        if decision.passed is not None:
            decided.setdefault(task_id, []).append(decision.passed)
    if not decided:
        return run
    suites = {decision.suite for decision in verdicts.values()}
    if len(suites) > 1:
        what = "samples are decided by different tests of EvalPlus: choose the base tests"
        raise ScoreError(Fault(run.name, what))
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
    return replace(run, problems=problems, remarks=remarks, digest=digest, suite=suites.pop())


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
