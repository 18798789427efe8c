"""What the rows of a table come to, and what tells two tables apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.samples.facets import bin_edges, bin_width, deciding_tests, values_of
from lintseq_core.results.samples.features import BITS, ParseState
from lintseq_core.results.samples.store import Table

Mask = NDArray[np.bool_]
MOST_EDITS = 12
"""Edits of a sequence that are told apart by number."""
MEASURES = {
    "rows": "rows",
    "problems": "problems",
    "passed": "share of decided rows that pass",
    "parses": "share of programs that parse",
    "lines": "lines a program, mean",
    "lines_median": "lines a program, median",
    "tokens": "tokens a program, mean",
    "characters": "characters a program, mean",
    "edits": "edits a program, mean",
    "edit_lines": "lines an edit, mean",
    "distinct": "different programs",
    "copies": "share of copies within a problem",
}
SHARES = frozenset({"passed", "parses", "copies"})
COUNTS = frozenset({"rows", "problems", "distinct"})


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table."""

    table: Table
    mask: Mask


@dataclass(frozen=True, slots=True)
class Overlap:
    """Programs that two parts share; equal is what `normal_text` makes equal."""

    n_a: int
    n_b: int
    n_both: int
    rows_a: int
    """Rows of A whose program is in B too."""
    rows_b: int


def summary(part: Part) -> dict[str, float]:
    """The measures of MEASURES; NaN for what cannot be said of these rows."""
    table, mask = part.table, part.mask
    numbers, structure = table.numbers, table.structure
    passed = numbers["passed"][mask]
    lines = numbers["n_lines"][mask]
    edits = numbers["n_edits"][mask]
    written = edits > 0
    tasks = table.words["task"].codes[mask]
    nan = math.nan
    known = structure is not None
    return {
        "rows": float(mask.sum()),
        "problems": float(np.unique(tasks).size),
        "passed": _mean(passed[passed >= 0] == 1),
        "parses": _mean(structure.state[mask] <= ParseState.BODY) if structure else nan,
        "lines": _mean(lines),
        "lines_median": float(np.median(lines)) if lines.size else nan,
        "tokens": _mean(structure.n_tokens[mask]) if structure else nan,
        "characters": _mean(numbers["n_characters"][mask]),
        "edits": _mean(edits[written]),
        "edit_lines": _share(float(lines[written].sum()), float(edits[written].sum())),
        "distinct": float(np.unique(structure.program[mask]).size) if structure else nan,
        "copies": _mean(structure.is_copy[mask]) if known and structure else nan,
    }


def summary_frame(parts: Mapping[str, Part]) -> Frame:
    """measure, a column for each part, and with two the second less the first as difference.

    The share that passes names the tests of EvalPlus that decide it, where the file does. By
    different ones there is no difference, but NaN.
    """
    tests = {name: deciding_tests(part.table, part.mask) for name, part in parts.items()}
    found = {name: summary(part) for name, part in parts.items()}
    rows = []
    for measure, words in MEASURES.items():
        of_tests = measure == "passed"
        row: dict[str, object] = {"measure": words + _named(tests) if of_tests else words}
        row |= {name: values[measure] for name, values in found.items()}
        if len(found) == 2:
            one, other = (values[measure] for values in found.values())
            row["difference"] = math.nan if of_tests and unlike_tests(parts) else other - one
        rows.append(row)
    columns = ["measure", *found, *(["difference"] if len(found) == 2 else [])]
    return frame_of(rows, columns)


def unlike_tests(parts: Mapping[str, Part]) -> bool:
    """Whether the rows of `parts` that pass are known to be decided by different tests."""
    tests = {one for part in parts.values() for one in deciding_tests(part.table, part.mask)}
    return len(tests) > 1


def _named(tests: Mapping[str, tuple[str, ...]]) -> str:
    if not any(tests.values()):
        return ""
    if len(set(tests.values())) == 1:
        return f", {' or '.join(next(iter(tests.values())))}"
    told = (f"{name}: {' or '.join(one) or 'not said'}" for name, one in tests.items())
    return f" ({'; '.join(told)})"


