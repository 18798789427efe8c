"""What each character of a model text is for: how much of it is code, and how much says where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Literal, get_args

from lintseq_core.edits.formats.format import DIFF_MARKER, EditFormatName

Part = Literal["content", "position", "count", "marker"]
"""content: new lines of code. position: numbers, anchors and repeated lines that say where these
go. count: how many they are. marker: what is the same in every edit."""
PARTS: tuple[Part, ...] = get_args(Part)
_MARKER = re.compile(rf"^{re.escape(DIFF_MARKER)}", re.MULTILINE)
"""At the start of a line: code has a sign before it."""
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_NUMBERED = re.compile(r"(@@ -)(\d+)(,0 \+)(\d+)(?:(,)(\d+))?( @@)")
_PLACED = re.compile(r"(@@ \+)(\d+)")
_ANCHORED = re.compile(r"(@@)(\d+)?( )(.*)", re.DOTALL)
_SEARCHED = re.compile(r"(@@)(\d+)?")


def parts_of(text: str, edit_format: EditFormatName) -> Iterator[tuple[Part, str]]:
    """The pieces of `text`, a well-formed model text without its instruction, in order.

    Together they are `text`; the line break below a line belongs to that line.

    >>> found = parts_of("<|diff|>@@ +1\\n+x = 1\\n<|diff|>\\n<|diff|>", "placed")
    >>> [piece for part, piece in found if part != "marker"]
    ['1', 'x = 1\\n']
    """
    for index, edit in enumerate(_MARKER.split(text)):
        if index:
            yield "marker", DIFF_MARKER
        for header, body in _hunks(_LINES.findall(edit)):
            yield from _header(header, edit_format)
            yield from _body(body)


def _hunks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each first line with those up to the next."""
    starts = [at for at, line in enumerate(lines) if line[:1] not in ("+", "-")]
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=False):
        yield lines[start], lines[start + 1 : stop]


def _header(line: str, edit_format: EditFormatName) -> Iterator[tuple[Part, str]]:
    """The pieces of a first line; a line break alone, as between the two last markers, is one."""
    text = line.removesuffix("\n")
    for kind, piece in _header_pieces(text, edit_format):
        if piece:
            yield kind, piece
    if text != line:
        yield "marker", "\n"


def _header_pieces(text: str, edit_format: EditFormatName) -> Iterator[tuple[Part, str | None]]:
    if edit_format == "unified" and (match := _NUMBERED.fullmatch(text)):
        yield from zip(
            ("marker", "position", "marker", "position", "marker", "count", "marker"),
            match.groups(),
            strict=True,
        )
    elif edit_format == "placed" and (match := _PLACED.fullmatch(text)):
        yield from zip(("marker", "position"), match.groups(), strict=True)
    elif edit_format == "anchored" and (match := _ANCHORED.fullmatch(text)):
        yield from zip(("marker", "position", "marker", "position"), match.groups(), strict=True)
    elif edit_format == "search_replace" and (match := _SEARCHED.fullmatch(text)):
        yield from zip(("marker", "position"), match.groups(), strict=True)
    else:
        yield "marker", text


def _body(lines: list[str]) -> Iterator[tuple[Part, str]]:
    """The pieces of the lines below; of an updated block the lines that were there are position."""
    original = [line[1:] for line in takewhile(lambda line: line[0] == "-", lines)]
    left = list(original)
    for index, line in enumerate(lines):
        is_repeated = index >= len(original) and left[:1] == [line[1:]]
        if is_repeated:
            del left[0]
        yield "marker", line[0]
        yield "position" if index < len(original) or is_repeated else "content", line[1:]
