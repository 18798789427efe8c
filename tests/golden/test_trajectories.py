"""Recorded trajectories, as text a reviewer can read in a diff.

LINTSEQ_UPDATE_GOLDEN=1 writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lintseq_core import EditSequence, Program, sample_path
from lintseq_core.edits.words import describe_edit

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE.parents[1] / "assets" / "programs"
RECORDED = [("matrix_sum", 0), ("recipe_scaler", 3), ("river_gauges", 1), ("call_decorators", 2)]


def as_text(sequence: EditSequence) -> str:
    parts = [f"seed {sequence.seed}, path {sequence.path_index}, {sequence.linter_name}"]
    for index, edit in enumerate(sequence.edits()):
        parts.append("\n".join([f"step {index + 1}", edit, *describe_edit(sequence, index)]))
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize(("name", "seed"), RECORDED)
def test_a_recorded_trajectory_is_drawn_again(name: str, seed: int) -> None:
    text = as_text(sample_path(Program.from_file(PROGRAMS / f"{name}.py"), seed=seed))
    file = HERE / f"{name}_seed{seed}.txt"
    if os.environ.get("LINTSEQ_UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
