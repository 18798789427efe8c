"""The numbers of a store are those that a reader would count, and two stores are told apart."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lintseq_core.results.samples.statistics import (
    MEASURES,
    Part,
    SharedPrograms,
    edit_feature_frame,
    feature_frame,
    histogram_frame,
    numbers_of,
    overlap,
    summary,
    summary_frame,
    unlike_tests,
)
from lintseq_core.results.samples.store import EVERYTHING, Store
from tests.unit.results.samples.files import SAMPLES, store_of

Row = dict[str, object]

pytest.importorskip("pyarrow", reason="stores need pyarrow, which comes with the extra dashboard")


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Part:
    return whole(store_of(tmp_path_factory.mktemp("store"), SAMPLES))


def whole(store: Store) -> Part:
    return Part(store)


def test_the_summary_is_what_can_be_counted_by_hand(part: Part) -> None:
    assert summary(part) == pytest.approx(
        {
            "rows": 4,
            "problems": 2,
            "passed": 2 / 3,
            "parses": 3 / 4,
            "lines": (3 + 1 + 2 + 2) / 4,
            "lines_median": 2,
            "tokens": (14 + 3 + 5 + 5) / 4,
            "characters": (33 + 6 + 17 + 17) / 4,
            "edits": 2,
            "edit_lines": 1.5,
            "distinct": 3,
            "copies": 1 / 4,
        }
    )


def test_what_cannot_be_said_of_no_row_is_no_number(part: Part) -> None:
    found = summary(Part(part.store, EVERYTHING.and_also("false")))
    assert (found["rows"], found["distinct"]) == (0, 0)
    assert all(math.isnan(found[name]) for name in ("passed", "lines", "edits", "edit_lines"))


def test_two_parts_have_a_column_of_differences(part: Part) -> None:
    other = Part(part.store, EVERYTHING.and_also('"index" = 0'))
    frame = summary_frame({"A": part, "B": other})
    rows = {row["measure"]: row for row in frame.rows()}
    assert list(frame.columns) == ["measure", "A", "B", "difference"]
    assert rows[MEASURES["rows"]] == {"measure": "rows", "A": 4, "B": 1, "difference": -3}
    assert rows[MEASURES["lines"]]["difference"] == pytest.approx(1)


def test_programs_are_in_both_whatever_their_last_lines(part: Part, tmp_path: object) -> None:
    rows = [
        {"task_id": "U", "completion": "import os  \nos.sep"},
        {"task_id": "U", "completion": "y"},
    ]
    other = whole(store_of(Path(str(tmp_path)), rows))
    assert overlap(part, other) == SharedPrograms(
        n_a=3, n_b=2, n_both=1, rows_a=2, rows_b=1, all_rows_a=4, all_rows_b=2
    )


def test_shares_of_programs_in_common_are_of_the_rows_of_each_part(part: Part) -> None:
    other = Part(part.store, EVERYTHING.and_also('"index" = 0'))
    none = Part(part.store, EVERYTHING.and_also("false"))
    found = overlap(part, other)
    assert found is not None
    assert (found.share_a, found.share_b) == (0.25, 1.0)
    without = overlap(part, none)
    assert without is not None
    assert without.share_a == 0
    assert math.isnan(without.share_b)


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (SAMPLES, ("lines", "edits", "largest", "tokens", "characters")),
        ([{"task_id": "T", "completion": "x = 1"}], ("lines", "tokens", "characters")),
    ],
    ids=["edits", "whole programs"],
)
def test_only_numbers_that_say_something_are_offered(
    tmp_path: Path, rows: list[dict[str, object]], names: tuple[str, ...]
) -> None:
    assert numbers_of([store_of(tmp_path, rows)]) == names


def test_a_histogram_has_the_same_bins_for_both_and_its_shares_add_up(part: Part) -> None:
    other = Part(part.store, EVERYTHING.and_also('"index" = 0'))
    rows = list(histogram_frame({"A": part, "B": other}, "lines").rows())
    assert [(row["data"], row["from"], row["to"], row["n"]) for row in rows] == [
        ("A", 1, 1, 1), ("A", 2, 2, 2), ("A", 3, 3, 1), ("B", 1, 1, 0), ("B", 2, 2, 0), ("B", 3, 3, 1),
    ]  # fmt: skip
    assert sum(row["share"] for row in rows) == pytest.approx(2)


def test_a_histogram_of_edits_leaves_out_programs_in_one_piece(part: Part) -> None:
    (row,) = histogram_frame({"A": part}, "edits").rows()
    assert (row["from"], row["n"], row["share"]) == (2, 1, 1)


def test_features_are_shares_of_the_programs_that_parse(part: Part) -> None:
    shares = {row["feature"]: row["share"] for row in feature_frame({"A": part}).rows()}
    assert shares == pytest.approx({"loop": 1 / 3, "import": 2 / 3, "assignment": 1 / 3})


def test_an_edit_is_told_by_what_it_brings(part: Part) -> None:
    rows = {(row["edit"], row["feature"]): row["share"] for row in edit_feature_frame(part).rows()}
    assert rows == {(1, "loop"): 0, (2, "loop"): 1, (1, "assignment"): 1, (2, "assignment"): 0}


PLUS = {"task_id": "T/0", "passed": False, "base_passed": True, "completion": "x = 1"}
BASE = {"task_id": "T/0", "passed": True, "base_status": "pass", "completion": "x = 1"}
OTHER = {"task_id": "T/1", "passed": True, "completion": "x = 1"}


@pytest.mark.parametrize(
    ("rows", "others", "words", "difference"),
    [
        ([PLUS], [PLUS, PLUS], ", base and plus tests", 0.0),
        ([BASE], [BASE], ", base tests", 0.0),
        ([OTHER], [OTHER], "", 0.0),
        ([PLUS], [BASE], " (A: base and plus tests; B: base tests)", math.nan),
        ([PLUS], [OTHER], " (A: base and plus tests; B: not said)", 1.0),
        ([OTHER, BASE], [BASE], " (A: base tests or other tests; B: base tests)", math.nan),
        ([PLUS, BASE], [PLUS, BASE], ", base and plus tests or base tests", math.nan),
    ],
)
def test_the_share_that_passes_says_by_which_tests_and_unlike_tests_have_no_difference(
    tmp_path: Path, rows: list[Row], others: list[Row], words: str, difference: float
) -> None:
    parts = {}
    for name, found in (("A", rows), ("B", others)):
        (tmp_path / name).mkdir()
        numbered = [row | {"sample_id": at} for at, row in enumerate(found)]
        parts[name] = whole(store_of(tmp_path / name, numbered))
    (row,) = [one for one in summary_frame(parts).rows() if "pass" in str(one["measure"])]
    assert row["measure"] == f"{MEASURES['passed']}{words}"
    assert row["difference"] == pytest.approx(difference, nan_ok=True)
    assert unlike_tests(parts) == math.isnan(difference)
