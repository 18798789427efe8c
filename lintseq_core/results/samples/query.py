"""What a reader asks for: choices in facets, a pattern, conditions on edits; as text for a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lintseq_core.results.samples.facets import TITLES, Facet, range_of, values_of
from lintseq_core.results.samples.features import BITS
from lintseq_core.results.samples.store import Found, Table

PROGRAM, ANY, LAST = "program", "any", "last"
MAX_CHOICES = 200
MAX_CONDITIONS = 8
ORDERS = {
    "": "as in the file",
    "shortest": "shortest first",
    "longest": "longest first",
    "fewest": "fewest edits first",
    "most": "most edits first",
}
_CONDITION = re.compile(r"(!?)(program|any|last|[1-9][0-9]{0,3})\.([a-z -]{1,20})")
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Condition:
    """What an edit brings or does not bring: "2.loop", "!last.return", "program.class"."""

    place: str
    """The number of an edit from 1, ANY, LAST, or PROGRAM for the whole."""
    feature: str
    holds: bool = True

    def __str__(self) -> str:
        return f"{'' if self.holds else '!'}{self.place}.{self.feature}"

    @classmethod
    def read(cls, text: str) -> Condition | None:
        """What `str` wrote; None for another text."""
        match = _CONDITION.fullmatch(text)
        if match is None or match[3] not in BITS:
            return None
        return cls(match[2], match[3], not match[1])

    def words(self, named: Callable[[str], str]) -> str:
        """As a clause; `named` puts an article to a feature."""
        what = named(self.feature)
        if self.place == PROGRAM:
            return f"the program {'has' if self.holds else 'does not have'} {what}"
        if self.place == ANY:
            return f"{'some' if self.holds else 'no'} edit brings {what}"
        where = "the last edit" if self.place == LAST else f"edit {self.place}"
        return f"{where} {'brings' if self.holds else 'does not bring'} {what}"

    def mask(self, table: Table) -> Mask:
        """The rows that meet it. A row without the edit that it speaks of meets no condition."""
        structure = table.structure
        if structure is None:
            return np.zeros(table.n_rows, bool)
        bit = BITS[self.feature]
        if self.place == PROGRAM:
            has: Mask = (structure.features & bit) != 0
            return has if self.holds else ~has
        counts = np.diff(structure.offsets)
        if self.place == ANY:
            brings = np.zeros(table.n_rows, bool)
            row = np.repeat(np.arange(table.n_rows), counts)
            brings[row[(structure.of_edits & bit) != 0]] = True
            return (brings if self.holds else ~brings) & (counts > 0)
        nth = counts if self.place == LAST else np.full(table.n_rows, int(self.place))
        known = (counts >= nth) & (counts > 0)
        at = structure.offsets[:-1] + nth - 1
        found = np.zeros(table.n_rows, bool)
        found[known] = ((structure.of_edits[at[known]] & bit) != 0) == self.holds
        return found


@dataclass(frozen=True, slots=True)
class Query:
    """Rows that are in every facet's choice, hold the pattern and meet all conditions."""

    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """By facet, in the order of TITLES."""
    pattern: str = ""
    ignore_case: bool = False
    conditions: tuple[Condition, ...] = ()
    order: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether every row is asked for."""
        return not (self.choices or self.pattern or self.conditions)

    def chosen(self, facet: str) -> tuple[str, ...]:
        """The choice in a facet."""
        return dict(self.choices).get(facet, ())

    def with_choice(self, facet: str, keys: tuple[str, ...]) -> Query:
        """This query with `keys` as the choice in a facet."""
        named = dict(self.choices) | {facet: keys}
        kept = ((name, named[name]) for name in TITLES if named.get(name))
        return replace(self, choices=tuple(kept))


def read_query(parameters: Mapping[str, Sequence[str]]) -> tuple[Query, list[str]]:
    """The query that a link holds, and a sentence for each part that cannot be followed."""
    faults: list[str] = []
    query = Query()
    for name in TITLES:
        keys = tuple(dict.fromkeys(parameters.get(f"in_{name}", ())))
        if len(keys) > MAX_CHOICES:
            faults.append(f"{TITLES[name]}: more than {MAX_CHOICES} choices; the rest is left out.")
        if keys:
            query = query.with_choice(name, keys[:MAX_CHOICES])
    conditions = []
    for text in parameters.get("where", ())[:MAX_CONDITIONS]:
        condition = Condition.read(text)
        if condition is None:
            faults.append(f"There is no condition {text[:40]!r}.")
        else:
            conditions.append(condition)
    order = _first(parameters, "order")
    if order not in ORDERS:
        faults.append(f"There is no order {order[:40]!r}.")
        order = ""
    pattern = _first(parameters, "find")
    ignore_case = _first(parameters, "case") == "any"
    return replace(
        query, pattern=pattern, ignore_case=ignore_case, conditions=tuple(conditions), order=order
    ), faults


def write_query(query: Query) -> dict[str, list[str]]:
    """`query` as parameters of a link, read back by `read_query`."""
    found = {f"in_{name}": list(keys) for name, keys in query.choices}
    found["where"] = [str(condition) for condition in query.conditions]
    found["find"] = [query.pattern] if query.pattern else []
    found["case"] = ["any"] if query.pattern and query.ignore_case else []
    found["order"] = [query.order] if query.order else []
    return {name: values for name, values in found.items() if values}


def _first(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    values = parameters.get(name, ())
    return values[-1] if values else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows that a query asks for, and what each facet would show without its own choice."""

    mask: Mask
    n_rows: int
    counts: dict[str, NDArray[np.int64]]
    """For each facet, the rows of each key that everything but this facet's choice lets through."""


