"""Every error this package raises on purpose; `str(error)` is one line: what, where, remedy."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

SourceErrorKind = Literal["nul", "encoding", "syntax", "too_deep", "no_code"]


LONGEST_WORD, LONGEST_MESSAGE = 200, 2_000
"""In characters: what a file names may be of any length and hold anything."""
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


class LintSeqError(Exception):
    """Base of every error raised on purpose by this package.

    Its message is made safe to print: what would break the line, steer a terminal or turn the
    direction of writing is escaped, and what is too long to read loses its middle.
    """

    def __init__(self, message: str) -> None:
        super().__init__(readable(message))


class SourceError(LintSeqError):
    """A text that is not a program this package can work on.

    `kind` is the machine-readable reason (a data set build counts drops by it), `line_number`
    the 1-based line at fault or None, `line_text` that line.
    """

    def __init__(
        self,
        kind: SourceErrorKind,
        message: str,
        *,
        name: str,
        line_number: int | None = None,
        line_text: str | None = None,
    ) -> None:
        place = name if line_number is None else f"{name}, line {line_number}"
        shown = "" if not line_text or not line_text.strip() else f": {_excerpt(line_text)}"
        super().__init__(f"{place}: {message}{shown}")
        self.kind: SourceErrorKind = kind
        self.message = message
        self.name = name
        self.line_number = line_number
        self.line_text = line_text


class LinterFailure(LintSeqError):
    """A linter crashed or gave an answer that cannot be used; never to be read as "clean"."""


class LinterUnavailable(LintSeqError):
    """A linter that is unknown, or whose extra is not installed."""


class RecordError(LintSeqError):
    """A stored record that does not fit its schema, in parts from which the message is made.

    >>> print(RecordError("expected strings", field="stop", place="f, row 2", remedy="quote them"))
    f, row 2: stop: expected strings; quote them

    `what` may begin with "is ": "stop is missing". `field` is the path in the record, as
    "reasons[3].kind", and "" where the record as a whole does not fit; `place` is where it stands.
    """

    def __init__(self, what: str, *, field: str = "", place: str = "", remedy: str = "") -> None:
        sentence = what
        if field:
            sentence = f"{field}{' ' if what.startswith('is ') else ': '}{what}"
        if remedy:
            sentence = f"{sentence}; {remedy}"
        super().__init__(f"{place}: {sentence}" if place else sentence)
        self.what = what
        self.field = field
        self.place = place
        self.remedy = remedy

    def at(self, place: str) -> RecordError:
        """The same, and where it stands."""
        return RecordError(self.what, field=self.field, place=place, remedy=self.remedy)


def readable(text: str) -> str:
    """`text` as one line of bounded length.

    >>> readable("no field 'a\\nb'")
    "no field 'a\\\\nb'"
    """
    if not text.isprintable():
        text = "".join(map(_visible, text))
    text = _LONG_WORD.sub(lambda word: _without_middle(word[0], LONGEST_WORD), text)
    return _without_middle(text, LONGEST_MESSAGE)


def _visible(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode()


def _without_middle(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    end = length // 4
    return f"{text[: length - end - 1]}…{text[-end:]}"


def _excerpt(line: str, width: int = 80) -> str:
    text = line.strip()
    return repr(text if len(text) <= width else text[: width - 1] + "…")
