"""`lintseq generate --benchmark`: a trace for each problem, and samples for `lintseq evaluate`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lintseq_core.cli.progress import Progress
from lintseq_core.cli.source import note
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

if TYPE_CHECKING:
    from lintseq_core.benchmarks import Problem
    from lintseq_core.execution.backends import Backend
    from lintseq_core.generation.request import GenerationRun
    from lintseq_core.generation.trace import GenerationTrace
    from lintseq_core.generation.types import GenerationRequest, Judge

SAMPLES = "samples.jsonl"
Start = Callable[
    ["GenerationRequest", "Judge | None", "str | None"], "tuple[GenerationRun, Progress]"
]
"""From a request, the judge of a problem and its name to a run and how it is shown."""


def generate_benchmark(
    start: Start,
    request: GenerationRequest,
    folder: Path,
    *,
    benchmark: str,
    tasks: Sequence[str],
    data: Path | None,
    judged: bool,
    force: bool,
) -> None:
    """Write a trace for each problem, then the samples; traces that are whole already are kept.

    `judged`: run the tests after each edit, in boxes. `force`: keep no trace.
    """
    from lintseq_core.benchmarks import get_benchmark
    from lintseq_core.data.files import whole_file
    from lintseq_core.generation.problems import ProblemJudge, sample_rows

    chosen = get_benchmark(benchmark)
    problems = chosen.problems(data)
    asked = [problems.named(task) for task in tasks] if tasks else list(problems)
    folder.mkdir(parents=True, exist_ok=True)
    # The samples appear when all are there: half a file would be scored as if it were whole.
    with _boxes(judged) as backend, whole_file(folder / SAMPLES) as samples:
        for problem in asked:
            this = replace(request, instruction=problem.instruction)
            judge = None if backend is None else ProblemJudge(chosen, problem, backend)
            path = folder / _name(problem)
            if force:
                path.unlink(missing_ok=True)
            trace = _trace(start, this, path, f"{benchmark} {problem.task_id}", judge)
            for row in sample_rows(trace, chosen, problem):
                samples.write((json_text(row) + "\n").encode())
            print(_line(problem, trace), flush=True)
            if judge is not None and judge.reference_failed:
                note(
                    f"{problem.task_id}: the reference solution does not pass here; programs that "
                    "timed out had the default limit"
                )


def _trace(
    start: Start,
    request: GenerationRequest,
    path: Path,
    name: str,
    judge: Judge | None,
) -> GenerationTrace:
    """The whole trace at `path`, generated if it is not there."""
    from lintseq_core.generation.trace import TraceWriter
    from lintseq_core.generation.trace_reading import read_trace

    try:
        run, progress = start(request, judge, name)
    except LintSeqError as error:
        raise LintSeqError(f"{name}: {error}") from None
    if path.exists() and path.stat().st_size:
        known = read_trace(path)
        if known.header != run.header:
            raise LintSeqError(
                f"{path} is of another request or version; use the same, another folder, or --force"
            )
        ends = [sample.end for sample in known.samples]
        whole = len(ends) == request.n_samples and None not in ends
        judged = all(end is None or (end.verdict is None) == (judge is None) for end in ends)
        if whole and judged:
            return known
    with path.open("w", encoding="utf-8", newline="\n") as stream, progress:
        writer = TraceWriter(stream, run.header)
        for event in run.events:
            writer.write(event)
    return read_trace(path)


@contextlib.contextmanager
def _boxes(judged: bool) -> Iterator[Backend | None]:
    if not judged:
        yield None
        return
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation

    backend, _ = choose(Isolation.BOX)
    try:
        yield backend
    finally:
        backend.close()


def _name(problem: Problem) -> str:
    safe = "".join(c if c.isalnum() or c in "-._" else "_" for c in problem.task_id)
    return f"{safe}.jsonl"


def _line(problem: Problem, trace: GenerationTrace) -> str:
    ends = [sample.end for sample in trace.samples if sample.end is not None]
    parts = [
        f"{len(ends)} samples",
        f"{sum(end.n_tokens for end in ends):,} tokens",
        f"{sum(end.compiles for end in ends)} compile",
    ]
    verdicts = [end.verdict for end in ends if end.verdict is not None]
    if verdicts:
        parts.append(f"{verdicts.count('passed')} passed")
    return f"{problem.task_id}: {', '.join(parts)}"
