"""What rows can be told apart by: words, numbers in bins, and features of their programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lintseq_core.results.samples.features import BITS, STATE_WORDS
from lintseq_core.results.samples.store import EVERYTHING, Selection, Store

MOST_BINS = 12
MAX_NUMBER = 10**12
_RANGE = re.compile(r"([0-9]{1,12})-([0-9]{1,12})?")
TITLES = {
    "result": "Result",
    "verdict": "Verdict",
    "tests": "Decided by",
    "contains": "The program contains",
    "state": "Parsing",
    "lines": "Lines",
    "edits": "Edits",
    "largest": "Lines of the largest edit",
    "tokens": "Tokens",
    "characters": "Characters",
    "faults": "Faults of the edit text",
    "copy": "Copies",
    "method": "Method",
    "model": "Model",
    "temperature": "Temperature",
    "flags": "Flags",
    "task": "Problem",
}
NUMBERS = {
    "lines": "n_lines", "edits": "n_edits", "largest": "largest_edit", "tokens": "n_tokens",
    "characters": "n_characters", "faults": "n_faults",
}  # fmt: skip
"""The column behind each facet of numbers."""
RESULTS = ("passed", "not passed", "not decided")
COPIES = ("first with its text", "copy of an earlier one")
NO_WORD = "(none)"
OTHER_TESTS = "other tests"


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to tell rows apart."""

    name: str
    kind: Literal["words", "number", "features"]
    keys: tuple[str, ...]
    """What a choice is written as: a word, a range as "10-19", a feature."""
    labels: tuple[str, ...]
    column: str
    """Of the store; for words and numbers, SQL that has one of `values`."""
    values: tuple[Any, ...]
    """What `column` is for each key; of features, the bit."""
    tests: str = ""
    """Of what is decided by tests of EvalPlus: by which."""

    @property
    def title(self) -> str:
        """What it is called."""
        return ", ".join(filter(None, (TITLES[self.name], self.tests)))

    def counts(self, store: Store, selection: Selection) -> NDArray[np.int64]:
        """How many rows of `selection` each key has."""
        if self.kind == "features":
            counts = [f"count(*) FILTER (({self.column} & {bit}) <> 0)" for bit in self.values]
            found = store.ask(", ".join(["count(*)", *counts]), selection)[0]
            return np.array(found[1:], np.int64)
        by_value = dict(store.ask(f"{self.column}, count(*)", selection, "GROUP BY 1"))
        return np.array([by_value.get(value, 0) for value in self.values], np.int64)

    def choose(self, selection: Selection, keys: Sequence[str]) -> Selection:
        """The rows of `selection` in any of `keys`; of features, those that have all of them."""
        known = dict(zip(self.keys, self.values, strict=True))
        if self.kind == "features":
            wanted = sum(BITS.get(key, 0) for key in set(keys))
            if not all(key in BITS for key in keys):
                return selection.and_also("false")
            return selection.and_also(f"({self.column} & ?) = ?", wanted, wanted)
        if self.kind == "number":
            ranges = [ends for key in keys if (ends := range_of(key)) is not None]
            inside = " OR ".join([f"{NUMBERS[self.name]} BETWEEN ? AND ?"] * len(ranges))
            return selection.and_also(inside or "false", *(end for ends in ranges for end in ends))
        chosen = [known[key] for key in keys if key in known]
        words = [value for value in chosen if value is not None]
        inside = f"{self.column} IN ({', '.join('?' * len(words))})" if words else "false"
        if None in chosen:
            inside += f" OR {self.column} IS NULL"
        return selection.and_also(inside, *words)


def facets_of(store: Store) -> dict[str, Facet]:
    """The facets that tell rows of `store` apart, in the order of TITLES."""
    found = {facet.name: facet for facet in _all_facets(store)}
    return {
        name: found[name]
        for name in TITLES
        if name in found and (len(found[name].keys) > 1 or name == "contains")
    }


