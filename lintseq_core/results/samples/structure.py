"""What the syntax trees of a table's programs say: made once, by several processes, after the rest.

A parser that a program brings down takes its process with it and nobody else's.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lintseq_core.data.files import whole_file
from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.errors import LintSeqError
from lintseq_core.metrics.normal_form import normal_text
from lintseq_core.results.samples.importing import TEXTS
from lintseq_core.results.samples.features import read_structure

STRUCTURE = "structure.parquet"
MAX_PROCESSES = 8
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SEQUENTIAL_GROUPS = 2
"""Groups of rows up to which processes cost more than they save."""


def build_structure(folder: Path, on_progress: Callable[[int, int], None] | None = None) -> None:
    """Add what the trees say to the table in `folder`; `on_progress` gets groups done and all."""
    parquet = import_pyarrow_parquet()
    import pyarrow as pa

    said = on_progress or (lambda *_: None)
    with parquet.ParquetFile(folder / TEXTS) as file:
        n_groups = file.num_row_groups
    parts = []
    for done, part in enumerate(_parts(folder / TEXTS, n_groups), start=1):
        parts.append(part)
        said(done, n_groups)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    offsets = np.r_[0, np.cumsum(joined.pop("edit_counts"))].astype(np.int32)
    of_edits = pa.ListArray.from_arrays(pa.array(offsets), pa.array(joined.pop("of_edits")))
    columns = {name: pa.array(values) for name, values in joined.items()}
    with whole_file(folder / STRUCTURE) as out:
        parquet.write_table(pa.table(columns | {"of_edits": of_edits}), out, compression="lz4")


def _parts(texts: Path, n_groups: int) -> Any:
    if n_groups <= _SEQUENTIAL_GROUPS:
        for group in range(n_groups):
            yield read_group(str(texts), group)
        return
    n_processes = min(MAX_PROCESSES, os.cpu_count() or 1)
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(n_processes, mp_context=context) as pool:
            yield from pool.map(read_group, [str(texts)] * n_groups, range(n_groups))
    except BrokenProcessPool:
        raise LintSeqError(
            "a process that reads the programs came to an end: out of memory, or a program that "
            "Python's parser does not survive; structural search stays closed for this file"
        ) from None


def read_group(texts: str, group: int) -> dict[str, NDArray[Any]]:
    """What the trees of one group of rows say."""
    parquet = import_pyarrow_parquet()
    with parquet.ParquetFile(texts) as file:
        rows = file.read_row_group(group, ["text", "births", "prompt"]).to_pylist()
    found = [read_structure(row["text"], row["births"], row["prompt"]) for row in rows]
    return {
        "state": np.array([one.state for one in found], np.int8),
        "features": np.array([one.features for one in found], np.int32),
        "n_tokens": np.array([len(_TOKEN.findall(row["text"])) for row in rows], np.int32),
        "program": np.array([program_key(row["text"]) for row in rows], np.int64),
        "edit_counts": np.array([len(one.of_edits) for one in found], np.int32),
        "of_edits": np.array([bits for one in found for bits in one.of_edits], np.int32),
    }


def program_key(text: str) -> int:
    """Equal for programs with the same `normal_text`, on every machine."""
    digest = hashlib.blake2b(normal_text(text).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
