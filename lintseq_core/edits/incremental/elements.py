"""Lines of a statement that can go without being missed by the grammar: whole elements.

`"key": value,` in a table starts where an element may start and ends where one may end. With any
number of such lines gone, what is left parses, and does to names what its lines did before. So a
table of a thousand lines is not parsed again for each line that goes.
"""

from __future__ import annotations

import keyword
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_NOT_AFTER = frozenset({"@", "case", "type"})
_NOT_IN = frozenset({"def", "class", "import", "with"})
"""First words of statements, and words in them, whose brackets may not be empty or out of order."""
_NO_ELEMENTS = frozenset({"for", "lambda"})
"""Where one of these stands right in a bracket, a comma need not part elements."""
_F_STRINGS = {getattr(tokenize, name, -1) for name in ("FSTRING_START", "TSTRING_START")}


@dataclass(slots=True)
class _Bracket:
    """An open bracket, and the lines right in it that may be elements so far."""

    holds_elements: bool
    at_boundary: bool = True
    """Whether the last token right in it was a comma, or nothing stands in it yet."""
    lines: list[int] = field(default_factory=list)


def element_lines(tokens: Sequence[tokenize.TokenInfo], first_word: str) -> frozenset[int]:
    """The 1-based rows of `tokens`, one statement, that hold nothing but whole elements."""
    if first_word in _NOT_AFTER or any(
        token.string in _NOT_IN or token.type in _F_STRINGS for token in tokens
    ):
        return frozenset()
    found: list[int] = []
    stack: list[_Bracket] = []
    row, depth_at_start, boundary_at_start, lowest = 0, 0, False, 0
    for place, token in enumerate(tokens):
        if token.start[0] != row:  # the first token of a line
            row, depth_at_start, lowest = token.start[0], len(stack), len(stack)
            boundary_at_start = bool(stack) and stack[-1].at_boundary
        text = token.string
        if token.type == tokenize.OP and text in _CLOSING:
            found += _close(stack)
            lowest = min(lowest, len(stack))
        elif token.type == tokenize.OP and text in _OPENING:
            if stack:
                stack[-1].at_boundary = False
            stack.append(_Bracket(_holds_elements(tokens, place)))
        elif stack:
            stack[-1].at_boundary = token.type == tokenize.OP and text == ","
            if text in _NO_ELEMENTS:
                stack[-1].holds_elements = False
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        ends_line = following is None or following.start[0] > token.end[0]
        if not (ends_line and stack and token.start[0] == token.end[0] == row):
            continue
        closes = following is not None and following.string in _CLOSING
        if (
            boundary_at_start
            and len(stack) == depth_at_start == lowest
            and (stack[-1].at_boundary or closes)
        ):
            stack[-1].lines.append(row)
    return frozenset(found)


def _close(stack: list[_Bracket]) -> list[int]:
    bracket = stack.pop()
    if stack:
        stack[-1].at_boundary = False
    return bracket.lines if bracket.holds_elements else []


def _holds_elements(tokens: Sequence[tokenize.TokenInfo], place: int) -> bool:
    """Whether the bracket at `place` opens a display or the arguments of a call."""
    if tokens[place].string == "{":
        return True
    if place == 0:  # `(\n x\n) += 1`: an empty tuple is no target for that
        return False
    before = tokens[place - 1]
    follows_value = before.string in _CLOSING or before.type in (tokenize.STRING, tokenize.NUMBER)
    if before.type == tokenize.NAME:
        follows_value = not keyword.iskeyword(before.string)
    return tokens[place].string == "(" or not follows_value
