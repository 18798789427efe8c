"""`lintseq diversity`: how much the programs sampled for a problem differ."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lintseq_core.cli.options import (
    SamplesArgument,
    ScorerOption,
    StyleOption,
    TemperatureOption,
    TestsOption,
)
from lintseq_core.cli.shell import Progress, write_utf8
from lintseq_core.json_text import json_text

if TYPE_CHECKING:  # typer looks only into the annotations of `diversity`
    from lintseq_core.metrics.diversity import ProblemDiversity
    from lintseq_core.metrics.edit_orders import EditOrders
    from lintseq_core.results.diversity import SampleDiversity
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
    samples: SamplesArgument,
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
    tests: TestsOption = "all",
    scorer: ScorerOption = None,
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
    compared too. All programs are held in memory. --tests and --scorer say what decides, in the
    file that has the verdicts: the results, or SAMPLES without any.

    \b
    lintseq diversity samples.jsonl -b humaneval
    lintseq diversity samples.jsonl -b humaneval --results results.jsonl
    lintseq diversity programs/ --json | jq .mean.vendi
    """
    from lintseq_core.results.behaviours import read_behaviours
    from lintseq_core.results.diversity import diversity_remarks, first_samples, measure_samples
    from lintseq_core.results.formats.reading import open_input
    from lintseq_core.results.formats.recognise import recognise
    from lintseq_core.results.sample import samples_at
    from lintseq_core.results.sampled_files import program_maker
    from lintseq_core.results.scores.remarks import file_remarks
    from lintseq_core.results.scores.tally import SUITE_NAMES, all_decided_by
    from lintseq_core.results.styles import decide_style

    program_of = program_maker(benchmark or "", data)
    behaviours = None
    notes: list[str] = []
    if results is not None:
        with open_input(results) as decided:
            judged = recognise(decided, scorer=scorer)
            behaviours = read_behaviours(all_decided_by(judged.samples(), tests))
            notes += file_remarks(judged.meta)
    with open_input(samples) as opened, Progress() as progress:
        file = recognise(opened, origin, scorer=None if results else scorer)
        asked = decide_style(file.samples(), opened.name, style)
        chosen = progress.through(file.samples(), "samples read")
        if results is None:
            chosen = all_decided_by(chosen, tests)
        if temperature is not None:
            chosen = samples_at(temperature, chosen, opened.name)
        found = measure_samples(
            first_samples(chosen, first),
            asked,
            program_of=program_of,
            behaviours=behaviours,
            seed=seed,
            n_pairs=pairs,
            on_problem=lambda n, of: progress.show(f"{n:,} of {of:,} problems compared"),
        )
    remarks = diversity_remarks(found, asked, has_prompts=benchmark is not None)
    remarks += [*file_remarks(file.meta), *notes]
    write_utf8()
    if as_json:
        print(json_text({"tests": tests} | _document(found, asked, pairs, remarks)))
    else:
        named = f"{opened.name}, {SUITE_NAMES[tests]}" if tests in SUITE_NAMES else opened.name
        _print(found, asked, named, remarks)


def _document(
    found: SampleDiversity, asked: StyleDecision, n_pairs: int, remarks: list[str]
) -> dict[str, Any]:
    return {
        "problems": len(found.by_problem),
        "programs": found.n_programs,
        "pairs_per_problem": n_pairs,
        "style": asked.style,
        "style_from": asked.as_json(),
        "mean": _plain(found.mean),
        "edit_orders": None if found.orders is None else _orders(found.orders),
        "remarks": remarks,
        "by_problem": {task_id: _plain(one) for task_id, one in found.by_problem.items()},
    }


def _orders(orders: EditOrders) -> dict[str, Any]:
    return {
        "sequences": orders.n_sequences,
        "programs": orders.n_programs,
        "orders": orders.n_orders,
        "pairs": orders.n_pairs,
        "mean_distance": _number(orders.mean_distance),
    }


def _print(found: SampleDiversity, asked: StyleDecision, name: str, remarks: list[str]) -> None:
    print(f"{name}: {found.n_programs:,} programs of {len(found.by_problem):,} problem(s)")
    if asked.votes:
        print(f"  {asked}")
    print("mean over problems")
    for field, words in _MEASURES:
        print(f"  {_shown(getattr(found.mean, field)):>8}  {words}")
    if (orders := found.orders) is not None:
        print(f"  {orders.n_orders:>8,}  different orders among {orders.n_sequences:,} sequences")
        print(f"  {_shown(orders.mean_distance):>8}  mean distance of two orders of one program")
    for remark in remarks:
        print(f"  note: {remark}")


def _plain(measures: ProblemDiversity) -> dict[str, float | None]:
    return {name: _number(value) for name, value in asdict(measures).items()}


def _number(value: float) -> float | None:
    """`value`, or None for NaN, which JSON does not know."""
    return None if math.isnan(value) else value


def _shown(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"
