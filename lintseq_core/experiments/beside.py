"""A fresh run beside the committed record of its experiment: claim by claim, are they one?

Takes what `experiment.py` writes and reads; runs nothing and judges no claim anew.
"""

from __future__ import annotations

import math
from pathlib import Path

from lintseq_core.experiments.claims import Effect
from lintseq_core.experiments.experiment import Recorded, Result, recorded_results
from lintseq_core.results.frames import Frame, frame_of

NO_RECORD = "No record of this experiment is here to compare this run with."


def beside_record(result: Result, store: Path | None = None) -> Frame | str:
    """A row a claim: this run, the record, whether they agree; a sentence where there is none.

    The record is of the same profile if there is one, else of the largest. `store`: as for
    `recorded_results`.
    """
    found = {one.profile: one for one in recorded_results(result.experiment, store)}
    if not found:
        return NO_RECORD
    record = found.get(result.profile) or next(reversed(found.values()))
    known: dict[str, Effect] = {}
    for (claim, _, _), effect in zip(record.verdicts, record.effects, strict=True):
        known.setdefault(claim, effect)
    rows = [
        {
            "claim": one.claim.statement,
            f"this run, {result.profile}": _told(one.effect),
            f"record of {record.record.created[:10]}, {record.profile}": _told(
                known[one.claim.statement]
            ),
            "do they agree?": agreement(one.effect, known[one.claim.statement]),
        }
        for one in result.judgements
        if one.claim.statement in known
    ]
    if result.profile == record.profile:
        rows.append(_tables_row(result, record, list(rows[0]) if rows else ["claim"] * 4))
    return frame_of(rows, tuple(rows[0])) if rows else NO_RECORD


def agreement(here: Effect, there: Effect) -> str:
    """Whether the intervals of two effects of one claim meet, in words."""
    ends = (here.low, here.high, there.low, there.high)
    if any(map(math.isnan, ends)):
        return "cannot be told: no interval"
    if (here.estimate, *ends[:2]) == (there.estimate, *ends[2:]):
        return "the same numbers"
    if here.low <= there.high and there.low <= here.high:
        return "intervals meet"
    return "intervals are apart"


def _tables_row(result: Result, record: Recorded, names: list[str]) -> dict[str, str]:
    """Of the same profile the tables have to be equal too, but for what a clock measures."""
    same = [
        name
        for name, frame in result.tables.items()
        if name in record.tables
        and frame.to_csv() == (record.folder / f"{name}.csv").read_text(encoding="utf-8")
    ]
    other = [name for name in result.tables if name not in same]
    words = f"equal: {', '.join(same) or 'none'}; other: {', '.join(other) or 'none'}"
    return dict(zip(names, ("tables", "", "", words), strict=True))


def _told(effect: Effect) -> str:
    if math.isnan(effect.estimate):
        return "–"
    has_interval = not (math.isnan(effect.low) or math.isnan(effect.high))
    ends = f" ({effect.low:.4g} to {effect.high:.4g})" if has_interval else ""
    return f"{effect.estimate:.4g}{ends} {effect.unit}".strip()
