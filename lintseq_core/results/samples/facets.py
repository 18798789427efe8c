"""What rows can be told apart by: words, numbers in bins, and features of their programs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lintseq_core.results.samples.columns import NOTHING
from lintseq_core.results.samples.features import BITS, STATE_WORDS
from lintseq_core.results.samples.store import Table

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
    "lines": "n_lines", "edits": "n_edits", "largest": "largest_edit", "characters": "n_characters",
    "faults": "n_faults",
}  # fmt: skip
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
    codes: NDArray[Any]
    """For each row the place of its key; for features, its bits."""
    tests: str = ""
    """Of what is decided by tests of EvalPlus: by which."""

    @property
    def title(self) -> str:
        """What it is called."""
        return ", ".join(filter(None, (TITLES[self.name], self.tests)))

    def counts(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the rows in `mask` each key has."""
        chosen = self.codes[mask]
        if self.kind == "features":
            return np.array([int(((chosen & BITS[key]) != 0).sum()) for key in self.keys])
        counts: NDArray[np.int64] = np.bincount(chosen, minlength=len(self.keys))
        return counts


def facets_of(table: Table) -> dict[str, Facet]:
    """The facets that tell rows of `table` apart, in the order of TITLES."""
    found = {facet.name: facet for facet in _all_facets(table)}
    return {
        name: found[name]
        for name in TITLES
        if name in found and (len(found[name].keys) > 1 or name == "contains")
    }


def _all_facets(table: Table) -> Iterable[Facet]:
    numbers = table.numbers
    passed = numbers["passed"]
    tests = " or ".join(deciding_tests(table, np.ones(table.n_rows, bool)))
    result = _named("result", np.select([passed == 1, passed == 0], [0, 1], 2), RESULTS)
    yield replace(result, tests=tests)
    for name in ("verdict", "tests", "method", "model", "flags", "task"):
        words = table.words[name]
        missing = (NO_WORD,) if (words.codes < 0).any() else ()
        codes = np.where(words.codes < 0, len(words.words), words.codes)
        facet = _named(name, codes, (*words.words, *missing))
        if name == "task" and table.about.kind == "data set":
            facet = replace(facet, labels=tuple(map(source_label, facet.keys)))
        yield replace(facet, tests=tests) if name == "verdict" else facet
    temperatures, codes = np.unique(numbers["temperature"], return_inverse=True)
    yield _named("temperature", codes, tuple(_temperature(one) for one in temperatures))
    for name, column in NUMBERS.items():
        yield number_facet(name, numbers[column])
    structure = table.structure
    if structure is not None:
        yield number_facet("tokens", structure.n_tokens)
        yield _named("state", structure.state, tuple(STATE_WORDS.values()))
        yield _named("copy", structure.is_copy.astype(np.int8), COPIES)
        seen = int(np.bitwise_or.reduce(structure.features)) if table.n_rows else 0
        keys = tuple(name for name, bit in BITS.items() if bit & seen)
        yield Facet("contains", "features", keys, keys, structure.features)


def deciding_tests(table: Table, mask: NDArray[np.bool_]) -> tuple[str, ...]:
    """The tests of EvalPlus that decide the decided rows in `mask`; () where rows name none.

    OTHER_TESTS stands for the rows that name none, where others do.
    """
    words = table.words["tests"]
    found = np.unique(words.codes[mask & (table.numbers["passed"] >= 0)]).tolist()
    named = tuple(sorted(words.words[code] for code in found if code >= 0))
    return (*named, OTHER_TESTS) if named and NOTHING in found else named


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


def _temperature(value: float) -> str:
    return NO_WORD if np.isnan(value) else f"{value:g}"


def _named(name: str, codes: NDArray[Any], words: tuple[str, ...]) -> Facet:
    """A facet of those `words` that rows have."""
    counts = np.bincount(codes, minlength=len(words))
    kept = np.flatnonzero(counts)
    places = np.zeros(len(words), np.int32)
    places[kept] = np.arange(kept.size)
    keys = tuple(words[at] for at in kept)
    return Facet(name, "words", keys, keys, places[codes])


def number_facet(name: str, values: NDArray[Any]) -> Facet:
    """A facet of whole numbers in bins of one width; the last bin holds what lies beyond."""
    edges = bin_edges(values)
    codes = np.searchsorted(edges, values, side="right") - 1
    is_open = bool(edges.size and values.size and values.max() >= edges[-1] + bin_width(edges))
    keys = []
    for at, low in enumerate(edges.tolist()):
        is_last = at == edges.size - 1
        high = "" if is_last and is_open else str(low + bin_width(edges) - 1)
        keys.append(f"{low}-{high}")
    labels = tuple(_range_label(key) for key in keys)
    return Facet(name, "number", tuple(keys), labels, np.maximum(codes, 0).astype(np.int32))


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


def values_of(table: Table, name: str) -> NDArray[Any] | None:
    """The numbers behind a facet of numbers; None while they are not known."""
    if name == "tokens":
        return table.structure.n_tokens if table.structure else None
    return table.numbers[NUMBERS[name]]
