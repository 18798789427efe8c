"""`compat="upstream"` with pylint deletes exactly the lines the authors' package deletes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from lintseq_core import EditSequence, Program, SamplingConfig, get_linter, sample_lintseq
from tests.property.real_code import humaneval_programs

N_PROGRAMS = 40
SEED = 7

LOST_BY_THE_AUTHORS: dict[str, str] = {}
"""Programs of the sample on which the authors' code stops, each with the reason."""


def authors_deletions(text: str, seed: int) -> list[set[int]]:
    """The line sets that `pylintseq` deletes, first to last, as its production call does."""
    with warnings.catch_warnings():  # importing it silences all warnings of the process
        utils = pytest.importorskip("pylintseq.utils", reason="needs the dev extra")
    np.random.seed(seed)
    population = utils.lintseq_backward_sampling_pythonic(
        text,
        children_per_round=1,
        top_k=1,
        max_population_size=1,
        max_depth=512,
        indent_bias_sampling_factor=1,
    )
    gone: set[int] = set()
    deletions = []
    for edit in population[0][0]:
        deletions.append(set(edit) - gone)  # children deleted earlier are listed again
        gone |= set(edit)
    return deletions


def our_deletions(sequence: EditSequence) -> list[set[int]]:
    """The same, from birth steps: the last edit is the first deletion; leftovers are none."""
    deletions = []
    for edit in reversed(range(sequence.n_edits)):
        lines = {i for i, birth in enumerate(sequence.birth_steps) if birth == edit}
        if any(sequence.reasons[line].kind != "leftover" for line in lines):
            deletions.append(lines)
    return deletions


def test_deleted_line_sets_equal_those_of_pylintseq() -> None:
    pytest.importorskip("pylint", reason="needs the extra pylint")
    linter = get_linter("pylint", compat="upstream")
    programs = humaneval_programs()[:: 164 // N_PROGRAMS][:N_PROGRAMS]
    assert len(programs) == N_PROGRAMS
    lost = {}
    for name, program in programs:
        text = program.text.removesuffix("\n")  # their responses are stripped
        try:
            expected = authors_deletions(text, SEED)
        except Exception as error:
            lost[name] = f"{type(error).__name__}: {error}"
            continue
        sequence = sample_lintseq(
            Program(program.text),
            linter=linter,
            rng=np.random.RandomState(SEED),
            config=SamplingConfig(compat="upstream"),
        )
        assert our_deletions(sequence) == expected, name
    assert lost == LOST_BY_THE_AUTHORS
