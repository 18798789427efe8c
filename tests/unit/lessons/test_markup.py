"""The marks of a lesson's text, read to data."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("- a\n  - b\n- c", [["list", [[text("a")], [text("b")], [text("c")]]]]),
        (
            "- a\n  ```\n  x\n  ```\n- b\n\n  c",
            [["list", [[text("a")]]], ["code", "x"], ["list", [[text("b")]]], ["p", [text("c")]]],
        ),
        ("# a\n> b\n\n1. c\n+ d\n* e", [["p", [text("# a > b")]], ["p", [text("1. c + d * e")]]]),
        (
            "<script>a</script>\n\n[a]: https://example.org\n\n    b",
            [
                ["p", [text("<script>a</script>")]],
                ["p", [text("[a]: https://example.org")]],
                ["p", [text("b")]],
            ],
        ),
    ],
    ids=[
        "paragraphs",
        "list",
        "table",
        "code",
        "an open fence",
        "nothing",
        "a list in a list",
        "code in a list",
        "no headings, quotes or numbers",
        "no HTML, references or indented code",
    ],
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
        ("2*3*4, 2**3 and 4**5", [text("2*3*4, 2**3 and 4**5")]),
        ("the _sum of __init__", [text("the _sum of __init__")]),
        ("**why `x`?**", [["strong", "why "], ["code", "x"], ["strong", "?"]]),
        ("**a *b* c**", [["strong", "a "], ["em", "b"], ["strong", " c"]]),
        ("[*the* `x`](https://example.org)", [["link", "the x", "https://example.org"]]),
        ("[a](http://b.org) [c](/d)", [text("[a](http://b.org) [c](/d)")]),
        ("![a](https://b.org)", [text("!"), ["link", "a", "https://b.org"]]),
        (r"\*a\n", [text(r"\*a\n")]),
    ],
    ids=[
        "code",
        "emphasis",
        "link",
        "no other scheme",
        "products",
        "no pairs",
        "no HTML",
        "products without spaces",
        "underscores",
        "code in emphasis",
        "emphasis in emphasis",
        "marks in a link",
        "no other links",
        "no image",
        "no escapes",
    ],
)
def test_spans_are_told_apart(source: str, spans: list[object]) -> None:
    assert read_spans(source) == spans


MARKS = st.sampled_from(
    ["a", "b", "\u00e9", " ", "\n", "\n\n", "- ", "  ", "|", "|-|", "```", "`", "*", "**", "_", "\\",
     "[", "](", ")", "https://x.org", "javascript:1", "!", "<b>", "&lt;", "\ud800", "\0", "1. "]
)  # fmt: skip


def spans_of(block: list[object]) -> list[list[str]]:
    kind, content = block
    if kind == "code":
        return [["code", content]]
    cells = {"p": lambda: [content], "list": lambda: content, "table": lambda: chain(*content)}
    return list(chain(*cells[kind]()))


@given(st.lists(MARKS, max_size=60).map("".join))
def test_every_text_has_a_reading_that_loses_no_letter_and_leads_to_https_alone(
    source: str,
) -> None:
    blocks = read_markup(source)
    for spans in (read_spans(source), [span for block in blocks for span in spans_of(block)]):
        assert {span[0] for span in spans} <= {"text", "code", "strong", "em", "link"}
        assert all(span[2].startswith("https://") for span in spans if span[0] == "link")
        shown = "".join("".join(span[1:]) for span in spans)
        assert shown.count("b") == source.count("b") or "```" in source or "|" in source


def test_what_stands_in_many_lists_is_not_dropped() -> None:
    (block,) = read_markup("- " * 500 + "the end")
    assert spans_of(block)[-1][1].endswith("the end")
