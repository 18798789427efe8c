"""`lintseq convert`: samples and results from one tool's format into another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lintseq_core.cli.options import ScorerOption
from lintseq_core.cli.shell import Progress, note

if TYPE_CHECKING:  # typer looks only into the annotations of `convert`
    from lintseq_core.results.formats.format import Meta
    from lintseq_core.results.sample import EvalPlusSuite, Sample
    from lintseq_core.results.scores.tally import Tests

_ONE_VERDICT = {"human-eval-results", "bigcodebench-results"}
"""Formats that have no place for base and plus tests."""


def convert(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="A file or folder of samples or results, or -.")
    ],
    out: Annotated[str, typer.Argument(metavar="OUT", help="Where to write it, or -.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="lintseq, parquet, human-eval, human-eval-results, evalplus, evalplus-folder, "
            "evalplus-results, bigcodebench, bigcodebench-results, bigcode-harness, "
            "lintseq-predictions or pylintseq.",
        ),
    ],
    origin: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help="Format of IN. Default: told by content."),
    ] = None,
    problems: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Rows with task_id and prompt: makes whole programs of completions, and back.",
        ),
    ] = None,
    tests: Annotated[
        Literal["all", "base", "plus"],
        typer.Option(
            help="Of EvalPlus: whose verdict is written, of the base tests alone or of base and "
            "plus tests. Default: all there are."
        ),
    ] = "all",
    scorer: ScorerOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite OUT.")] = False,
) -> None:
    """Convert samples or results of another tool, one row at a time.

    Reads human-eval, EvalPlus, BigCodeBench, bigcode-evaluation-harness, lm-evaluation-harness,
    Inspect, the authors' predictions, pylintseq and our own files. A row that does not fit stops
    it, with row and field named, and nothing is written.

    \b
    lintseq convert samples.jsonl samples.parquet --to parquet
    lintseq convert samples.jsonl programs/ --to evalplus-folder --problems HumanEval.jsonl.gz
    lintseq convert log.eval - --to lintseq | head
    """
    from lintseq_core.results.formats.export import (
        export,
        loses_verdicts,
        read_prompts,
        with_prompts,
    )
    from lintseq_core.results.formats.reading import Input, open_input
    from lintseq_core.results.formats.recognise import recognise
    from lintseq_core.results.scores.remarks import file_remarks
    from lintseq_core.results.scores.tally import SUITE_NAMES

    suites: set[EvalPlusSuite] = set()

    with open_input(source) as opened, Progress() as progress:
        file = recognise(opened, origin, scorer=scorer)
        read = progress.through(file.samples(), "samples read")
        samples: Iterator[Sample] = _seen(_decided(read, tests, file.meta), suites)
        if problems is not None:
            with open_input(problems) as prompts:
                samples = with_prompts(samples, read_prompts(Input(prompts.path, problems)))
        count = export(samples, out, to, file.meta, force=force)
    for remark in file_remarks(file.meta):
        note(remark)
    if file.format.has_verdicts and loses_verdicts(to):
        note(f"{to} has no place for verdicts: they are left out")
    else:
        for suite in (
            sorted(suites & SUITE_NAMES.keys()) if to in _ONE_VERDICT or tests != "all" else ()
        ):
            note(f"passed means: the {SUITE_NAMES[suite]} of EvalPlus")
    told = f"{count:,} samples from {opened.name} ({file.format.title}) written as {to}"
    if out == "-":
        note(told)
    else:
        print(f"{told} to {out}")


def _decided(samples: Iterator[Sample], tests: Tests, meta: Meta) -> Iterator[Sample]:
    """`samples` decided by `tests`; of "base", the scores in `meta` by plus tests go too."""
    from lintseq_core.results.scores.tally import decided_by

    for sample in samples:
        yield sample if tests == "all" else decided_by(sample, tests)
    scores = meta.get("pass_at_k")
    if tests == "base" and isinstance(scores, dict):
        meta["pass_at_k"] = {name: one for name, one in scores.items() if name != "plus"}


def _seen(samples: Iterator[Sample], suites: set[EvalPlusSuite]) -> Iterator[Sample]:
    """`samples`, while `suites` gathers the tests of EvalPlus that decided them."""
    from lintseq_core.results.sample import suite_of

    for sample in samples:
        suites.add(suite_of(sample))
        yield sample
