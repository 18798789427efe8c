"""Samples counted by problem, with everything that a reader of pass@k should be told.

From samples of any format to n and c of each problem; intervals are in `scores`, sentences about
what limits them in `remarks`.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from lintseq_core.data.files import file_sha256
from lintseq_core.execution.verdict import Verdict
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.record import RunRecord, read_record, record_path
from lintseq_core.results.sample import EvalPlusSuite, Sample, suite_of, temperature_of
from lintseq_core.results.store import RECORD_NAME
from lintseq_core.results.styles import StyleVotes

Tests = Literal["all", "base", "plus"]
"""Which tests decide: all that a sample was given, or one suite of EvalPlus."""
SUITE_NAMES: Mapping[str, str] = {"base": "base tests", "plus": "base and plus tests"}
"""What an `EvalPlusSuite` is called beside a number."""
# One number a sample, its sample_id and what became of it, so that a million cost 8 MB.
_FAILED, _PASSED, _UNDECIDED = 0, 1, 2
_STATES = 4
VOTING_TEXTS = 2_000
_NO_PYTHON = re.compile(r"syntax_error|SyntaxError|IndentationError|TabError|invalid syntax")
_Key = TypeVar("_Key", float, tuple[str, str])
MAX_TEMPERATURES = 50
"""Of one file; a field with more is no temperature."""


class ScoreError(FormatError):
    """Results that must not be turned into a score; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many samples each problem has and how many of them pass."""

    name: str
    task_ids: tuple[str, ...]
    """In the order of the file."""
    n: tuple[int, ...]
    c: tuple[int, ...]
    undecided: int
    """Samples without verdict."""
    first_undecided: str
    """Where the first of them stands."""
    harness_errors: int
    repeated: int
    """Rows that repeat task_id, sample_id and verdict of another; counted once."""
    copies: int
    """Samples with the same text as an earlier one of their problem."""
    texts: int
    """Samples that come with a text."""
    has_base: bool
    """Whether base tests were decided apart."""
    verdicts: Mapping[str, int]
    isolation: Mapping[str, int]
    integrity: Mapping[str, int]
    flags: Mapping[str, int]
    uncompiled: int = 0
    """Samples whose verdict says that they do not compile, in our words or another tool's."""
    style_votes: Mapping[str, int] = field(default_factory=dict)
    """What the texts look like (`results.styles`), the first VOTING_TEXTS of them."""
    suite: EvalPlusSuite = ""
    """The tests of EvalPlus that `c` is by."""
    behaviours: tuple[tuple[tuple[int, int], ...], ...] = ()
    """Of each problem, the samples and the right ones of each behaviour on its tests; () where a
    row does not say how each test went."""
    ranked: tuple[tuple[tuple[int, int], ...], ...] = ()
    """Of each problem, the same of each value of the field that was asked for, best first."""

    @property
    def n_samples(self) -> int:
        """Samples of all problems."""
        return sum(self.n)


def tally(
    samples: Iterable[Sample], name: str, tests: Tests = "all", by: str | None = None
) -> Tally:
    """`samples` counted in one pass; ScoreError if one sample has two different verdicts.

    `by`: a field of numbers that ranks the samples, high ones first. ScoreError also for a row
    without it, where `tests` were not decided for each sample, or "all" are not the same ones.
    """
    counting = _Counting(name, tests, by)
    for sample in samples:
        counting.add(sample)
    return counting.tally()


def tally_by_temperature(
    samples: Iterable[Sample], name: str, tests: Tests = "all"
) -> dict[float | None, Tally]:
    """A tally for each temperature that samples name, low ones first, None last for those without.

    A sample_id may stand once for each temperature of its problem.
    """
    counting = TallyByTemperature(name, tests)
    for sample in samples:
        counting.add(sample)
    return counting.tallies()


class TallyByTemperature:
    """Tallies in the making, for who reads the samples for other reasons too."""

    def __init__(self, name: str, tests: Tests = "all") -> None:
        self._name, self._tests = name, tests
        self._found: dict[float | None, _Counting] = {}

    def add(self, sample: Sample) -> None:
        """Count one sample more; ScoreError at more temperatures than a file can have."""
        temperature = temperature_of(sample)
        if temperature not in self._found:
            if len(self._found) == MAX_TEMPERATURES:
                what = f"more than {MAX_TEMPERATURES} temperatures in one file"
                remedy = "keep in the field 'temperature' what the sample was drawn at"
                raise ScoreError(Fault(sample.place, what, remedy))
            self._found[temperature] = _Counting(self._name, self._tests)
        self._found[temperature].add(sample)

    def tallies(self) -> dict[float | None, Tally]:
        """What `tally_by_temperature` returns; ScoreError as `tally` says."""
        named = sorted(one for one in self._found if one is not None)
        return {key: self._found[key].tally() for key in (*named, *({None} & self._found.keys()))}


