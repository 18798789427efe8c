"""What comes out of the counts of cells: tables, and whether the claims hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from lintseq_core.edits.formats import UNIFIED, EditFormatName
from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge, untold
from lintseq_core.experiments.pocket import claims
from lintseq_core.experiments.pocket.cells import (
    CellCounts,
    TaskCounts,
    expected_distinct,
    shares,
    total,
)
from lintseq_core.experiments.pocket.study import LINTSEQ, RANDSEQ, WHOLE, Cell, Study, Tasks
from lintseq_core.metrics.crossed import CrossedInterval, crossed_interval
from lintseq_core.metrics.intervals import Floats
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.results.frames import Frame, frame_of

KS = (1, 10, 50)
MATCHED = 5
"""Correct programs of a task whose different trees are counted: tasks with fewer are left out."""
Reading = Literal["lenient", "strict"]
Counted = Mapping[Cell, CellCounts]
Setting = tuple[str, Tasks, int, float]
"""Arm, tasks, trained tokens and temperature: what cells of all seeds have in common."""
Score = Callable[[TaskCounts], float]


def tables(counted: Counted) -> dict[str, Frame]:
    """All tables of the main part."""
    settings = list(dict.fromkeys(map(_setting, counted)))
    return {
        "scores": frame_of(
            list(_scores(counted, settings)),
            ("arm", "asked", "trained_tokens", "temperature", "reading", "k", "pass_at_k",
             "low", "high", "seed_error", "task_error", "seeds", "tasks", "samples", "by_seed"),
        ),
        "differences": frame_of(
            list(_differences(counted, settings)),
            ("arm", "less", "asked", "trained_tokens", "temperature", "what", "difference",
             "low", "high", "seed_error", "task_error", "seeds", "tasks"),
        ),
        "programs": frame_of(
            [_programs(counted, setting) for setting in settings],
            ("arm", "asked", "trained_tokens", "temperature", "samples", "well_formed",
             "edits_a_sample", "tokens_a_sample", "cut_off", "with_syntax_error", "flops_a_sample"),
        ),
        "diversity": frame_of(
            list(_diversity(counted, settings)),
            ("arm", "asked", "trained_tokens", "temperature", "of", "different_trees", "low",
             "high", "tasks", "seeds"),
        ),
        "kinds": frame_of(
            list(_kinds(counted, settings)),
            ("arm", "asked", "trained_tokens", "temperature", "of", "kind", "samples", "share"),
        ),
    }  # fmt: skip


def judgements(
    counted: Counted, study: Study, edit_format: EditFormatName = UNIFIED
) -> tuple[Judgement, ...]:
    """The claims, each with the interval that decides it; `edit_format` is the pilot's choice."""
    last = study.tokens
    names = {cell.arm.name for cell in counted}
    unified = LINTSEQ[UNIFIED].name
    others = names - {WHOLE.name, RANDSEQ.name, unified}
    if edit_format != UNIFIED:
        others.add(LINTSEQ[edit_format].name)

    def of(arm: str, asked: Tasks = "test") -> list[CellCounts]:
        return _cells(counted, (arm, asked, last, 1.0))

    def effect(
        claim: Claim, name: str, a: str, b: str, score: Score, asked: Tasks = "test"
    ) -> Judgement:
        if not of(a, asked) or not of(b, asked):
            return untold(claim, f"this run does not have both arms, {a} and {b}")
        found = crossed_interval(_matrix(of(a, asked), score), _matrix(of(b, asked), score))
        return _judge(claim, name, found)

    def linter_and_edits(asked: Tasks) -> list[Judgement]:
        def on(claim: Claim) -> Claim:
            if asked == "test":
                return claim
            return replace(claim, statement=f"{claim.statement} (harder tasks)")

        return [
            effect(
                on(claims.LINTER_HELPS), f"pass@{top} of {unified} less that of randseq",
                unified, RANDSEQ.name, at_top, asked,
            ),
            effect(
                on(claims.EDITS_HELP), f"pass@{top} of {unified} less that of whole",
                unified, WHOLE.name, at_top, asked,
            ),
            effect(
                on(claims.EDITS_GROW),
                f"growth from pass@1 to pass@{top} of {unified} less that of whole",
                unified, WHOLE.name, lambda task: at_top(task) - _pass(1)(task), asked,
            ),
        ]  # fmt: skip

    top = max(asked.n_samples for asked in study.last)
    few = min(10, top)
    at_top, at_few = _pass(top), _pass(few)
    found = linter_and_edits("test")
    ours, theirs = of(unified), of(WHOLE.name)
    if ours and theirs:
        trees = crossed_interval(_matrix(ours, _trees), _matrix(theirs, _trees))
        name = f"different trees of {MATCHED} correct programs, {unified} less whole"
        found.append(_judge(claims.MORE_DIVERSE, name, trees, unit="trees", scale=1.0))
    else:
        found.append(untold(claims.MORE_DIVERSE, "this run does not have both arms"))
    if others:
        best = min(others)
        name = f"pass@{few} of {best} less that of {unified}"
        found.append(effect(claims.FORMAT_MATTERS, name, best, unified, at_few))
    else:
        found.append(untold(claims.FORMAT_MATTERS, "the pilot found no format better"))
    found.append(_gap(counted, study, unified))
    found += linter_and_edits("harder")
    return tuple(found)


