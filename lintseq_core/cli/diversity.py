"""`lintseq diversity`: how much the programs sampled for a problem differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lintseq_core.cli.options import StyleOption, TemperatureOption
from lintseq_core.cli.shell import Progress, write_utf8
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

if TYPE_CHECKING:  # typer looks only into the annotations of `diversity`
    from lintseq_core.benchmarks import PromptStyle
    from lintseq_core.metrics.diversity import ProblemDiversity
    from lintseq_core.results.programs import SampledPrograms
    from lintseq_core.results.sample import Sample
    from lintseq_core.results.styles import StyleDecision

_MEASURES = (
    ("distinct_texts", "different texts"),
    ("distinct_trees", "different syntax trees, names normalised"),
    ("unparsable", "programs that do not parse"),
    ("edit_distance", "mean edit distance of two programs, 0 the same, 1 nothing in common"),
    ("vendi", "Vendi score: how many different programs they amount to"),
    ("tree_similarity", "mean similarity of two syntax trees, 1 the same"),
    ("code_bleu", "mean CodeBLEU of two programs, 1 the same"),
    ("behaviours", "different behaviours: the same tests passed and failed (--results)"),
    ("effective_behaviours", "behaviours, counted by exp of the entropy of their shares"),
)


def diversity(
    samples: Annotated[
        str, typer.Argument(metavar="SAMPLES", help="Samples of lintseq or another tool, or -.")
    ],
    benchmark: Annotated[
        str | None,
        typer.Option(
            "--benchmark", "-b", help="Makes whole programs of completions: humaneval, mbpp ..."
        ),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The benchmark's file.")] = None,
    style: StyleOption = None,
    results: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Their results, from lintseq evaluate --each-test: groups by behaviour.",
        ),
    ] = None,
    pairs: Annotated[
        int, typer.Option(min=1, help="Pairs a problem that trees and CodeBLEU are compared on.")
    ] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Of the drawn pairs.")] = 0,
    first: Annotated[
        int | None,
        typer.Option(min=2, help="Only so many samples of each problem, the first. Default: all."),
    ] = None,
    temperature: TemperatureOption = None,
    origin: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help="Format of SAMPLES. Default: by content."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object, with every problem.")
    ] = False,
) -> None:
    """Print the diversity of the programs of each problem, averaged over problems.

    Samples written as edits count as the program they write; the orders of their edits are
    compared too. All programs are held in memory.

    \b
    lintseq diversity samples.jsonl -b humaneval
    lintseq diversity samples.jsonl -b humaneval --results results.jsonl
    lintseq diversity programs/ --json | jq .mean.vendi
    """
    from lintseq_core.metrics.diversity import mean_diversity, problem_diversity
    from lintseq_core.results.behaviours import outcomes_of, read_behaviours
    from lintseq_core.results.formats.reading import open_input
    from lintseq_core.results.formats.recognise import recognise
    from lintseq_core.results.programs import gather_programs
    from lintseq_core.results.scores.remarks import file_remarks
    from lintseq_core.results.styles import decide_style

    make = _program_maker(benchmark, data) if benchmark is not None else None
    behaviours = None
    if results is not None:
        with open_input(results) as decided:
            behaviours = read_behaviours(recognise(decided).samples())
    with open_input(samples) as opened, Progress() as progress:
        file = recognise(opened, origin)
        asked = decide_style(file.samples(), opened.name, style)
        program_of = None if make is None else partial(make, asked.style)
        kept = _kept(progress.through(file.samples(), "samples read"), first, temperature)
        programs = gather_programs(kept, program_of, asked.style)
        if not programs.by_problem:
            raise LintSeqError(f"{opened.name}: no sample at temperature {temperature}")
        found: dict[str, ProblemDiversity] = {}
        for task_id, texts in programs.by_problem.items():
            progress.show(f"{len(found):,} of {len(programs.by_problem):,} problems compared")
            ids = programs.sample_ids[task_id]
            outcomes = None if behaviours is None else outcomes_of(behaviours, task_id, ids)
            found[task_id] = problem_diversity(texts, outcomes, seed=seed, n_pairs=pairs)
    mean = mean_diversity(list(found.values()))
    orders = _edit_orders(programs)
    remarks = [*_remarks(programs, mean, benchmark, asked), *file_remarks(file.meta)]
    write_utf8()
    if as_json:
        document = {
            "problems": len(found),
            "programs": programs.n_programs,
            "pairs_per_problem": pairs,
            "style": asked.style,
            "style_from": asked.as_json(),
            "mean": _plain(asdict(mean)),
            "edit_orders": orders,
            "remarks": remarks,
            "by_problem": {task_id: _plain(asdict(one)) for task_id, one in found.items()},
        }
        print(json_text(document))
        return
    print(f"{opened.name}: {programs.n_programs:,} programs of {len(found):,} problem(s)")
    if asked.votes:
        print(f"  {asked}")
    print("mean over problems")
    for name, words in _MEASURES:
        print(f"  {_shown(getattr(mean, name)):>8}  {words}")
    if orders is not None:
        print(f"  {orders['orders']:>8,}  different orders among {orders['sequences']:,} sequences")
        print(f"  {_shown(orders['mean_distance']):>8}  mean distance of two orders of one program")
    for remark in remarks:
        print(f"  note: {remark}")


def _program_maker(name: str, data: Path | None) -> Callable[[PromptStyle, Sample], str]:
    from lintseq_core.benchmarks import get_benchmark

    benchmark = get_benchmark(name)
    problems = benchmark.problems(data)

    def program_of(style: PromptStyle, sample: Sample) -> str:
        problem = problems.named(sample.task_id)
        return benchmark.program(problem, sample.completion or "", style)

    return program_of


def _edit_orders(programs: SampledPrograms) -> dict[str, Any] | None:
    if not programs.edits:
        return None
    from lintseq_core.metrics.edit_orders import count_edit_orders, written_by

    orders = count_edit_orders(written_by(edits) for edits in programs.edits)
    return {
        "sequences": orders.n_sequences,
        "programs": orders.n_programs,
        "orders": orders.n_orders,
        "pairs": orders.n_pairs,
        "mean_distance": _number(orders.mean_distance),
    }


def _remarks(
    programs: SampledPrograms,
    mean: ProblemDiversity,
    benchmark: str | None,
    asked: StyleDecision,
) -> list[str]:
    from lintseq_core.results.styles import doubt

    remarks = []
    counts = [len(texts) for texts in programs.by_problem.values()]
    if max(counts) == 1:
        remarks.append(
            "one sample a problem: nothing to compare; draw more at a temperature above 0"
        )
    elif min(counts) != max(counts):
        remarks.append(
            f"unequal numbers of samples, {min(counts)} to {max(counts)} a problem; counts and "
            "the Vendi score grow with the number"
        )
    if benchmark is None and mean.unparsable > mean.n_programs / 2:
        remarks.append(
            "most programs do not parse: if the samples continue a prompt, name the benchmark "
            "(-b humaneval)"
        )
    elif doubted := doubt(
        round(mean.unparsable * len(counts)),
        round(mean.n_programs * len(counts)),
        asked.style,
        option="diversity --style",
    ):
        remarks.append(doubted)
    return remarks


def _kept(
    samples: Iterator[Sample], first: int | None, temperature: float | None
) -> Iterator[Sample]:
    """The `first` samples of each problem at `temperature`; None: all."""
    from lintseq_core.results.sample import temperature_of

    seen: Counter[str] = Counter()
    for sample in samples:
        if temperature is None or temperature_of(sample) == temperature:
            seen[sample.task_id] += 1
            if first is None or seen[sample.task_id] <= first:
                yield sample


def _plain(measures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _number(value) for name, value in measures.items()}


def _number(value: float) -> float | None:
    """`value`, or None for NaN, which JSON does not know."""
    return None if math.isnan(value) else value


def _shown(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.2f}"
