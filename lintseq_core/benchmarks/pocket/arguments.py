"""Arguments for the functions of tasks: drawn ones, and those at the edges."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from lintseq_core.benchmarks.pocket.parts import Source, View

Arguments = tuple[Any, ...]
WORDS = (
    "tea", "apple", "level", "Anna", "seen", "onion", "river", "Oslo", "noon", "see", "er", "a",
    "tree", "paper", "Ivan", "stone", "oars", "banana", "kayak", "Ben", "sun", "rust", "eagle",
    "moon", "letters", "up", "Éva", "naïve", "crème", "open", "ten", "notes", "error", "lemon",
    "otto", "Sam", "ozone", "erase", "civic", "iris", "map", "Uma", "queen", "s", "door", "rye",
)  # fmt: skip
NAMES = ("ana", "ben", "eva", "otto", "iris", "max", "leonard", "zoe", "peter", "ed")
_PUNCTUATION = ("!", "?", ",", "3", "-")


def draw(
    source: Source,
    view: View,
    rng: random.Random,
    n_least: int = 0,
    near: Sequence[int] = (),
) -> Arguments:
    """Arguments that the task's words allow, with `n_least` values or more.

    One number in eight is at most 1 off one of `near`, if there are any.
    """
    n = rng.randint(n_least, 8)
    if source.name == "numbers":
        return (_numbers(rng, n, near),)
    if source.name == "words":
        return (_words(rng, n),)
    if source.name == "text":
        return (_text(view, rng, n),)
    if source.name == "stock":
        names = rng.sample(WORDS if view.name == "names" else NAMES, n)
        return (dict(zip(names, _numbers(rng, n, near), strict=True)),)
    if source.name == "pairs":
        amounts = _numbers(rng, n, near)
        return ([(rng.choice(NAMES[:6]), amount) for amount in amounts],)
    if source.name == "grid":
        return (_grid(view, rng, n_least, near),)
    return _numbers(rng, n, near), _numbers(rng, n, near)


def edges(source: Source, view: View) -> list[Arguments]:
    """Arguments without values, with one, with equal ones, with negative or unusual ones."""
    if source.name == "numbers":
        return [([],), ([7],), ([4, 4, 4],), ([-3, -12, 0, -3, -1],)]
    if source.name == "words":
        return [([],), (["noon"],), (["tea", "tea", "tea"],), (["Éva", "naïve", "crème", "ß"],)]
    if source.name == "text":
        if view.name == "lines":
            return [("",), ("tea pot",), ("one two\none two\n",), ("Éva\nnaïve dès\ncrème",)]
        return [("",), ("a",), ("see see see",), ("Éva, naïve  crème",)]
    if source.name == "stock":
        return [({},), ({"eva": 3},), ({"ana": 2, "ben": 2},), ({"otto": -4, "zoé": 0, "ed": 11},)]
    if source.name == "pairs":
        return [([],), ([("eva", 3)],), ([("ana", 2), ("ana", 2)],),
                ([("zoé", -4), ("otto", 0), ("zoé", 11)],)]  # fmt: skip
    if source.name == "grid":
        some: list[Arguments] = [([[5]],), ([[2, 2], [2, 2]],), ([[-3, 4], [-12, 0]],)]
        return some if view.name == "border" else [([],), *some]
    return [([], []), ([3], [5]), ([4, 4], [4, 4]), ([-3, 0, -7], [2, -8, -7])]


def _numbers(rng: random.Random, n: int, near: Sequence[int]) -> list[int]:
    """Small numbers, some twice, seldom a large one."""
    values: list[int] = []
    while len(values) < n:
        kind = rng.random()
        if near and kind > 0.875:
            values.append(rng.choice(near) + rng.randint(-1, 1))
        elif kind < 0.2 and values:
            values.append(rng.choice(values))
        elif kind < 0.3:
            values.append(rng.randint(10, 40))
        elif kind < 0.34:
            values.append(rng.randint(41, 130))
        else:
            values.append(rng.randint(-9, 12))
    return values


def _words(rng: random.Random, n: int) -> list[str]:
    values: list[str] = []
    while len(values) < n:
        values.append(rng.choice(values if values and rng.random() < 0.2 else WORDS))
    return values


def _text(view: View, rng: random.Random, n: int) -> str:
    words = _words(rng, n)
    if view.name == "lines":
        return "\n".join(" ".join(_words(rng, rng.randint(1, 2))) for _ in range(n))
    if view.name == "letters":
        words = [w + rng.choice(_PUNCTUATION) if rng.random() < 0.3 else w for w in words[:4]]
        words = [w + w[-1] if rng.random() < 0.2 else w for w in words]
    return " ".join(words)


def _grid(view: View, rng: random.Random, n_least: int, near: Sequence[int]) -> list[list[int]]:
    """Rows of equal length, none empty; square for the diagonal."""
    n_rows = rng.randint(max(1, n_least), 5)
    n_columns = n_rows if view.name == "diagonal" else rng.randint(1, 4)
    if view.name == "border":
        n_rows, n_columns = rng.randint(1, 3), rng.randint(max(1, n_least // 2), 5)
    grid = [_numbers(rng, n_columns, near) for _ in range(n_rows)]
    if rng.random() < 0.2:
        grid[-1] = list(grid[0])
    if rng.random() < 0.3:
        grid[0] = sorted(grid[0])
    return grid