def _gap(counted: Counted, study: Study, unified: str) -> Judgement:
    first, last = study.ladder[0], study.tokens
    matrices = [
        _matrix(
            _cells(counted, (arm, "test", tokens, 1.0)), _pass(min(10, study.early[0].n_samples))
        )
        for tokens in (first, last)
        for arm in (WHOLE.name, unified)
    ]
    if any(not matrix.size for matrix in matrices) or first == last:
        return untold(claims.GAP_CLOSES, "this run does not have all four cells")
    early_whole, early_edits, late_whole, late_edits = matrices
    n = min(map(len, matrices))
    # Early and late cells of a seed are one training: its change is what varies.
    found = crossed_interval(
        early_whole[:n] - late_whole[:n], early_edits[:n] - late_edits[:n], bounds=(-2.0, 2.0)
    )
    return _judge(claims.GAP_CLOSES, "the gap at a third less that at the end", found)


def _judge(
    claim: Claim, name: str, found: CrossedInterval, *, unit: str = "points", scale: float = 100.0
) -> Judgement:
    """By the interval over seeds and tasks; of one training an arm there is none."""
    of = f"tasks and {found.n_seeds} seed{'' if found.n_seeds == 1 else 's'} an arm"
    effect = Effect.from_interval(name, found.as_interval(), unit=unit, scale=scale, of=of)
    judged = judge(claim, effect)
    if found.n_seeds > 1 or judged.verdict == "cannot be told":
        return judged
    words = f"{judged.words}. Another training moves all tasks at once, and there is one an arm"
    return Judgement(claim, effect, "cannot be told", words)


def _setting(cell: Cell) -> Setting:
    return cell.arm.name, cell.tasks, cell.tokens, cell.asked.temperature


def _cells(counted: Counted, setting: Setting) -> list[CellCounts]:
    """Of each seed."""
    return [counts for cell, counts in counted.items() if _setting(cell) == setting]


def _matrix(cells: Sequence[CellCounts], score: Score) -> Floats:
    """Shape (seeds, tasks); NaN where a task has no score."""
    return np.array([[score(task) for task in cell.tasks] for cell in cells], dtype=float)


def _pass(k: int, reading: Reading = "lenient") -> Score:
    def score(task: TaskCounts) -> float:
        passed = task.passed if reading == "lenient" else task.passed_strict
        return float(pass_at_k(task.n, passed, k))

    return score


def _trees(task: TaskCounts) -> float:
    return expected_distinct(task.passed_trees, MATCHED)


def _keys(setting: Setting) -> dict[str, Any]:
    return dict(zip(("arm", "asked", "trained_tokens", "temperature"), setting, strict=True))


def _ends(found: CrossedInterval) -> dict[str, Any]:
    return {
        "low": found.low,
        "high": found.high,
        "seed_error": found.seed_error,
        "task_error": found.task_error,
        "seeds": found.n_seeds,
        "tasks": found.n_tasks,
    }


def _ks(cells: Sequence[CellCounts]) -> list[int]:
    n = min(task.n for cell in cells for task in cell.tasks)
    return [k for k in KS if k <= n]


def _scores(counted: Counted, settings: Sequence[Setting]) -> Iterator[dict[str, Any]]:
    for setting in settings:
        cells = _cells(counted, setting)
        readings: tuple[Reading, ...] = ("lenient", "strict")
        for reading in readings[:1] if setting[0] == WHOLE.name else readings:
            for k in _ks(cells):
                matrix = _matrix(cells, _pass(k, reading))
                found = crossed_interval(matrix, bounds=(0.0, 1.0))
                yield (
                    _keys(setting)
                    | _ends(found)
                    | {
                        "reading": reading,
                        "k": k,
                        "pass_at_k": found.estimate,
                        "samples": sum(cell.n_samples for cell in cells),
                        "by_seed": " ".join(f"{mean:.4f}" for mean in matrix.mean(axis=1)),
                    }
                )


