"""Why a line is part of an edit. One reason per line of a program; line numbers are 0-based."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from lintseq_core.errors import RecordError
from lintseq_core.programs.blocks import RELATIONS, Relation


@dataclass(frozen=True, slots=True)
class Drawn:
    """The line drawn at random; with RandSeq, every line."""

    kind: ClassVar[str] = "drawn"


@dataclass(frozen=True, slots=True)
class FromFinding:
    """The linter named the line once the lines in `absent` were gone."""

    kind: ClassVar[str] = "finding"
    code: str
    arguments: tuple[str, ...]
    round: int
    """1 for the first lint of the closure."""
    absent: tuple[int, ...]
    """The lines that caused it: binders of the missing name, else all the last round deleted."""


@dataclass(frozen=True, slots=True)
class Dependent:
    """The line goes with line `of` by the structure of the program."""

    kind: ClassVar[str] = "dependent"
    of: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class Leftover:
    """No candidate, taken by no closure (comments, blank lines): part of the first edit."""

    kind: ClassVar[str] = "leftover"


Reason = Drawn | FromFinding | Dependent | Leftover


def reason_to_dict(reason: Reason) -> dict[str, Any]:
    """`reason` as JSON-safe values, "kind" first."""
    return {"kind": reason.kind, **asdict(reason)}


def reason_from_dict(value: Any, n_lines: int) -> Reason:
    """The reason `reason_to_dict` wrote; RecordError if it is none of a program of `n_lines`."""
    match value:
        case {"kind": "drawn"}:
            return Drawn()
        case {"kind": "leftover"}:
            return Leftover()
        case {"kind": "dependent", "of": of, "relation": str(relation)} if (
            relation in RELATIONS and _is_line(of, n_lines)
        ):
            return Dependent(of, relation)
        case {"kind": "finding", "code": str(code), "round": int(round_)} if (
            round_ >= 1 and not isinstance(round_, bool) and _is_finding(value, n_lines)
        ):
            return FromFinding(code, tuple(value["arguments"]), round_, tuple(value["absent"]))
    raise RecordError(f"not a reason for a line of {n_lines}: {value!r:.120}")


def _is_finding(value: Mapping[str, Any], n_lines: int) -> bool:
    arguments, absent = value.get("arguments"), value.get("absent")
    return (
        isinstance(arguments, list)
        and bool(absent)
        and all(isinstance(argument, str) for argument in arguments)
        and isinstance(absent, list)
        and all(_is_line(line, n_lines) for line in absent)
    )


def _is_line(value: Any, n_lines: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < n_lines
