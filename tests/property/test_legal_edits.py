"""What may come next: what LintSeq draws is in it, and all that is in it LintSeq can draw."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core import (
    EditSequence,
    LintSeqError,
    Program,
    SamplingConfig,
    closure,
    get_linter,
    sample_lintseq,
    sample_path,
    sample_paths,
    sample_randseq,
)
from lintseq_core.edits.draws import candidate_lines, line_weights
from lintseq_core.edits.legal import LegalEdit, legal_edits
from tests.conftest import PROJECT
from tests.property.generated_programs import program_texts

SHORT_WALK = 1_500
REPLAYED = 25
TINY = {
    "two binders": "x = 1\nx = 2\nprint(x)\n",
    "a body": "def f(a):\n    b = a\n    return b\n\n\nf(1)\n",
    "two levels": "a = 1\nfor i in range(2):\n    if i:\n        print(i)\n    b = i\n",
    "comments": "# first\na = 1\n# between\nb = a\nprint(b)\n",
    "clauses": "n = 3\nif n:\n    print(n)\nelse:\n    n = 1\n",
    "a constant of several lines": "ITEMS = [\n    1,\n    2,\n]\nprint(ITEMS)\n",
    "a name that a line deletes": "a = 1\nprint(a)\ndel a\n",
    "a handler": "try:\n    a = 1\nexcept ValueError:\n    a = 2\nprint(a)\n",
}


class Scripted:
    """Uniforms that make LintSeq draw given lines, then any."""

    def __init__(self, program: Program, draws: Sequence[int], indent_bias: int | None) -> None:
        weights = line_weights(program, indent_bias)
        candidates, self.uniforms = candidate_lines(program), []
        present = set(range(len(program.lines)))
        for drawn in draws:
            left = [line for line in candidates if line in present]
            before = sum(weights[line] for line in left if line < drawn)
            total = sum(weights[line] for line in left)
            self.uniforms.append((before + weights[drawn] / 2) / total)
            present -= set(closure(program, drawn, present=present).lines)
        self._then = random.Random(0)

    def random(self) -> float:
        return self.uniforms.pop(0) if self.uniforms else self._then.random()


def edit_at(sequence: EditSequence, step: int) -> tuple[int, ...]:
    return tuple(i for i, birth in enumerate(sequence.birth_steps) if birth == step)


def state_at(sequence: EditSequence, step: int) -> tuple[int, ...]:
    return tuple(i for i, birth in enumerate(sequence.birth_steps) if birth < step)


def assert_lintseq_draws(
    program: Program, present: tuple[int, ...], edit: LegalEdit, indent_bias: int | None
) -> None:
    """By construction: `edit.draws` make LintSeq put the edit behind the state."""
    made = sample_lintseq(
        program,
        rng=Scripted(program, edit.draws, indent_bias),
        config=SamplingConfig(indent_bias=indent_bias),
    )
    step = made.n_edits - len(edit.draws) if present else 0
    assert (state_at(made, step), edit_at(made, step)) == (present, edit.lines)
    assert edit.probability > 0


@given(text=program_texts, seed=st.integers(0, 2**53 - 1), indent_bias=st.sampled_from([1, None]))
def test_what_is_drawn_is_legal_and_what_is_legal_can_be_drawn(
    text: str, seed: int, indent_bias: int | None
) -> None:
    program = Program.from_text(text)
    sequence = sample_path(program, seed=seed, config=SamplingConfig(indent_bias=indent_bias))

    found = legal_edits(sequence, max_closures=SHORT_WALK)

    assert sorted(found) == list(range(min(found), sequence.n_edits))  # late steps are short walks
    for step, edits in found.items():
        assert edit_at(sequence, step) in {edit.lines for edit in edits}
        assert len({edit.lines for edit in edits}) == len(edits)
        assert sum(edit.probability for edit in edits) == pytest.approx(1)
        for edit in edits[:: 1 + len(edits) // REPLAYED]:
            assert_lintseq_draws(program, state_at(sequence, step), edit, indent_bias)


def all_sequences(
    program: Program, indent_bias: int | None
) -> Iterator[tuple[list[tuple[int, ...]], float]]:
    """Every way LintSeq can delete the program, with its probability; by the reference engine."""
    weights, candidates = line_weights(program, indent_bias), candidate_lines(program)

    def go(state: frozenset[int], so_far: list[tuple[int, ...]], probability: float):  # type: ignore[no-untyped-def]
        left = [line for line in candidates if line in state]
        if not left:
            yield [*so_far, tuple(sorted(state))] if state else so_far, probability
            return
        total = sum(weights[line] for line in left)
        for line in left:
            gone = closure(program, line, present=state, engine="reference").lines
            chance = probability * weights[line] / total
            yield from go(state - set(gone), [*so_far, gone], chance)

    yield from go(frozenset(range(len(program.lines))), [], 1.0)


@pytest.mark.parametrize("indent_bias", [1, None], ids=["weighted", "uniform"])
@pytest.mark.parametrize("name", TINY)
def test_they_are_those_of_all_sequences_there_are(name: str, indent_bias: int | None) -> None:
    program = Program.from_text(TINY[name])
    after: dict[tuple[int, ...], Counter[tuple[int, ...]]] = defaultdict(Counter)
    for deletions, probability in all_sequences(program, indent_bias):
        state: tuple[int, ...] = ()
        for edit in reversed(deletions):
            after[state][edit] += probability
            state = tuple(sorted({*state, *edit}))

    seen = set()
    for path in range(12):
        config = SamplingConfig(indent_bias=indent_bias)
        sequence = sample_path(program, seed=0, path_index=path, config=config)
        for step, edits in legal_edits(sequence).items():
            state = state_at(sequence, step)
            total = sum(after[state].values())
            expected = {edit: chance / total for edit, chance in after[state].items()}
            assert {edit.lines: edit.probability for edit in edits} == pytest.approx(expected)
            seen.add(state)
    assert () in seen


def test_the_shares_are_those_of_many_samples() -> None:
    program = Program.from_file(PROJECT / "assets" / "programs" / "matrix_sum.py")
    after: dict[tuple[int, ...], Counter[tuple[int, ...]]] = defaultdict(Counter)
    example = sample_path(program, seed=0)
    for sequence in sample_paths(program, seed=1, n_paths=4_000):
        for step in range(sequence.n_edits):
            after[state_at(sequence, step)][edit_at(sequence, step)] += 1

    for step, edits in legal_edits(example).items():
        counts = after[state_at(example, step)]
        n = counts.total()
        assert set(counts) <= {edit.lines for edit in edits}
        for edit in edits:
            error = (edit.probability * (1 - edit.probability) / n) ** 0.5
            assert abs(counts[edit.lines] / n - edit.probability) <= 4 * error + 1e-9, (step, edit)


@pytest.mark.parametrize(
    ("linter", "first"),
    [
        ("pyflakes", {(0, 1), (0, 1, 2)}),
        ("syntax", {(0, 1), (0, 2), (0, 1, 2)}),  # `return b` alone parses
    ],
    ids=["pyflakes", "syntax"],
)
def test_the_linter_of_the_sequence_is_asked(linter: str, first: set[tuple[int, ...]]) -> None:
    program = Program.from_text("def f(a):\n    b = a\n    return b\n")
    sequence = sample_path(program, seed=0, linter=get_linter(linter))

    assert {edit.lines for edit in legal_edits(sequence, steps=[0])[0]} == first


def test_the_first_steps_of_a_long_program_are_left_out() -> None:
    program = Program.from_text("".join(f"a{n} = {n}\n" for n in range(40)))
    sequence = sample_path(program, seed=0)

    found = legal_edits(sequence, max_closures=2_000)

    assert max(found) == 39 and min(found) > 25
    assert [len(found[step]) for step in (39, 38, 37)] == [1, 2, 3]


def test_other_sequences_are_refused_in_words() -> None:
    program = Program.from_text("a = 1\nprint(a)\n")
    with pytest.raises(LintSeqError, match="a RandSeq sequence may go on with any lines"):
        legal_edits(sample_randseq(program, rng=random.Random(0)))
    upstream = sample_path(program, seed=0, config=SamplingConfig(compat="upstream"))
    with pytest.raises(LintSeqError, match="compat='upstream': sample it without"):
        legal_edits(upstream)
    sequence = sample_path(program, seed=0)
    with pytest.raises(LintSeqError, match="step 9: an edit follows the steps 0 to"):
        legal_edits(sequence, steps=[9])
    record = sequence.to_record() | {"birth_steps": [1, 0]}  # the use before what it uses
    with pytest.raises(LintSeqError, match="edit 2 is none that LintSeq with pyflakes draws here"):
        legal_edits(EditSequence.from_json(record))
