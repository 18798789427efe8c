"""pass@k: the chance that at least one of k programs, drawn from n, passes (arXiv 2107.03374)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lintseq_core.metrics.errors import MetricError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PassAtK:
    """pass@k of one run, over its problems."""

    k: int
    mean: float
    """Over the problems with at least k samples; NaN if there are none."""
    n_problems: int
    """Problems that count towards the mean."""
    n_too_few: int
    """Problems left out because they have fewer than k samples."""


def pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> Floats:
    """1 - C(n - c, k) / C(n, k): unbiased for k draws without replacement; NaN where n < k.

    `n` samples of which `c` pass; the three broadcast against each other. Exact to about 1e-12 for
    n up to 10,000.

    >>> pass_at_k(4, 1, [1, 2, 4, 5]).round(3).tolist()
    [0.25, 0.5, 1.0, nan]
    """
    return of_counts(n, c, k, lambda n, k, c_most: 1.0 - none_of(n, k, c_most))


def of_counts(
    n: ArrayLike, c: ArrayLike, k: ArrayLike, table: Callable[[int, int, int], Floats]
) -> Floats:
    """`table(n, k, c_most)[c]` for each n, c and k, which broadcast; NaN where n < k.

    `table` gives the values for c = 0 .. `c_most`; it is asked once for each n and k that differ.
    MetricError for counts that mean nothing.
    """
    totals, passed, draws = _checked(n, c, k)
    shape = np.broadcast_shapes(totals.shape, passed.shape, draws.shape)
    every = np.broadcast_to(totals, shape).ravel()
    right = np.broadcast_to(passed, shape).ravel()
    drawn = np.broadcast_to(draws, shape).ravel()
    values = np.full(every.size, np.nan)
    pairs, which = np.unique(np.stack([every, drawn]), axis=1, return_inverse=True)
    which = which.ravel()
    for index, (total, draw) in enumerate(pairs.T.tolist()):
        if draw <= total:
            group = which == index
            values[group] = table(total, draw, int(right[group].max()))[right[group]]
    return values.reshape(shape)


def mean_pass_at_k(
    n: ArrayLike, c: ArrayLike, ks: Sequence[int] = (1, 10, 100)
) -> tuple[PassAtK, ...]:
    """pass@k averaged over problems, for each of `ks`; problems with n < k are counted, not used.

    >>> [round(result.mean, 3) for result in mean_pass_at_k([4, 4], [1, 0], ks=(1, 4))]
    [0.125, 0.5]
    """
    totals = np.atleast_1d(_whole(n, "n"))
    passed = np.atleast_1d(_whole(c, "c"))
    results = []
    for k in ks:
        values = pass_at_k(totals, passed, k)
        counted = values[~np.isnan(values)]
        mean = float(counted.mean()) if counted.size else float("nan")
        results.append(PassAtK(int(k), mean, int(counted.size), int(values.size - counted.size)))
    return tuple(results)


def none_of(n: int, k: int, c_most: int) -> Floats:
    """C(n - c, k) / C(n, k) for c = 0 .. `c_most`: the chance that k of n hold none of c.

    Each is the one before times 1 - k / (n - c + 1). Products, not logarithms of factorials: those
    lose 1e-12 by n = 10,000.
    """
    factors = 1.0 - k / np.arange(n, n - c_most, -1, dtype=np.float64)
    return np.cumprod(np.concatenate([[1.0], np.maximum(factors, 0.0)]))


def _checked(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> tuple[Ints, Ints, Ints]:
    totals, passed, draws = _whole(n, "n"), _whole(c, "c"), _whole(k, "k")
    try:
        np.broadcast_shapes(totals.shape, passed.shape, draws.shape)
    except ValueError:
        shapes = f"n {totals.shape}, c {passed.shape}, k {draws.shape}"
        raise MetricError(f"pass@k: shapes do not fit: {shapes}") from None
    if draws.size and draws.min() < 1:
        raise MetricError(f"pass@k: k = {draws.min()}; k is at least 1")
    if totals.size and totals.min() < 0:
        raise MetricError(f"pass@k: n = {totals.min()} samples; n is at least 0")
    wrong = (passed < 0) | (passed > totals)
    if wrong.any():
        place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        some_c = np.broadcast_to(passed, wrong.shape)[place]
        some_n = np.broadcast_to(totals, wrong.shape)[place]
        raise MetricError(f"pass@k: c = {some_c} of n = {some_n} samples pass; c is 0 to n")
    return totals, passed, draws


def _whole(values: ArrayLike, what: str) -> Ints:
    array = np.asarray(values)
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind == "f" and bool((array == np.floor(array)).all()):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iub" or array.dtype == np.bool_:
        raise MetricError(f"pass@k: {what} = {values!r:.60}: whole numbers are expected")
    return array.astype(np.int64)
