"""What the rows of a store come to, and what tells two stores apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.samples.facets import NUMBERS, bin_edges, bin_width, deciding_tests
from lintseq_core.results.samples.features import BITS, ParseState
from lintseq_core.results.samples.store import EVERYTHING, Selection, Store

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
    """Some rows of a store."""

    store: Store
    selection: Selection = EVERYTHING


@dataclass(frozen=True, slots=True)
class SharedPrograms:
    """Programs that two parts share; equal is what `normal_text` makes equal."""

    n_a: int
    n_b: int
    n_both: int
    rows_a: int
    """Rows of A whose program is in B too."""
    rows_b: int
    all_rows_a: int
    all_rows_b: int

    @property
    def share_a(self) -> float:
        """Of the rows of A, those whose program is in B too; NaN without a row."""
        return _share(self.rows_a, self.all_rows_a)

    @property
    def share_b(self) -> float:
        """Of the rows of B, those whose program is in A too; NaN without a row."""
        return _share(self.rows_b, self.all_rows_b)


def summary(part: Part) -> dict[str, float]:
    """The measures of MEASURES; NaN for what cannot be said of these rows."""
    asked = dict(_SQL) if part.store.has_structure else {k: _SQL.get(k) for k in _WITHOUT_TREES}
    values = part.store.ask(", ".join(filter(None, asked.values())), part.selection)[0]
    found = dict(zip(asked, values, strict=True))
    return {
        measure: math.nan if found.get(measure) is None else float(found[measure])
        for measure in MEASURES
    }


_PARSES = f"state <= {int(ParseState.BODY)}"
_SQL = {
    "rows": "count(*)",
    "problems": "count(DISTINCT task)",
    "passed": "avg(passed::int)",
    "parses": f"avg(({_PARSES})::int)",
    "lines": "avg(n_lines)",
    "lines_median": "median(n_lines)",
    "tokens": "avg(n_tokens)",
    "characters": "avg(n_characters)",
    "edits": "avg(n_edits) FILTER (n_edits > 0)",
    "edit_lines": "sum(n_lines) FILTER (n_edits > 0) / sum(n_edits)",
    "distinct": "count(DISTINCT program_key)",
    "copies": "avg(is_copy::int)",
}
"""What each of MEASURES is of some rows."""
_WITHOUT_TREES = [m for m in _SQL if m not in ("parses", "tokens", "distinct", "copies")]


def summary_frame(parts: Mapping[str, Part]) -> Frame:
    """measure, a column for each part, and with two the second less the first as difference.

    The share that passes names the tests of EvalPlus that decide it, where the file does. By
    different ones there is no difference, but NaN.
    """
    tests = {name: deciding_tests(part.store, part.selection) for name, part in parts.items()}
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
    tests = {one for part in parts.values() for one in deciding_tests(part.store, part.selection)}
    return len(tests) > 1


def _named(tests: Mapping[str, tuple[str, ...]]) -> str:
    if not any(tests.values()):
        return ""
    if len(set(tests.values())) == 1:
        return f", {' or '.join(next(iter(tests.values())))}"
    told = (f"{name}: {' or '.join(one) or 'not said'}" for name, one in tests.items())
    return f" ({'; '.join(told)})"


def overlap(a: Part, b: Part) -> SharedPrograms | None:
    """The programs that both have; None while one is not read."""
    if not a.store.has_structure or not b.store.has_structure:
        return None
    in_a, in_b = (
        dict(part.store.ask("program_key, count(*)", part.selection, "GROUP BY 1"))
        for part in (a, b)
    )
    both = in_a.keys() & in_b.keys()
    return SharedPrograms(
        n_a=len(in_a),
        n_b=len(in_b),
        n_both=len(both),
        rows_a=sum(in_a[program] for program in both),
        rows_b=sum(in_b[program] for program in both),
        all_rows_a=sum(in_a.values()),
        all_rows_b=sum(in_b.values()),
    )


def numbers_of(stores: Iterable[Store]) -> tuple[str, ...]:
    """The facets of numbers that say something of at least one store, in the order of NUMBERS."""
    counts = [
        f"count(*) FILTER ({column} > 0)" if name != "tokens" else "0"
        for name, column in NUMBERS.items()
    ]
    present = {"lines", "characters"}
    for store in stores:
        found = zip(NUMBERS, store.ask(", ".join(counts))[0], strict=True)
        present |= {name for name, n in found if n} | ({"tokens"} if store.has_structure else set())
    return tuple(name for name in NUMBERS if name in present)


def histogram_frame(parts: Mapping[str, Part], name: str) -> Frame:
    """data, from, to, n, share: the bins of a facet of numbers, the same for every part."""
    found = {}
    for label, part in parts.items():
        if name != "tokens" or part.store.has_structure:
            is_written = part.selection.and_also("n_edits > 0")
            chosen = is_written if name in ("edits", "largest") else part.selection
            found[label] = part.store.column(NUMBERS[name], chosen)
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
        if not part.store.has_structure:
            continue
        counts = [f"count(*) FILTER ((features & {bit}) <> 0)" for bit in BITS.values()]
        parsing = part.selection.and_also(_PARSES)
        (n_parsing, *found) = part.store.ask(", ".join(["count(*)", *counts]), parsing)[0]
        for feature, n in zip(BITS, found, strict=True):
            row = {"data": label, "feature": feature, "n": n, "share": _share(n, n_parsing)}
            rows.append(row)
    present = {row["feature"] for row in rows if row["n"]}
    kept = [row for row in rows if row["feature"] in present]
    return frame_of(kept, ("data", "feature", "n", "share"))


def edit_feature_frame(part: Part) -> Frame:
    """edit, feature, n, share: which edit brings what, of the programs that have that edit."""
    columns = ("edit", "feature", "n", "share")
    if not part.store.has_structure:
        return frame_of([], columns)
    counts = [f"count(*) FILTER ((bits & {bit}) <> 0)" for bit in BITS.values()]
    numbered = "unnest(of_edits) AS bits, generate_subscripts(of_edits, 1) AS edit"
    found = part.store.ask_of(
        numbered, part.selection.and_also(_PARSES), ", ".join(["edit", "count(*)", *counts]),
        f"WHERE edit <= {MOST_EDITS} GROUP BY edit ORDER BY edit",
    )  # fmt: skip
    rows = [
        {"edit": edit, "feature": feature, "n": n, "share": _share(n, n_rows)}
        for at, feature in enumerate(BITS)
        if any(bringing[at] for _, _, *bringing in found)
        for edit, n_rows, *bringing in found
        for n in [bringing[at]]
    ]
    return frame_of(rows, columns)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
