"""metrics.jsonl: one line a step, whatever else a run reports to."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self

from lintseq_core.data.files import whole_file
from lintseq_core.json_text import json_text


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """What one optimizer step did, over all processes."""

    step: int
    """1-based."""
    total_steps: int
    epoch: float
    loss: float
    """Mean cross entropy of the trained tokens, in nats."""
    loss_sum: float
    """Sum of it: what the gradient is of."""
    learning_rate: float
    grad_norm: float
    trained_tokens: int
    """In the loss of this step."""
    tokens: int
    """Run through the model in this step, padding not counted."""
    trained_tokens_total: int
    """In this run up to here: the budget that matches it."""
    tokens_total: int
    seconds: float
    tokens_per_s: float
    held_out_loss: float | None = None
    """Mean cross entropy of examples held out, in nats; None: this step has no checkpoint, or the
    run nothing held out."""

    def record(self) -> dict[str, Any]:
        """What is written of it; a held-out loss only where there is one."""
        values = asdict(self)
        if self.held_out_loss is None:
            del values["held_out_loss"]
        return values


class MetricsLog:
    """The file `path`, one line a step; lines behind `after_step`, of a killed run, go first."""

    def __init__(self, path: Path, *, after_step: int) -> None:
        kept = b"".join(_lines_up_to(path, after_step))
        with whole_file(path) as file:
            file.write(kept)
        self._file: IO[str] = path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, metrics: StepMetrics) -> None:
        """Append one line, at once."""
        self._file.write(json_text(metrics.record()) + "\n")
        self._file.flush()


def read_metrics(path: Path) -> list[StepMetrics]:
    """The steps in a metrics.jsonl; NaN where a number was none."""
    return [_metrics(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def _metrics(row: dict[str, Any]) -> StepMetrics:
    known: dict[str, Any] = {name: math.nan if one is None else one for name, one in row.items()}
    return StepMetrics(**known)


def _lines_up_to(path: Path, step: int) -> list[bytes]:
    if step == 0 or not path.exists():
        return []
    kept = []
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            if json.loads(line)["step"] <= step:
                kept.append(line)
        except (ValueError, KeyError):  # the last line of a run that was killed while writing it
            break
    return kept
