"""Small files for the tests of stores."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lintseq_core.results.samples.importing import About, import_file
from lintseq_core.results.samples.store import Store
from lintseq_core.results.samples.structure import build_structure

EDITS = (
    "\n<|diff|>@@ -0,0 +1 @@\n+x = [1]\n"
    "<|diff|>@@ -1,0 +2,2 @@\n+for y in x:\n+    print(y)\n<|diff|>\n<|diff|>\n"
)
"""The first edit brings an assignment, the second a loop."""
SAMPLES = (
    {"task_id": "T/0", "sample_id": 0, "verdict": "passed", "completion": EDITS, "model": "a"},
    {"task_id": "T/0", "sample_id": 1, "verdict": "wrong_answer", "completion": "x = (\n"},
    {"task_id": "T/1", "sample_id": 0, "verdict": "passed", "completion": "import os\nos.sep\n"},
    {"task_id": "T/1", "sample_id": 1, "completion": "import os\nos.sep\n", "temperature": 0.5},
)


def write_rows(path: Path, rows: Iterable[Any]) -> Path:
    """A file with a row a line; text and bytes stand as they are."""
    with path.open("wb") as file:
        for row in rows:
            line = row if isinstance(row, str | bytes) else json.dumps(row)
            file.write((line.encode() if isinstance(line, str) else line) + b"\n")
    return path


def store_of(folder: Path, rows: Iterable[Any], name: str = "f.jsonl") -> Store:
    """The store of a file of `rows`, with structure."""
    build(folder, write_rows(folder / name, rows))
    build_structure(folder / "store")
    return Store(folder / "store")


def build(folder: Path, path: Path) -> About:
    """What is said about the store of `path`."""
    return import_file(path, folder / "store", name="f")