class _Counting:
    """A tally in the making."""

    def __init__(self, name: str, tests: Tests, by: str | None = None) -> None:
        self.name, self.tests, self.by = name, tests, by
        self.behaviours: dict[tuple[str, str], int] = {}
        """A number for each way to do on the tests: their digits, and the verdict."""
        self.problems: dict[str, _Problem] = {}
        self.kinds: Counter[
            tuple[str | None, str | None, str | None, tuple[str, ...], EvalPlusSuite]
        ] = Counter()
        """Samples by verdict, isolation, integrity, flags and suite: few kinds of many samples."""
        self.first_undecided = ""
        self.uncompiled = 0
        self.votes = StyleVotes(most=VOTING_TEXTS)

    def add(self, sample: Sample) -> None:
        problem = self.problems.get(sample.task_id)
        if problem is None:
            problem = self.problems[sample.task_id] = _Problem()
        passed = passed_by(sample, self.tests)
        if passed is None and not self.first_undecided:
            self.first_undecided = sample.place
        state = _UNDECIDED if passed is None else _PASSED if passed else _FAILED
        problem.samples.append(sample.sample_id * _STATES + state)
        tests = sample.extra.get("tests")
        if isinstance(tests, str) and not set(tests) - _DIGITS:
            behaviour = (tests, sample.verdict or "")
            problem.tested.append(sample.sample_id)
            problem.behaviours.append(self.behaviours.setdefault(behaviour, len(self.behaviours)))
        if self.by is not None:
            problem.scored.append(sample.sample_id)
            problem.scores.append(_score_of(sample, self.by))
        if sample.solution is not None or sample.completion is not None:
            problem.texts.append(hash(sample.text))
            self.votes.add(sample)
        verdict = sample.verdict
        if verdict is not None:
            self.uncompiled += _is_no_python(verdict)
            # Words of other tools may hold a whole error message: only ours are few.
            verdict = verdict if verdict in _VERDICTS else None
        kind = (verdict, sample.isolation, sample.integrity, sample.flags, suite_of(sample))
        self.kinds[kind] += 1

    def tally(self) -> Tally:
        """What was counted; ScoreError as `tally` says."""
        suites = self._counts(4)
        suite = self._suite(suites)
        problems = self.problems.values()
        states = [problem.states(task_id, self.name) for task_id, problem in self.problems.items()]
        return Tally(
            name=self.name,
            task_ids=tuple(self.problems),
            n=tuple(len(one) for one in states),
            c=tuple(int((one == _PASSED).sum()) for one in states),
            undecided=sum(int((one == _UNDECIDED).sum()) for one in states),
            first_undecided=self.first_undecided,
            harness_errors=self._counts(0)[Verdict.HARNESS_ERROR],
            repeated=sum(
                len(problem.samples) - len(one)
                for problem, one in zip(problems, states, strict=True)
            ),
            copies=sum(problem.copies() for problem in problems),
            texts=sum(len(problem.texts) for problem in problems),
            has_base=bool(suites["plus"]),
            verdicts=dict(self._counts(0)),
            isolation=dict(self._counts(1)),
            integrity=dict(self._counts(2)),
            flags=dict(self._counts(3)),
            uncompiled=self.uncompiled,
            style_votes=dict(self.votes.counts),
            suite=suite,
            behaviours=self._behaviours(states),
            ranked=tuple(problem.ranked() for problem in problems) if self.by else (),
        )

    def _behaviours(
        self, states: Sequence[NDArray[np.int64]]
    ) -> tuple[tuple[tuple[int, int], ...], ...]:
        problems = list(self.problems.values())
        if any(len(one.tested) < len(two) for one, two in zip(problems, states, strict=True)):
            return ()
        named = list(self.behaviours)
        return tuple(problem.by_behaviour(named) for problem in problems)

    def _counts(self, part: int) -> Counter[Any]:
        """The samples with each word in one part of their kind."""
        counts: Counter[Any] = Counter()
        for kind, n in self.kinds.items():
            value: Any = kind[part]
            for word in value if isinstance(value, tuple) else (value,):
                if word is not None:
                    counts[word] += n
        return counts

    def _suite(self, counts: Counter[EvalPlusSuite]) -> EvalPlusSuite:
        """The one suite that all samples are decided by; ScoreError if it is not one."""
        if self.tests != "all" and counts[""]:
            raise ScoreError(_undivided(self.name, self.tests))
        if self.tests == "base":
            return "base"
        if self.tests == "plus" and counts["base"]:
            how_many = f"{counts['base']:,} of {counts.total():,} samples"
            what = f"{how_many} were given the base tests alone"
            raise ScoreError(Fault(self.name, what, "choose the base tests (--tests base)"))
        if len(counts) > 1:
            told = ", ".join(
                f"{count:,} by {SUITE_NAMES.get(one, 'other tests')}"
                for one, count in counts.items()
            )
            what = f"samples are decided by different tests of EvalPlus: {told}"
            remedy = "choose the base tests (--tests base), or score each part alone"
            raise ScoreError(Fault(self.name, what, remedy))
        return next(iter(counts), "")


