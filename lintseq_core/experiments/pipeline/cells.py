"""One arm of `small_models` on one benchmark at one temperature, and all that is counted of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.small_models_arms import Settings
from lintseq_core.generation.trace import GenerationTrace
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.linting import get_linter
from lintseq_core.metrics.diversity import ProblemDiversity, problem_diversity
from lintseq_core.metrics.flops import flops_kaplan, flops_paper_v1
from lintseq_core.metrics.lint_errors import LintErrors, count_lint_errors
from lintseq_core.results.importers import recognise
from lintseq_core.results.reading import open_input
from lintseq_core.results.scores.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm on one suite at one temperature."""

    arm: str
    seed: int
    suite: str
    temperature: float
    tally: Tally
    traces: tuple[GenerationTrace, ...]
    results: Path

    def key(self) -> dict[str, Any]:
        """The columns that say what a row is of."""
        return {
            "arm": self.arm,
            "seed": self.seed,
            "suite": self.suite,
            "temperature": self.temperature,
        }


def read_cell(
    arm: str, seed: int, suite: str, temperature: float, *, results: Path, samples: Path
) -> Cell:
    """The cell whose verdicts are in the file `results` and whose traces are in `samples`."""
    if not results.is_file():
        raise LintSeqError(f"{results}: not there yet; run the stages sample and evaluate first")
    with open_input(str(results)) as source:
        found = tally(recognise(source).samples(), results.name)
    traces = tuple(read_trace(path) for path in _traces(samples))
    return Cell(arm, seed, suite, temperature, found, traces, results)


def _traces(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.jsonl") if path.name != "samples.jsonl")


def program_counts(cell: Cell) -> dict[str, Any]:
    """Verdicts, faults and linter errors of all samples, counted."""
    ends = [sample.end for trace in cell.traces for sample in trace.samples if sample.end]
    errors = lint_errors(cell)
    is_edits = any(trace.header.request.mode == "stepwise" for trace in cell.traces)
    steps = [len(s.kept_steps) for trace in cell.traces for s in trace.samples if s.end]
    stops = Counter(end.stop_reason for end in ends)
    return {
        "samples": len(ends),
        "passed": cell.tally.verdicts.get("passed", 0),
        "with_syntax_error": cell.tally.verdicts.get("syntax_error", 0),
        "timeouts": sum(n for v, n in cell.tally.verdicts.items() if "timeout" in v),
        "cut_off": stops.get("max_tokens", 0) + stops.get("context", 0),
        "empty": sum(not end.program.strip() for end in ends),
        "malformed": sum(bool(end.faults) for end in ends) if is_edits else None,
        "edits_per_sample": sum(steps) / len(steps) if is_edits and steps else None,
        "with_lint_errors": errors.n_with_errors,
    }


def faults_by_kind(cell: Cell) -> Iterator[dict[str, Any]]:
    """Samples by the kind of their faults, after the strict parser."""
    kinds: Counter[str] = Counter()
    for sample in (sample for trace in cell.traces for sample in trace.samples):
        if sample.end is not None:
            kinds.update({str(fault.kind) for fault in sample.end.faults})
    yield from ({"kind": kind, "samples": n} for kind, n in sorted(kinds.items()))


def lint_errors(cell: Cell) -> LintErrors:
    """What pyflakes finds in all programs."""
    programs = [s.end.program for trace in cell.traces for s in trace.samples if s.end]
    return count_lint_errors(programs, get_linter("pyflakes"))


def diversity_by_problem(cell: Cell) -> dict[str, ProblemDiversity]:
    """Every measure of diversity for each problem."""
    return {
        trace.header.problem or str(index): problem_diversity(
            [s.end.program for s in trace.samples if s.end]
        )
        for index, trace in enumerate(cell.traces)
    }


def sampling_cost(settings: Settings, cell: Cell) -> dict[str, Any]:
    """Tokens, floating point operations and seconds of sampling."""
    traces = cell.traces
    ends = [sample.end for trace in traces for sample in trace.samples if sample.end]
    tokens = sum(end.n_tokens for end in ends)
    prompts = [trace.header.n_prompt_tokens for trace in traces]
    n_params, n_layers, width = _shape(settings.model)
    mean = tokens / len(ends) if ends else math.nan
    prompt = sum(prompts) / len(prompts)
    return {
        "tokens": tokens,
        "rejected_tokens": sum(end.n_rejected_tokens for end in ends),
        "tokens_per_sample": mean,
        "prompt_tokens_per_problem": prompt,
        "flops_paper_v1": flops_paper_v1(
            n_params=n_params,
            tokens_per_sample=mean,
            samples_per_problem=settings.n_samples,
            n_problems=len(traces),
        ),
        "flops_kaplan": flops_kaplan(
            n_params=n_params,
            n_layers=n_layers,
            d_model=width,
            prompt_tokens=prompt,
            tokens_per_sample=mean,
            samples_per_problem=settings.n_samples,
            n_problems=len(traces),
            prompt_is_shared=True,
        ),
        # Samples of a prompt are drawn together: the last one's seconds are those of all.
        "seconds": sum(
            max((sample.end.seconds or 0.0 for sample in trace.samples if sample.end), default=0.0)
            for trace in traces
        ),
    }


@cache
def _shape(model: str) -> tuple[int, int, int]:
    """Parameters, layers and width of a model known by name."""
    from lintseq_core.models.presets import count_parameters, find_preset

    preset = find_preset(model)
    if preset is None:
        raise LintSeqError(f"{model}: its parameters are not known; use a model by its short name")
    config = preset.config
    return count_parameters(preset), config["num_hidden_layers"], config["hidden_size"]
