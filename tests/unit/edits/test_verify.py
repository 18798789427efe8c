"""Verification: a sequence that holds, and each promise broken once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lintseq_core import (
    EditSequence,
    Finding,
    Hunk,
    LinterFailure,
    ParsedEdits,
    Program,
    get_linter,
    sample_path,
)
from lintseq_core.edits import verify
from lintseq_core.edits.reasons import Drawn
from lintseq_core.edits.verify import Verification, promises_clean_states, verify_sequence

PYFLAKES = get_linter("pyflakes")
PROGRAM = Program.from_text("x = 1\nif x:\n    print(x)\n")


def sequence(*births: int, program: Program = PROGRAM) -> EditSequence:
    return EditSequence(program, births, (Drawn(),) * len(births), "lintseq", "pyflakes", "4.1.0")


def test_a_sampled_sequence_holds() -> None:
    for seed in range(10):
        assert verify_sequence(sample_path(PROGRAM, seed=seed), PYFLAKES) == Verification((), 0)


# births -> problems, new findings
STATES = [
    ((0, 0, 0), (), 0),
    ((0, 1, 1), (), 0),
    ((1, 0, 0), ("step 1: new finding of pyflakes: UndefinedName on line 1 of the state: x",), 2),
    (
        (0, 1, 2),
        ("step 2: new finding of pyflakes: SyntaxError on line 2 of the state: expected an indented block after 'if' statement",),
        1,
    ),
    (
        (2, 0, 1),
        (
            "step 1: new finding of pyflakes: SyntaxError on line 1 of the state: expected an indented block after 'if' statement",
            "step 2: new finding of pyflakes: UndefinedName on line 1 of the state: x",
        ),
        3,
    ),
    ((0, 2, 1), ("step 2: new finding of pyflakes: SyntaxError on line 2 of the state: unexpected indent",), 1),
]  # fmt: skip


@pytest.mark.parametrize(("births", "problems", "new_findings"), STATES)
def test_a_state_with_a_new_finding_is_named_by_its_step(
    births: tuple[int, ...], problems: tuple[str, ...], new_findings: int
) -> None:
    assert verify_sequence(sequence(*births), PYFLAKES) == Verification(problems, new_findings)


def test_what_was_wrong_with_the_whole_program_is_no_new_finding() -> None:
    program = Program.from_text("x = gone\nprint(x)\n")
    assert verify_sequence(sequence(0, 1, program=program), PYFLAKES) == Verification((), 0)


UNPROMISED: list[tuple[Callable[[EditSequence], EditSequence], bool]] = [
    (lambda made: made, True),
    (lambda made: replace(made, linter_name="syntax"), True),
    (lambda made: replace(made, method="randseq"), False),
    (lambda made: replace(made, linter_name="none"), False),
    (lambda made: replace(made, compat="upstream"), False),
]


@pytest.mark.parametrize(("change", "promised"), UNPROMISED)
def test_where_clean_states_are_not_promised_findings_are_only_counted(
    change: Callable[[EditSequence], EditSequence], promised: bool
) -> None:
    made = change(sequence(1, 0, 0))
    assert promises_clean_states(made) == promised
    found = verify_sequence(made, PYFLAKES)
    assert (len(found.problems), found.new_findings) == (int(promised), 2)


# a program that is none, or not in normal form -> the problem
PROGRAMS = [
    ("x = (\ny = 2\n", "lines are no program: <text>, line 1: '(' was never closed: 'x = ('"),
    ("# x\n# y\n", "lines are no program: <text>: the program is only comments; give one line of code"),
    ("x = 1\n\n", "lines are not in normal form: blank lines at an end, or a carriage return"),
    ("\nx = 1\n", "lines are not in normal form: blank lines at an end, or a carriage return"),
    ("x = 1\r\ny = 2\n", "lines are not in normal form: blank lines at an end, or a carriage return"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), PROGRAMS)
def test_lines_that_are_no_program_are_not_linted(text: str, problem: str) -> None:
    made = sequence(0, 1, program=Program(text))
    assert verify_sequence(made, PYFLAKES) == Verification((problem,), 0)


def test_an_edit_that_inserts_nothing_is_found_in_the_model_text() -> None:
    assert verify_sequence(sequence(0, 2, 2), PYFLAKES) == Verification(
        (
            "the model text does not parse: "
            "line 4 (edit 2, hunk 1): empty edit before the close: no hunk",
        ),
        0,
    )


def test_an_edit_that_does_not_lead_to_its_state_is_named_by_its_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No sequence is written wrong, so a wrong reading stands in for it.
    misread = ((Hunk(1, ("x = 1",), 0),), (Hunk(1, ("if x:", "    print(x)"), 0),))
    monkeypatch.setattr(verify, "parse_edits", lambda text: ParsedEdits(misread, ()))
    assert verify_sequence(sequence(0, 1, 1), PYFLAKES) == Verification(
        ("step 2: replaying the edit does not give the state",), 0
    )


def test_a_linter_that_cannot_answer_is_a_failure() -> None:
    class Crashing:
        name = "crashing"
        version = "1"

        def lint(self, source: str) -> tuple[Finding, ...]:
            raise RuntimeError("out of order")

    with pytest.raises(LinterFailure, match="'crashing' crashed on a 3-line state: RuntimeError"):
        verify_sequence(sequence(0, 1, 1), Crashing())
