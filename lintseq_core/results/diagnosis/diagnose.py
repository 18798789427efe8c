"""The faults of a file of samples: which, on what share of them, with examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lintseq_core.benchmarks import Benchmark, Problem, ProblemSet, PromptStyle
from lintseq_core.benchmarks.answers import answered_code
from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.results.diagnosis.faults import (
    MENDS_OF_PROGRAMS,
    MENDS_OF_TEXTS,
    Mend,
    cut_off,
    empty,
    ends_open,
    wrong_entry_point,
)
from lintseq_core.results.diagnosis.kinds import KINDS, WORDS, FaultKind
from lintseq_core.results.diagnosis.reading import Reading
from lintseq_core.results.diagnosis.shifting import find_shifts
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.programs import solution_text
from lintseq_core.results.sample import Sample

LEAST_SHARE = 0.03
"""Of the samples that must have a fault for it to be named: rarer ones are slips of the model."""
N_EXAMPLES = 3
_MOST_FAULTS = 8
"""Of one sample: what is mended more often than that is no text of a model."""
_NEARLY_ALL = 0.9
"""Of the whole texts end alike where the end tells something."""
_ANNOUNCING = re.compile(r"\b(?:here|below|following|implementation|solution|code)\b", re.I)
"""Words of a chat that code comes next."""
_MOST = 0.8
"""Of the texts of a file that were cut say that the others, which end as they do, were cut too."""
_OF_ANSWERS: frozenset[FaultKind] = frozenset({"wrong_prompt_style", "chat_text", "code_fences"})
"""Kinds of texts that answer an instruction with a whole program."""
CUTS: frozenset[FaultKind] = frozenset({"truncated", "stop_string"})
_LINE_ENDS_PER_CUT = 0.5
"""Of texts that the limit of tokens cut, so many for each unfinished one may end at a line."""


@dataclass(slots=True)
class Examined:
    """One sample with its faults, the outermost first."""

    sample: Sample
    problem: Problem | None
    """The one that it answers; None where the benchmark has none for it."""
    program: str
    """What is run as the sample stands."""
    mended: str
    """What is run once its faults are mended."""
    faults: tuple[FaultKind, ...]

    @property
    def can_be_mended(self) -> bool:
        """Whether it has faults and all of them can be mended."""
        return bool(self.faults) and all(WORDS[kind].can_be_mended for kind in self.faults)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with the samples of a file."""

    samples: tuple[Examined, ...]
    shares: Mapping[FaultKind, float]
    """Of the samples, for each kind that at least LEAST_SHARE of them have; most common first."""

    def examples(self, kind: FaultKind, most: int = N_EXAMPLES) -> list[Examined]:
        """Samples of `kind`, of different problems where it can be, those with one fault first."""
        having = sorted(
            (one for one in self.samples if kind in one.faults), key=lambda one: len(one.faults)
        )
        first: dict[str, Examined] = {}
        for one in having:
            first.setdefault(one.sample.task_id, one)
        rest = [one for one in having if first[one.sample.task_id] is not one]
        return [*first.values(), *rest][:most]


def diagnose(
    samples: Iterable[Sample],
    benchmark: Benchmark,
    problems: ProblemSet,
    style: PromptStyle | None = None,
) -> Diagnosis:
    """The faults that `samples` of `benchmark` show, all held in memory; nothing is run.

    `style`: in which the harness read them. None: as code, as most harnesses do, but samples whose
    own prompt ends in a fence or in the edit marker. FormatError for a sample without a program.
    """
    known = _Ids(problems)
    found = [_Work(sample, known, benchmark, style) for sample in samples]
    by_problem: dict[str, list[Reading]] = {}
    for work in found:
        if work.reading is not None:
            work.mend(MENDS_OF_TEXTS)
            by_problem.setdefault(work.reading.problem.task_id, []).append(work.reading)
    shifts = find_shifts(by_problem, problems)
    for work in found:
        if work.reading is not None and (other := shifts.get(id(work.reading))) is not None:
            work.move(other)
    for work in found:
        work.mend((*MENDS_OF_TEXTS, *MENDS_OF_PROGRAMS))
        work.finish()
    _settle_cuts(found)
    return _summed([work.examined() for work in found])


class _Ids:
    """Problems by task_id, and by number where another version of a benchmark names them."""

    def __init__(self, problems: ProblemSet) -> None:
        self._by_id = {problem.task_id: problem for problem in problems}
        self.asked = {
            problem.instruction.strip().partition("\n")[0].strip(): problem for problem in problems
        }
        numbers = Counter(map(_number, self._by_id))
        self._by_number = {
            _number(task_id): problem
            for task_id, problem in self._by_id.items()
            if numbers[_number(task_id)] == 1
        }

    def find(self, task_id: str) -> tuple[Problem | None, bool]:
        """The problem, and whether `task_id` is its own."""
        if task_id in self._by_id:
            return self._by_id[task_id], True
        number = _number(task_id)
        return (self._by_number.get(number) if number else None), False


def _number(task_id: str) -> str:
    digits = re.search(r"(\d+)\D*\Z", task_id)
    return str(int(digits[1])) if digits else ""


