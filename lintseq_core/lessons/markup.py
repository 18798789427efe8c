"""A lesson's text, a small part of Markdown, as data that a browser draws with text nodes alone.

Blocks: paragraphs, lists of lines that begin with "- ", tables and fenced code. Inside them:
`code`, **strong**, *stressed* and [words](https://address). All else, HTML, images and headings
too, is text as it stands. A list in a list becomes more items of the same list.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

Span = list[str]
"""Kind and text: ["text", "so"], ["code", "x"], ["strong", ...], ["em", ...]; a link has a third
member, its address."""
Block = list[object]
"""["p", spans], ["list", [spans, ...]], ["table", [[spans, ...], ...]], ["code", text]."""

_MAX_NESTING = 20
"""Levels of blocks; a list is two. Beyond it markdown-it drops text without a word."""

_STARS = re.compile(r"\*+")


def read_markup(text: str) -> list[Block]:
    """The blocks of `text`, in order. Every text has a reading: a mark without its pair is text."""
    blocks: list[Block] = []
    items: list[list[Span]] = []
    rows: list[list[list[Span]]] = []
    holder: list[Span] | None = None  # the item or cell that the next text belongs to, if any
    for token in _markdown().parse(text):
        match token.type:
            case "bullet_list_open" if token.level == 0:
                items = []
            case "list_item_open":
                if not items or blocks[-1][1] is not items:  # code or a paragraph stands between
                    items = []
                    blocks.append(["list", items])
                holder = []
                items.append(holder)
            case "list_item_close":
                holder = None
            case "table_open":
                rows = []
                blocks.append(["table", rows])
            case "tr_open":
                rows.append([])
            case "th_open" | "td_open":
                holder = []
                rows[-1].append(holder)
            case "fence":
                blocks.append(["code", token.content.removesuffix("\n")])
                holder = None
            case "inline":
                spans = _spans(token.children or [])
                if holder is None:
                    blocks.append(["p", spans])
                else:
                    holder += spans
                    holder = None
    return blocks


def read_spans(text: str) -> list[Span]:
    """The spans of one line of text."""
    (line,) = _markdown().parseInline(text)
    return _spans(line.children or [])


def _spans(tokens: Sequence[Token]) -> list[Span]:
    """Spans do not nest: text in several marks has the innermost, a link is one span."""
    spans: list[Span] = []
    kinds = ["text"]
    for token in tokens:
        match token.type:
            case "link_open":
                spans.append(["link", "", str(token.attrs["href"])])
                kinds.append("link")
            case "strong_open" | "em_open":
                kinds.append(kinds[-1] if "link" in kinds else token.type.removesuffix("_open"))
            case "link_close" | "strong_close" | "em_close":
                kinds.pop()
            case _:
                is_break = token.type in ("softbreak", "hardbreak")
                words = " " if is_break else token.content
                is_code = token.type == "code_inline" and kinds[-1] != "link"
                kind = "code" if is_code else kinds[-1]
                if kind == "link" or (spans and spans[-1][0] == kind != "code"):
                    spans[-1][1] += words
                elif words:
                    spans.append([kind, words])
    return spans


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import list_block
    from markdown_it.rules_inline import emphasis

    def list_of_dashes(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        start = state.bMarks[first] + state.tShift[first]
        is_list = state.src.startswith("- ", start) and state.level < _MAX_NESTING - 2
        return is_list and list_block(state, first, end, silent)

    def stars_around_words(state: StateInline, silent: bool) -> bool:
        """No stress inside a word, nor by underscores: `2*3*4` and `__init__` are text."""
        text, start = state.src, state.pos
        stars = _STARS.match(text, start)
        if stars is None:
            return False
        if _is_word(text[start - 1 : start]) and _is_word(text[stars.end() : stars.end() + 1]):
            if not silent:
                state.pending += stars[0]
            state.pos = stars.end()
            return True
        return emphasis.tokenize(state, silent)

    markdown = MarkdownIt("zero", {"maxNesting": _MAX_NESTING})
    markdown.enable(["table", "fence", "list", "newline", "backticks", "emphasis", "link"])
    markdown.block.ruler.at("list", list_of_dashes, {"alt": ["paragraph"]})
    markdown.inline.ruler.at("emphasis", stars_around_words)
    markdown.validateLink = lambda url: url.startswith("https://")  # type: ignore[method-assign]
    return markdown


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
