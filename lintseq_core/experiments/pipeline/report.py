"""What the cells of a run score, how their programs differ, and what that costs, as tables.

Reads what the stages left; nothing is run or trained here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from lintseq_core.data.files import file_sha256
from lintseq_core.experiments.experiment import make_record
from lintseq_core.experiments.pipeline.cells import (
    CellOutcome,
    diversity_by_problem,
    faults_by_kind,
    lint_errors,
    program_counts,
    sampling_cost,
)
from lintseq_core.experiments.pipeline.stages import RunFolder
from lintseq_core.experiments.profiles import Profile
from lintseq_core.metrics.diversity import mean_diversity
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.record import RunRecord, read_record, record_path
from lintseq_core.results.scores.pass_at_k import compare, score

KS = (1, 5, 10, 20, 50)
_KEYS = ("arm", "seed", "suite", "temperature")


def cell_tables(
    folder: RunFolder, cells: Sequence[CellOutcome], pairs: Sequence[tuple[str, str]]
) -> dict[str, Frame]:
    """All that is counted of `cells`, and of their training; `pairs` of arms are compared.

    LintSeqError if a cell is not judged yet.
    """
    ks = [k for k in KS if k <= folder.recipe.n_samples]
    return {
        "scores": _frame([
            cell.key() | asdict(one) for cell in cells for one in score(cell.judged(), ks)
        ]),
        "differences": _frame(list(_differences(cells, pairs, ks))),
        "programs": _frame([cell.key() | program_counts(cell) for cell in cells]),
        "diversity": _frame([
            cell.key() | asdict(mean_diversity(list(diversity_by_problem(cell).values())))
            for cell in cells
        ]),
        "malformed": frame_of(
            [cell.key() | row for cell in cells for row in faults_by_kind(cell)],
            (*_KEYS, "kind", "samples"),
        ),
        "lint_errors": frame_of(
            [
                cell.key() | {"code": code, "programs": programs, "findings": findings}
                for cell in cells
                for code, programs, findings in lint_errors(cell).by_code
            ],
            (*_KEYS, "code", "programs", "findings"),
        ),
        "cost": _frame([cell.key() | sampling_cost(folder.recipe, cell) for cell in cells]),
        "training": _training(folder),
    }  # fmt: skip


def _differences(
    cells: Sequence[CellOutcome], pairs: Sequence[tuple[str, str]], ks: Sequence[int]
) -> Iterator[dict[str, Any]]:
    """Paired differences of pass@k: arms of the same suite and temperature."""
    for a, b in _compared(cells, pairs):
        for found in compare(a.judged(), b.judged(), ks):
            paired = found.paired
            yield a.key() | {
                "less": b.cell.arm.name,
                "k": found.k,
                "a": found.a,
                "b": found.b,
                "difference": paired.difference.estimate,
                "low": paired.difference.low,
                "high": paired.difference.high,
                "p_value": paired.p_value,
                "n_problems": paired.difference.n_problems,
            }


def _compared(
    cells: Sequence[CellOutcome], pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[CellOutcome, CellOutcome]]:
    """Each arm with the one it is compared with, of the same seed or of the only one."""
    for first, second in pairs:
        for a in (cell for cell in cells if cell.cell.arm.name == first):
            alike = a.key() | {"arm": second}
            same = [b for b in cells if b.key() == alike]
            any_seed = [b for b in cells if b.key() | {"seed": a.cell.seed} == alike]
            yield from ((a, b) for b in (same or any_seed)[:1])


def _training(folder: RunFolder) -> Frame:
    from lintseq_core.training.metrics_log import read_metrics

    rows = []
    for arm, seed in folder.recipe.trainings():
        steps = read_metrics(folder.run(arm, seed) / "metrics.jsonl")
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


def finished_stages(folder: RunFolder) -> list[dict[str, Any]]:
    """stage, command and seconds of every command that ran."""
    path = folder.path / "stages.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines]


def run_record(
    name: str, profile: Profile, folder: RunFolder, cells: Sequence[CellOutcome]
) -> RunRecord:
    """The record of the run called `name`: commands, verdicts, and hashes of files and benchmarks.

    LintSeqError if a cell is not judged yet.
    """
    isolation = {level for cell in cells for level in cell.judged().isolation}
    files = [cell.cell.results for cell in cells]
    inner = [read_record(record_path(path)) for path in files if record_path(path).is_file()]
    hashes = {
        what: digest
        for record in inner
        for what, digest in record.hashes.items()
        if what.startswith("benchmark ")
    }
    hashes["data/instructions.jsonl"] = file_sha256(folder.instructions)
    hashes |= {f"results/{path.name}": file_sha256(path) for path in files}
    counts: Counter[str] = Counter()
    for cell in cells:
        counts.update(cell.judged().verdicts)
    return make_record(
        name,
        profile,
        folder.recipe,
        seeds={f"{arm.name}-{seed}": seed for arm, seed in folder.recipe.runs()},
        packages=("torch", "transformers", "accelerate", "peft", "pyflakes"),
        counts=dict(counts),
        hashes=hashes,
        device={"commands": [stage["command"] for stage in finished_stages(folder)]},
        isolation=min(isolation, default=None),
    )


def _frame(rows: Sequence[dict[str, Any]]) -> Frame:
    return frame_of(rows, tuple(rows[0]) if rows else ())
