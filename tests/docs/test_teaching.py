"""The answers of the reader test in docs/teaching.md are those of the library."""

from __future__ import annotations

from lintseq_core import Program, sample_path
from lintseq_core.edits.legal import legal_edits
from lintseq_core.edits.words import describe_edit
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "teaching.md").read_text("utf-8")
SEQUENCE = sample_path(Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py"), seed=0)


def test_the_edit_that_the_reader_is_asked_about_is_there() -> None:
    assert describe_edit(SEQUENCE, 3) == (
        "Line 9 was drawn at random.",
        "Line 11 uses `totals`, which line 9 brings.",
    )
    later = [line for edit in (6, 5, 4) for line in lines_of(edit)]
    assert later == [10, 3, 4, 2]
    assert "after lines 10, 3 and 4, and 2 were gone" in TEXT


def test_all_next_edits_are_in_the_answer() -> None:
    (edits,) = legal_edits(SEQUENCE, steps=[3]).values()
    may = {tuple(line + 1 for line in edit.lines) for edit in edits}
    assert may == {(2,), (2, 3, 4), (9,), (9, 10), (9, 11), (9, 10, 11)}
    assert (
        "One of six: line 2; lines 2 to 4; line 9; lines 9 and 10; lines 9 and 11; lines 9 to 11."
        in TEXT
    )


def lines_of(edit: int) -> list[int]:
    return [line + 1 for line, birth in enumerate(SEQUENCE.birth_steps) if birth == edit]