def overlap(a: Part, b: Part) -> Overlap | None:
    """The programs that both have; None while one is not read."""
    if a.table.structure is None or b.table.structure is None:
        return None
    programs_a, programs_b = (
        part.table.structure.program[part.mask]  # type: ignore[union-attr]
        for part in (a, b)
    )
    both = np.intersect1d(programs_a, programs_b)
    return Overlap(
        n_a=int(np.unique(programs_a).size),
        n_b=int(np.unique(programs_b).size),
        n_both=int(both.size),
        rows_a=int(np.isin(programs_a, both).sum()),
        rows_b=int(np.isin(programs_b, both).sum()),
    )


def histogram_frame(parts: Mapping[str, Part], name: str) -> Frame:
    """data, from, to, n, share: the bins of a facet of numbers, the same for every part."""
    found = {}
    for label, part in parts.items():
        values = values_of(part.table, name)
        if values is not None:
            chosen = values[part.mask]
            found[label] = chosen[chosen > 0] if name in ("edits", "largest") else chosen
    if not found or not any(values.size for values in found.values()):
        return frame_of([], ("data", "from", "to", "n", "share"))
    edges = bin_edges(np.concatenate(list(found.values())))
    width = bin_width(edges)
    rows = []
    for label, values in found.items():
        places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, edges.size - 1)
        counts = np.bincount(places, minlength=edges.size)
        for at, low in enumerate(edges.tolist()):
            is_last = at == edges.size - 1
            high = max(low + width - 1, int(values.max(initial=0))) if is_last else low + width - 1
            n = int(counts[at])
            share = n / values.size if values.size else math.nan
            rows.append({"data": label, "from": low, "to": high, "n": n, "share": share})
    return frame_of(rows, ("data", "from", "to", "n", "share"))


def feature_frame(parts: Mapping[str, Part]) -> Frame:
    """data, feature, n, share: programs with each feature, of those that parse."""
    rows = []
    for label, part in parts.items():
        structure = part.table.structure
        if structure is None:
            continue
        parses = part.mask & (structure.state <= ParseState.BODY)
        bits = structure.features[parses]
        for feature, bit in BITS.items():
            n = int(((bits & bit) != 0).sum())
            row = {"data": label, "feature": feature, "n": n, "share": _share(n, bits.size)}
            rows.append(row)
    present = {row["feature"] for row in rows if row["n"]}
    kept = [row for row in rows if row["feature"] in present]
    return frame_of(kept, ("data", "feature", "n", "share"))


def edit_feature_frame(part: Part) -> Frame:
    """edit, feature, n, share: which edit brings what, of the programs that have that edit."""
    columns = ("edit", "feature", "n", "share")
    structure = part.table.structure
    if structure is None:
        return frame_of([], columns)
    counts = np.diff(structure.offsets)
    row_of_edit = np.repeat(np.arange(part.table.n_rows), counts)
    number = np.arange(row_of_edit.size) - structure.offsets[:-1][row_of_edit] + 1
    parses = part.mask & (structure.state <= ParseState.BODY)
    kept = parses[row_of_edit] & (number <= MOST_EDITS)
    bits, number = structure.of_edits[kept], number[kept]
    with_edit = np.bincount(number, minlength=MOST_EDITS + 1)
    rows = []
    for feature, bit in BITS.items():
        bringing = np.bincount(number[(bits & bit) != 0], minlength=MOST_EDITS + 1)
        if not bringing.any():
            continue
        for edit in range(1, MOST_EDITS + 1):
            if with_edit[edit]:
                n = int(bringing[edit])
                share = n / int(with_edit[edit])
                rows.append({"edit": edit, "feature": feature, "n": n, "share": share})
    return frame_of(rows, columns)


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else math.nan


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
