"""Our own rows as Parquet, in groups small enough to read one page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lintseq_core.data.files import whole_file
from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.reading import FormatError
from lintseq_core.results.formats.rows import OWN_FIELDS, own_row
from lintseq_core.results.sample import Sample

_ROWS_PER_GROUP = 4_096
_CHARACTERS_PER_GROUP = 16 << 20


def write(samples: Iterable[Sample], path: Path) -> None:
    """Write `samples` to the Parquet file `path`; a group of rows is held in memory."""
    parquet = import_pyarrow_parquet()
    import pyarrow

    schema = _schema(pyarrow)
    with (
        whole_file(path) as file,
        parquet.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        group: list[dict[str, Any]] = []
        size = 0
        for sample in samples:
            group.append(_row(sample))
            size += sum(len(text) for text in group[-1].values() if isinstance(text, str))
            if len(group) == _ROWS_PER_GROUP or size > _CHARACTERS_PER_GROUP:
                writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))
                group, size = [], 0
        if group:
            writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))


def _row(sample: Sample) -> dict[str, Any]:
    row = own_row(sample)
    for name in OWN_FIELDS:
        value = row.get(name)
        if isinstance(value, str) and not _is_unicode(value):
            raise FormatError(
                f"{sample.place}: holds half of a surrogate pair, which Parquet cannot store; "
                "write --to lintseq, or remove the row"
            )
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
