"""What the page Overview tells of a program is so."""

from __future__ import annotations

from pathlib import Path

from lintseq_core import EditSequence, Program, sample_path
from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding
from lintseq_core.lessons import read_lesson
from lintseq_core.lessons.lesson import Player

ASSETS = Path(__file__).resolve().parents[3] / "assets"


def test_the_story_says_what_the_sequence_does() -> None:
    sequence = sample_path(Program.from_file(ASSETS / "programs" / "prime_search.py"), seed=3)
    assert sequence.n_edits == 10
    # 1. Line 12 is drawn; line 11 has nothing left in its block.
    assert _edit(sequence, 10) == {12: Drawn, 11: FromFinding}
    # 2. Line 8 is drawn; lines 9 and 10 are inside its block.
    assert _edit(sequence, 9) == {8: Drawn, 9: Dependent, 10: Dependent}
    # 3. Line 4 is drawn; line 6 is inside it, line 17 calls it.
    assert _edit(sequence, 2) == {4: Drawn, 6: Dependent, 17: FromFinding}
    lines = sequence.program.lines
    assert lines[3].startswith("def first_primes(") and "first_primes(" in lines[16]
    # Until only blank lines and comments are left.
    assert all(not lines[number - 1].strip() for number in _edit(sequence, 1))


def test_the_players_of_the_story_stand_where_it_says() -> None:
    story = read_lesson(ASSETS / "lessons" / "story" / "overview.yaml")
    shown = [step.show for step in story.steps]
    assert [one.step for one in shown if isinstance(one, Player)] == [10, 9, 2, 3, 3, 4]
    assert [step.question for step in story.steps] == [None] * 6


def _edit(sequence: EditSequence, number: int) -> dict[int, type]:
    """Of each line of an edit, 1-based both, what kind of reason it has."""
    return {
        line + 1: type(reason)
        for line, (edit, reason) in enumerate(
            zip(sequence.birth_steps, sequence.reasons, strict=True)
        )
        if edit == number - 1
    }
