"""What the syntax trees of a store's programs say: made once, by worker processes, after the rest.

A program that brings a parser down takes a worker with it and no other program's tree.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.building.workers import WorkerPool, available_cpus
from lintseq_core.data.files import whole_file
from lintseq_core.data.sources import RawRow, import_pyarrow_parquet
from lintseq_core.metrics.normal_form import normal_text
from lintseq_core.results.samples.features import ParseState, read_structure
from lintseq_core.results.samples.importing import ROWS
from lintseq_core.results.samples.row import text_of

STRUCTURE = "structure.parquet"
_TOKEN = re.compile(r"\w+|[^\w\s]")
_ROWS_FOR_WORKERS = 2_000
"""Rows up to which processes cost more than they save."""
_NAMES = ("state", "features", "n_tokens", "program_key", "brought", "of_edits")
Read = tuple[int, int, int, int, int, list[int]]
"""What is said of a program, by the names in `_NAMES`."""


@dataclass(frozen=True, slots=True)
class ReadStructures:
    """The job of the workers."""

    cpu_limit_s: float = 60.0

    def open(self) -> Callable[[list[RawRow]], list[Read]]:
        """What reads a batch of programs."""
        return lambda batch: [_read(payload) for _, payload in batch]

    def lost(self, index: int, why: str) -> list[Read]:
        """A program that no worker survives has no tree."""
        return [(int(ParseState.BROKEN), 0, 0, index, 0, [])]

    def join(self, results: list[list[Read]]) -> list[Read]:
        """One after the other."""
        return [one for result in results for one in result]


def build_structure(folder: Path, on_progress: Callable[[int, int], None] | None = None) -> None:
    """Add what the trees say to the store in `folder`; `on_progress` gets rows done and all."""
    parquet = import_pyarrow_parquet()
    import pyarrow as pa

    said = on_progress or (lambda *_: None)
    columns: dict[str, list[Any]] = {name: [] for name in _NAMES}
    with parquet.ParquetFile(folder / ROWS) as file:
        n_rows = file.metadata.num_rows
        tasks = file.read(["task"])["task"].to_pylist()
        for found in _structures(_programs(file), n_rows):
            for name, values in zip(_NAMES, zip(*found, strict=True), strict=True):
                columns[name] += values
            said(len(columns["state"]), n_rows)
    seen: set[tuple[str, int]] = set()
    copies = []
    for pair in zip(tasks, columns["program_key"], strict=True):
        copies.append(pair in seen)
        seen.add(pair)
    types = {"state": pa.int8(), "n_tokens": pa.int32(), "program_key": pa.int64()}
    types |= {"features": pa.int32(), "brought": pa.int32(), "of_edits": pa.list_(pa.int32())}
    arrays = {name: pa.array(columns[name], types[name]) for name in _NAMES}
    with whole_file(folder / STRUCTURE) as out:
        table = pa.table(arrays | {"is_copy": pa.array(copies, pa.bool_())})
        parquet.write_table(table, out, compression="lz4")


def _programs(file: Any) -> Iterator[RawRow]:
    """The programs of a store with their edits and what was asked, as rows for workers."""
    names = ["program", "solution", "completion", "births", "prompt"]
    index = 0
    for batch in file.iter_batches(batch_size=1_000, columns=names):
        for row in batch.to_pylist():
            text = text_of(row.pop("program"), row.pop("solution"), row.pop("completion"))
            yield index, row | {"text": text}
            index += 1


def _structures(programs: Iterator[RawRow], n_rows: int) -> Iterator[list[Read]]:
    job = ReadStructures()
    if n_rows <= _ROWS_FOR_WORKERS:
        yield job.open()(list(programs))
        return
    with WorkerPool(job, available_cpus()) as pool:
        yield from pool.results(programs)


def _read(row: Any) -> Read:
    found = read_structure(row["text"], row["births"], row["prompt"])
    brought = 0
    for bits in found.of_edits:
        brought |= bits
    n_tokens = len(_TOKEN.findall(row["text"]))
    key = program_key(row["text"])
    return int(found.state), found.features, n_tokens, key, brought, list(found.of_edits)


def program_key(text: str) -> int:
    """Equal for programs with the same `normal_text`, on every machine."""
    digest = hashlib.blake2b(normal_text(text).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
