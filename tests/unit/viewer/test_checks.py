"""Broken states are those in which the judge finds what the whole program does not have."""

from __future__ import annotations

from lintseq_core import EditSequence, Program, get_linter, sample_path
from lintseq_core.edits.reasons import Drawn
from lintseq_core.viewer.checks import broken_states

PYFLAKES = get_linter("pyflakes")


def test_a_use_before_its_definition_breaks_a_state() -> None:
    program = Program.from_text("a = 1\nprint(a, missing)\nb = 2\n")
    sequence = EditSequence(program, (1, 0, 2), (Drawn(),) * 3, "lintseq")

    found = broken_states(sequence, PYFLAKES)

    assert found == {
        "judge": f"pyflakes {PYFLAKES.version}",
        "broken": {"1": "line 2: UndefinedName (a)"},
    }


def test_what_pyflakes_sampled_pyflakes_finds_whole() -> None:
    program = Program.from_text("import os\n\n\ndef f():\n    return os.sep\n\n\nprint(f())\n")

    for seed in range(5):
        assert broken_states(sample_path(program, seed=seed), PYFLAKES)["broken"] == {}
