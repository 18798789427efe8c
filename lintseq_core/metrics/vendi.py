"""Vendi score (arXiv 2210.02410): how many different programs some programs amount to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.normal_form import normal_text

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ORDERS = (1, 2, 3)


def vendi_score(similarities: ArrayLike) -> float:
    """exp of the entropy of the eigenvalues of K / n: 1 if all are alike, n if none are.

    `similarities` is K: symmetric, 1 on the diagonal, without negative eigenvalues (a kernel).
    NaN for an empty one.

    >>> round(vendi_score([[1, 0], [0, 1]]), 3), round(vendi_score([[1, 1], [1, 1]]), 3)
    (2.0, 1.0)
    >>> round(vendi_score([[1, 0.5], [0.5, 1]]), 3)
    1.755
    """
    kernel = np.asarray(similarities, dtype=np.float64)
    if kernel.size == 0:
        return float("nan")
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1]:
        raise MetricError(f"Vendi score: a matrix of shape {kernel.shape}, not square")
    if not np.allclose(kernel, kernel.T) or not np.allclose(np.diag(kernel), 1):
        raise MetricError("Vendi score: similarities are symmetric, and 1 on the diagonal")
    return _effective(kernel / len(kernel))


def program_vendi_score(programs: Iterable[str]) -> float:
    """The Vendi score of `programs` under the cosine of their counts of 1 to 3 tokens in a row.

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
    if eigenvalues.min() < -1e-6:
        raise MetricError(
            f"Vendi score: eigenvalue {eigenvalues.min():.3g} is negative, so this is no kernel"
        )
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