def passed_by(sample: Sample, tests: Tests) -> bool | None:
    """Whether `sample` passed `tests`; where it has no extra tests, all of its own are base."""
    if tests == "base" and suite_of(sample) == "plus":
        apart = sample.extra.get("base_status")
        return sample.base_passed if apart is None else apart == "pass"
    return sample.passed


def decided_by(sample: Sample, tests: Literal["base", "plus"]) -> Sample:
    """`sample` with the verdict of one suite of EvalPlus alone; ScoreError if it has none.

    Of "base", nothing is left that speaks of the plus tests.
    """
    suite = suite_of(sample)
    if not suite:
        raise ScoreError(_undivided(sample.place, tests))
    if tests == "plus":
        if suite == "base":
            what = "was given the base tests alone"
            raise ScoreError(Fault(sample.place, what, "choose the base tests (--tests base)"))
        return sample
    passed = passed_by(sample, "base")
    word = "pass" if passed else "fail"
    kept = {name: value for name, value in sample.extra.items() if not name.startswith("plus_")}
    status = str(kept.setdefault("base_status", word))
    verdict = sample.verdict
    if passed != sample.passed:  # the word of a file is about all of its tests
        verdict = str(Verdict.PASSED) if verdict in _VERDICTS else status
    return structs.replace(sample, passed=passed, base_passed=None, verdict=verdict, extra=kept)


def all_decided_by(samples: Iterable[Sample], tests: Tests) -> Iterator[Sample]:
    """`samples` as `decided_by` has each, or as they are for all tests."""
    for sample in samples:
        yield sample if tests == "all" else decided_by(sample, tests)


def _undivided(place: str, tests: str) -> Fault:
    return Fault(
        place,
        "base tests were not decided apart",
        f"let all tests decide (without --tests {tests})",
    )


@lru_cache(maxsize=1_000)
def _is_no_python(verdict: str) -> bool:
    return _NO_PYTHON.search(verdict) is not None


def _score_of(sample: Sample, field_name: str) -> float:
    value = sample.extra.get(field_name)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    what = f"has no number in its field {field_name!r}"
    raise ScoreError(Fault(sample.place, what, "name a field that ranks every sample (--by)"))


_VERDICTS = frozenset(str(verdict) for verdict in Verdict)
_DIGITS = frozenset("01")


