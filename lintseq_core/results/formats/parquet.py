"""Our own rows as Parquet: what `lintseq convert --to parquet` writes.

Written in groups small enough to read one page at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from lintseq_core.data.files import whole_file
from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.decoding import load_json
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.format import Format, Meta, Numbering, Reading, Row, tried
from lintseq_core.results.formats.own import OWN_FIELDS, own_row, sample_of
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.sample import Sample

_ROWS_PER_GROUP = 4_096
_CHARACTERS_PER_GROUP = 16 << 20


def read_rows(source: Input, meta: Meta) -> Reading:
    """The samples in the Parquet file `source`, a few at a time."""
    parquet = import_pyarrow_parquet()
    import pyarrow

    numbering = Numbering()
    number = 0
    try:
        with parquet.ParquetFile(source.path) as file:
            if "task_id" not in file.schema_arrow.names:
                has = ", ".join(file.schema_arrow.names[:8])
                raise FormatError(Fault(source.name, f"no column 'task_id' (it has {has})"))
            for batch in file.iter_batches(batch_size=64):
                for row in batch.to_pylist():
                    number += 1
                    place = f"{source.name}, row {number}"
                    yield tried(partial(_sample, row, place, numbering))
    except pyarrow.ArrowException as error:
        what = f"not a Parquet file that can be read: {str(error).splitlines()[0]}"
        raise FormatError(Fault(source.name, what)) from None


def _sample(columns: Row, place: str, numbering: Numbering) -> Sample:
    extra = columns.pop("extra", None)
    row = {name: value for name, value in columns.items() if value is not None}
    if isinstance(extra, str):
        row["extra"] = load_json(extra.encode(), f"{place}, field 'extra'")
    return sample_of(row, place, numbering)


def write(samples: Iterable[Sample], path: Path) -> None:
    """Write `samples` to the Parquet file `path`; a group of rows is held in memory."""
    parquet = import_pyarrow_parquet()
    import pyarrow

    schema = _schema(pyarrow)
    with (
        whole_file(path) as file,
        parquet.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        group: list[Row] = []
        size = 0
        for sample in samples:
            group.append(_columns(sample))
            size += sum(len(text) for text in group[-1].values() if isinstance(text, str))
            if len(group) == _ROWS_PER_GROUP or size > _CHARACTERS_PER_GROUP:
                writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))
                group, size = [], 0
        if group:
            writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))


def _columns(sample: Sample) -> Row:
    row = own_row(sample)
    for name in OWN_FIELDS:
        value = row.get(name)
        if isinstance(value, str) and not _is_unicode(value):
            what = "holds a lone surrogate (invalid Unicode), which Parquet cannot store"
            remedy = "write --to lintseq, or remove the row"
            raise FormatError(Fault(sample.place, what, remedy))
    columns = {name: value for name, value in row.items() if name in OWN_FIELDS}
    rest = {name: value for name, value in row.items() if name not in OWN_FIELDS}
    # All that has no column of its own, as JSON text: its types differ from row to row.
    rest |= columns.pop("extra", {})
    return columns | ({"extra": json_text(rest)} if rest else {})


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _schema(pa: Any) -> Any:
    text = pa.string()
    return pa.schema([
        ("task_id", text), ("sample_id", pa.int64()), ("verdict", text), ("passed", pa.bool_()),
        ("tool_verdict", text), ("base_passed", pa.bool_()), ("isolation", text),
        ("integrity", text), ("flags", pa.list_(text)), ("prompt", text), ("completion", text),
        ("solution", text), ("extra", text),
    ])  # fmt: skip


ROWS = Format(
    name="parquet",
    title="samples or results of lintseq as Parquet",
    signs="a Parquet file with the column task_id",
    fits=lambda head, _: head.kind == "parquet",
    read=read_rows,
    has_verdicts=True,
    write=write,
)
