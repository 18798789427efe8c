"""What a row of a data set teaches: an instruction, and a program or the edits that write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lintseq_core.data.rows import DataRow, open_dataset, read_row
from lintseq_core.edits.formats import UNIFIED, EditFormatName
from lintseq_core.errors import LintSeqError
from lintseq_core.training.errors import TrainingError

Target = Literal["edits", "whole"]


@dataclass(frozen=True, slots=True)
class Example:
    """One text to train on, before it is encoded."""

    instruction: str
    program: str
    """The program, whose last line ends; "" where `edits` has it."""
    edits: tuple[str, ...]
    """The text of each edit; empty for a program in one piece."""
    program_id: str = ""
    """Sequences of one program share it."""


def read_examples(
    path: Path,
    target: Target,
    *,
    one_per_program: bool = False,
    edit_format: EditFormatName | None = None,
) -> Iterator[Example]:
    """The examples in the data set at `path`, in its order; TrainingError names a bad row.

    `target` "whole" takes each program once for its instruction, whatever number of sequences the
    file has of it; so does `one_per_program` with the first sequence. "edits" needs sequences,
    written in `edit_format`; None is the paper's, and a row in another is a TrainingError then.
    """
    seen: set[tuple[str, str]] = set()
    for index, payload in open_dataset(path).rows():
        try:
            row = read_row(index, payload)
        except (LintSeqError, RecursionError) as error:
            raise TrainingError(
                f"{path}, row {index + 1}: {error}; make the file with 'lintseq dataset build'"
            ) from None
        if target == "whole" or one_per_program:
            key = (row.instruction, row.program.id)
            if key in seen:
                continue
            seen.add(key)
        yield _example(row, target, path, edit_format)


def _example(
    row: DataRow, target: Target, path: Path, edit_format: EditFormatName | None
) -> Example:
    if target == "whole":
        return Example(row.instruction, row.program.text, (), row.program.id)
    if row.sequence is None:
        raise TrainingError(
            f"{path}, row {row.number}: a program in one piece, without edits; train with "
            "target 'whole', or build the file with method lintseq or randseq"
        )
    if edit_format is None and row.edit_format not in (None, UNIFIED):
        raise TrainingError(
            f"{path}, row {row.number}: its edits are in the format {row.edit_format}; say what to "
            f"train on: --edit-format {row.edit_format}, or {UNIFIED} for the paper's"
        )
    edits = row.sequence.edits(edit_format or UNIFIED)
    return Example(row.instruction, "", edits, row.program.id)
