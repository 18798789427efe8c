"""The few marks a lesson's text may have, as data that a browser draws with text nodes alone.

Paragraphs are parted by blank lines; a paragraph whose lines begin with "- " is a list, with "| " a
table whose first row is its head; lines between ``` fences are code. Inside a paragraph stand
`code`, **strong**, *stressed* and [words](https://address).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = list[str]
"""Kind and text: ["text", "so"], ["code", "x"], ["strong", ...], ["em", ...]; a link has a third
member, its address."""
Block = list[object]
"""["p", spans], ["list", [spans, ...]], ["table", [[spans, ...], ...]], ["code", text]."""

_SPANS = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>[^*\s](?:[^*]*[^*\s])?)\*\*"
    r"|(?<![\w*])\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*(?![\w*])"
    r"|\[(?P<words>[^\]]+)\]\((?P<address>https://[^\s)]+)\)"
)
_RULE = re.compile(r"\|[\s|:-]+\|")


def read_markup(text: str) -> list[Block]:
    """The blocks of `text`, in order. Every text has a reading: a mark without its pair is text."""
    blocks: list[Block] = []
    for paragraph in _paragraphs(text):
        first = paragraph[0]
        if first.startswith("```"):
            blocks.append(["code", "\n".join(paragraph[1:])])
        elif first.startswith("- "):
            blocks.append(["list", [read_spans(item) for item in _items(paragraph)]])
        elif first.startswith("|"):
            rows = [row for row in paragraph if not _RULE.fullmatch(row)]
            blocks.append(["table", [[read_spans(cell) for cell in _cells(row)] for row in rows]])
        else:
            blocks.append(["p", read_spans(" ".join(paragraph))])
    return blocks


def read_spans(text: str) -> list[Span]:
    """The spans of one line of text."""
    spans: list[Span] = []
    at = 0
    for match in _SPANS.finditer(text):
        if match.start() > at:
            spans.append(["text", text[at : match.start()]])
        if match["words"]:
            spans.append(["link", match["words"], match["address"]])
        else:
            kind = match.lastgroup or "text"
            spans.append([kind, match[kind]])
        at = match.end()
    if at < len(text):
        spans.append(["text", text[at:]])
    return spans


def _paragraphs(text: str) -> Iterator[list[str]]:
    paragraph: list[str] = []
    in_code = False
    for line in [*text.split("\n"), ""]:
        if line.strip().startswith("```"):
            if in_code or paragraph:
                yield paragraph
            in_code = not in_code
            paragraph = ["```"] if in_code else []
        elif in_code:
            paragraph.append(line)
        elif line.strip():
            paragraph.append(line.strip())
        elif paragraph:
            yield paragraph
            paragraph = []
    if in_code:  # a fence that is never closed
        yield paragraph[:-1]


def _items(paragraph: list[str]) -> Iterator[str]:
    item = ""
    for line in paragraph:
        if line.startswith("- "):
            if item:
                yield item
            item = line[2:].strip()
        else:
            item = f"{item} {line}"
    yield item


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]
