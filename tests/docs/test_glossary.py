"""The glossary has the words that the pages and the code use."""

from __future__ import annotations

import re

import pytest

from lintseq_core.edits.reasons import Reason
from tests.docs.pages import ROOT, text_of

GLOSSARY = text_of(ROOT / "docs" / "glossary.md")
TERMS = re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", GLOSSARY, re.MULTILINE)
NAMES = [name for name, _ in TERMS]

PAPER = [
    "LintSeq", "edit", "edit sequence", "linter", "linter-correctness", "backward sampling",
    "forward edit computation", "s", "RandSeq", "Instruct", "TinyCodeLM", "instruction", "pass@k",
    "test-time FLOPs", "temperature, top-p, min-p",
]  # fmt: skip


def test_the_papers_words_are_there_and_no_word_twice() -> None:
    assert set(PAPER) <= set(NAMES)
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("reason", ["drawn", "finding", "dependent", "left over"]),
        ("isolation", ["L0", "L4"]),
        ("integrity", ["I1", "I2"]),
        ("profile", ["smoke", "cpu", "small", "paper"]),
        ("verdict", ["passed", "harness_error"]),
        ("model text", ["<|diff|>"]),
    ],
)
def test_a_closed_list_is_the_codes_own(term: str, words: list[str]) -> None:
    meaning = dict(TERMS)[term].replace("\\", "")
    assert [word for word in words if word not in meaning] == []


def test_the_profiles_and_reasons_are_all_there() -> None:
    from typing import get_args

    from lintseq_core.experiments.profiles import Profile

    assert re.findall(r"`(\w+)`", dict(TERMS)["profile"]) == list(get_args(Profile))
    assert len(get_args(Reason)) == 4  # drawn, from a finding, dependent, left over


def test_no_meaning_begins_with_its_own_word() -> None:
    assert [name for name, text in TERMS if text.lower().startswith(f"{name.lower()} ")] == []
