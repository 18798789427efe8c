"""What the recorded study says of formats, for a page and for a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lintseq_core.experiments.experiment import Recorded, recorded_results
from lintseq_core.results.frames import Frame, frame_of

NAME = "pocket"
COMMAND = "python -m lintseq_core.experiments.pocket --profile cpu -o runs/pocket --jobs 2"
NO_RECORD = f"The study of pocket models is not recorded here; this makes it: `{COMMAND}`."
PILOT_ALONE = (
    "Only the pilot of the study is recorded so far, with its table of formats: no arm was trained "
    "to its end."
)
_NOT_CODE = ("position", "count", "marker")
"""Where no count is written, a marker is what says that no line follows: so all three together."""


def recorded_study(store: Path | None = None) -> Recorded | None:
    """The largest recorded run of the study; `store` as in `recorded_results`."""
    return next(reversed(recorded_results(NAME, store)), None)


def recorded_formats(store: Path | None = None) -> Frame:
    """Its table of formats: a row a format, as `format_cost_figure` draws it; none, no rows."""
    found = recorded_study(store)
    return Frame({}) if found is None else found.tables["formats"]


def words_without_scores(study: Recorded | None) -> str:
    """What stands where scores of arms would be."""
    return NO_RECORD if study is None else PILOT_ALONE


def final_scores(study: Recorded | None) -> Frame:
    """pass@k of every arm on test tasks, all tokens trained, at the highest temperature, leniently.

    No rows where nothing or only the pilot is recorded.
    """
    rows = [] if study is None else list(study.tables["scores"].rows())
    if not rows:
        return Frame({})
    tokens = max(row["trained_tokens"] for row in rows)
    temperature = max(row["temperature"] for row in rows)
    wanted = {"asked": "test", "trained_tokens": tokens, "temperature": temperature}
    chosen = [row for row in rows if row.items() >= (wanted | {"reading": "lenient"}).items()]
    names = ("arm", "k", "pass_at_k", "low", "high", "seeds", "tasks", "samples", "by_seed")
    return frame_of([{name: row[name] for name in names} for row in chosen], names)


def format_words(formats: Frame) -> str:
    """What the table of formats says, in sentences that hold whatever its numbers are."""
    rows = list(formats.rows())
    cost = {r["edit_format"]: sum(r[f"nats of {part}"] for part in _NOT_CODE) for r in rows}
    least, most = min(cost, key=cost.__getitem__), max(cost, key=cost.__getitem__)
    ks = [int(name.removeprefix("pass@")) for name in formats.columns if name[:5] == "pass@"]
    k = max(k for k in ks if k <= 10)
    best = max(rows, key=lambda row: row[f"pass@{k}"])
    return (
        f"The same edits in the same order were taught in {len(rows)} formats to one small model, "
        "a training each, from the same start. Of programs held out, all that is not code (where "
        f"lines go, how many, where an edit ends) costs from {cost[least]:.1f} nats a program "
        f"({least}) to {cost[most]:.1f} ({most}). Of {best['tasks']:,} tasks asked "
        f"{_times(best)} each, {best['edit_format']} has the highest pass@{k}: "
        f"{best[f'pass@{k}']:.1%}{_interval(best, k)}. "
        "Another training could order the formats anew."
    )


def _times(row: dict[str, Any]) -> str:
    n = row["samples"] // row["tasks"]
    return "once" if n == 1 else f"{n:,} times"


def _interval(row: dict[str, Any], k: int) -> str:
    low, high = row[f"low@{k}"], row[f"high@{k}"]
    if low is None or high is None:
        return ""
    return f", with a 95 % interval over tasks alone of {low:.1%} to {high:.1%}"
