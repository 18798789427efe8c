"""What the arms of `small_models` score, how their programs differ, and what that costs.

Reads the traces and verdicts that an experiment left, and makes tables, verdicts on the paper's
claims and a record of them. Nothing is run or trained here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lintseq_core.data.files import file_sha256
from lintseq_core.experiments.claims import Effect, Judgement, judge, untold
from lintseq_core.experiments.experiment import Result, make_record
from lintseq_core.experiments.profiles import Profile
from lintseq_core.experiments.small_models_arms import Layout, Settings, runs_of, samplings
from lintseq_core.experiments.small_models_cells import (
    Cell,
    diversity_by_problem,
    faults_by_kind,
    lint_errors,
    program_counts,
    read_cell,
    sampling_cost,
)
from lintseq_core.experiments.small_models_claims import (
    EDITS_HELP,
    LINTER_HELPS,
    MORE_DIVERSE,
)
from lintseq_core.metrics.diversity import mean_diversity
from lintseq_core.metrics.intervals import mean_interval
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.record import read_record, record_path
from lintseq_core.results.scores.pass_at_k import compare, score
from lintseq_core.results.scores.tally import Tally

KS = (1, 5, 10, 20, 50)
_PAIRS = (
    ("lintseq", "whole"),
    ("lintseq", "randseq"),
    ("lintseq", "whole-tokens"),
    ("whole", "untuned"),
    ("lintseq", "untuned"),
    ("lintseq guarded", "lintseq"),
)


def report(name: str, profile: Profile, settings: Settings, layout: Layout) -> Result:
    """Everything that was measured in the folder of an experiment, as its Result.

    LintSeqError if a stage before is not finished.
    """
    cells = [
        read_cell(
            f"{arm.name} guarded" if sampled.guard else arm.name,
            seed, sampled.suite.benchmark, sampled.temperature,
            results=layout.results(sampled.folder), samples=sampled.folder,
        )
        for arm, seed in runs_of(settings)
        for sampled in samplings(settings, layout, arm, seed)
    ]  # fmt: skip
    return report_on(name, profile, settings, layout, cells)


def report_on(
    name: str, profile: Profile, settings: Settings, layout: Layout, cells: Sequence[Cell]
) -> Result:
    """What `cells` measured, as a Result; `layout` has the training and its data."""
    ks = [k for k in KS if k <= settings.n_samples]
    keys = ("arm", "seed", "suite", "temperature")
    tables = {
        "scores": _frame([
            cell.key() | asdict(one) for cell in cells for one in score(cell.tally, ks)
        ]),
        "differences": _frame(list(_differences(cells, ks))),
        "programs": _frame([cell.key() | program_counts(cell) for cell in cells]),
        "diversity": _frame([cell.key() | _mean_diversity(cell) for cell in cells]),
        "malformed": frame_of(
            [cell.key() | row for cell in cells for row in faults_by_kind(cell)],
            (*keys, "kind", "samples"),
        ),
        "lint_errors": frame_of(
            [
                cell.key() | {"code": code, "programs": programs, "findings": findings}
                for cell in cells
                for code, programs, findings in lint_errors(cell).by_code
            ],
            (*keys, "code", "programs", "findings"),
        ),
        "cost": _frame([cell.key() | sampling_cost(settings, cell) for cell in cells]),
        "training": _training(settings, layout),
    }  # fmt: skip
    return Result(
        name,
        profile,
        tables,
        _judgements(cells, ks[-1]),
        _record(name, profile, settings, layout, cells),
        _notes(settings, layout),
        sum(stage["seconds"] for stage in _stages(layout.folder)),
    )


def _mean_diversity(cell: Cell) -> dict[str, float]:
    return asdict(mean_diversity(list(diversity_by_problem(cell).values())))


def _differences(cells: Sequence[Cell], ks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Paired differences of pass@k: arms of the same suite and temperature."""
    for a, b in _pairs(cells):
        for found in compare(a.tally, b.tally, ks):
            paired = found.paired
            yield a.key() | {
                "less": b.arm,
                "k": found.k,
                "a": found.a,
                "b": found.b,
                "difference": paired.difference.estimate,
                "low": paired.difference.low,
                "high": paired.difference.high,
                "p_value": paired.p_value,
                "n_problems": paired.difference.n_problems,
            }


