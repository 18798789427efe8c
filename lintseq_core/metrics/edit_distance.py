"""How far programs are apart in text: Levenshtein distance over the longer one's length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.normal_form import normal_text


def edit_distances(programs: Iterable[str]) -> NDArray[np.float64]:
    """A row and column for each program: 0 for the same normal text, 1 for nothing in common.

    Characters inserted, deleted or replaced to turn one into the other, divided by the number of
    characters of the longer one. Needs rapidfuzz, of the extra `eval`.

    >>> edit_distances(["x = 1", "x = 12", "x = 1"]).round(3).tolist()
    [[0.0, 0.143, 0.0], [0.143, 0.0, 0.143], [0.0, 0.143, 0.0]]
    """
    texts = [normal_text(program) for program in programs]
    kinds = list(dict.fromkeys(texts))
    which = {text: index for index, text in enumerate(kinds)}
    rows = np.array([which[text] for text in texts], dtype=np.int64)
    return _between(kinds)[np.ix_(rows, rows)]


def mean_edit_distance(programs: Iterable[str]) -> float:
    """The mean of `edit_distances` over all pairs of programs; NaN for fewer than two.

    >>> round(mean_edit_distance(["x = 1", "x = 12", "x = 1"]), 3)
    0.095
    """
    counts = Counter(normal_text(program) for program in programs)
    n = sum(counts.values())
    if n < 2:
        return float("nan")
    weights = np.array(list(counts.values()), dtype=np.float64)
    return float(weights @ _between(list(counts)) @ weights) / (n * (n - 1))


def _between(texts: list[str]) -> NDArray[np.float64]:
    try:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist
    except ImportError:
        raise MetricError(
            'edit distance needs rapidfuzz: pip install "lintseq-core[eval]"'
        ) from None
    if not texts:
        return np.zeros((0, 0))
    # The same list twice: rapidfuzz then works out each pair once.
    distances = cdist(texts, texts, scorer=Levenshtein.normalized_distance, dtype=np.float64)
    return np.asarray(distances, dtype=np.float64)
