"""What a study takes, counted before it begins and after it ran."""

from __future__ import annotations

from dataclasses import dataclass

from lintseq_core.experiments.pocket.study import LINTSEQ, PILOT_ARMS, Study

_N_ARMS = 4
_TOKENS = {"whole": 112, "edits": 225}
"""Of a sample: means of the rows that models are taught, difficulty 1 and 2."""
_TRAINED_PER_S = 5_000
"""Trained tokens a second of one core, in `lintseq train`, two side by side."""
_DRAWN_PER_S = 6_000
"""Tokens a second of one core, in `lintseq generate`, traces written."""
_JUDGED_PER_S = 25
"""Programs a second of one core, in `lintseq evaluate`."""
_SHARE_DIFFERENT = 0.8
"""Of programs: equal ones of a task run once."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A part of a study."""

    name: str
    trained_tokens: int
    drawn_tokens: int
    programs: int

    @property
    def hours(self) -> float:
        """Of one core."""
        seconds = self.trained_tokens / _TRAINED_PER_S + self.drawn_tokens / _DRAWN_PER_S
        return (seconds + self.programs * _SHARE_DIFFERENT / _JUDGED_PER_S) / 3600


def costs(study: Study) -> list[Cost]:
    """The parts in their order, the main part seed by seed."""
    n_formats = len(LINTSEQ)
    asked = n_formats * study.n_pilot_tasks * study.n_pilot_samples
    found = [
        Cost("base", study.base_tokens, 0, 0),
        Cost("pilot, rates", len(PILOT_ARMS) * len(study.rates) * study.rate_tokens, 0, 0),
        Cost("pilot, formats", n_formats * study.format_tokens, asked * _TOKENS["edits"], asked),
    ]
    early = (len(study.ladder) - 1) * sum(one.n_samples for one in study.early)
    last = sum(one.n_samples for one in (*study.last, *study.harder))
    programs = study.n_tasks * (early + last)
    drawn = programs * (_TOKENS["whole"] + (_N_ARMS - 1) * _TOKENS["edits"])
    for seed in study.seeds:
        found.append(Cost(f"seed {seed}", _N_ARMS * study.tokens, drawn, _N_ARMS * programs))
    return found


def plan_text(study: Study) -> str:
    """A line a part, and their sum."""
    parts = costs(study)
    lines = [
        f"{part.name}: {part.trained_tokens:,} trained tokens, {part.drawn_tokens:,} drawn, "
        f"{part.programs:,} programs judged: {part.hours:.1f} hours of one core"
        for part in parts
    ]
    hours = sum(part.hours for part in parts)
    lines.append(
        f"all: {hours:.1f} hours of one core, at {_TRAINED_PER_S:,} trained and {_DRAWN_PER_S:,} "
        f"drawn tokens a second and {_JUDGED_PER_S} programs a second"
    )
    return "\n".join(lines)