def _differences(counted: Counted, settings: Sequence[Setting]) -> Iterator[dict[str, Any]]:
    """Every two arms at the same tokens and temperature, at every k, and how much each grows."""
    for place, one in enumerate(settings):
        for other in settings[place + 1 :]:
            if other[1:] != one[1:]:
                continue
            a, b = _cells(counted, other), _cells(counted, one)
            ks = _ks([*a, *b])
            what: dict[str, Score] = {f"pass@{k}": _pass(k) for k in ks}
            if len(ks) > 1:
                most = ks[-1]

                def growth(task: TaskCounts, most: int = most) -> float:
                    return _pass(most)(task) - _pass(1)(task)

                what[f"growth from pass@1 to pass@{most}"] = growth
            for name, score in what.items():
                found = crossed_interval(_matrix(a, score), _matrix(b, score))
                about = {"less": one[0], "what": name, "difference": found.estimate}
                yield _keys(other) | about | _ends(found)


def _programs(counted: Counted, setting: Setting) -> dict[str, Any]:
    cells = _cells(counted, setting)
    n = sum(cell.n_samples for cell in cells)
    stops = total([cell.stops for cell in cells])
    is_edits = setting[0] != WHOLE.name
    well_formed = sum(task.well_formed for cell in cells for task in cell.tasks)
    return _keys(setting) | {
        "samples": n,
        "well_formed": well_formed / n if is_edits else None,
        "edits_a_sample": sum(cell.n_edits for cell in cells) / n if is_edits else None,
        "tokens_a_sample": sum(cell.n_tokens for cell in cells) / n,
        "cut_off": (stops.get("max_tokens", 0) + stops.get("context", 0)) / n,
        "with_syntax_error": total([cell.verdicts for cell in cells]).get("syntax_error", 0) / n,
        "flops_a_sample": sum(cell.flops for cell in cells) / n,
    }


def _diversity(counted: Counted, settings: Sequence[Setting]) -> Iterator[dict[str, Any]]:
    """Different trees among as many programs: of all, and of correct ones alone."""
    for setting in settings:
        cells = _cells(counted, setting)
        for of, score in (
            (f"any {MATCHED} programs", lambda task: expected_distinct(task.all_trees, MATCHED)),
            (f"{MATCHED} correct programs", _trees),
        ):
            found = crossed_interval(_matrix(cells, score))
            yield _keys(setting) | {
                "of": of,
                "different_trees": found.estimate,
                "low": found.low,
                "high": found.high,
                "tasks": found.n_tasks,
                "seeds": found.n_seeds,
            }


def _kinds(counted: Counted, settings: Sequence[Setting]) -> Iterator[dict[str, Any]]:
    """Verdicts, first faults, findings and ends of samples by kind."""
    for setting in settings:
        cells = _cells(counted, setting)
        n = sum(cell.n_samples for cell in cells)
        for of in ("verdicts", "faults", "findings", "stops"):
            for kind, samples, share in shares(total([getattr(c, of) for c in cells]), n):
                yield _keys(setting) | {
                    "of": of, "kind": kind, "samples": samples, "share": share,
                }  # fmt: skip


def format_row(
    edit_format: str, rate: float, counts: CellCounts, nats: Mapping[str, Any]
) -> dict[str, Any]:
    """A format's row of the pilot, on validation tasks, from one training.

    `nats`: of programs held out, by part, as `nats.Nats` has them.
    """
    n = counts.n_samples
    row: dict[str, Any] = {
        "edit_format": edit_format,
        "learning_rate": rate,
        "well_formed": sum(task.well_formed for task in counts.tasks) / n,
        "tokens_a_sample": counts.n_tokens / n,
    }
    for k in KS:
        if k <= min(task.n for task in counts.tasks):
            found = crossed_interval(_matrix([counts], _pass(k)), bounds=(0.0, 1.0))
            row |= {f"pass@{k}": found.estimate, f"low@{k}": found.low, f"high@{k}": found.high}
            strict = _matrix([counts], _pass(k, "strict"))
            row[f"strict pass@{k}"] = float(np.mean(strict))
    for part in ("content", "position", "count", "marker"):
        row[f"nats of {part}"] = nats["nats"].get(part, 0.0) / nats["texts"]
        row[f"tokens of {part}"] = nats["tokens"].get(part, 0) / nats["texts"]
    return row | {"tasks": len(counts.tasks), "samples": n}


def pilot_score(counts: CellCounts) -> float:
    """What formats are ranked by: pass@10, or at as many as there are."""
    n = min(task.n for task in counts.tasks)
    score = float(_matrix([counts], _pass(min(10, n))).mean())
    return 0.0 if math.isnan(score) else score
