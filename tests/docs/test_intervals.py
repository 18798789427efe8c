"""docs/intervals.md: what the intervals promise, by the program that measures it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.intervals import (
    LEAST,
    PROBLEMS,
    Cell,
    measure,
    page,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "intervals.md"


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    """A small version of the table."""
    return measure((5, 24), 400, with_bootstrap=False)


def test_intervals_hold_the_truth_where_scores_are_0_or_1(cells: list[Cell]) -> None:
    under = [cell for cell in cells if cell.is_binary and cell.coverage < LEAST - 0.02]
    assert not under  # the standard deviation of 400 runs is 0.011 there


def test_intervals_of_scores_hold_the_truth_too(cells: list[Cell]) -> None:
    assert not [cell for cell in cells if cell.coverage < LEAST - 0.02]


def test_no_interval_has_no_width(cells: list[Cell]) -> None:
    assert min(cell.width for cell in cells) > 0.1


def test_the_page_is_what_the_program_measures() -> None:
    kept = PAGE.read_text(encoding="utf-8")
    assert page([]) == kept.partition("### ")[0].rstrip("\n") + "\n"
    rows = dict(line[2:].split(" | ", 1) for line in kept.splitlines() if line.startswith("| "))
    for cell in measure((5, 20), with_bootstrap=False):
        told = rows[cell.truth].split(" | ")[PROBLEMS.index(cell.n_problems)]
        assert told == f"{100 * cell.coverage:.1f}, {100 * cell.width:.1f}", cell


def test_the_page_says_what_was_asked_of_the_intervals() -> None:
    told = " ".join(PAGE.read_text(encoding="utf-8").split())
    binary = re.search(r"0 or 1, the interval holds the truth in ([\d.]+) % of runs", told)
    assert binary and float(binary[1]) >= 100 * LEAST
    assert "Cells under 93 %: none." in told
    together, alike, sound = re.search(
        r"intervals are ([\d.]+) times .* together; ([\d.]+) without .*; ([\d.]+) where", told
    ).groups()  # type: ignore[union-attr]
    assert max(float(times) for times in (together, alike, sound)) <= 1.15
