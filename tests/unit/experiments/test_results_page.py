"""The committed page of results is the one that the records give."""

from __future__ import annotations

from pathlib import Path

from lintseq_core.experiments.results_page import page

PAGE = Path(__file__).parents[3] / "assets" / "results" / "README.md"


def test_the_page_of_results_says_what_the_records_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m lintseq_core.experiments.results_page"
