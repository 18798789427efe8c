"""The layouts of data sets: what one row of the output says.

lintseq            the record of `EditSequence.to_json`, and instruction, index, source_file
pylintseq          the authors': edit_path, index, source_file, source_instruction, source_response
messages           a user's and an assistant's message, as chat trainers read them
prompt-completion  prompt and completion, as trainers with loss on the completion read them

Rows whose edits are in another format than the paper's say so in a field "edit_format".
The model text is that of `edits.formats`. In "messages" it starts with its first marker, not with
the line break before it: chat templates strip a message, and the break with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lintseq_core.data.settings import BuildSettings
from lintseq_core.edits.formats import UNIFIED
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.json_text import json_text
from lintseq_core.programs import Program


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row of the output comes from."""

    index: int
    """0-based row of the source."""
    source_file: str
    """File name, without its folder: a data set is the same wherever it is built."""
    instruction: str
    response: str
    """What the source has for a program, as it stands there."""


def sequence_row(sequence: EditSequence, origin: Origin, settings: BuildSettings) -> str:
    """One edit sequence as a line of JSON, without a line break."""
    if settings.layout == "lintseq":
        added = {
            "instruction": origin.instruction,
            "index": origin.index,
            "source_file": origin.source_file,
        }
        record = sequence.to_json(with_reasons=settings.reasons)
        return f"{record[:-1]}, {_dump(added)[1:]}"
    if settings.layout == "pylintseq":
        return _dump(
            {
                "edit_path": list(sequence.edits()),
                "index": origin.index,
                "source_file": origin.source_file,
                "source_instruction": origin.instruction,
                "source_response": origin.response,
            }
        )
    text = sequence.to_model_text(eos=settings.eos, edit_format=settings.edit_format)
    return _text_row(text, origin, settings, sequence.program.id, sequence.path_index)


def whole_row(program: Program, origin: Origin, settings: BuildSettings) -> str:
    """The baseline's row: the program in one piece after a line break."""
    return _text_row(f"\n{program.text}{settings.eos}", origin, settings, program.id, None)


def _text_row(
    text: str, origin: Origin, settings: BuildSettings, program_id: str, path_index: int | None
) -> str:
    row: dict[str, Any]
    if settings.layout == "messages":
        row = {
            "messages": [
                {"role": "user", "content": origin.instruction},
                {"role": "assistant", "content": text.removeprefix("\n")},
            ]
        }
    else:
        row = {"prompt": origin.instruction, "completion": text}
    row |= {"index": origin.index, "source_file": origin.source_file, "program_id": program_id}
    if path_index is not None:
        row["path_index"] = path_index
    if settings.edit_format != UNIFIED:
        row["edit_format"] = settings.edit_format
    return _dump(row)


def _dump(value: dict[str, Any]) -> str:
    return json_text(value, ensure_ascii=False)
