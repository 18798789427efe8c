"""EvalPlus: samples (rows, or a folder of programs) and eval_results.json.

BigCodeBench took both layouts over: its rows differ by their task_ids, its results by `status` and
`details` in the place of base and plus.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from lintseq_core.data.fields import kind_of
from lintseq_core.data.files import sync_folder
from lintseq_core.execution.verdict import TIMEOUTS
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.decoding import JsonStream
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.fields import Fields, no_text, other_fields, read_fields
from lintseq_core.results.formats.format import (
    REMARKS,
    Format,
    Meta,
    Numbering,
    Reading,
    Row,
    lines_of,
    note_empty,
    require_program,
    require_verdict,
    tried,
    whole_program,
)
from lintseq_core.results.formats.human_eval import ProgramFields, read_program
from lintseq_core.results.formats.inspect_logs import SCORER, SCORERS, STATUS
from lintseq_core.results.formats.reading import MAX_ROW_BYTES, Head, Input, row_file
from lintseq_core.results.sample import Sample

PASS, FAIL, TIMEOUT = "pass", "fail", "timeout"
"""Statuses that are written. Only the first counts as solved; there is "error" too."""
# "_" stands for "/", so it cannot stand for itself. No name may lead out of the folder.
_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*(/[A-Za-z0-9][A-Za-z0-9.+-]*)*")
_LONGEST_NAME = 200
"""Of a folder: file systems end at 255 bytes, some below."""
_NOT_WRITTEN = {"pass_at_k", STATUS, SCORER, SCORERS, REMARKS}
"""Of what a file says as a whole: the scores, which stand last, and notes of our readers."""


class ResultFields(Fields):
    """Of one result in a document; `status` is BigCodeBench's."""

    base_status: str | None = None
    status: str | None = None
    plus_status: str | None = None
    solution: str | None = None


class OldResultFields(Fields):
    """Of the results of one problem before EvalPlus 0.2: statuses, without programs."""

    base: list[Any]
    plus: list[Any] | None = None


# --- rows of samples -----------------------------------------------------------------------------


