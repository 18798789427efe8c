"""The edit formats by name."""

from __future__ import annotations

from lintseq_core.edits.formats.anchored import Anchored
from lintseq_core.edits.formats.format import EditFormat, EditFormatName
from lintseq_core.edits.formats.placed import Placed
from lintseq_core.edits.formats.search_replace import SearchReplace
from lintseq_core.edits.formats.unified import Unified
from lintseq_core.errors import LintSeqError, RecordError

_FORMATS: dict[EditFormatName, EditFormat] = {
    one.name: one for one in (Unified(), Placed(), Anchored(), SearchReplace())
}
FORMAT_NAMES: tuple[EditFormatName, ...] = tuple(_FORMATS)
UNIFIED: EditFormatName = "unified"
"""The paper's; what a file that names none is written in."""


def get_format(name: str) -> EditFormat:
    """The format called `name`. LintSeqError lists those that there are."""
    for known, one in _FORMATS.items():
        if known == name:
            return one
    raise LintSeqError(f"unknown edit format {name!r}: one of {', '.join(FORMAT_NAMES)}")


def checked_format(name: object, of: str = "") -> EditFormatName:
    """The format that a file records; None, where it records none, is the paper's.

    RecordError for a format that this release does not know; `of` is its place.
    """
    if name is None:
        return UNIFIED
    for known in FORMAT_NAMES:
        if known == name:
            return known
    raise RecordError(
        f"is {name!r:.60}; this release knows {', '.join(FORMAT_NAMES)}",
        field="edit_format",
        place=of,
        remedy="update lintseq-core",
    )
