"""What the arms of `small_models` score, how their programs differ, and what that costs.

Reads the traces and verdicts that an experiment left and writes `summary.json`, from which tables
and figures are drawn, with the run record beside it. Nothing is run or trained here.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lintseq_core.data.files import file_sha256, whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.small_models import (
    Arm,
    Layout,
    Sampling,
    Settings,
    runs_of,
    samplings,
)
from lintseq_core.generation.trace import GenerationTrace
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.linting import get_linter
from lintseq_core.metrics.diversity import benchmark_diversity
from lintseq_core.metrics.flops import flops_kaplan, flops_paper_v1
from lintseq_core.metrics.lint_errors import count_lint_errors
from lintseq_core.results.importers import recognise
from lintseq_core.results.reading import open_input
from lintseq_core.results.record import (
    RunRecord,
    installed_versions,
    read_record,
    record_path,
    this_device,
    utc_now,
    write_record,
)
from lintseq_core.results.scores import compare, score
from lintseq_core.results.tally import Tally, tally

SUMMARY = "summary.json"
KS = (1, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm on one suite at one temperature, all its seeds apart."""

    arm: str
    seed: int
    suite: str
    temperature: float
    guard: bool
    tally: Tally
    values: dict[str, Any]


def write_summary(
    profile: str, settings: Settings, layout: Layout, *, command: str
) -> dict[str, Any]:
    """Measure everything, write `summary.json` and its record into the experiment's folder."""
    cells = [
        _cell(settings, layout, arm, seed, sampled)
        for arm, seed in runs_of(settings)
        for sampled in samplings(settings, layout, arm, seed)
    ]
    ks = [k for k in KS if k <= settings.n_samples]
    summary = {
        "schema": 1,
        "experiment": "small_models",
        "profile": profile,
        "settings": asdict(settings),
        "instructions": json.loads(
            layout.instructions.with_suffix(".json").read_text(encoding="utf-8")
        ),
        "training": {
            f"{arm.name}-seed{seed}": _training(layout, arm, seed)
            for arm, seed in runs_of(settings)
            if arm.target != "none"
        },
        "cells": [
            {
                "arm": cell.arm,
                "seed": cell.seed,
                "suite": cell.suite,
                "temperature": cell.temperature,
                "guard": cell.guard,
                "pass_at_k": [asdict(one) for one in score(cell.tally, ks)],
            }
            | cell.values
            for cell in cells
        ],
        "differences": list(_differences(cells, ks)),
        "stages": _stages(layout.folder),
    }
    path = layout.folder / SUMMARY
    text = json.dumps(_plain(summary), indent=1, ensure_ascii=False) + "\n"
    with whole_file(path) as file:
        file.write(text.encode())
    write_record(_record(profile, settings, layout, cells, command, path), record_path(path))
    return summary


def _cell(settings: Settings, layout: Layout, arm: Arm, seed: int, sampled: Sampling) -> Cell:
    results = layout.results(sampled.folder)
    if not results.is_file():
        raise LintSeqError(f"{results}: not there yet; run the stages sample and evaluate first")
    with open_input(str(results)) as source:
        found = tally(recognise(source).samples(), results.name)
    traces = [read_trace(path) for path in _traces(sampled.folder)]
    values = _edits(traces) | _programs(traces) | _cost(settings, traces)
    values["verdicts"] = dict(found.verdicts)
    return Cell(
        arm.name, seed, sampled.suite.benchmark, sampled.temperature, sampled.guard, found, values
    )


