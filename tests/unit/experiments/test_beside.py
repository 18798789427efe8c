"""A fresh run is held against the record of its experiment, claim by claim."""

import dataclasses
import math

import pytest

from lintseq_core.experiments.beside import NO_RECORD, agreement, beside_record
from lintseq_core.experiments.claims import Claim, Effect, judge
from lintseq_core.experiments.experiment import Result, make_record, write_result
from lintseq_core.results.frames import Frame

ABOVE = Claim("A is above B", "Figure 5")


@dataclasses.dataclass(frozen=True)
class Config:
    profile: str = "smoke"


def result(low, high, *, profile="smoke", n=1):
    judged = judge(ABOVE, Effect("A less B", (low + high) / 2, low, high, "points", n=3))
    tables = {"rows": Frame({"n": [n], "share": [math.nan]}), "times": Frame({"s": [low]})}
    record = make_record("demo", profile, Config(profile))
    return Result("demo", profile, tables, (judged,), record, notes=(), seconds=1.0)


def effect(estimate, low, high):
    return Effect("A less B", estimate, low, high, "points", n=3)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (effect(2, 1, 3), "the same numbers"),
        (effect(2.5, 1, 3), "intervals meet"),
        (effect(4, 3, 5), "intervals meet"),
        (effect(4, 3.1, 5), "intervals are apart"),
        (effect(0, -1, 0.9), "intervals are apart"),
        (effect(2, math.nan, math.nan), "cannot be told: no interval"),
    ],
)
def test_agreement_is_of_intervals(other, said):
    assert agreement(effect(2, 1, 3), other) == said
    assert agreement(other, effect(2, 1, 3)) == said


def test_without_a_record_it_is_said(tmp_path):
    assert beside_record(result(1, 3), tmp_path) == NO_RECORD


def test_the_record_of_the_same_profile_is_taken_and_its_tables_are_compared(tmp_path):
    write_result(result(1, 3), tmp_path / "demo" / "smoke")
    write_result(result(10, 30, profile="cpu"), tmp_path / "demo" / "cpu")
    claim, tables = beside_record(result(1, 3, n=2), tmp_path).rows()
    assert claim["this run, smoke"] == "2 (1 to 3) points"
    assert claim["do they agree?"] == "the same numbers"
    assert tables["do they agree?"] == "equal: times; other: rows"


def test_else_the_largest_is_taken(tmp_path):
    write_result(result(10, 30, profile="cpu"), tmp_path / "demo" / "cpu")
    (row,) = beside_record(result(1, 3), tmp_path).rows()
    (there,) = [value for name, value in row.items() if name.endswith(", cpu")]
    assert there == "20 (10 to 30) points"
    assert row["do they agree?"] == "intervals are apart"
