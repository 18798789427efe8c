"""Where a row holds its instruction and its program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lintseq_core.errors import LintSeqError

# Most specific first: a row with both "prompt" and "instruction" means the second.
INSTRUCTION_NAMES = (
    "instruction", "source_instruction", "problem", "prompt", "question", "text",
)  # fmt: skip
PROGRAM_NAMES = (
    "response", "source_response", "solution", "completion", "canonical_solution", "code",
    "program", "output", "answer",
)  # fmt: skip


class FieldError(LintSeqError):
    """A row without a text where one is expected; `kind` is what drops are counted by."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def read_text_field(row: Any, path: str) -> str:
    """The string at `path` of `row`; FieldError if there is none.

    Dots lead into nested objects, numbers into lists ("messages.1.content"). A name that holds a
    dot itself is tried first.
    """
    if not isinstance(row, dict):
        raise FieldError("wrong_type", f"the row is {kind_of(row)}, expected a JSON object")
    value = row[path] if path in row else _descend(row, path)
    if not isinstance(value, str):
        raise FieldError("wrong_type", f"field {path!r} is {kind_of(value)}, expected a string")
    return value


def guess_fields(rows: Iterable[Mapping[str, Any]]) -> tuple[str | None, str | None]:
    """Names of the instruction and program fields: the first known ones that hold text in a row.

    None for what no row has.
    """
    instruction: str | None = None
    program: str | None = None
    for row in rows:
        instruction = instruction or _first_text(row, INSTRUCTION_NAMES)
        program = program or _first_text(row, PROGRAM_NAMES)
        if instruction and program:
            break
    return instruction, program


def _first_text(row: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((name for name in names if isinstance(row.get(name), str)), None)


def _descend(row: dict[str, Any], path: str) -> Any:
    value: Any = row
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            has = ", ".join(map(str, list(value)[:8])) if isinstance(value, dict) else ""
            found = f"; the row has {has}" if has and value is row else ""
            raise FieldError("missing_field", f"no field {path!r}{found}")
    return value


def kind_of(value: Any) -> str:
    """What `value` is, in words for messages."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    names |= {int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), type(value).__name__)
