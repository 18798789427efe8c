"""Rows are found by facets, patterns and conditions, alone and together, and by links."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.results.samples.facets import bin_edges, facets_of, range_of
from lintseq_core.results.samples.query import (
    Condition,
    Query,
    ask,
    read_query,
    rows_in_order,
    write_query,
)
from lintseq_core.results.samples.store import EVERYTHING, Store
from tests.unit.results.samples.files import SAMPLES, store_of

pytest.importorskip("pyarrow", reason="stores need pyarrow, which comes with the extra dashboard")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_of(tmp_path_factory.mktemp("store"), SAMPLES)


def choosing(*pairs: tuple[str, str]) -> Query:
    """A query with these keys of these facets chosen."""
    query = Query()
    for facet, key in pairs:
        query = query.with_choice(facet, (*query.chosen(facet), key))
    return query


def asked(store: Store, query: Query) -> list[int]:
    found = store.search(query.pattern, ignore_case=query.ignore_case) if query.pattern else None
    return rows_in_order(store, ask(store, facets_of(store), query, found), "").tolist()


def test_facets_are_those_that_tell_rows_apart(store: Store) -> None:
    found = facets_of(store)
    labels = {name: facet.labels for name, facet in found.items() if facet.kind == "words"}
    assert labels == {
        "result": ("passed", "not passed", "not decided"),
        "verdict": ("passed", "wrong_answer", "(none)"),
        "state": ("parses", "does not parse"),
        "copy": ("first with its text", "copy of an earlier one"),
        "model": ("a", "(none)"),
        "temperature": ("0.5", "(none)"),
        "task": ("T/0", "T/1"),
    }
    assert set(found["contains"].keys) == {"loop", "import", "assignment"}


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (Query(), [0, 1, 2, 3]),
        (choosing(("result", "passed")), [0, 2]),
        (choosing(("verdict", "passed"), ("verdict", "wrong_answer")), [0, 1, 2]),
        (choosing(("task", "T/1"), ("result", "passed")), [2]),
        (choosing(("contains", "loop"), ("contains", "assignment")), [0]),
        (choosing(("contains", "loop"), ("contains", "import")), []),
        (choosing(("lines", "2-")), [0, 2, 3]),
        (choosing(("lines", "1-1"), ("lines", "3-9")), [0, 1]),
        (choosing(("lines", "x")), []),
        (choosing(("task", "T/9")), []),
        (choosing(("copy", "copy of an earlier one")), [3]),
        (Query(pattern=r"^os\.sep$"), [2, 3]),
        (Query(pattern="OS"), []),
        (Query(pattern="OS", ignore_case=True), [2, 3]),
        (Query(conditions=(Condition("2", "loop"),)), [0]),
        (Query(conditions=(Condition("1", "loop"),)), []),
        (Query(conditions=(Condition("1", "loop", False),)), [0]),
        (Query(conditions=(Condition("last", "loop"),)), [0]),
        (Query(conditions=(Condition("any", "assignment"),)), [0]),
        (Query(conditions=(Condition("any", "import", False),)), [0]),
        (Query(conditions=(Condition("3", "loop", False),)), []),
        (Query(conditions=(Condition("program", "import"),)), [2, 3]),
        (Query(conditions=(Condition("program", "import", False),)), [0, 1]),
    ],
)  # fmt: skip
def test_a_query_finds_its_rows(store: Store, query: Query, rows: list[int]) -> None:
    assert asked(store, query) == rows


def test_a_facet_counts_the_rows_that_the_other_choices_leave(store: Store) -> None:
    facets = facets_of(store)
    query = choosing(("result", "passed"), ("task", "T/1"))
    answer = ask(store, facets, query, None)
    counted = {
        name: dict(zip(facets[name].keys, answer.counts[name].tolist(), strict=True))
        for name in ("result", "task", "contains")
    }
    assert answer.n_rows == 1
    assert counted["result"] == {"passed": 1, "not passed": 0, "not decided": 1}
    assert counted["task"] == {"T/0": 1, "T/1": 1}
    assert counted["contains"] == {"loop": 0, "import": 1, "assignment": 0}


def test_a_link_holds_the_whole_query() -> None:
    query = Query(
        choices=(("verdict", ("a&b", "wrong_answer")), ("lines", ("10-19", "20-"))),
        pattern="x|y\\b ",
        ignore_case=True,
        conditions=(Condition("2", "loop"), Condition("last", "nested loop", False)),
        order="longest",
    )
    assert read_query(write_query(query)) == (query, [])
    assert write_query(Query()) == {}


def test_what_a_link_cannot_mean_is_said_and_left_out() -> None:
    query, faults = read_query({"where": ["2.soup", "x", "!any.loop"], "order": ["sideways"]})
    assert query == Query(conditions=(Condition("any", "loop", False),))
    assert faults == [
        "There is no condition '2.soup'.",
        "There is no condition 'x'.",
        "There is no order 'sideways'.",
    ]


def test_a_condition_is_told_as_a_clause() -> None:
    told = [
        Condition(place, "loop", holds).words(lambda name: f"a {name}")
        for place in ("2", "last", "any", "program")
        for holds in (True, False)
    ]
    assert told == [
        "edit 2 brings a loop",
        "edit 2 does not bring a loop",
        "the last edit brings a loop",
        "the last edit does not bring a loop",
        "some edit brings a loop",
        "no edit brings a loop",
        "the program has a loop",
        "the program does not have a loop",
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        *("(", ")", "a)(b", "a)|(b", "a)(?i:b", "x)y(?:z"),  # no group of ours is theirs to close
        *("(?=x)", r"(x)\1", "x{2000}", "x" * 501, "\ud800", "[z-a]", "*", "+a", "a\\"),
    ],
)
def test_a_pattern_that_cannot_be_searched_for_is_refused_in_words(
    store: Store, pattern: str
) -> None:
    with pytest.raises(LintSeqError, match="the pattern"):
        store.search(pattern)


def test_a_refused_pattern_is_named_as_it_was_typed(store: Store) -> None:
    with pytest.raises(LintSeqError) as caught:
        store.search("a)(b")
    assert "unexpected ): a)(b; put a backslash" in str(caught.value)


def test_a_pattern_that_stalls_other_engines_takes_no_time(tmp_path: Path) -> None:
    rows = [{"task_id": "T/0", "completion": "a" * 50_000 + "!"}]
    assert not store_of(tmp_path, rows).search(r"(a|aa)+$").rows.size


def test_rows_come_in_the_order_asked_for(store: Store) -> None:
    answer = ask(store, facets_of(store), Query(), None)
    assert rows_in_order(store, answer, "").tolist() == [0, 1, 2, 3]
    assert rows_in_order(store, answer, "shortest").tolist() == [1, 2, 3, 0]
    assert rows_in_order(store, answer, "longest").tolist() == [0, 2, 3, 1]
    assert rows_in_order(store, answer, "most").tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([], []),
        ([4, 4], [4]),
        ([1, 3, 5], [1, 2, 3, 4, 5]),
        (list(range(101)), [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]),
        ([0] * 99 + [10**9], [0, 100_000_000]),
    ],
)
def test_bins_have_one_round_width(values: list[int], edges: list[int]) -> None:
    assert bin_edges(np.array(values, np.int64)).tolist()[: len(edges)] == edges


@pytest.mark.parametrize(
    ("text", "ends"),
    [("1-2", (1, 2)), ("3-", (3, 10**12)), ("2-1", None), ("-1", None), ("1", None), ("1-2-3", None)],
)  # fmt: skip
def test_a_range_is_two_whole_numbers(text: str, ends: tuple[int, int] | None) -> None:
    assert range_of(text) == ends


def test_a_choice_of_an_unknown_feature_finds_nothing(store: Store) -> None:
    chosen = facets_of(store)["contains"].choose(EVERYTHING, ["soup"])
    assert store.one("count(*)", chosen) == 0


def test_every_row_adds_to_one_bin(store: Store) -> None:
    for facet in facets_of(store).values():
        if facet.kind != "features":
            assert facet.counts(store, EVERYTHING).sum() == store.n_rows
