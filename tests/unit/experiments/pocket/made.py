"""Counts of cells that nobody trained, with a truth that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from lintseq_core.experiments.pocket.cells import CellCounts, TaskCounts
from lintseq_core.experiments.pocket.study import PROFILES, Arm, Cell, StudyFolder

STUDY = replace(PROFILES["cpu"], n_tasks=40)
Solved = Callable[[Cell, int], int]
"""Of a task's samples, by cell and place of the task."""


def task(index: int, n: int, passed: int, trees: tuple[int, ...] | None = None) -> TaskCounts:
    """A task whose programs are all alike unless told."""
    found = trees or ((passed,) if passed else ())
    return TaskCounts(f"Pocket/{index}", n, passed, passed // 2, n - 1, found, found)


def counts(tasks: Iterable[TaskCounts]) -> CellCounts:
    made = tuple(tasks)
    n = sum(one.n for one in made)
    return CellCounts(
        made, {"passed": n}, {"no header": 2}, {"close": n - 1, "max_tokens": 1},
        {"UnusedImport": 1}, 3 * n, 100 * n, 40, 1e6, {"results": "aa", "tasks": "bb"},
    )  # fmt: skip


def counted(arms: Iterable[Arm], solved: Solved) -> dict[Cell, CellCounts]:
    """All cells of STUDY for `arms`."""
    folder = StudyFolder(STUDY, Path())
    return {
        cell: counts(
            task(index, cell.asked.n_samples, solved(cell, index)) for index in range(STUDY.n_tasks)
        )
        for seed in STUDY.seeds
        for arm in arms
        for cell in folder.cells(arm, seed)
    }
