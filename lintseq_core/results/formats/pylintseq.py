"""pylintseq: the authors' edit sequences of programs, a data set and not answers to problems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lintseq_core.data import rows
from lintseq_core.errors import RecordError
from lintseq_core.results.formats.format import Format, Numbering, reader_of
from lintseq_core.results.formats.human_eval import extra_fields
from lintseq_core.results.formats.reading import FormatError
from lintseq_core.results.sample import Sample


def read_row(row: dict[str, Any], place: str, numbering: Numbering) -> Iterable[Sample]:
    """`row` as a sample of its source row; the program is the one its edits write."""
    try:
        program = rows.read_row(0, row).program.text
    except RecordError as error:
        raise FormatError(f"{place}: {error}", field="edit_path") from None
    task_id = f"{row.get('source_file', '')}#{row.get('index', '')}"
    sample = Sample(
        task_id=task_id,
        sample_id=numbering.next_id(task_id),
        place=place,
        solution=program,
        extra=extra_fields(row, ()),
    )
    return (sample,)


ROWS = Format(
    name="pylintseq",
    title="edit sequences of pylintseq",
    signs="rows with edit_path, source_file, index",
    fits=lambda head, _: head.kind == "lines" and "edit_path" in head.row(),
    read=reader_of(read_row),
    read_row=read_row,
)
