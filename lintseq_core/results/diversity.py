"""How much the programs of all samples differ: by problem, on average, and in their edit orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from lintseq_core.metrics.diversity import (
    N_PAIRS,
    ProblemDiversity,
    mean_diversity,
    problem_diversity,
)
from lintseq_core.metrics.edit_orders import EditOrders, count_edit_orders, written_by
from lintseq_core.results.behaviours import Behaviours, outcomes_of
from lintseq_core.results.programs import gather_programs
from lintseq_core.results.sample import Sample
from lintseq_core.results.sampled import ProgramOf
from lintseq_core.results.styles import StyleDecision, doubt


@dataclass(frozen=True, slots=True)
class SampleDiversity:
    """The measures of every problem, and their means."""

    by_problem: Mapping[str, ProblemDiversity]
    mean: ProblemDiversity
    orders: EditOrders | None
    """Of the samples that are written as edits; None where none is."""
    n_programs: int


def measure_samples(
    samples: Iterable[Sample],
    style: StyleDecision,
    *,
    program_of: ProgramOf | None = None,
    behaviours: Behaviours | None = None,
    seed: int = 0,
    n_pairs: int = N_PAIRS,
    on_problem: Callable[[int, int], None] | None = None,
) -> SampleDiversity:
    """Every measure of the programs of `samples`, all held in memory.

    `program_of` makes whole programs of samples that continue prompts. `behaviours`, if known, say
    which tests each passes. `n_pairs` of each problem, drawn by `seed`, are compared by tree and
    CodeBLEU. `on_problem` is told how many problems are compared, and of how many.
    """
    make = None if program_of is None else partial(program_of, style.style)
    programs = gather_programs(samples, make, style.style)
    found: dict[str, ProblemDiversity] = {}
    for task_id, texts in programs.by_problem.items():
        if on_problem is not None:
            on_problem(len(found), len(programs.by_problem))
        ids = programs.sample_ids[task_id]
        outcomes = None if behaviours is None else outcomes_of(behaviours, task_id, ids)
        found[task_id] = problem_diversity(texts, outcomes, seed=seed, n_pairs=n_pairs)
    orders = count_edit_orders(map(written_by, programs.edits)) if programs.edits else None
    return SampleDiversity(found, mean_diversity([*found.values()]), orders, programs.n_programs)


def first_samples(samples: Iterable[Sample], most: int | None) -> Iterator[Sample]:
    """The first `most` samples of each problem; None: all."""
    seen: Counter[str] = Counter()
    for sample in samples:
        seen[sample.task_id] += 1
        if most is None or seen[sample.task_id] <= most:
            yield sample


def diversity_remarks(
    found: SampleDiversity, style: StyleDecision, *, has_prompts: bool
) -> list[str]:
    """What limits what the measures mean.

    `has_prompts`: whether a benchmark was named, whose prompts the samples continue.
    """
    remarks = []
    counts = [round(one.n_programs) for one in found.by_problem.values()]
    if max(counts) == 1:
        remarks.append(
            "one sample a problem: nothing to compare; draw more at a temperature above 0"
        )
    elif min(counts) != max(counts):
        remarks.append(
            f"unequal numbers of samples, {min(counts)} to {max(counts)} a problem; counts and "
            "the Vendi score grow with the number"
        )
    n_unparsable = round(found.mean.unparsable * len(counts))
    if not has_prompts and found.mean.unparsable > found.mean.n_programs / 2:
        remarks.append(
            "most programs do not parse: if the samples continue a prompt, name the benchmark "
            "(-b humaneval)"
        )
    elif doubted := doubt(n_unparsable, found.n_programs, style.style, command="lintseq diversity"):
        remarks.append(doubted)
    return remarks
