"""Time per sequence over the length of a program: real modules of the standard library."""

from __future__ import annotations

import hashlib
import math
import statistics
import sysconfig
from pathlib import Path

import numpy as np
from tables import Table, best_cpu_s

from lintseq_core import Program, SourceError, get_linter, sample_path

SHORTEST, LONGEST = 20, 2_900
PER_BIN = 12
GOAL_EXPONENT, FLOOR_EXPONENT, GOAL_S, FLOOR_S = 1.3, 1.6, 0.3, 1.0


def modules() -> dict[int, list[str]]:
    """Up to 12 modules for each half octave of lengths."""
    root = Path(sysconfig.get_paths()["stdlib"])
    paths = [path.relative_to(root).as_posix() for path in root.rglob("*.py")]
    paths.sort(key=lambda path: hashlib.sha256(path.encode()).digest())
    bins: dict[int, list[str]] = {}
    for path in paths:
        if {"test", "tests", "site-packages"} & set(path.split("/")):
            continue
        try:
            text = Program.from_file(root / path).text
        except SourceError:
            continue
        n_lines = text.count("\n")
        if SHORTEST <= n_lines <= LONGEST:
            found = bins.setdefault(int(2 * math.log2(n_lines)), [])
            if len(found) < PER_BIN:
                found.append(text)
    return dict(sorted(bins.items()))


def sample(text: str, engine: str) -> None:
    """Everything for the first sequence of a program: normal form, analysis, sampling, edits."""
    linter = get_linter("pyflakes")
    sample_path(Program.from_text(text), seed=0, linter=linter, engine=engine).edits()


def measure(folder: Path) -> Table:
    table = Table(
        "CPU time of the first sequence, standard library",
        ["lines (median)", "modules", "ms, median", "ms, longest", "reference, ms, median"],
    )
    points: list[tuple[int, float]] = []
    longest: list[float] = []
    for texts in modules().values():
        seconds = [best_cpu_s(lambda t=text: sample(t, "incremental"), 2) for text in texts]
        slow = [best_cpu_s(lambda t=text: sample(t, "reference"), 1) for text in texts[:3]]
        lengths = [text.count("\n") for text in texts]
        table.add(
            f"{statistics.median(lengths):,.0f}",
            str(len(texts)),
            f"{1e3 * statistics.median(seconds):.1f}",
            f"{1e3 * max(seconds):.1f}",
            f"{1e3 * statistics.median(slow):,.0f}",
        )
        points += zip(lengths, seconds, strict=True)
        longest += [cpu_s for n, cpu_s in zip(lengths, seconds, strict=True) if 1_800 <= n <= 2_200]
    fitted = [(n, cpu_s) for n, cpu_s in points if n >= 50]
    lines, cpu_s = np.log([n for n, _ in fitted]), np.log([cpu_s for _, cpu_s in fitted])
    exponent = float(np.polyfit(lines, cpu_s, 1)[0])
    goal = f"goal {GOAL_EXPONENT}, floor {FLOOR_EXPONENT}"
    table.judge("exponent from 50 lines on", exponent, goal, holds=exponent <= GOAL_EXPONENT)
    median = statistics.median(longest)
    what = f"median of {len(longest)} modules of 1,800 to 2,200 lines"
    goal = f"goal {GOAL_S} s, floor {FLOOR_S} s"
    table.judge(what, median, goal, holds=median <= GOAL_S, unit=" s")
    table.judge("the slowest of them", max(longest), goal, holds=max(longest) <= GOAL_S, unit=" s")
    table.notes.append("Reference: three modules per row.")
    return table
