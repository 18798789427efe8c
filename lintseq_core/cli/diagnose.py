"""`lintseq diagnose`: whether a low score is the model's, or a fault of the harness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lintseq_core.cli.options import (
    BenchmarkDataOption,
    BenchmarkOption,
    JsonOption,
    SamplesArgument,
    ScorerOption,
    Style,
    WorkersOption,
)
from lintseq_core.cli.shell import ALLOW_VARIABLE, Progress, is_allowed, note, write_utf8
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

if TYPE_CHECKING:
    from lintseq_core.results.diagnosis.diagnose import Diagnosis, Examined
    from lintseq_core.results.diagnosis.points import Points


def diagnose(
    samples: SamplesArgument,
    benchmark: BenchmarkOption,
    data: BenchmarkDataOption = None,
    style: Annotated[
        Style | None,
        typer.Option(help="How the harness read the samples. Default: as code, as they stand."),
    ] = None,
    scorer: ScorerOption = None,
    mended: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the programs with their faults mended."),
    ] = None,
    allow_execution: Annotated[
        bool,
        typer.Option("--allow-execution", help="Run a mended copy too: what mending would bring."),
    ] = False,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which faults of a harness keep samples from passing, and on what share of them.

    Nothing is run unless it is allowed: then the samples with a fault are judged as they stand
    and mended, and the difference is told in points.

    \b
    lintseq diagnose samples.jsonl -b humaneval
    lintseq diagnose samples.jsonl -b humaneval --allow-execution --mended mended.jsonl
    lintseq diagnose samples.jsonl -b mbpp --data mbpp.jsonl --json | jq '.faults[].kind'
    """
    from lintseq_core.benchmarks import get_benchmark
    from lintseq_core.results.diagnosis.diagnose import diagnose as look
    from lintseq_core.results.formats.reading import open_input
    from lintseq_core.results.formats.recognise import recognise

    if mended is not None and mended.exists():
        raise LintSeqError(f"{mended}: exists already; remove it, or choose another name")
    chosen = get_benchmark(benchmark)
    problems = chosen.problems(data)
    with open_input(samples) as opened, Progress() as progress:
        file = recognise(opened, scorer=scorer)
        read = progress.through(file.samples(), "samples read")
        found = look(read, chosen, problems, style)
    points = None
    if is_allowed(allow_execution):
        points = _measured(found, workers)
    elif found.shares:
        note(f"what mending brings is measured with --allow-execution or {ALLOW_VARIABLE}=1")
    if mended is not None:
        _write_mended(found, mended)
    write_utf8()
    if as_json:
        print(json_text(_document(found, benchmark, points)))
    else:
        _print(found, opened.name, points)


def _measured(found: Diagnosis, workers: int | None) -> Points:
    from lintseq_core.execution.pool import default_workers
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation
    from lintseq_core.results.diagnosis.points import measure_points

    backend, _ = choose(Isolation.BOX)
    try:
        with Progress() as progress:
            return measure_points(
                found,
                backend,
                workers=workers or default_workers(),
                on_progress=lambda n, of: progress.show(f"{n:,} of {of:,} programs judged"),
            )
    finally:
        backend.close()


def _write_mended(found: Diagnosis, path: Path) -> None:
    rows = (
        {
            "task_id": one.problem.task_id if one.problem else one.sample.task_id,
            "solution": one.mended or one.program,
        }
        for one in found.samples
    )
    path.write_text("".join(f"{json_text(row)}\n" for row in rows), encoding="utf-8")


def _document(found: Diagnosis, benchmark: str, points: Points | None) -> dict[str, Any]:
    return {
        "benchmark": benchmark,
        "samples": len(found.samples),
        "passed": None if points is None else points.before / 100,
        "passed_mended": None if points is None else points.after / 100,
        "faults": [
            {
                "kind": kind,
                "share": share,
                "examples": [_example(one) for one in found.examples(kind)],
                "points": None if points is None else points.by_kind.get(kind),
            }
            for kind, share in found.shares.items()
        ],
    }


def _example(one: Examined) -> dict[str, Any]:
    return {
        "task_id": one.sample.task_id,
        "sample_id": one.sample.sample_id,
        "place": one.sample.place,
        "program": one.program,
        "mended": one.mended if one.can_be_mended else None,
    }


def _print(found: Diagnosis, name: str, points: Points | None) -> None:
    from lintseq_core.results.diagnosis.kinds import WORDS

    print(f"{name}: {len(found.samples):,} samples")
    if points is not None:
        print(f"  {points.before:.1f} % pass as they stand, {points.after:.1f} % once mended")
    if not found.shares:
        print("  no fault of a harness is seen: a low score is the model's, or the tests'")
    for kind, share in found.shares.items():
        words = WORDS[kind]
        brings = ""
        if not words.can_be_mended:
            brings = "; no mending, only another run"
        elif points is not None:
            brings = f"; mending brings {points.by_kind.get(kind, 0.0):.1f} points"
        print(f"  {100 * share:5.1f} %  {words.title}{brings}")
        print(f"           {words.remedy}")
        places = (
            f"{one.sample.task_id} ({one.sample.place.removeprefix(f'{name}, ')})"
            for one in found.examples(kind)
        )
        print(f"           for example {'; '.join(places)}")