def read_sample(row: Row, place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row`: `solution`, a whole program, or `completion`."""
    fields = read_program(ProgramFields, row, place)
    task_id = str(fields.task_id)
    sample = Sample(
        task_id=task_id,
        sample_id=numbering.next_id(task_id),
        place=place,
        completion=fields.completion,
        solution=fields.solution,
        extra=other_fields(row, ProgramFields.__struct_fields__),
    )
    return (sample,)


def sample_row(sample: Sample) -> Row:
    """`task_id` with `solution`, `completion`, or both as the row had them."""
    row: Row = {"task_id": sample.task_id}
    require_program(sample)
    if sample.completion is not None:
        row["completion"] = sample.completion
    if sample.solution is not None:
        row["solution"] = sample.solution
    return row | dict(sample.extra)


# --- documents of results ------------------------------------------------------------------------


def read_results(source: Input, meta: Meta) -> Reading:
    """The samples in an eval_results.json of EvalPlus or BigCodeBench, one problem at a time."""
    empty: list[str] = []
    with row_file(source).open() as file:
        stream = JsonStream(file, source.name)
        for name in stream.members():
            if name != "eval":
                meta[name] = stream.value()
                continue
            for task_id in stream.members():
                place = f"{source.name}, {task_id}"
                if stream.peek() == "{":
                    found = _old_results(task_id, stream.value(), place)
                elif stream.peek() == "[":
                    found = _results(task_id, stream, place)
                else:
                    yield Fault(place, f"{kind_of(stream.value())}, expected a list")
                    continue
                result = None
                for result in found:
                    yield result
                if result is None:
                    empty.append(task_id)
        stream.finish()
    note_empty(meta, empty)


def _results(task_id: str, stream: JsonStream, place: str) -> Reading:
    for number in stream.items():
        where, item = f"{place}, sample {number + 1}", stream.value()
        yield tried(partial(_result, task_id, number, item, where))


def _result(task_id: str, number: int, item: Any, place: str) -> Sample:
    fields = read_fields(ResultFields, item, place)
    base, plus = fields.base_status, fields.plus_status
    if base is None:
        base = fields.status
    if base is None:
        raise FormatError(no_text(("base_status", "status"), item, place))
    failing = plus if base == PASS and plus is not None else base
    return Sample(
        task_id=task_id,
        sample_id=number,
        place=place,
        solution=fields.solution,
        passed=failing == PASS,
        verdict=failing,
        base_passed=base == PASS if plus is not None else None,
        extra={name: value for name, value in item.items() if name != "solution"},
    )


def _old_results(task_id: str, task: Row, place: str) -> Reading:
    try:
        samples = tuple(_read_old_results(task_id, task, place))
    except FormatError as error:
        yield error.fault
    else:
        yield from samples


def _read_old_results(task_id: str, task: Row, place: str) -> Iterator[Sample]:
    fields = read_fields(OldResultFields, task, place)
    base, plus = fields.base, fields.plus
    if plus and len(plus) != len(base):
        raise FormatError(Fault(place, f"{len(base)} entries in 'base', {len(plus)} in 'plus'"))
    for number, entry in enumerate(base):
        where = f"{place}, sample {number + 1}"
        statuses = {"base_status": _old_status(entry, where)}
        if plus:
            statuses["plus_status"] = _old_status(plus[number], where)
        yield _result(task_id, number, statuses, where)


def _old_status(entry: Any, place: str) -> str:
    status = entry[0] if isinstance(entry, list) and entry else entry
    if not isinstance(status, str):
        raise FormatError(Fault(place, f"status is {kind_of(status)}, expected a string"))
    # The first releases wrote "success" and "failed".
    return {"success": PASS, "failed": FAIL}.get(status, status)


def results_document(
    samples: Iterable[Sample], meta: Meta, entry_of: Callable[[Sample], Row]
) -> Row:
    """What the file said as a whole, and "eval" with the entry of each sample by problem."""
    tasks: dict[str, list[Row]] = {}
    for sample in samples:
        tasks.setdefault(sample.task_id, []).append(entry_of(sample))
    about = {name: value for name, value in meta.items() if name not in _NOT_WRITTEN}
    sums = {name: value for name, value in meta.items() if name == "pass_at_k"}
    return about | {"eval": tasks} | sums


def result_as_it_was(sample: Sample) -> Row:
    """The entry of a sample that came from such a document."""
    solution = {} if sample.solution is None else {"solution": sample.solution}
    return {"task_id": sample.task_id} | solution | dict(sample.extra)


def status_of(passed: bool, sample: Sample) -> str:
    """The word for a verdict on `sample`."""
    if passed:
        return PASS
    return TIMEOUT if sample.verdict in TIMEOUTS | {"timed out"} else FAIL


def _results_text(samples: Iterable[Sample], meta: Meta) -> str:
    return json_text(results_document(samples, meta, _entry))


def _entry(sample: Sample) -> Row:
    if "base_status" in sample.extra:
        return result_as_it_was(sample)
    base, plus = require_verdict(sample), None
    if sample.base_passed is not None:
        base, plus = sample.base_passed, base
    return {
        "task_id": sample.task_id,
        "solution": whole_program(sample),
        "base_status": status_of(base, sample),
        "plus_status": None if plus is None else status_of(plus, sample),
        "base_fail_tests": [],
        "plus_fail_tests": [],
    }


# --- folders: HumanEval_0/0.py is a program for HumanEval/0 --------------------------------------


def read_folder(source: Input, meta: Meta) -> Reading:
    """The programs in a folder that has one folder a problem."""
    for folder in sorted(_task_folders(source.path), key=_natural):
        task_id = folder.name.replace("_", "/")
        files = sorted(folder.glob("*.py"), key=_natural)
        for number, file in enumerate(files):
            place = f"{source.name}/{folder.name}/{file.name}"
            if file.stat().st_size > MAX_ROW_BYTES:
                yield Fault(place, f"more than {MAX_ROW_BYTES >> 20} MiB", "not a program")
                continue
            try:
                text = file.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                yield Fault(place, "not UTF-8", "convert the file to UTF-8")
            else:
                yield Sample(task_id=task_id, sample_id=number, place=place, solution=text)


def write_folder(samples: Iterable[Sample], path: Path) -> None:
    """Write one program a sample; the folder appears whole, in the place of an older one."""
    numbering = Numbering()
    partial_folder = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        for sample in samples:
            task_id = sample.task_id
            if len(task_id) > _LONGEST_NAME or not _TASK_ID.fullmatch(task_id):
                what = f"task_id {task_id!r:.60} cannot be a folder that EvalPlus reads back"
                raise FormatError(Fault(sample.place, what, "write --to evalplus"))
            folder = partial_folder / task_id.replace("/", "_")
            folder.mkdir(exist_ok=True)
            file = folder / f"{numbering.next_id(task_id)}.py"
            file.write_bytes(_program_bytes(sample))
        partial_folder.chmod(0o755)
        if path.exists():
            shutil.rmtree(path)
        partial_folder.rename(path)
    except BaseException:
        shutil.rmtree(partial_folder, ignore_errors=True)
        raise
    sync_folder(path.parent)


def _program_bytes(sample: Sample) -> bytes:
    try:
        return whole_program(sample).encode()
    except UnicodeEncodeError:
        what = "holds a lone surrogate (invalid Unicode), which no file of text can"
        raise FormatError(Fault(sample.place, what, "write --to evalplus")) from None


def _task_folders(path: Path) -> Iterator[Path]:
    return (one for one in path.iterdir() if one.is_dir() and next(one.glob("*.py"), None))


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sorts 10 after 9."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


# --- what is recognised --------------------------------------------------------------------------


def first_result(head: Head) -> Any:
    """The first result of a problem that has one in a document of results; None in other files."""
    tasks = head.row().get("eval")
    if not isinstance(tasks, dict):
        return None
    first = next((results for results in tasks.values() if results), None)
    return first[0] if isinstance(first, list) else first


def _fits_results(head: Head, source: Input) -> bool:
    first = first_result(head)
    return isinstance(first, dict) and ("base_status" in first or "base" in first)


def _fits_folder(head: Head, source: Input) -> bool:
    return head.kind == "folder" and next(_task_folders(source.path), None) is not None


RESULTS = Format(
    name="evalplus-results",
    title="eval_results.json of EvalPlus",
    signs='a document with "eval", and base_status in its entries',
    fits=_fits_results,
    fits_start=True,
    read=read_results,
    has_verdicts=True,
    document_of=_results_text,
)
SAMPLES = lines_of(
    "evalplus",
    "samples of EvalPlus",
    "rows with task_id, solution",
    fits=lambda head: {"solution", "task_id"} <= head.row().keys(),
    read_row=read_sample,
    row_of=sample_row,
)
FOLDER = Format(
    name="evalplus-folder",
    title="a folder of programs, as EvalPlus reads it",
    signs="a folder with folders like HumanEval_0 that hold 0.py, 1.py ...",
    fits=_fits_folder,
    read=read_folder,
    write=write_folder,
)
