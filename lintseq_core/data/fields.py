"""Where a row holds its instruction and its program: in fields of text, or in turns of a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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
INPUT_NAME = "input"
"""Of Alpaca's rows: what the instruction is to be done with; often empty."""
CHAT_NAMES = ("messages", "conversations")
_ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "chatgpt": "assistant",
}  # fmt: skip
"""What the turns of a chat are called, in `role` or in ShareGPT's `from`."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a row asks, and the answer."""

    instruction: str
    response: str
    unused: tuple[str, ...] = ()
    """What the row holds beside them: names of filled fields, and "system turn"."""


class FieldError(LintSeqError):
    """A row without a text where one is expected; `kind` is what drops are counted by."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def read_exchange(
    row: Any, *, program: str, instruction: str | None, given: str | None = None
) -> Exchange:
    """The exchange in the fields of `row` that are named; FieldError if there is none.

    A field is text, or a list of the turns of a chat: the user's is the instruction, the
    assistant's after it the response, where there is one of each; both may stand in one list.
    Text in the field `given` goes below the instruction, as Alpaca's own prompt has it.
    """
    answer = _value(row, program)
    asked: Any = "" if instruction is None else _value(row, instruction)
    unused = list(_unused(row, (program, instruction, given)))
    is_one_chat = instruction == program and isinstance(answer, list)
    if isinstance(asked, list):
        path = instruction or ""
        turns = _turns(asked, path)
        if len(turns) < len(asked):
            unused.append("system turn")
        is_pair = is_one_chat and len(turns) <= 2
        asked = _only(turns[:1] if is_pair else turns, "user", path)
        if is_pair:
            answer = _only(turns[1:], "assistant", path)
    if isinstance(answer, list):
        answer = _only(_turns(answer, program), "assistant", program)
    for name, value in ((program, answer), (instruction, asked)):
        if not isinstance(value, str):
            what = kind_of(value)
            raise FieldError("wrong_type", f"field {name!r} is {what}, expected a string")
    added = row.get(given) if given else None
    if isinstance(added, str) and added.strip():
        asked = f"{asked}\n\n### Input:\n{added}"
    elif given and added and not isinstance(added, str):
        unused.append(given)
    return Exchange(asked, answer, tuple(unused))


def _unused(row: Mapping[str, Any], paths: Iterable[str | None]) -> Iterator[str]:
    used = {name for path in paths if path for name in (path, path.partition(".")[0])}
    for name, value in row.items():
        if name not in used and value is not None and value not in ("", [], {}):
            yield name[:80]


def is_chat(value: Any) -> bool:
    """Whether `value` is a list of turns, each with who speaks and what is said."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, dict) and ("role" in turn or "from" in turn) for turn in value)
    )


_Turn = tuple[str, str]  # role, text


def _turns(value: list[Any], path: str) -> list[_Turn]:
    """The turns of a chat but the system's."""
    if not is_chat(value):
        raise FieldError("wrong_type", f"field {path!r} is a list, expected a string or a chat")
    turns = []
    for turn in value:
        name = turn["role"] if "role" in turn else turn["from"]
        role = _ROLES.get(name) if isinstance(name, str) else None
        if role is None:
            raise FieldError("no_exchange", f"field {path!r} has a turn of {name!r:.40}")
        if role != "system":
            turns.append((role, _said(turn.get("content", turn.get("value")), path)))
    return turns


def _said(content: Any, path: str) -> str:
    """The text of a turn, which may come as a list of parts."""
    parts = content if isinstance(content, list) else [{"text": content}]
    texts: list[Any] = [part.get("text") if isinstance(part, dict) else part for part in parts]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise FieldError("wrong_type", f"field {path!r} has a turn that is no text")
    return "\n".join(texts)


def _only(turns: list[_Turn], role: str, path: str) -> str:
    """What the one turn says, if it is of `role`."""
    if len(turns) > 1:
        raise FieldError(
            "several_turns",
            f"field {path!r} has {len(turns)} turns; what is asked last hangs on those before",
        )
    if not turns or turns[0][0] != role:
        raise FieldError("no_exchange", f"field {path!r} has no turn of the {role} in its place")
    return turns[0][1]


def read_text_field(row: Any, path: str) -> str:
    """The string at `path` of `row`; FieldError if there is none.

    Dots lead into nested objects, numbers into lists ("messages.1.content"). A name that holds a
    dot itself is tried first.
    """
    value = _value(row, path)
    if not isinstance(value, str):
        raise FieldError("wrong_type", f"field {path!r} is {kind_of(value)}, expected a string")
    return value


def _value(row: Any, path: str) -> Any:
    if not isinstance(row, dict):
        raise FieldError("wrong_type", f"the row is {kind_of(row)}, expected a JSON object")
    return row[path] if path in row else _descend(row, path)


def guess_fields(rows: Iterable[Mapping[str, Any]]) -> tuple[str | None, str | None]:
    """Names of the instruction and program fields: the first known ones that hold text in a row.

    The same name twice for a chat that holds both. None for what no row has.
    """
    chat: str | None = None
    instruction: str | None = None
    program: str | None = None
    for row in rows:
        instruction = instruction or _first_text(row, INSTRUCTION_NAMES)
        program = program or _first_text(row, PROGRAM_NAMES)
        chat = chat or next((name for name in CHAT_NAMES if is_chat(row.get(name))), None)
        if instruction and program:
            break
    if program is None and chat is not None:
        return chat, chat
    return instruction, program


def guess_input(rows: Iterable[Mapping[str, Any]], instruction: str | None) -> str | None:
    """The field that goes below the instruction: Alpaca's `input` beside its `instruction`."""
    is_alpaca = instruction == "instruction"
    has_one = any(isinstance(row.get(INPUT_NAME), str) and row[INPUT_NAME] for row in rows)
    return INPUT_NAME if is_alpaca and has_one else None


def _first_text(row: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next(
        (name for name in names if isinstance(row.get(name), str) or is_chat(row.get(name))), None
    )


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