class _Problem:
    __slots__ = ("behaviours", "samples", "scored", "scores", "tested", "texts")

    def __init__(self) -> None:
        self.samples = array("q")
        self.texts = array("q")
        self.tested, self.behaviours = array("q"), array("q")
        self.scored, self.scores = array("q"), array("d")

    def states(self, task_id: str, name: str) -> NDArray[np.int64]:
        """What became of each sample, once for each sample_id."""
        found = np.unique(np.frombuffer(self.samples, dtype=np.int64))
        ids = found // _STATES
        twice = np.flatnonzero(ids[1:] == ids[:-1])
        if twice.size:
            what = f"{task_id} has two different verdicts for sample_id {ids[twice[0]]}"
            raise ScoreError(Fault(name, what, "keep the row that counts"))
        states: NDArray[np.int64] = found % _STATES
        return states

    def by_behaviour(self, named: Sequence[tuple[str, str]]) -> tuple[tuple[int, int], ...]:
        """Samples and right ones of each behaviour, the most frequent first.

        As `outcomes_of` has it: the verdict tells apart those alone that did not reach all tests.
        """
        kinds = {one: named[one] for one in set(self.behaviours)}
        length = max((len(tests) for tests, _ in kinds.values()), default=0)
        key_of = {
            one: (tests, "" if len(tests) == length > 0 else verdict)
            for one, (tests, verdict) in kinds.items()
        }
        keys = [key_of[one] for one in self.behaviours]
        return tuple(sorted(self._grouped(self.tested, keys).values(), reverse=True))

    def ranked(self) -> tuple[tuple[int, int], ...]:
        """Samples and right ones of each score, the highest first."""
        groups = self._grouped(self.scored, self.scores)
        return tuple(groups[score] for score in sorted(groups, reverse=True))

    def _grouped(self, ids: Sequence[int], keys: Sequence[_Key]) -> dict[_Key, tuple[int, int]]:
        passed = {one // _STATES for one in self.samples if one % _STATES == _PASSED}
        groups: dict[_Key, tuple[int, int]] = {}
        for sample, key in dict(zip(ids, keys, strict=True)).items():  # once where rows repeat
            size, right = groups.get(key, (0, 0))
            groups[key] = size + 1, right + (sample in passed)
        return groups

    def copies(self) -> int:
        texts = np.frombuffer(self.texts, dtype=np.int64)
        return int(texts.size - np.unique(texts).size)


def check_comparable(a: Tally, b: Tally) -> None:
    """Return if the tests of two runs are not known to differ; ScoreError if they are."""
    if a.suite and b.suite and a.suite != b.suite:
        by = f"{a.name} is decided by {SUITE_NAMES[a.suite]}, {b.name} by {SUITE_NAMES[b.suite]}"
        raise ScoreError(Fault("", f"{by}: compare one suite of tests (--tests base)"))


def find_record(results: Path) -> RunRecord | None:
    """The run record that stands beside the file `results`, or None.

    ScoreError if it describes another file than this one.
    """
    beside = record_path(results)
    if beside.is_file():
        record = read_record(beside)
    elif (results.parent / RECORD_NAME).is_file():
        record = read_record(results.parent / RECORD_NAME)
        if results.name not in record.hashes:
            return None
    else:
        return None
    expected = record.hashes.get(results.name)
    if expected is not None and file_sha256(results) != expected:
        what = "changed since its run record was written (sha256 differs)"
        remedy = "restore the file, or remove the record to score it as a partial set"
        raise ScoreError(Fault(str(results), what, remedy))
    return record


def check_complete(found: Tally, record: RunRecord | None) -> None:
    """Return if a score may be computed; ScoreError says what stands against it."""
    if found.harness_errors:
        what = (
            f"{found.harness_errors:,} of {found.n_samples:,} rows are harness_error: the judge "
            "failed, the programs are undecided, and no score is possible"
        )
        remedy = "run the same 'lintseq evaluate' again to decide them"
        raise ScoreError(Fault(found.name, what, remedy))
    if found.undecided == found.n_samples:
        remedy = (
            f"decide them first: lintseq evaluate {found.name} --benchmark NAME -o results.jsonl"
        )
        raise ScoreError(Fault(found.name, "samples without verdicts", remedy))
    if found.undecided:
        what = (
            f"{found.undecided:,} of {found.n_samples:,} samples have no verdict (the first: "
            f"{found.first_undecided})"
        )
        remedy = "a missing verdict is no failure: decide them with 'lintseq evaluate'"
        raise ScoreError(Fault(found.name, what, remedy))
    if record is None or not record.promised:
        return
    have = dict(zip(found.task_ids, found.n, strict=True))
    gaps = {task: n - have.get(task, 0) for task, n in record.promised.items()}
    missing = {task: gap for task, gap in gaps.items() if gap > 0}
    if missing:
        what = (
            f"{sum(missing.values()):,} of {sum(record.promised.values()):,} rows that the run "
            f"record promises are missing (the first: {next(iter(missing))})"
        )
        remedy = "run the same 'lintseq evaluate' again to add them"
        raise ScoreError(Fault(found.name, what, remedy))
