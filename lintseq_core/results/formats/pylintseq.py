"""pylintseq: the authors' edit sequences of programs, a data set and not answers to problems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lintseq_core.data import rows
from lintseq_core.errors import RecordError
from lintseq_core.results.formats.fault import Fault, FormatError, fault_of_record
from lintseq_core.results.formats.fields import other_fields
from lintseq_core.results.formats.format import Numbering, Row, lines_of
from lintseq_core.results.sample import Sample


def read_row(row: Row, place: str, numbering: Numbering) -> Iterable[Sample]:
    """`row` as a sample of its source row; the program is the one its edits write."""
    try:
        program = rows.read_row(0, row).program.text
    except RecordError as error:
        raise FormatError(replace(fault_of_record(error, place), field="edit_path")) from None
    task_id = f"{row.get('source_file', '')}#{row.get('index', '')}"
    sample = Sample(
        task_id=task_id,
        sample_id=numbering.next_id(task_id),
        place=place,
        solution=program,
        extra=other_fields(row, ("task_id",)),
    )
    return (sample,)


def row_of(sample: Sample) -> Row:
    """The row of pylintseq; only rows that came from there have edits."""
    if "edit_path" not in sample.extra:
        remedy = "'lintseq dataset build --layout pylintseq' makes them"
        raise FormatError(Fault(sample.place, "no edits", remedy))
    return dict(sample.extra)


ROWS = lines_of(
    "pylintseq",
    "edit sequences of pylintseq",
    "rows with edit_path, source_file, index",
    fits=lambda head: "edit_path" in head.row(),
    read_row=read_row,
    row_of=row_of,
)
