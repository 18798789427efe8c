"""What can be wrong with edit text, in whatever format it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lintseq_core.edits.hunks import Edit
from lintseq_core.errors import LintSeqError

FaultKind = Literal[
    "text before the first edit",
    "no header",
    "bad header",
    "count differs from the lines",
    "position out of range",
    "hunks out of order",
    "-a inconsistent with +b",
    "deletion",
    "line without +",
    "empty edit before the close",
    "truncated",
    "text after the close",
    "no line to insert",
    "text not in the program",
    "text at several places",
    "no such occurrence",
]
FAULT_KINDS: tuple[FaultKind, ...] = FaultKind.__args__  # type: ignore[attr-defined]
Remedy = Literal[
    "skipped",
    "placed by +b",
    "appended",
    "lines kept",
    "ignored",
    "placed by its text",
    "first place taken",
    "last place taken",
]
REMEDIES: tuple[Remedy, ...] = Remedy.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where edit text breaks the grammar, and what lenient reading does about it."""

    kind: FaultKind
    line_number: int
    """1-based, in the text that was parsed."""
    edit_index: int
    """0-based."""
    hunk_index: int
    """0-based, within the edit."""
    detail: str
    remedy: Remedy

    def __str__(self) -> str:
        place = f"line {self.line_number} (edit {self.edit_index + 1}, hunk {self.hunk_index + 1})"
        return f"{place}: {self.kind}: {self.detail}"


class EditParseError(LintSeqError):
    """Edit text that breaks the grammar; `faults` names every fault with its place."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0]}{more}")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class ParsedEdits:
    """Edits that can be applied, and every fault met on the way."""

    edits: tuple[Edit, ...]
    faults: tuple[Fault, ...]
