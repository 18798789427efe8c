"""Data sets as Parquet: one row group for each shard, so that memory stays flat."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lintseq_core.data.files import whole_file
from lintseq_core.data.settings import BuildSettings
from lintseq_core.data.sources import import_pyarrow_parquet

_ROWS_PER_GROUP = 4_096


def write_parquet(shards: Iterable[Path], output: Path, settings: BuildSettings) -> None:
    """Write the rows of the JSON `shards` to `output`, in groups of a fixed number of rows."""
    parquet = import_pyarrow_parquet()
    import pyarrow

    schema = layout_schema(settings)
    with (
        whole_file(output) as file,
        parquet.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        group: list[dict[str, Any]] = []
        for row in _rows(shards):
            group.append(row)
            if len(group) == _ROWS_PER_GROUP:
                writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))
                group = []
        if group:
            writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))


def layout_schema(settings: BuildSettings) -> Any:
    """The columns of a layout, the same whatever the rows hold."""
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    origin = [("index", number), ("source_file", text)]
    if settings.layout == "pylintseq":
        columns = [("edit_path", pa.list_(text)), *origin]
        columns += [("source_instruction", text), ("source_response", text)]
        return pa.schema(columns)
    if settings.layout == "lintseq":
        columns = [("schema_version", number), ("program_id", text), ("method", text)]
        columns += [("linter", pa.struct([("name", text), ("version", text)]))]
        columns += [("indent_bias", number), ("compat", text), ("seed", number)]
        columns += [("path_index", number), ("python_version", text)]
        columns += [("lines", pa.list_(text)), ("birth_steps", pa.list_(number))]
        if settings.reasons:
            columns.append(("reasons", pa.list_(_reason_type(pa))))
        return pa.schema([*columns, ("instruction", text), *origin])
    if settings.layout == "messages":
        message = pa.struct([("role", text), ("content", text)])
        columns = [("messages", pa.list_(message)), *origin]
    else:
        columns = [("prompt", text), ("completion", text), *origin]
    columns.append(("program_id", text))
    if settings.method != "whole":
        columns.append(("path_index", number))
    return pa.schema(columns)


def _reason_type(pa: Any) -> Any:
    text, number = pa.string(), pa.int64()
    return pa.struct([
        ("kind", text), ("code", text), ("arguments", pa.list_(text)), ("round", number),
        ("absent", pa.list_(number)), ("of", number), ("relation", text),
    ])  # fmt: skip


def _rows(shards: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for shard in shards:
        with shard.open("rb") as file:
            for line in file:
                yield json.loads(line)
