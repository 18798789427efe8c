"""Tables of measurements: printed as they come, written to RESULTS.md."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Table:
    """One question, the figures that answer it, and a verdict against each target."""

    title: str
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        self.rows.append(list(cells))

    def judge(self, what: str, value: float, target: str, *, holds: bool, unit: str = "") -> None:
        """Note whether a target is met."""
        figure = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        self.notes.append(f"{'met' if holds else 'MISSED'}: {what}: {figure}{unit} ({target})")

    def markdown(self) -> str:
        lines = [f"## {self.title}", ""]
        lines += ["| " + " | ".join(self.header) + " |", "|" + "---|" * len(self.header)]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        if self.notes:
            lines += ["", *(f"- {note}" for note in self.notes)]
        return "\n".join(lines) + "\n"


def best_cpu_s(run: Callable[[], object], repeats: int) -> float:
    """CPU seconds of this process for one call of `run`, the least of `repeats`."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best
