"""RandSeq: sizes and lines of its chunks are as random as the paper's ablation has them."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from lintseq_core import EditSequence, Program, sample_randseq
from lintseq_core.edits.reasons import Drawn

N_SEQUENCES = 4_000


def program_of(n_lines: int) -> Program:
    """`n_lines` lines; where there is room, a comment and a blank line among them."""
    texts = [f"x{index} = {index}" for index in range(n_lines)]
    if n_lines > 3:
        texts[1], texts[2] = "# note", ""
    return Program.from_text("\n".join(texts))


def sequences(n_lines: int, seed: int) -> list[EditSequence]:
    rng = random.Random(seed)
    program = program_of(n_lines)
    return [sample_randseq(program, rng=rng) for _ in range(N_SEQUENCES)]


class Uniforms:
    """An rng that gives what it is told to, once."""

    def __init__(self, *values: float) -> None:
        self.values = list(values)

    def random(self) -> float:
        return self.values.pop(0)


# number of lines, uniforms in the order they are used -> birth step of each line
CHUNKS = [
    (1, [0.9], (0,)),
    # two lines: a chunk of 1 is certain, then the last line alone
    (2, [0.9, 0.0, 0.0], (1, 0)),
    (2, [0.9, 0.6, 0.0], (0, 1)),
    # four lines: size 1 + floor(0.7 * 3) = 3; lines 3, then 0 .. by Fisher-Yates, then the rest
    (4, [0.7, 0.9, 0.0, 0.0, 0.0], (0, 1, 1, 1)),
    # size 1 + floor(0.4 * 3) = 2: lines 1 and 0; then size 1: line 3; then line 2
    (4, [0.4, 0.3, 0.0, 0.0, 0.5, 0.0], (2, 2, 0, 1)),
]


@pytest.mark.parametrize(("n_lines", "uniforms", "births"), CHUNKS)
def test_one_uniform_for_the_size_and_one_for_each_line(
    n_lines: int, uniforms: list[float], births: tuple[int, ...]
) -> None:
    program = program_of(n_lines)
    rng = Uniforms(*uniforms)
    made = sample_randseq(program, rng=rng)
    assert rng.values == []
    assert (made.birth_steps, made.reasons, made.method) == (
        births,
        (Drawn(),) * n_lines,
        "randseq",
    )
    assert (made.linter_name, made.linter_version, made.indent_bias) == ("none", "0", None)


@pytest.mark.parametrize(("n_lines", "expected"), [(5, 3.08), (10, 3.83), (14, 4.18), (20, 4.55)])
def test_the_mean_number_of_edits_is_one_and_a_harmonic_number(
    n_lines: int, expected: float
) -> None:
    exact = 1 + sum(1 / k for k in range(1, n_lines))  # paper.md 2: 1 + H_(n-1)
    assert exact == pytest.approx(expected, abs=0.005)
    mean = sum(made.n_edits for made in sequences(n_lines, 0)) / N_SEQUENCES
    assert mean == pytest.approx(exact, abs=0.08)  # its standard error is below 0.02


@pytest.mark.parametrize("n_lines", [2, 3, 7])
def test_the_first_chunk_deleted_has_1_to_all_but_one_line_each_equally_likely(
    n_lines: int,
) -> None:
    sizes = Counter(made.birth_steps.count(made.n_edits - 1) for made in sequences(n_lines, 1))
    assert sorted(sizes) == list(range(1, n_lines))
    share = N_SEQUENCES / (n_lines - 1)
    assert sum((count - share) ** 2 / share for count in sizes.values()) < 15.09  # 99 %, 5 d.o.f.


def test_every_line_is_as_likely_to_go_first() -> None:
    n_lines = 7
    first = Counter(
        line
        for made in sequences(n_lines, 2)
        if made.birth_steps.count(made.n_edits - 1) == 1
        for line, birth in enumerate(made.birth_steps)
        if birth == made.n_edits - 1
    )
    share = first.total() / n_lines
    assert share > 80
    assert sum((first[line] - share) ** 2 / share for line in range(n_lines)) < 16.81  # 6 d.o.f.


@pytest.mark.parametrize("n_lines", [1, 2, 5, 40])
def test_every_edit_inserts_lines_and_every_line_is_inserted_once(n_lines: int) -> None:
    program = program_of(n_lines)
    for made in (sample_randseq(program, rng=random.Random(seed)) for seed in range(50)):
        assert sorted(set(made.birth_steps)) == list(range(made.n_edits))
        inserted = [line for edit in made.hunks() for hunk in edit for line in hunk.lines]
        assert Counter(inserted) == Counter(program.lines)
        assert list(made.states())[-1] == program.text


def test_the_same_stream_gives_the_same_sequence() -> None:
    program = program_of(30)
    made = [sample_randseq(program, rng=random.Random(seed)) for seed in (5, 5, 6)]
    assert made[0] == made[1]
    assert made[0] != made[2]
