"""The tasks that no model has been trained on, as problems."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from lintseq_core.benchmarks.dataset import Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.pocket.asserts import chosen_arguments, test_source
from lintseq_core.benchmarks.pocket.task import (
    DIFFICULTIES,
    SPLITS,
    PocketTask,
    Split,
    draw_task,
)
from lintseq_core.benchmarks.pocket.wording import instruction
from lintseq_core.benchmarks.pocket.writing import write_program
from lintseq_core.benchmarks.problem import (
    BenchmarkError,
    DatasetSource,
    Problem,
    ProblemSet,
    Tests,
)
from lintseq_core.json_text import json_text
from lintseq_core.seeds import path_rng

NAME = "pocket"
N_TASKS = 200


def tasks(
    split: Split = "test",
    n: int = N_TASKS,
    *,
    difficulties: Iterable[int] = DIFFICULTIES,
    seed: int = 0,
) -> list[PocketTask]:
    """`n` tasks of `split` with different words, the easy ones first, as many of each difficulty.

    BenchmarkError for a split or a difficulty that there is not.
    """
    levels = checked_difficulties(difficulties)
    if split not in SPLITS:
        raise BenchmarkError(f"{NAME}: no split {split!r}: one of {', '.join(SPLITS)}")
    found: list[PocketTask] = []
    known: set[str] = set()
    for index in range(n):
        difficulty = levels[index * len(levels) // n]
        rng = path_rng(seed, f"{NAME} {split} task of difficulty {difficulty}", index)
        while True:
            task = draw_task(rng, difficulty, split)
            words = instruction(task)
            if words not in known:
                break
        known.add(words)
        found.append(task)
    return found


def rows_of_tasks(chosen: Sequence[PocketTask], *, seed: int = 0) -> list[Row]:
    """A row for each task, with words, a program that solves it, and tests."""
    rows = []
    for index, task in enumerate(chosen):
        rng = path_rng(seed, f"{NAME} tests of {task.combination}", index)
        rows.append(
            {
                "task_id": f"Pocket/{index}",
                "instruction": instruction(task),
                "entry_point": task.entry_point,
                "reference": write_program(task, rng),
                "tests": test_source(task, chosen_arguments(task, rng)),
                "difficulty": task.difficulty,
                "combination": task.combination,
                "split": task.split,
            }
        )
    return rows


def problems(path: Path | None = None) -> ProblemSet:
    """The 200 held-out tasks, or those of a file that `lintseq pocket tasks` wrote."""
    if path is not None:
        rows = load_rows(NAME, path, file_names=())
        found = [_problem(row, place_of(rows, index)) for index, row in enumerate(rows.rows)]
        return ProblemSet(tuple(found), rows.source)
    from lintseq_core import __version__

    made = _held_out_rows()
    digest = hashlib.sha256("".join(json_text(row) + "\n" for row in made).encode()).hexdigest()
    source = DatasetSource(NAME, "package lintseq-core", __version__, digest, len(made))
    return ProblemSet(tuple(_problem(row, row["task_id"]) for row in made), source)


@cache
def _held_out_rows() -> list[Row]:
    """The rows of the benchmark itself; a second or two."""
    return rows_of_tasks(tasks())


def checked_difficulties(difficulties: Iterable[int]) -> list[int]:
    """`difficulties` in order, each once; BenchmarkError for one that there is not."""
    levels = sorted(set(difficulties))
    unknown = [level for level in levels if level not in DIFFICULTIES]
    if unknown or not levels:
        raise BenchmarkError(
            f"{NAME}: no difficulty {unknown[0] if unknown else 'given'}: from "
            f"{DIFFICULTIES[0]} to {DIFFICULTIES[-1]} steps"
        )
    return levels


def _problem(row: Row, place: str) -> Problem:
    asked = field_of(row, "instruction", str, place)
    entry_point = field_of(row, "entry_point", str, place)
    return Problem(
        benchmark=NAME,
        task_id=field_of(row, "task_id", str, place),
        prompt=f"# {asked}\n",
        instruction=asked,
        entry_point=entry_point,
        reference=field_of(row, "reference", str, place),
        tests=Tests("split", field_of(row, "tests", str, place), entry_points=(entry_point,)),
    )