def _traces(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.jsonl") if path.name != "samples.jsonl")


def _edits(traces: Sequence[GenerationTrace]) -> dict[str, Any]:
    """Malformed edits by kind, after the strict parser; nothing for whole programs."""
    if traces and traces[0].header.request.mode == "whole":
        return {"malformed": None}
    kinds: Counter[str] = Counter()
    n_samples = n_malformed = n_edits = 0
    for sample in (sample for trace in traces for sample in trace.samples if sample.end):
        assert sample.end is not None
        n_samples += 1
        n_edits += len(sample.kept_steps)
        n_malformed += bool(sample.end.faults)
        kinds.update({str(fault.kind) for fault in sample.end.faults})
    return {
        "malformed": {
            "samples": n_samples,
            "with_a_fault": n_malformed,
            "by_kind": dict(kinds.most_common()),
            "edits_per_sample": n_edits / n_samples if n_samples else math.nan,
        }
    }


def _programs(traces: Sequence[GenerationTrace]) -> dict[str, Any]:
    """Linter errors and diversity of what came out."""
    by_task = {
        trace.header.problem or str(index): [
            sample.end.program for sample in trace.samples if sample.end is not None
        ]
        for index, trace in enumerate(traces)
    }
    programs = [program for task in by_task.values() for program in task]
    errors = count_lint_errors(programs, get_linter("pyflakes"))
    ends = Counter(
        sample.end.stop_reason for trace in traces for sample in trace.samples if sample.end
    )
    return {
        "lint_errors": asdict(errors) | {"share": errors.share},
        "diversity": asdict(benchmark_diversity(by_task)),
        "stop_reasons": dict(ends),
        "empty_programs": sum(not program.strip() for program in programs),
    }


def _cost(settings: Settings, traces: Sequence[GenerationTrace]) -> dict[str, Any]:
    """Tokens, floating point operations and seconds of sampling."""
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


def _training(layout: Layout, arm: Arm, seed: int) -> dict[str, Any]:
    from lintseq_core.training.metrics_log import read_metrics

    steps = list(read_metrics(layout.run(arm, seed) / "metrics.jsonl"))
    last = steps[-1]
    tail = steps[-max(1, len(steps) // 6) :]
    trained = sum(step.trained_tokens for step in tail)
    return {
        "steps": last.step,
        "trained_tokens": last.trained_tokens_total,
        "tokens": last.tokens_total,
        "seconds": sum(step.seconds for step in steps),
        "first_loss": steps[0].loss,
        "loss_of_last_sixth": sum(step.loss_sum for step in tail) / trained,
    }


def _differences(cells: Sequence[Cell], ks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Paired differences of arms of one seed, suite and temperature."""
    pairs = [("lintseq", "whole"), ("lintseq", "randseq"), ("whole", "untuned")]
    pairs += [("lintseq", "whole-tokens"), ("lintseq", "untuned")]
    for a, b in pairs:
        for one in cells:
            if one.arm != a or one.guard:
                continue
            others = [
                other
                for other in cells
                if (other.arm, other.suite, other.temperature, other.guard)
                == (b, one.suite, one.temperature, False)
                and other.seed in (one.seed, 1)
            ]
            for other in others[:1]:
                for found in compare(one.tally, other.tally, ks):
                    yield {
                        "a": a,
                        "b": b,
                        "seed": one.seed,
                        "suite": one.suite,
                        "temperature": one.temperature,
                        "k": found.k,
                        "a_value": found.a,
                        "b_value": found.b,
                    } | asdict(found.paired)


def _stages(folder: Path) -> list[dict[str, Any]]:
    path = folder / "stages.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines]


def _record(
    profile: str,
    settings: Settings,
    layout: Layout,
    cells: Sequence[Cell],
    command: str,
    summary: Path,
) -> RunRecord:
    isolation = {level for cell in cells for level in cell.tally.isolation}
    integrity = {level for cell in cells for level in cell.tally.integrity}
    folder = layout.folder
    files = sorted(folder.glob("results/*.jsonl"))
    inner = [read_record(record_path(path)) for path in files if record_path(path).is_file()]
    benchmarks = {
        name: digest
        for record in inner
        for name, digest in record.hashes.items()
        if name.startswith("benchmark ")
    }
    counts: Counter[str] = Counter()
    for cell in cells:
        counts.update(cell.tally.verdicts)
    return RunRecord(
        kind="experiment",
        name=f"small_models {profile}",
        created=utc_now(),
        command=command,
        config={"profile": profile, "settings": _plain(asdict(settings))},
        seeds={f"{arm.name} {seed}": seed for arm, seed in runs_of(settings)},
        versions=installed_versions("torch", "transformers", "accelerate", "peft", "pyflakes"),
        device=this_device(),
        isolation=min(isolation, default=None),
        integrity=min(integrity, default=None),
        counts=dict(counts),
        hashes={summary.name: file_sha256(summary)}
        | {str(path.relative_to(folder)): file_sha256(path) for path in files}
        | benchmarks,
    )


def _plain(value: Any) -> Any:
    """`value` as JSON has it: NaN, which it does not have, is null."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
