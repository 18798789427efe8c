"""A cell of a run as its files tell it, and all that is counted of it."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from lintseq_core.errors import LintSeqError
from lintseq_core.execution.verdict import Flag
from lintseq_core.experiments.pipeline.arms import Recipe
from lintseq_core.experiments.pipeline.stages import Cell
from lintseq_core.generation.steps import SampleEnd
from lintseq_core.generation.trace import GenerationTrace
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.linting import get_linter
from lintseq_core.metrics.diversity import ProblemDiversity, problem_diversity
from lintseq_core.metrics.flops import (
    ForwardShape,
    flops_computed,
    flops_kaplan,
    flops_paper_v1,
)
from lintseq_core.metrics.lint_errors import LintErrors, count_lint_errors
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.scores.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """What a cell wrote, and what became of it."""

    cell: Cell
    traces: tuple[GenerationTrace, ...]
    """One a problem."""
    tally: Tally | None = None
    """None where nothing was judged."""
    verdicts: Mapping[str, Sequence[str]] | None = None
    """By problem, in the order of the samples; None where nothing was judged."""
    failed_references: tuple[str, ...] = ()
    """Problems whose reference solution does not pass here: their limits could not be measured."""

    def key(self) -> dict[str, Any]:
        """As the cell's."""
        return self.cell.key()

    def judged(self) -> Tally:
        """The tally; LintSeqError where there is none."""
        if self.tally is None:
            raise LintSeqError(
                f"{self.cell.results}: not there yet; run the stages sample and evaluate first"
            )
        return self.tally

    @property
    def ends(self) -> dict[str, tuple[SampleEnd, ...]]:
        """The finished samples by problem."""
        return {
            _task(trace): tuple(sample.end for sample in trace.samples if sample.end)
            for trace in self.traces
        }

    @property
    def programs(self) -> dict[str, list[str]]:
        """Texts by problem."""
        return {task: [end.program for end in ends] for task, ends in self.ends.items()}

    @property
    def all_ends(self) -> list[SampleEnd]:
        """The finished samples of all problems."""
        return [end for ends in self.ends.values() for end in ends]

    @property
    def tokens_a_sample(self) -> float:
        """Tokens drawn, mean over all samples; NaN without one."""
        drawn = [end.n_tokens for end in self.all_ends]
        return sum(drawn) / len(drawn) if drawn else math.nan

    @property
    def prompt_tokens_a_problem(self) -> float:
        """Mean over problems."""
        return sum(trace.header.n_prompt_tokens for trace in self.traces) / len(self.traces)


def _task(trace: GenerationTrace) -> str:
    """The task_id of its problem."""
    return (trace.header.problem or "").partition(" ")[2]


def read_cell(cell: Cell) -> CellOutcome:
    """What is in the files of `cell`; LintSeqError if its samples are not drawn yet."""
    drawn = cell.samples / "samples.jsonl"
    if not drawn.is_file():
        raise LintSeqError(f"{drawn}: not there yet; run the stages sample and evaluate first")
    rows = map(json.loads, drawn.read_text(encoding="utf-8").splitlines())
    order = {task: at for at, task in enumerate(dict.fromkeys(row["task_id"] for row in rows))}
    paths = (path for path in sorted(cell.samples.glob("*.jsonl")) if path != drawn)
    traces = sorted(map(read_trace, paths), key=lambda trace: order[_task(trace)])
    if not cell.results.is_file():
        return CellOutcome(cell, tuple(traces))
    with open_input(str(cell.results)) as source:
        judged = list(recognise(source).samples())
    verdicts: dict[str, list[str]] = {}
    for sample in sorted(judged, key=lambda sample: sample.sample_id):
        verdicts.setdefault(sample.task_id, []).append(sample.verdict or "")
    failed = dict.fromkeys(one.task_id for one in judged if Flag.REFERENCE_FAILED in one.flags)
    found = tally(judged, cell.results.name)
    return CellOutcome(cell, tuple(traces), found, verdicts, tuple(failed))


