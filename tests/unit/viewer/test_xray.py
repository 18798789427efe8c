"""The X-ray says of each line how, when and because of what it went."""

from __future__ import annotations

import pytest

from lintseq_core import EditSequence, Program, closure, sample_path
from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Leftover, Reason
from lintseq_core.viewer import build_payload
from lintseq_core.viewer.xray import (
    DEPENDENT,
    DRAWN,
    FINDING,
    LEFTOVER,
    UNTOLD,
    XRay,
    tell_rounds,
    xray_reasons,
    xray_sequence,
)

CHAIN = Program.from_text("a = 1\nb = a\nif b:\n    c = 3\nd = 2\n")


def test_a_chain_of_names_comes_out_round_by_round() -> None:
    reasons = closure(CHAIN, 0).reasons

    assert list(reasons) == [0, 1, 2, 3]
    assert xray_reasons(reasons) == XRay(
        kinds=[DRAWN, FINDING, FINDING, DEPENDENT],
        rounds=[0, 1, 2, 2],
        causes=[-1, 0, 1, 2],
        cause_sets=[[0], [1], [2]],
    )


@pytest.mark.parametrize(
    ("reasons", "rounds"),
    [
        ({0: Dependent(1, "block"), 1: Dependent(0, "block")}, [0, 0]),
        ({0: Dependent(0, "block")}, [0]),
        ({0: Dependent(9, "block")}, [0]),
        ({0: Dependent(1, "block"), 1: FromFinding("E", (), 3, (0,))}, [3, 3]),
        ({0: Leftover(), 1: Drawn(), 2: Dependent(1, "clause")}, [0, 0, 0]),
        ({i: Dependent((i + 1) % 500, "block") for i in range(500)}, [0] * 500),
    ],
    ids=["circle", "itself", "a line elsewhere", "upwards", "no finding", "a long circle"],
)
def test_reasons_from_a_file_may_say_anything(
    reasons: dict[int, Reason], rounds: list[int]
) -> None:
    assert xray_reasons(reasons).rounds == rounds


def test_comments_are_left_over_and_untold_reasons_are_untold() -> None:
    program = Program.from_text("# note\na = 1\n")
    told = sample_path(program, seed=0)
    untold = EditSequence(program, told.birth_steps, (), "lintseq")

    assert xray_sequence(told).kinds == [LEFTOVER, DRAWN]
    assert xray_sequence(untold) == XRay([UNTOLD] * 2, [0, 0], [-1, -1], [])


def test_sentences_follow_the_rounds() -> None:
    text = "import math\n\n\ndef area(r):\n    return math.pi * r\n\n\nprint(area(2))\n"
    sequence = next(
        found
        for seed in range(50)
        if (found := sample_path(Program.from_text(text), seed=seed)).n_edits == 2
        and isinstance(found.reasons[0], Drawn)
    )
    edit = sequence.birth_steps[0]

    told = tell_rounds(sequence, edit, xray_sequence(sequence))

    assert [number for number, _ in told] == sorted(number for number, _ in told)
    assert told[0] == (0, "Line 1 was drawn at random.")
    assert told[1] == (1, "Line 5 uses `math`, which line 1 brings.")
    payload = build_payload(sequence, title="T")
    assert payload["edits"][edit] == [sentence for _, sentence in told]
    assert payload["edit_rounds"][edit] == [number for number, _ in told]
