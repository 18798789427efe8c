"""What `small_models` recorded, for the experiments that its arms answer.

One training of several arms on one model serves pass@1, test-time scaling, the linter ablation,
diversity and sampling: its record has a table for each.
"""

from __future__ import annotations

from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge
from lintseq_core.experiments.experiment import Recorded, recorded_results
from lintseq_core.results.frames import Frame

NO_RECORD = "No record of a trained model is here yet, so there is nothing to judge it by."
_LEVEL = 0.95
SCORES = ("arm", "seed", "suite", "temperature", "k", "value", "low", "high", "n_problems")
COSTS = ("arm", "seed", "suite", "temperature", "tokens_per_sample", "flops_kaplan", "seconds")
DIVERSITY = (
    "arm", "seed", "suite", "temperature", "n_programs", "distinct_texts", "distinct_trees",
    "unparsable", "edit_distance", "vendi", "code_bleu", "effective_behaviours",
)  # fmt: skip
ERRORS = ("arm", "seed", "suite", "temperature", "code", "programs", "findings")


def largest() -> Recorded | None:
    """The record of the largest profile; None where there is none."""
    return next(reversed(recorded_results("small_models")), None)


def recorded_frame(table: str, columns: tuple[str, ...] = (), *, k: int | None = None) -> Frame:
    """The columns of a table of that record, rows of `k` only if given; no row without a record."""
    found = largest()
    if found is None or table not in found.tables:
        return Frame({name: [] for name in columns})
    rows = [row for row in found.tables[table].rows() if k is None or row["k"] == k]
    names = [name for name in columns or found.tables[table].columns if name in (rows or [{}])[0]]
    return Frame({name: [row[name] for row in rows] for name in names})


def scaling_frame() -> Frame:
    """benchmark, model, variant, k, flops, score of every recorded curve, for a figure."""
    found = largest()
    if found is None:
        return Frame({name: [] for name in ("benchmark", "model", "variant", "flops", "score")})
    keys = ("arm", "seed", "suite", "temperature")
    most = max((int(row["k"]) for row in found.tables["scores"].rows()), default=1)
    n_samples = int(found.record.config["n_samples"]) if most else 1
    per_sample = {
        tuple(row[key] for key in keys): row["flops_kaplan"] / n_samples
        for row in found.tables["cost"].rows()
    }
    rows = [
        {
            "benchmark": row["suite"], "model": f"T {row['temperature']}",
            "variant": f"{row['arm']}, seed {row['seed']}", "k": row["k"],
            "flops": row["k"] * per_sample[tuple(row[key] for key in keys)],
            "score": 100 * row["value"],
        }
        for row in found.tables["scores"].rows()
        if row["value"] is not None
    ]  # fmt: skip
    names = ("benchmark", "model", "variant", "k", "flops", "score")
    return Frame({name: [row[name] for row in rows] for name in names})


def recorded_judgements(claim: Claim, a: str, b: str, k: int) -> tuple[Judgement, ...]:
    """A verdict for each seed, benchmark and temperature of that record, by paired differences."""
    found = largest()
    if found is None:
        return ()
    judged = []
    for row in found.tables["differences"].rows():
        if (row["arm"], row["less"], row["k"]) != (a, b, k):
            continue
        what = f"{row['suite']}, T {row['temperature']}, seed {row['seed']}"
        ends = [_points(row[name]) for name in ("difference", "low", "high")]
        effect = Effect(
            f"{what}, recorded with profile {found.profile}, pass@{k} of {a} less that of {b}",
            ends[0], ends[1], ends[2], "points", _LEVEL, int(row["n_problems"]),
        )  # fmt: skip
        judged.append(judge(claim, effect))
    return tuple(judged)


def most_samples() -> int:
    """The largest k that the record has scores for; 1 without a record."""
    return max((int(row["k"]) for row in recorded_frame("scores", SCORES).rows()), default=1)


def _points(value: float | None) -> float:
    return float("nan") if value is None else 100 * float(value)
