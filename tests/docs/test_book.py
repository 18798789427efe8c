"""`make docs` makes a book without a warning that holds every page and asks the network for nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT

pytest.importorskip("sphinx", reason="needs the extra docs, part of dev")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("book"), "-t", "quick")


def build(folder: Path, *options: str) -> Path:
    """As `make docs` does."""
    (words,) = re.findall(r"-m (sphinx .*) build/docs$", makefile(), re.MULTILINE)
    run = subprocess.run(
        [sys.executable, "-m", *words.split(), str(folder), *options],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    return folder


def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


def test_a_warning_is_an_error() -> None:
    assert re.search(r"-m sphinx .*-W ", makefile())


def test_every_page_and_notebook_is_in_it(book: Path) -> None:
    sources = [*PAGES, ROOT / "perf" / "RESULTS.md", *(ROOT / "notebooks").glob("[0-9]*.ipynb")]
    missing = [
        source.name
        for source in sources
        if not (book / source.relative_to(ROOT)).with_suffix(".html").is_file()
    ]
    assert missing == []
    assert "docs/README.html" in (book / "index.html").read_text("utf-8")
    assert (book / "searchindex.js").is_file()


def test_the_reference_is_the_docstrings_and_the_help(book: Path) -> None:
    reference = book / "build" / "reference"
    commands = (reference / "01_commands.html").read_text("utf-8")
    assert "lintseq dataset build" in commands
    assert "--near-dedup" in commands
    names = (reference / "02_public_names.html").read_text("utf-8")
    assert 'id="lintseq_core.sample_path"' in names
    edits = (reference / "05_edits.html").read_text("utf-8")
    assert "For each line, the 0-based index of the edit that inserts it." in edits


@pytest.mark.full
def test_the_whole_reference_is_made_without_a_warning(tmp_path: Path) -> None:
    book = build(tmp_path)
    assert len(list((book / "build" / "reference").glob("*.html"))) == 16


def test_it_loads_nothing_from_the_network(book: Path) -> None:
    loads = re.compile(
        r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=["'](https?:|//)[^>]*>"""
    )
    asking = {
        page.name: found[0]
        for page in book.rglob("*.html")
        if (found := loads.search(page.read_text("utf-8")))
    }
    assert asking == {}
