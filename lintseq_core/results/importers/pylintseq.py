"""pylintseq: the authors' edit sequences of programs, a data set and not answers to problems."""

from __future__ import annotations

from collections.abc import Iterator

from lintseq_core.data.rows import read_row
from lintseq_core.errors import RecordError
from lintseq_core.results.importers.format import Format, Meta, Numbering
from lintseq_core.results.importers.human_eval import extra_fields
from lintseq_core.results.reading import FormatError, Input, json_rows
from lintseq_core.results.sample import Sample


def read_rows(source: Input, meta: Meta) -> Iterator[Sample]:
    """Each row as a sample of its source row; the program is the one its edits write."""
    numbering = Numbering()
    for place, row in json_rows(source):
        try:
            program = read_row(0, row).program.text
        except RecordError as error:
            raise FormatError(f"{place}: {error}") from None
        task_id = f"{row.get('source_file', '')}#{row.get('index', '')}"
        yield Sample(
            task_id=task_id,
            sample_id=numbering.next_id(task_id),
            place=place,
            solution=program,
            extra=extra_fields(row, ()),
        )


ROWS = Format(
    name="pylintseq",
    title="edit sequences of pylintseq",
    signs="rows with edit_path, source_file, index",
    fits=lambda head, _: head.kind == "lines" and "edit_path" in head.row(),
    read=read_rows,
)
