"""What would go with each line of a state, and the sequence that branches when one does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lintseq_core import LintSeqError, Program, closure, get_linter, sample_path
from lintseq_core.edits.branch import branch, lines_at
from lintseq_core.edits.reasons import reason_to_dict
from lintseq_core.edits.verify import verify_sequence
from lintseq_core.edits.words import describe_reason
from lintseq_core.viewer.whatif import closures_of_state
from lintseq_core.viewer.xray import FINDING

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "assets" / "programs").glob("*.py"))
PYFLAKES = get_linter("pyflakes")


@pytest.mark.parametrize("path", EXAMPLES[:6], ids=lambda path: path.stem)
def test_the_table_says_of_every_line_what_closure_says(path: Path) -> None:
    program = Program.from_file(path)
    sequence = sample_path(program, seed=1)
    present = lines_at(sequence, sequence.n_edits // 2)

    table = closures_of_state(program, present, PYFLAKES)

    assert list(table["closures"]) == [str(line) for line in present]
    for line in present:
        reasons = closure(program, line, present=present).reasons
        flat = table["closures"][str(line)]
        assert flat[::5] == list(reasons)
        assert [table["phrases"][at] for at in flat[4::5]] == [
            describe_reason(program, gone, reason) for gone, reason in reasons.items()
        ]
        for kind, cause, reason in zip(flat[1::5], flat[3::5], reasons.values(), strict=True):
            if kind == FINDING:
                assert table["cause_sets"][cause] == list(reason_to_dict(reason)["absent"])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_branch_keeps_what_came_later_and_every_state_is_clean(path: Path) -> None:
    program = Program.from_file(path)
    sequence = sample_path(program, seed=2)
    step = max(1, 2 * sequence.n_edits // 3)
    line = lines_at(sequence, step)[-1]

    branched = branch(sequence, step, line, linter=PYFLAKES, rng=random.Random(0))

    assert verify_sequence(branched, linter=PYFLAKES).problems == ()
    states, before = list(branched.states()), list(sequence.states())
    assert states[-1] == program.text
    later = sequence.n_edits - step
    assert states[len(states) - 1 - later :] == before[step:]
    gone = closure(program, line, present=lines_at(sequence, step)).lines
    edit = branched.birth_steps[line]
    assert [i for i, birth in enumerate(branched.birth_steps) if birth == edit] == list(gone)
    assert (branched.seed, branched.path_index) == (None, None)


def test_the_same_stream_gives_the_same_branch() -> None:
    sequence = sample_path(Program.from_file(EXAMPLES[0]), seed=0)

    one, other = (
        branch(sequence, 3, lines_at(sequence, 3)[0], linter=PYFLAKES, rng=random.Random(5))
        for _ in range(2)
    )

    assert one == other


def test_a_line_that_is_not_there_cannot_go() -> None:
    sequence = sample_path(Program.from_text("a = 1\nb = 2\n"), seed=0)
    absent = sequence.birth_steps.index(1)

    with pytest.raises(LintSeqError) as caught:
        branch(sequence, 1, absent, linter=PYFLAKES, rng=random.Random(0))

    assert str(caught.value) == (
        f"line {absent + 1} is not in the state after edit 1: choose a line it shows"
    )


@pytest.mark.parametrize("step", [0, -1, 3])
def test_a_state_that_is_not_there_has_no_branch(step: int) -> None:
    sequence = sample_path(Program.from_text("a = 1\nb = 2\n"), seed=0)

    with pytest.raises(LintSeqError, match=f"step {step}: the sequence has states 1 to 2"):
        branch(sequence, step, 0, linter=PYFLAKES, rng=random.Random(0))