def program_counts(cell: CellOutcome) -> dict[str, Any]:
    """Verdicts, faults and linter errors of all samples, counted."""
    ends, verdicts = cell.all_ends, cell.judged().verdicts
    errors = lint_errors(cell)
    is_edits = any(trace.header.request.mode == "stepwise" for trace in cell.traces)
    steps = [len(s.kept_steps) for trace in cell.traces for s in trace.samples if s.end]
    stops = Counter(end.stop_reason for end in ends)
    return {
        "samples": len(ends),
        "passed": verdicts.get("passed", 0),
        "with_syntax_error": verdicts.get("syntax_error", 0),
        "timeouts": sum(n for v, n in verdicts.items() if "timeout" in v),
        "cut_off": stops.get("max_tokens", 0) + stops.get("context", 0),
        "empty": sum(not end.program.strip() for end in ends),
        "malformed": sum(bool(end.faults) for end in ends) if is_edits else None,
        "edits_per_sample": sum(steps) / len(steps) if is_edits and steps else None,
        "with_lint_errors": errors.n_with_errors,
    }


def faults_by_kind(cell: CellOutcome) -> Iterator[dict[str, Any]]:
    """Samples by the kind of their faults, after the strict parser."""
    kinds: Counter[str] = Counter()
    for end in cell.all_ends:
        kinds.update({str(fault.kind) for fault in end.faults})
    yield from ({"kind": kind, "samples": n} for kind, n in sorted(kinds.items()))


def lint_errors(cell: CellOutcome) -> LintErrors:
    """What pyflakes finds in all programs."""
    return count_lint_errors([end.program for end in cell.all_ends], get_linter("pyflakes"))


def diversity_by_problem(cell: CellOutcome) -> dict[str, ProblemDiversity]:
    """Every measure of diversity for each problem."""
    return {task: problem_diversity(programs) for task, programs in cell.programs.items()}


def sampling_cost(recipe: Recipe, cell: CellOutcome) -> dict[str, Any]:
    """Tokens, floating point operations and seconds of sampling."""
    ends = cell.all_ends
    tokens = sum(end.n_tokens for end in ends)
    n_params, n_layers, width = shape(recipe.model)
    mean, prompt = cell.tokens_a_sample, cell.prompt_tokens_a_problem
    return {
        "tokens": tokens,
        "rejected_tokens": sum(end.n_rejected_tokens for end in ends),
        "tokens_per_sample": mean,
        "prompt_tokens_per_problem": prompt,
        "flops_paper_v1": flops_paper_v1(
            n_params=n_params,
            tokens_per_sample=mean,
            samples_per_problem=recipe.n_samples,
            n_problems=len(cell.traces),
        ),
        "flops_kaplan": flops_kaplan(
            n_params=n_params,
            n_layers=n_layers,
            d_model=width,
            prompt_tokens=prompt,
            tokens_per_sample=mean,
            samples_per_problem=recipe.n_samples,
            n_problems=len(cell.traces),
            prompt_is_shared=True,
        ),
        "flops_computed": flops_computed(
            forward_shape(recipe.model),
            prompt_tokens=[trace.header.n_prompt_tokens for trace in cell.traces],
            sample_tokens=[
                [end.n_tokens for end in cell.ends[_task(trace)]] for trace in cell.traces
            ],
        ),
        # Samples of a prompt are drawn together: the last one's seconds are those of all.
        "seconds": sum(
            max((end.seconds or 0.0 for end in ends), default=0.0) for ends in cell.ends.values()
        ),
    }


@cache
def shape(model: str) -> tuple[int, int, int]:
    """Parameters, layers and width of a model known by name."""
    from lintseq_core.models.presets import count_parameters, find_preset

    preset = find_preset(model)
    if preset is None:
        raise LintSeqError(f"{model}: its parameters are not known; use a model by its short name")
    config = preset.config
    return count_parameters(preset), config["num_hidden_layers"], config["hidden_size"]


@cache
def forward_shape(model: str) -> ForwardShape:
    """What a pass of a model known by name multiplies with."""
    from lintseq_core.models.presets import find_preset

    n_parameters, _, _ = shape(model)
    preset = find_preset(model)
    assert preset is not None
    return ForwardShape.of(preset.config, n_parameters)
