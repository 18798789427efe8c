"""The committed page of results is the one that the records give."""

from __future__ import annotations

from pathlib import Path

from assets.make.results_page import page

PAGE = Path(__file__).parents[2] / "assets" / "results" / "README.md"


def test_the_page_of_results_says_what_the_records_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python assets/make/results_page.py"
