"""Vendi score (arXiv 2210.02410): how many different programs some programs amount to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lintseq_core.metrics.normal_form import normal_text

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ORDERS = (1, 2, 3)


def program_vendi_score(programs: Iterable[str]) -> float:
    """exp of the entropy of the eigenvalues of K / n: 1 if all are alike, n if none are.

    K: the cosines of their counts of 1 to 3 tokens in a row. NaN for no program.

    >>> round(program_vendi_score(["x = 1", "x = 1", "print(y)"]), 3)  # two kinds, 2 : 1
    1.89
    """
    counts = Counter(normal_text(program) for program in programs)
    n = sum(counts.values())
    if n == 0:
        return float("nan")
    features = _features(list(counts))
    # Programs that are the same make one row, weighed: the eigenvalues other than 0 stay.
    weights = np.sqrt(np.array(list(counts.values()), dtype=np.float64) / n)
    rows = features * weights[:, None]
    return _effective(rows @ rows.T)


def token_similarities(programs: Iterable[str]) -> NDArray[np.float64]:
    """The cosines behind `program_vendi_score`, a row and column for each program.

    >>> token_similarities(["x = 1", "x = 1", "print(y)"]).round(3).tolist()[0]
    [1.0, 1.0, 0.0]
    """
    texts = [normal_text(program) for program in programs]
    if not texts:
        return np.zeros((0, 0))
    features = _features(texts)
    return np.asarray(np.clip(features @ features.T, 0.0, 1.0), dtype=np.float64)


def _effective(kernel: NDArray[np.float64]) -> float:
    eigenvalues = np.linalg.eigvalsh(kernel)
    positive = eigenvalues[eigenvalues > 1e-12]
    return float(np.exp(-(positive * np.log(positive)).sum()))


def _features(texts: list[str]) -> NDArray[np.float64]:
    """A row of length 1 for each text: its counts of n-grams; the empty text has one of its own."""
    columns: dict[tuple[str, ...], int] = {}
    entries = []
    for row, text in enumerate(texts):
        tokens = _TOKEN.findall(text)
        grams = Counter(
            gram
            for order in _ORDERS
            for gram in zip(*(tokens[start:] for start in range(order)), strict=False)
        )
        for gram, count in (grams or Counter({(): 1})).items():
            entries.append((row, columns.setdefault(gram, len(columns)), count))
    features = np.zeros((len(texts), len(columns)))
    if entries:
        rows, places, counts = zip(*entries, strict=True)
        features[list(rows), list(places)] = counts
    lengths = np.sqrt((features**2).sum(axis=1, keepdims=True))
    return np.asarray(features / lengths, dtype=np.float64)
