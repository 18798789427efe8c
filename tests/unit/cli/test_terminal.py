"""Coloured text for a terminal: what is coloured, and what it says without colour."""

from __future__ import annotations

import io

from rich.console import Console

from lintseq_core import EditSequence, Program, closure, sample_path
from lintseq_core.cli.terminal import print_closure, print_sequence

PROGRAM = Program.from_text(
    "import os\n\ntry:\n    name = os.name\nexcept OSError:\n    pass\nprint('é\x1b')\n"
)


def shown(sequence: EditSequence, *, colour: bool = False, apart: bool = False) -> str:
    console = Console(
        file=io.StringIO(), force_terminal=colour, color_system="256" if colour else None,
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip
    print_sequence(console, sequence, "program.py", apart=apart)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_sequence_is_a_diff_a_step_with_its_reasons() -> None:
    assert (
        shown(sample_path(PROGRAM, seed=14), colour=False)
        == """\
program.py

Step 1 of 3: inserts 1 line
  @@ -0,0 +1 @@
     2 +
  Line 2 stands there from the start (blank lines and comments are never drawn).

Step 2 of 3: inserts 5 lines
  @@ -0,0 +1 @@
     1 + import os
  @@ -1,0 +3,4 @@
     3 + try:
     4 +     name = os.name
     5 + except OSError:
     6 +     pass
  Line 1 comes with what needs it.
  Line 3 needs line 4 in its block.
  Line 4 uses `os`, which line 1 brings.
  Lines 5-6 are in a clause of the statement on line 3.

Step 3 of 3: inserts 1 line
  @@ -6,0 +7 @@
     7 + print('é␛')
  Line 7 comes alone: no other line so far needs it.

"""
    )


def test_taken_apart_the_last_edit_goes_first_with_the_line_that_was_drawn() -> None:
    assert (
        shown(sample_path(PROGRAM, seed=14), apart=True)
        == """\
program.py

Step 3 of 3 goes: 1 line
     7 - print('é␛')
  Line 7 was drawn at random.

Step 2 of 3 goes: 5 lines
     1 - import os
     3 - try:
     4 -     name = os.name
     5 - except OSError:
     6 -     pass
  Line 1 was drawn at random.
  Line 3 has nothing left in its block without line 4.
  Line 4 uses `os`, which line 1 brings.
  Lines 5-6 are in a clause of the statement on line 3.

Step 1 of 3 goes: 1 line
     2 -
  Line 2 was never drawn (blank lines and comments never are).

"""
    )


def test_inserted_code_is_coloured_and_its_number_is_dim() -> None:
    text = shown(sample_path(PROGRAM, seed=14), colour=True)
    assert "\x1b[2m     1 \x1b[0m\x1b[38;5;33m+ import os\x1b[0m" in text


def test_a_closure_marks_the_line_asked_about_and_says_why_the_others_go() -> None:
    console = Console(file=io.StringIO(), highlight=False, markup=False, soft_wrap=True)
    print_closure(console, PROGRAM, closure(PROGRAM, 3), "pyflakes")
    print_closure(console, PROGRAM, closure(PROGRAM, 6), "pyflakes")
    assert isinstance(console.file, io.StringIO)
    assert (
        console.file.getvalue()
        == """\
If line 4 goes, 3 other lines go with it (pyflakes):
     3 - try:                has nothing left in its block without line 4
     4 >     name = os.name  the line asked about
     5 - except OSError:     is in a clause of the statement on line 3
     6 -     pass            is in a clause of the statement on line 3
If line 7 goes, no other line goes with it (pyflakes):
     7 > print('é␛')  the line asked about
"""
    )
