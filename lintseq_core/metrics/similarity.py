"""How alike the programs of one problem are, pair by pair, and which of them count as the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lintseq_core.metrics.code_bleu import symmetric_code_bleu
from lintseq_core.metrics.edit_distance import edit_distances
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.normal_form import normal_text, tree_key
from lintseq_core.metrics.subtrees import subtree_similarity
from lintseq_core.metrics.vendi import token_similarities

Similarity = Literal["text", "tokens", "tree", "code_bleu", "tests"]
Sameness = Literal["text", "tree", "tests"]
Outcomes = Sequence[Sequence[Hashable]]
Matrix = NDArray[np.float64]


def similarity_matrix(
    programs: Sequence[str], measure: Similarity, outcomes: Outcomes | None = None
) -> Matrix:
    """A row and column for each program, 1 for the same, 0 for nothing in common; symmetric.

    NaN where a program does not parse and the measure needs its tree. "text" is 1 less the edit
    distance, "tests" the share of tests with the same outcome, which `outcomes` has to give.

    >>> similarity_matrix(["x = 1", "x = 12"], "text").round(3).tolist()
    [[1.0, 0.857], [0.857, 1.0]]
    >>> similarity_matrix(["a", "b"], "tests", [("1", "0"), ("1", "1")]).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    if measure == "text":
        return 1.0 - edit_distances(programs)
    if measure == "tokens":
        return token_similarities(programs)
    if measure == "tests":
        return _same_outcomes(_checked(programs, outcomes))
    return _pairwise(programs, subtree_similarity if measure == "tree" else symmetric_code_bleu)


def group_numbers(
    programs: Sequence[str], by: Sameness, outcomes: Outcomes | None = None
) -> tuple[int, ...]:
    """The group of each program: 0 is the largest, ties in the order of the programs.

    Together are programs of the same normal text, of the same tree with names numbered (those that
    do not parse: of the same text), or with the same outcome of every test.

    >>> group_numbers(["y = 2", "x = 1", "x = 1  "], "text")
    (1, 0, 0)
    """
    keys: list[Hashable]
    if by == "tests":
        keys = [tuple(verdicts) for verdicts in _checked(programs, outcomes)]
    else:
        keys = [normal_text(program) for program in programs]
        if by == "tree":
            keys = [tree_key(str(text)) or ("text", text) for text in keys]
    counts = Counter(keys)
    ranked = sorted(counts, key=lambda key: -counts[key])  # stable: first come, first numbered
    number = {key: at for at, key in enumerate(ranked)}
    return tuple(number[key] for key in keys)


def _pairwise(programs: Sequence[str], similarity: Callable[[str, str], float]) -> Matrix:
    kinds = list(dict.fromkeys(programs))
    between = np.ones((len(kinds), len(kinds)))
    for row, text in enumerate(kinds):
        for column in range(row + 1):
            between[row, column] = between[column, row] = similarity(text, kinds[column])
    which = {text: at for at, text in enumerate(kinds)}
    rows = [which[program] for program in programs]
    return between[np.ix_(rows, rows)]


def _same_outcomes(outcomes: Outcomes) -> Matrix:
    matrix = np.ones((len(outcomes), len(outcomes)))
    for row, verdicts in enumerate(outcomes):
        for column in range(row):
            pairs = zip(verdicts, outcomes[column], strict=True)
            share = sum(a == b for a, b in pairs) / len(verdicts)
            matrix[row, column] = matrix[column, row] = share
    return matrix


def _checked(programs: Sequence[str], outcomes: Outcomes | None) -> Outcomes:
    if outcomes is None or len(outcomes) != len(programs):
        n = 0 if outcomes is None else len(outcomes)
        raise MetricError(f"behaviour: outcomes of {n} programs for {len(programs)}")
    if len({len(verdicts) for verdicts in outcomes}) > 1 or (outcomes and not outcomes[0]):
        raise MetricError("behaviour: each program needs the outcome of every test")
    return outcomes
