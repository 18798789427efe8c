"""The tasks that no model has been trained on, as problems."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
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
ASKED_DIFFICULTIES = (1, 2)
"""Steps of the benchmark's tasks: those that the models that ship were taught."""


def tasks(
    split: Split = "test",
    n: int = N_TASKS,
    *,
    difficulties: Iterable[int] = ASKED_DIFFICULTIES,
    seed: int = 0,
) -> list[PocketTask]:
    """`n` tasks of `split` with different words, the easy ones first, as many of each difficulty.

    Without arguments those of the benchmark. BenchmarkError for a split or a difficulty that there
    is not.
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


def task_rows(
    split: Split = "test",
    n: int = N_TASKS,
    *,
    difficulties: Iterable[int] = ASKED_DIFFICULTIES,
    seed: int = 0,
) -> list[Row]:
    """A row for each of `tasks`, with words, a program that solves it, and tests.

    The benchmark's own have ids like Pocket/17, all others ids like Pocket/validation-17-3fa9c2:
    split, place and what is asked. So answers to one never count as answers to another.
    """
    levels = checked_difficulties(difficulties)
    is_benchmark = (split, n, levels, seed) == ("test", N_TASKS, [*ASKED_DIFFICULTIES], 0)
    rows = []
    for index, task in enumerate(tasks(split, n, difficulties=levels, seed=seed)):
        rng = path_rng(seed, f"{NAME} tests of {task.combination}", index)
        row = {
            "instruction": instruction(task),
            "entry_point": task.entry_point,
            "reference": write_program(task, rng),
            "tests": test_source(task, chosen_arguments(task, rng)),
            "difficulty": task.difficulty,
            "combination": task.combination,
            "split": task.split,
        }
        digest = hashlib.sha256(json_text(row).encode()).hexdigest()
        place = str(index) if is_benchmark else f"{split}-{index}-{digest[:6]}"
        rows.append({"task_id": f"Pocket/{place}", **row})
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
    return task_rows()


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
