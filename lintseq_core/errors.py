"""Every error this package raises on purpose; `str(error)` is one line: what, where, remedy."""

from __future__ import annotations

from typing import Literal

SourceErrorKind = Literal["nul", "encoding", "syntax", "too_deep", "no_code"]


class LintSeqError(Exception):
    """Base of every error raised on purpose by this package."""


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
    """A stored edit sequence that does not fit the schema; the message names the field."""


def _excerpt(line: str, width: int = 80) -> str:
    text = line.strip()
    return repr(text if len(text) <= width else text[: width - 1] + "…")
