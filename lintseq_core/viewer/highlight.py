"""Syntax colours of a program as token runs, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from pygments.lexers import PythonLexer
from pygments.token import Token, _TokenType

TOKEN_CLASSES = (
    "plain",
    "keyword",
    "string",
    "doc",
    "number",
    "comment",
    "definition",
    "builtin",
    "decorator",
    "escape",
)
"""The class of a token by its id; the player gives each a colour (`--lsp-keyword`, ...)."""

_CLASS_OF_TYPE: dict[_TokenType, int] = {
    Token: 0,
    Token.Keyword: 1,
    Token.Operator.Word: 1,
    Token.Literal.String: 2,
    Token.Literal.String.Doc: 3,
    Token.Literal.Number: 4,
    Token.Comment: 5,
    Token.Name.Function: 6,
    Token.Name.Class: 6,
    Token.Name.Builtin: 7,
    Token.Name.Exception: 7,
    Token.Name.Decorator: 8,
    Token.Literal.String.Escape: 9,
    Token.Literal.String.Interpol: 9,
    Token.Literal.String.Affix: 1,
}


def token_runs(lines: tuple[str, ...]) -> list[list[int]]:
    """Per line a flat list `[length, class id, length, class id, ...]` that covers the line.

    Lengths are UTF-16 code units, the unit of JavaScript strings. The line is lexed as part of
    the whole text, so a string over several lines is a string on each of them.
    """
    runs: list[list[int]] = [[] for _ in lines]
    line_index = 0
    for class_id, text in _classified("\n".join(lines)):
        first, *others = text.split("\n")
        _extend(runs[line_index], first, class_id)
        for part in others:
            line_index += 1
            _extend(runs[line_index], part, class_id)
    return runs


def _classified(text: str) -> Iterator[tuple[int, str]]:
    # get_tokens() would drop a leading U+FEFF, and by default blank lines at both ends.
    for _, token_type, value in PythonLexer().get_tokens_unprocessed(text):
        yield _class_of(token_type), value


def _class_of(token_type: _TokenType) -> int:
    while token_type not in _CLASS_OF_TYPE and token_type.parent is not None:
        token_type = token_type.parent
    return _CLASS_OF_TYPE[token_type]


def _extend(runs: list[int], text: str, class_id: int) -> None:
    if not text:
        return
    length = len(text) + sum(character > "\uffff" for character in text)
    # A space has no colour: it joins the run before it, which halves the elements of a page.
    if runs and (runs[-1] == class_id or text.isspace()):
        runs[-2] += length
    else:
        runs.extend((length, class_id))