def ask(table: Table, facets: Mapping[str, Facet], query: Query, found: Found | None) -> Answer:
    """What `query` asks of `table`; `found` is what the search for its pattern found."""
    common = np.ones(table.n_rows, bool) if found is None else found.mask.copy()
    for condition in query.conditions:
        common &= condition.mask(table)
    chosen = {
        name: choice_mask(table, facets[name], keys)
        for name, keys in query.choices
        if name in facets
    }
    whole = common.copy()
    for mask in chosen.values():
        whole &= mask
    counts = {}
    for name, facet in facets.items():
        others = whole
        if name in chosen and facet.kind != "features":
            others = common.copy()
            for other, mask in chosen.items():
                if other != name:
                    others &= mask
        counts[name] = facet.counts(others)
    return Answer(whole, int(whole.sum()), counts)


def choice_mask(table: Table, facet: Facet, keys: Sequence[str]) -> Mask:
    """The rows in any of `keys`; of features, those that have all of them."""
    if facet.kind == "features":
        wanted = sum(BITS[key] for key in set(keys) if key in BITS)
        is_known = all(key in BITS for key in keys)
        has: Mask = (facet.codes & wanted) == wanted
        return has if is_known else np.zeros(table.n_rows, bool)
    if facet.kind == "number":
        values = values_of(table, facet.name)
        mask = np.zeros(table.n_rows, bool)
        for key in keys:
            ends = range_of(key)
            if ends is not None and values is not None:
                mask |= (values >= ends[0]) & (values <= ends[1])
        return mask
    places = {key: at for at, key in enumerate(facet.keys)}
    wanted_codes = [places[key] for key in keys if key in places]
    picked: Any = np.zeros(len(facet.keys), bool)
    picked[wanted_codes] = True
    chosen: Mask = picked[facet.codes]
    return chosen


def rows_in_order(table: Table, answer: Answer, order: str) -> NDArray[np.int64]:
    """The indices of the rows of `answer`, in an order of ORDERS; ties as in the file."""
    rows = np.flatnonzero(answer.mask)
    column = {"shortest": "n_lines", "longest": "n_lines", "fewest": "n_edits", "most": "n_edits"}
    if order not in column:
        return rows
    values = table.numbers[column[order]][rows].astype(np.int64)
    if order in ("longest", "most"):
        values = -values
    return rows[np.argsort(values, kind="stable")]
