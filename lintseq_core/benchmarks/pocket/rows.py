"""Rows to train on: instructions and programs that follow them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lintseq_core.benchmarks.pocket.held_out import checked_difficulties
from lintseq_core.benchmarks.pocket.task import DIFFICULTIES, Split, draw_task
from lintseq_core.benchmarks.pocket.wording import instruction
from lintseq_core.benchmarks.pocket.writing import write_program
from lintseq_core.seeds import path_rng


def instruction_rows(
    n: int,
    *,
    seed: int = 0,
    split: Split = "train",
    difficulties: Iterable[int] = DIFFICULTIES,
) -> Iterator[dict[str, str]]:
    """`n` different rows `{"instruction", "response"}` of tasks of `split`.

    Task, words and way to write are drawn anew for each row, from `seed` and its index: fewer rows
    are the first of more. Some 5 ms a row.
    """
    levels = checked_difficulties(difficulties)
    known: set[tuple[str, str]] = set()
    index = 0
    while len(known) < n:
        rng = path_rng(seed, f"pocket {split} row", index)
        index += 1
        task = draw_task(rng, rng.choice(levels), split)
        row = instruction(task, rng), write_program(task, rng)
        if row not in known:
            known.add(row)
            yield {"instruction": row[0], "response": row[1]}