def _pairs(cells: Sequence[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Each arm with the one it is compared with, of the same seed or of the only one."""
    for first, second in _PAIRS:
        for a in (cell for cell in cells if cell.arm == first):
            others = [
                b for b in cells
                if (b.arm, b.suite, b.temperature) == (second, a.suite, a.temperature)
            ]  # fmt: skip
            same = [b for b in others if b.seed == a.seed] or others
            yield from ((a, b) for b in same[:1])


def _judgements(cells: Sequence[Cell], k: int) -> tuple[Judgement, ...]:
    """The claims on all problems together, at the largest k and of the first seed."""
    found = []
    for claim, other in ((EDITS_HELP, "whole"), (LINTER_HELPS, "randseq")):
        merged = [_merged(cells, arm) for arm in ("lintseq", other)]
        if None in merged:
            found.append(untold(claim, "this profile does not have both arms"))
            continue
        a, b = (one for one in merged if one is not None)
        if not sum(a.c) + sum(b.c):
            found.append(untold(claim, f"neither lintseq nor {other} solves any problem"))
            continue
        (one,) = compare(a, b, [k])
        name = f"pass@{k} of lintseq less that of {other}"
        found.append(judge(claim, Effect.from_interval(name, one.paired.difference)))
    ours, theirs = (_vendi(cells, arm) for arm in ("lintseq", "whole"))
    if ours and theirs:
        gaps = [ours[problem] - theirs[problem] for problem in sorted(ours.keys() & theirs.keys())]
        name = "Vendi score, as a share of the programs, of lintseq less that of whole"
        found.append(judge(MORE_DIVERSE, Effect.from_interval(name, mean_interval(gaps))))
    else:
        found.append(untold(MORE_DIVERSE, "this profile does not have both arms"))
    return tuple(found)


def _merged(cells: Sequence[Cell], arm: str) -> Tally | None:
    """The problems of all suites at the arm's middle temperature as one run."""
    chosen = _chosen(cells, arm)
    if not chosen:
        return None
    first = chosen[0].tally
    return replace(
        first,
        name=arm,
        task_ids=tuple(f"{c.suite} {task}" for c in chosen for task in c.tally.task_ids),
        n=tuple(n for c in chosen for n in c.tally.n),
        c=tuple(n for c in chosen for n in c.tally.c),
    )


def _chosen(cells: Sequence[Cell], arm: str) -> list[Cell]:
    temperatures = sorted({cell.temperature for cell in cells})
    middle = temperatures[len(temperatures) // 2]
    seeds = [cell.seed for cell in cells if cell.arm == arm]
    return [
        c for c in cells if (c.arm, c.temperature, c.seed) == (arm, middle, min(seeds, default=0))
    ]


def _vendi(cells: Sequence[Cell], arm: str) -> dict[str, float]:
    """Of each problem the Vendi score of its programs, as a share of their number.

    The share of different syntax trees would say as much, but nearly all of a few samples of a
    small model differ somewhere.
    """
    return {
        f"{cell.suite} {problem}": measures.vendi / measures.n_programs
        for cell in _chosen(cells, arm)
        for problem, measures in diversity_by_problem(cell).items()
    }


def _training(settings: Settings, layout: Layout) -> Frame:
    from lintseq_core.training.metrics_log import read_metrics

    rows = []
    for arm, seed in runs_of(settings):
        if arm.target == "none":
            continue
        steps = list(read_metrics(layout.run(arm, seed) / "metrics.jsonl"))
        last, tail = steps[-1], steps[-max(1, len(steps) // 6) :]
        seconds = sum(step.seconds for step in steps)
        rows.append({
            "arm": arm.name, "seed": seed, "steps": last.step,
            "trained_tokens": last.trained_tokens_total, "tokens": last.tokens_total,
            "first_loss": steps[0].loss,
            "loss_of_last_sixth": sum(step.loss_sum for step in tail)
            / sum(step.trained_tokens for step in tail),
            "seconds": round(seconds, 1), "tokens_per_s": round(last.tokens_total / seconds, 1),
        })  # fmt: skip
    return _frame(rows)


def _stages(folder: Path) -> list[dict[str, Any]]:
    path = folder / "stages.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines]


def _notes(settings: Settings, layout: Layout) -> tuple[str, ...]:
    """What limits the numbers, from the settings that they were made with."""
    n_tasks = [suite.n_tasks for suite in settings.suites]
    told = json.loads(layout.instructions.with_suffix(".json").read_text(encoding="utf-8"))
    kept = {name: n for name, n in told["counts"].items() if name[0] not in "tp"}
    notes = [
        f"Instructions: {', '.join(f'{n:,} {name}' for name, n in kept.items())}.",
        f"{settings.steps} steps of {settings.batch_size} examples, {settings.n_samples} samples "
        f"a problem of at most {settings.max_tokens} tokens.",
    ]
    if settings.model == "smollm2-135m":
        notes.append(
            "Every arm starts from SmolLM2-135M-Instruct, dequantised from 4 bits a weight: an "
            "instruction model, where the paper starts from pretrained ones."
        )
    if settings.lora_rank is not None:
        notes.append(
            f"Adapters of rank {settings.lora_rank} are trained; the paper trains all weights."
        )
    if any(n is not None for n in n_tasks):
        notes.append(
            f"{sum(n or 0 for n in n_tasks)} problems: intervals are wide, and what cannot be told "
            "here may hold elsewhere."
        )
    return tuple(notes)


def _record(
    name: str, profile: Profile, settings: Settings, layout: Layout, cells: Sequence[Cell]
) -> Any:
    isolation = {level for cell in cells for level in cell.tally.isolation}
    files = [cell.results for cell in cells]
    inner = [read_record(record_path(path)) for path in files if record_path(path).is_file()]
    hashes = {
        what: digest
        for record in inner
        for what, digest in record.hashes.items()
        if what.startswith("benchmark ")
    }
    hashes["data/instructions.jsonl"] = file_sha256(layout.instructions)
    hashes |= {f"results/{path.name}": file_sha256(path) for path in files}
    counts: Counter[str] = Counter()
    for cell in cells:
        counts.update(cell.tally.verdicts)
    return make_record(
        name,
        profile,
        settings,
        seeds={f"{arm.name}-{seed}": seed for arm, seed in runs_of(settings)},
        packages=("torch", "transformers", "accelerate", "peft", "pyflakes"),
        counts=dict(counts),
        hashes=hashes,
        device={"commands": [stage["command"] for stage in _stages(layout.folder)]},
        isolation=min(isolation, default=None),
    )


def _frame(rows: Sequence[dict[str, Any]]) -> Frame:
    return frame_of(rows, tuple(rows[0]) if rows else ())
