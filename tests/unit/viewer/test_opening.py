"""Where a player opens: at an edit that shows why lines go together."""

from __future__ import annotations

import random

import pytest

from lintseq_core import Program, sample_path, sample_paths, sample_randseq
from lintseq_core.edits.reasons import FromFinding, Leftover, Reason
from lintseq_core.viewer.opening import MOST_LINES, opening_step
from tests.dashboard.conftest import ROOT

EXAMPLES = sorted((ROOT / "assets" / "programs").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_opens_where_the_linter_named_lines_with_more_before_and_after(path) -> None:  # type: ignore[no-untyped-def]
    for sequence in sample_paths(Program.from_file(path), seed=0, n_paths=20):
        edits: list[list[Reason]] = [[] for _ in range(sequence.n_edits)]
        for birth, reason in zip(sequence.birth_steps, sequence.reasons, strict=True):
            edits[birth].append(reason)
        tells = [
            any(isinstance(reason, FromFinding) for reason in edit) and len(edit) <= MOST_LINES
            for edit in edits
        ]
        step = opening_step(sequence)
        assert 1 < step < sequence.n_edits
        assert not all(isinstance(reason, Leftover) for reason in edits[step - 1])
        assert tells[step - 1] is any(tells[1:-1])


@pytest.mark.parametrize(
    ("text", "method", "step"),
    [
        ("x = 1\n", "lintseq", 1),
        ("# a comment\nx = 1\n", "lintseq", 2),
        ("".join(f"x{n} = {n}\n" for n in range(9)), "lintseq", 5),
        ("".join(f"x{n} = {n}\n" for n in range(9)), "randseq", None),
    ],
    ids=["one edit", "never the comment", "the middle", "randseq"],
)
def test_where_the_linter_named_nothing(text: str, method: str, step: int | None) -> None:
    if method == "randseq":
        sequence = sample_randseq(Program.from_text(text), rng=random.Random(0))
    else:
        sequence = sample_path(Program.from_text(text), seed=0)
    opened = opening_step(sequence)
    assert 1 <= opened <= sequence.n_edits
    assert step in (None, opened)