@dataclass(slots=True)
class _Work:
    """A sample while it is looked at."""

    sample: Sample
    known: _Ids
    benchmark: Benchmark
    style: PromptStyle | None
    faults: list[FaultKind] = field(default_factory=list)
    reading: Reading | None = None
    program: str = ""
    ends_open: bool = False
    """Whether it may have gone on."""
    is_unsure: bool = False
    """Whether it may have been cut by a limit of tokens as well as by a stop string."""

    def __post_init__(self) -> None:
        problem, is_own = self.known.find(self.sample.task_id)
        style = _style_of(self.sample, self.style)
        text = _text(self.sample, style)
        if not is_own:
            self.faults.append("wrong_version")
        if problem is None:
            self.program = text
            return
        is_completion = self.sample.solution is None
        self.reading = Reading(
            self.benchmark,
            problem,
            text,
            is_completion,
            is_answer=style not in (None, "completion"),
            asked=self.known.asked,
        )
        self.program = self.reading.program()

    def mend(self, mends: tuple[tuple[FaultKind, Mend], ...]) -> None:
        """Mend what `mends` can, until nothing is found."""
        reading = self.reading
        if reading is None:
            return
        for _ in range(_MOST_FAULTS):
            if empty(reading) is not None:
                return
            for kind, mend in mends:
                text = mend(reading)
                if text is not None and text != reading.text:
                    self.ends_open = ends_open(reading)
                    reading.text = text
                    reading.is_answer = reading.is_answer or kind in _OF_ANSWERS
                    if kind not in self.faults:
                        self.faults.append(kind)
                    break
            else:
                return

    def move(self, other: Problem) -> None:
        """Read the sample as one of `other`."""
        assert self.reading is not None
        body, is_completion = self.reading.body, self.reading.is_completion
        had_head = bool(self.reading.head)
        self.reading.problem = other
        self.reading.text = other.prompt + body if had_head and not is_completion else body
        self.faults.append("shifted")

    def finish(self) -> None:
        """Look at what cannot be mended."""
        reading = self.reading
        if reading is None:
            return
        if empty(reading) is not None:
            self.faults.append(self._end_of_nothing())
            return
        self.ends_open = ends_open(reading)
        if (cut := cut_off(reading)) is not None:
            self.faults.append(cut.kind)
            self.is_unsure = not cut.is_sure
        if (text := wrong_entry_point(reading)) is not None:
            self.faults.append("wrong_entry_point")
            reading.text = text

    def _end_of_nothing(self) -> FaultKind:
        """Why no code is there: what stands in front of it may say that some came."""
        if "reasoning_left" in self.faults and "</think" not in self.program:
            return "truncated"
        is_announced = bool({"code_fences", "reasoning_left"} & {*self.faults})
        if "chat_text" in self.faults and _ANNOUNCING.search(self.program):
            is_announced = True
        return "stop_string" if is_announced else "empty"

    def examined(self) -> Examined:
        """What was found."""
        reading = self.reading
        if reading is None:
            return Examined(self.sample, None, self.program, "", (*self.faults,))
        mended = reading.program() if self.faults else self.program
        return Examined(self.sample, reading.problem, self.program, mended, (*self.faults,))


def _style_of(sample: Sample, style: PromptStyle | None) -> PromptStyle | None:
    """`style`, or that which the sample's own prompt asks for; None where it asks for none."""
    asked = (sample.prompt or "").rstrip()
    if style is None and asked.endswith(DIFF_MARKER):
        return "diff"
    if style is None and asked.endswith("```python"):
        return "markdown"
    return style


def _text(sample: Sample, style: PromptStyle | None) -> str:
    """The text of a sample as its harness took it."""
    if sample.solution is not None:
        return solution_text(sample.solution, style)
    if sample.completion is None:
        raise FormatError(
            Fault(sample.place, "a verdict without a program", "name the file of the samples")
        )
    return sample.completion if style is None else answered_code(sample.completion, style)


def _settle_cuts(found: list[_Work]) -> None:
    """Decide by the whole file what single texts leave open.

    Texts that were cut where a line ends are put to the limit of tokens, where it explains so many
    of them. Where nearly all whole texts end with a line break, or most texts were cut, those that
    end without one were cut too.
    """
    unsure = [work for work in found if work.is_unsure]
    n_truncated = sum("truncated" in work.faults for work in found)
    if unsure and len(unsure) <= _LINE_ENDS_PER_CUT * n_truncated:
        for work in unsure:
            work.faults[work.faults.index("stop_string")] = "truncated"
    counts = Counter(kind for work in found for kind in work.faults if kind in CUTS)
    if counts.total() < LEAST_SHARE * len(found):
        return
    likely = counts.most_common(1)[0][0]
    whole = [work for work in found if work.reading is not None and not CUTS & {*work.faults}]
    n_ended = sum(not work.ends_open for work in whole)
    if n_ended < _NEARLY_ALL * len(whole) and counts.total() < _MOST * len(found):
        return
    for work in whole:
        if work.ends_open:
            if "wrong_entry_point" in work.faults:
                work.faults.remove("wrong_entry_point")
            work.faults.append(likely)


def _summed(samples: list[Examined]) -> Diagnosis:
    counts = Counter(kind for one in samples for kind in dict.fromkeys(one.faults))
    shares = {kind: counts[kind] / len(samples) for kind in KINDS if counts[kind]}
    named = {kind: share for kind, share in shares.items() if share >= LEAST_SHARE}
    ordered = dict(sorted(named.items(), key=lambda pair: -pair[1]))
    return Diagnosis(tuple(samples), ordered)