def _all_facets(store: Store) -> Iterator[Facet]:
    tests = " or ".join(deciding_tests(store))
    results = zip(RESULTS, (True, False, None), strict=True)
    yield replace(_words(store, "result", "passed", dict(results)), tests=tests)
    for name in ("verdict", "tests", "method", "model", "flags", "task"):
        facet = _words(store, name, name)
        if name == "task" and store.about.kind == "data set":
            facet = replace(facet, labels=tuple(map(source_label, facet.keys)))
        yield replace(facet, tests=tests) if name == "verdict" else facet
    temperatures = store.ask("DISTINCT temperature", EVERYTHING, "ORDER BY 1 NULLS LAST")
    named = {NO_WORD if one is None else f"{one:g}": one for (one,) in temperatures}
    yield _words(store, "temperature", "temperature", named)
    for name, column in NUMBERS.items():
        if name != "tokens" or store.has_structure:
            yield number_facet(name, store.column(column))
    if store.has_structure:
        yield _words(store, "state", "state", {word: int(at) for at, word in STATE_WORDS.items()})
        yield _words(store, "copy", "is_copy", dict(zip(COPIES, (False, True), strict=True)))
        seen = store.one("bit_or(features)") or 0
        keys = tuple(name for name, bit in BITS.items() if bit & seen)
        bits = tuple(BITS[key] for key in keys)
        yield Facet("contains", "features", keys, keys, "features", bits)


def deciding_tests(store: Store, selection: Selection = EVERYTHING) -> tuple[str, ...]:
    """The tests of EvalPlus that decide the decided rows of a selection; () where none is named.

    OTHER_TESTS stands for the rows that name none, where others do.
    """
    found = [
        one for (one,) in store.ask("DISTINCT tests", selection.and_also("passed IS NOT NULL"))
    ]
    named = tuple(sorted(one for one in found if one is not None))
    return (*named, OTHER_TESTS) if named and None in found else named


def source_label(task: str) -> str:
    """How the source of a row is shown; the word itself, as links have it, counts from 0.

    >>> source_label("programs.jsonl#0"), source_label("row#4"), source_label("row 5")
    ('programs.jsonl, source row 1', 'source row 5', 'row 5')
    """
    file, sign, index = task.rpartition("#")
    if not sign or not (index.isascii() and index.isdecimal()):
        return task
    place = f"source row {int(index) + 1}"
    return place if file == "row" else f"{file}, {place}"


def _words(store: Store, name: str, column: str, named: dict[str, Any] | None = None) -> Facet:
    """A facet of the words of a column that rows have, or of those `named`, by value."""
    first = store.ask(f"{column}", EVERYTHING, f'GROUP BY {column} ORDER BY min("index")')
    there = [one for (one,) in first]
    if named is None:
        named = {one: one for one in there if one is not None} | {NO_WORD: None}
    kept = {key: value for key, value in named.items() if value in there}
    keys = tuple(kept)
    return Facet(name, "words", keys, keys, column, tuple(kept.values()))


def number_facet(name: str, values: NDArray[Any]) -> Facet:
    """A facet of whole numbers in bins of one width; the last bin holds what lies beyond."""
    edges = bin_edges(values)
    width = bin_width(edges)
    is_open = bool(edges.size and values.size and values.max() >= edges[-1] + width)
    keys = []
    for at, low in enumerate(edges.tolist()):
        is_last = at == edges.size - 1
        keys.append(f"{low}-{'' if is_last and is_open else low + width - 1}")
    labels = tuple(_range_label(key) for key in keys)
    first = int(edges[0]) if edges.size else 0
    bin_of = f"least(({NUMBERS[name]} - {first}) // {width}, {max(edges.size - 1, 0)})"
    return Facet(name, "number", tuple(keys), labels, bin_of, tuple(range(len(keys))))


def bin_width(edges: NDArray[np.int64]) -> int:
    """The width of bins that begin at `edges`."""
    return int(edges[1] - edges[0]) if edges.size > 1 else 1


def bin_edges(values: NDArray[Any]) -> NDArray[np.int64]:
    """Where at most MOST_BINS bins of one round width begin.

    >>> bin_edges(np.arange(100)).tolist()
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    """
    if not values.size:
        return np.empty(0, np.int64)
    low, most = int(values.min()), int(values.max())
    high = most if most - low < MOST_BINS else int(np.quantile(values, 0.99, method="higher"))
    width = 1
    for width in (digit * 10**power for power in range(12) for digit in (1, 2, 5)):
        first = low // width * width
        if (high - first) // width < MOST_BINS:
            break
    return np.arange(low // width * width, high + 1, width, dtype=np.int64)


def _range_label(key: str) -> str:
    low, _, high = key.partition("-")
    if not high:
        return f"{int(low):,} or more"
    return f"{int(low):,}" if low == high else f"{int(low):,} to {int(high):,}"


def range_of(key: str) -> tuple[int, int] | None:
    """The ends of a range "10-19" or "20-", both within; None for another text."""
    match = _RANGE.fullmatch(key)
    if match is None:
        return None
    low, high = int(match[1]), int(match[2]) if match[2] else MAX_NUMBER
    return (low, high) if low <= high else None
