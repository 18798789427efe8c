"""What a reader asks for: choices in facets, a pattern, conditions on edits; as text for a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lintseq_core.results.samples.facets import TITLES, Facet
from lintseq_core.results.samples.features import BITS
from lintseq_core.results.samples.store import Found, Selection, Store

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

    def choose(self, store: Store, selection: Selection) -> Selection:
        """The rows of `selection` that meet it. A row without the edit that it speaks of does not.

        None does before the store has its structure.
        """
        if not store.has_structure:
            return selection.and_also("false")
        compare = "<>" if self.holds else "="
        bit = BITS[self.feature]
        if self.place == PROGRAM:
            return selection.and_also(f"(features & ?) {compare} 0", bit)
        if self.place == ANY:
            return selection.and_also(f"len(of_edits) > 0 AND (brought & ?) {compare} 0", bit)
        place = -1 if self.place == LAST else int(self.place)
        return selection.and_also(
            f"len(of_edits) >= ? AND (of_edits[?] & ?) {compare} 0", max(place, 1), place, bit
        )


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

    selection: Selection
    n_rows: int
    counts: dict[str, NDArray[np.int64]]
    """For each facet, the rows of each key that everything but this facet's choice lets through."""


def ask(store: Store, facets: Mapping[str, Facet], query: Query, found: Found | None) -> Answer:
    """What `query` asks of `store`; `found` is what the search for its pattern found."""
    common = Selection(found=found)
    for condition in query.conditions:
        common = condition.choose(store, common)
    chosen = {name: keys for name, keys in query.choices if name in facets}

    def without(left_out: str) -> Selection:
        selection = common
        for name, keys in chosen.items():
            if name != left_out:
                selection = facets[name].choose(selection, keys)
        return selection

    whole = without("")
    counts = {}
    for name, facet in facets.items():
        is_apart = name in chosen and facet.kind != "features"
        counts[name] = facet.counts(store, without(name) if is_apart else whole)
    return Answer(whole, int(store.one("count(*)", whole)), counts)


_SORTED = {
    "shortest": "n_lines",
    "longest": "n_lines DESC",
    "fewest": "n_edits",
    "most": "n_edits DESC",
}


def rows_in_order(store: Store, answer: Answer, order: str) -> NDArray[np.int64]:
    """The indices of the rows of `answer`, in an order of ORDERS; ties as in the file."""
    by = f"{_SORTED[order]}, " if order in _SORTED else ""
    return store.column('"index"', answer.selection, f'ORDER BY {by}"index"')
