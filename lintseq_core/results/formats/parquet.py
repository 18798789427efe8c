"""Our own rows as Parquet: what `lintseq convert --to parquet` writes."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.results.formats.format import Format, Meta, Numbering, Reading, tried
from lintseq_core.results.formats.own import sample_of
from lintseq_core.results.formats.reading import FormatError, Input


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
                raise FormatError(f"{source.name}: no column 'task_id' (it has {has})")
            for batch in file.iter_batches(batch_size=64):
                for row in batch.to_pylist():
                    number += 1
                    place = f"{source.name}, row {number}"
                    yield tried(partial(sample_of, _plain(row), place, numbering))
    except pyarrow.ArrowException as error:
        what = str(error).splitlines()[0]
        raise FormatError(f"{source.name}: not a Parquet file that can be read: {what}") from None


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    extra = row.pop("extra", None)
    plain = {name: value for name, value in row.items() if value is not None}
    if isinstance(extra, str):
        plain["extra"] = json.loads(extra)
    return plain


ROWS = Format(
    name="parquet",
    title="samples or results of lintseq as Parquet",
    signs="a Parquet file with the column task_id",
    fits=lambda head, _: head.kind == "parquet",
    read=read_rows,
    has_verdicts=True,
)
