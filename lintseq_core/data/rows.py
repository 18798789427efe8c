"""Rows of finished data sets, read back from every layout.

For looking at data sets, checking them and training on them; `sources` gives the raw rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.row_files import TooLong
from lintseq_core.data.settings import Layout
from lintseq_core.data.sources import Payload, RowSource
from lintseq_core.edits.formats import (
    BORDER,
    CLOSE,
    DIFF_MARKER,
    UNIFIED,
    EditFormatName,
    EditParseError,
    checked_format,
    format_remedy,
    parse_edits,
)
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.errors import LintSeqError, RecordError, SourceError
from lintseq_core.json_text import json_fault
from lintseq_core.programs import Program
from lintseq_core.programs.markdown import find_program

MAX_ROW_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class DataRow:
    """One row of a data set."""

    number: int
    """1-based line, or row of a Parquet file."""
    layout: Layout
    program: Program
    sequence: EditSequence | None
    """None where the program is written in one piece. Only the layout "lintseq" says what linter
    made it: in the others it is "none", which promises nothing."""
    instruction: str
    index: int | None
    """Row of the source, from 0."""
    source_file: str | None
    expected: str | None = None
    """The program that the layout "pylintseq" keeps beside its edits, where it can be read."""
    edit_format: EditFormatName | None = None
    """What its model text is written in; None: it holds no text of edits."""


def open_dataset(path: Path) -> RowSource:
    """The rows of the data set at `path`, not yet taken apart."""
    return RowSource(path, max_row_bytes=MAX_ROW_BYTES)


def read_row(index: int, payload: Payload) -> DataRow:
    """The row with the 0-based `index`; RecordError says what does not fit."""
    record = load_record(payload)
    place, name = record.get("index"), record.get("source_file")
    about: dict[str, Any] = {
        "number": index + 1,
        "index": place if isinstance(place, int) else None,
        "source_file": name if isinstance(name, str) else None,
    }
    if "birth_steps" in record:
        sequence = EditSequence.from_json(record)
        instruction = str(record.get("instruction", ""))
        return DataRow(
            layout="lintseq",
            program=sequence.program,
            sequence=sequence,
            instruction=instruction,
            **about,
        )
    if "edit_path" in record:
        return _pylintseq_row(record, about)
    if "messages" in record:
        instruction, text = _message_texts(record["messages"])
        return _text_row("messages", instruction, text, about, record.get("edit_format"))
    if isinstance(record.get("completion"), str):
        instruction, text = str(record.get("prompt", "")), record["completion"]
        return _text_row("prompt-completion", instruction, text, about, record.get("edit_format"))
    names = ", ".join(list(record)[:6])
    raise RecordError(f"not a row of a known layout: it has the fields {names}")


def load_record(payload: Payload) -> dict[str, Any]:
    """The object in `payload`; RecordError if there is none."""
    if isinstance(payload, TooLong):
        raise RecordError(f"{payload.n_bytes:,} bytes are too much for a row")
    if isinstance(payload, bytes):
        try:
            payload = json.loads(payload.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise RecordError(json_fault(error)) from None
    if not isinstance(payload, dict):
        raise RecordError("not a JSON object")
    return payload


def _pylintseq_row(record: dict[str, Any], about: dict[str, Any]) -> DataRow:
    path = record["edit_path"]
    if not isinstance(path, list) or not all(isinstance(edit, str) for edit in path):
        raise RecordError("expected a list of strings", field="edit_path")
    # The authors' first release keeps an empty edit where only blank lines are left.
    text = "".join(f"{BORDER}{edit}" for edit in path if edit)
    sequence = sequence_of_text(f"{text}{CLOSE}")
    return DataRow(
        layout="pylintseq",
        program=sequence.program,
        sequence=sequence,
        instruction=str(record.get("source_instruction", "")),
        expected=_expected_program(record.get("source_response")),
        edit_format=UNIFIED,
        **about,
    )


def _text_row(
    layout: Layout, instruction: str, text: str, about: dict[str, Any], recorded: object
) -> DataRow:
    sequence = edit_format = None
    if text.removeprefix("\n").startswith(DIFF_MARKER):
        head, close, eos = text.rpartition(CLOSE)
        edit_format = checked_format(recorded)
        text = head + close if close and "\n" not in eos else text
        sequence = sequence_of_text(text, edit_format)
    if sequence is not None:
        program = sequence.program
    else:
        whole, line_break, _ = text.removeprefix("\n").rpartition("\n")  # then the end marker
        program = Program(whole + line_break)
    return DataRow(
        layout=layout,
        program=program,
        sequence=sequence,
        instruction=instruction,
        edit_format=edit_format,
        **about,
    )


def _message_texts(messages: Any) -> tuple[str, str]:
    match messages:
        case [{"content": str(instruction)}, {"content": str(text)}]:
            return instruction, text
    raise RecordError("expected a user's and an assistant's, each with content", field="messages")


def _expected_program(response: Any) -> str | None:
    if not isinstance(response, str):
        return None
    try:
        return Program.from_text(find_program(response) or "").text
    except SourceError:
        return None


def sequence_of_text(text: str, edit_format: EditFormatName = UNIFIED) -> EditSequence:
    """The sequence that model text writes; RecordError if it is no list of insertions."""
    try:
        edits = parse_edits(text, edit_format=edit_format).edits
    except EditParseError as error:
        remedy = format_remedy(text, edit_format, told="give the row the edit_format").removeprefix(
            "; "
        )
        raise RecordError(f"the edits do not parse: {error}", remedy=remedy) from None
    lines: list[tuple[str, int]] = []
    for step, edit in enumerate(edits):
        for hunk in edit:
            lines[hunk.start - 1 : hunk.start - 1] = [(line, step) for line in hunk.lines]
    if not lines:
        raise RecordError("no edit")
    return EditSequence(
        program=Program("".join(f"{line}\n" for line, _ in lines)),
        birth_steps=tuple(step for _, step in lines),
        reasons=(),
        method="lintseq",
    )


def rows_of(path: Path) -> Iterator[DataRow | tuple[int, str]]:
    """Every row of the data set at `path`; number and message of one that cannot be read."""
    for index, payload in open_dataset(path).rows():
        try:
            yield read_row(index, payload)
        except (LintSeqError, RecursionError) as error:
            yield index + 1, str(error)
