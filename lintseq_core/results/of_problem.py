"""The samples of one problem out of a large file, without reading the others in full."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lintseq_core.json_text import json_text
from lintseq_core.results.formats.reading import MAX_ROW_BYTES, Input, open_input, row_file
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.sample import Sample

_PLAIN_NAME = re.compile(r"[A-Za-z0-9 _.:-][A-Za-z0-9 _.:/-]*")
"""Names that JSON writes in one way, but for a slash that some writers escape."""


def samples_of_problem(path: str, task_id: str, *, scorer: str | None = None) -> list[Sample]:
    """The samples of `task_id` in `path`, in the order of the file; empty if it has none.

    `scorer` decides which of a log of Inspect pass.
    Of JSON lines, only the rows that hold the name are parsed: some 0.3 s for 250 MB. Sample
    numbers are those of the whole file, places are not.
    """
    with open_input(path) as opened:
        if _PLAIN_NAME.fullmatch(task_id) and opened.path.is_file() and _has_plain_lines(opened):
            with _rows_with(path, task_id) as few:
                found = list(_of(few, task_id)) if few is not None else []
            if found:
                return found
        return list(_of(opened, task_id, scorer))


def _has_plain_lines(source: Input) -> bool:
    return row_file(source).has_plain_lines


def _of(source: Input, task_id: str, scorer: str | None = None) -> Iterator[Sample]:
    for sample in recognise(source, scorer=scorer).samples():
        if sample.task_id == task_id:
            yield sample


@contextmanager
def _rows_with(path: str, task_id: str) -> Iterator[Input | None]:
    """A file of the rows of `path` that hold the name in quotes, or as a number; None for none."""
    needles = [json_text(task_id).encode()]
    if task_id.isdecimal():
        needles.append(b":" + task_id.encode())
        needles.append(b": " + task_id.encode())
    with tempfile.NamedTemporaryFile(prefix="lintseq-", suffix=".jsonl") as copy:
        with Path(path).open("rb") as file:
            while line := file.readline(MAX_ROW_BYTES + 1):
                if any(needle in line for needle in needles):
                    copy.write(line)
        copy.flush()
        yield Input(Path(copy.name), path) if copy.tell() else None
