"""What pages show too tells their visitors what to do, and not only those who type a command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lintseq_core

PACKAGE = Path(lintseq_core.__file__).parent
SHOWN_ON_PAGES = (
    "results/scores", "results/samples", "results/formats/inspect_logs.py", "linting",
    "edits/formats/mask.py", "models/pocket/network.py",
)  # fmt: skip
OPTION = re.compile(r"(?<![-\w])--[a-z]+")
APART = re.compile(r"\([^()]*--[a-z][^()]*\)|`?(?:lintseq|inspect) [a-z]+ .*")


def sentences(path: Path) -> Iterator[str]:
    """The texts in a module without its docstrings; "…" stands for what is filled in."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside: set[int] = set()
    for node in ast.walk(tree):
        if id(node) in docstrings or id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            inside |= {id(one) for one in node.values}
            parts = (one.value if isinstance(one, ast.Constant) else "…" for one in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("place", SHOWN_ON_PAGES)
def test_a_remedy_says_in_words_what_to_choose_and_the_option_in_brackets(place: str) -> None:
    found = PACKAGE / place
    paths = sorted(found.rglob("*.py")) if found.is_dir() else [found]
    assert paths
    bare = [
        (path.name, text)
        for path in paths
        for text in sentences(path)
        if " " in text and OPTION.search(APART.sub("", text))
    ]
    assert bare == []
