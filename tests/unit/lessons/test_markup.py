"""The marks of a lesson's text, read to data."""

from __future__ import annotations

import pytest

from lintseq_core.lessons.markup import read_markup, read_spans


def text(words: str) -> list[str]:
    return ["text", words]


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("one\ntwo\n\nthree", [["p", [text("one two")]], ["p", [text("three")]]]),
        (
            "- a\n- b\n  goes on\n",
            [["list", [[text("a")], [text("b goes on")]]]],
        ),
        (
            "| k | % |\n| --- | --- |\n| 1 | 30 |",
            [["table", [[[text("k")], [text("%")]], [[text("1")], [text("30")]]]]],
        ),
        (
            "```python\nx = 1\n\ny = 2\n```\nafter",
            [["code", "x = 1\n\ny = 2"], ["p", [text("after")]]],
        ),
        ("before\n```\nnever closed", [["p", [text("before")]], ["code", "never closed"]]),
        ("", []),
    ],
    ids=["paragraphs", "list", "table", "code", "an open fence", "nothing"],
)
def test_blocks_are_told_apart(source: str, blocks: list[object]) -> None:
    assert read_markup(source) == blocks


@pytest.mark.parametrize(
    ("source", "spans"),
    [
        ("a `b*c*` d", [text("a "), ["code", "b*c*"], text(" d")]),
        ("**so** and *so*", [["strong", "so"], text(" and "), ["em", "so"]]),
        ("[here](https://example.org/a)", [["link", "here", "https://example.org/a"]]),
        ("[no](javascript:alert(1))", [text("[no](javascript:alert(1))")]),
        ("2 * 3 * 4 and 2**3", [text("2 * 3 * 4 and 2**3")]),
        ("an odd ` and *", [text("an odd ` and *")]),
        ("<b>&amp;", [text("<b>&amp;")]),
    ],
    ids=["code", "emphasis", "link", "no other scheme", "products", "no pairs", "no HTML"],
)
def test_spans_are_told_apart(source: str, spans: list[object]) -> None:
    assert read_spans(source) == spans
