"""EvalPlus: samples (rows, or a folder of programs) and eval_results.json.

BigCodeBench took both layouts over: its rows differ by their task_ids, its results by `status` and
`details` in the place of base and plus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from lintseq_core.data.fields import kind_of
from lintseq_core.results.formats.format import (
    Format,
    Meta,
    Numbering,
    Reading,
    note_empty,
    reader_of,
    tried,
)
from lintseq_core.results.formats.human_eval import PROGRAMS, extra_fields, program_texts
from lintseq_core.results.formats.json_stream import JsonStream
from lintseq_core.results.formats.reading import (
    MAX_ROW_BYTES,
    FormatError,
    Head,
    Input,
    open_bytes,
    task_field,
    text_field,
)
from lintseq_core.results.sample import Sample

PASS = "pass"
"""The only status that counts as solved; others are fail, timeout, error."""


def read_sample(row: dict[str, Any], place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row`: `solution`, a whole program, or `completion`."""
    task_id = task_field(row, place)
    texts = program_texts(row, place)
    sample = Sample(
        task_id=task_id,
        sample_id=numbering.next_id(task_id),
        place=place,
        completion=texts.get("completion"),
        solution=texts.get("solution"),
        extra=extra_fields(row, PROGRAMS),
    )
    return (sample,)


def read_folder(source: Input, meta: Meta) -> Reading:
    """The programs in a folder that has one folder a problem: HumanEval_0/0.py is HumanEval/0's."""
    for folder in sorted(_task_folders(source.path), key=_natural):
        task_id = folder.name.replace("_", "/")
        files = sorted(folder.glob("*.py"), key=_natural)
        for number, file in enumerate(files):
            place = f"{source.name}/{folder.name}/{file.name}"
            if file.stat().st_size > MAX_ROW_BYTES:
                yield FormatError(f"{place}: more than {MAX_ROW_BYTES >> 20} MiB; not a program")
                continue
            try:
                text = file.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                yield FormatError(f"{place}: not UTF-8; convert the file to UTF-8")
            else:
                yield Sample(task_id=task_id, sample_id=number, place=place, solution=text)


def read_results(source: Input, meta: Meta) -> Reading:
    """The samples in an eval_results.json of EvalPlus or BigCodeBench, one problem at a time."""
    empty: list[str] = []
    with open_bytes(source) as file:
        stream = JsonStream(file, source.name)
        for name in stream.members():
            if name != "eval":
                meta[name] = stream.value()
                continue
            for task_id in stream.members():
                place = f"{source.name}, {task_id}"
                if stream.peek() == "{":  # EvalPlus before 0.2: statuses, without programs
                    task = stream.value()
                    try:
                        samples = tuple(_old_results(task_id, task, place))
                    except FormatError as error:
                        yield error
                        continue
                    yield from samples
                    if not samples:
                        empty.append(task_id)
                    continue
                if stream.peek() != "[":
                    yield FormatError(f"{place}: {kind_of(stream.value())}, expected a list")
                    continue
                number = None
                for number in stream.items():
                    where, item = f"{place}, sample {number + 1}", stream.value()
                    yield tried(partial(_result, task_id, number, item, where))
                if number is None:
                    empty.append(task_id)
        stream.finish()
    note_empty(meta, empty)


def _result(task_id: str, number: int, item: Any, place: str) -> Sample:
    if not isinstance(item, dict):
        raise FormatError(f"{place}: {kind_of(item)}, expected an object")
    base_name = "base_status" if "base_status" in item else "status"
    base = text_field(item, base_name, place)
    plus = item.get("plus_status")
    if plus is not None:
        plus = text_field(item, "plus_status", place)
    failing = plus if base == PASS and plus is not None else base
    return Sample(
        task_id=task_id,
        sample_id=number,
        place=place,
        solution=program_texts(item, place, is_decided=True).get("solution"),
        passed=failing == PASS,
        verdict=failing,
        base_passed=base == PASS if plus is not None else None,
        extra={name: value for name, value in item.items() if name != "solution"},
    )


def _old_results(task_id: str, task: dict[str, Any], place: str) -> Iterator[Sample]:
    base, plus = task.get("base"), task.get("plus")
    if not isinstance(base, list) or not isinstance(plus, list | None):
        raise FormatError(f"{place}: field 'base' must be a list of [status, details]")
    if plus and len(plus) != len(base):
        raise FormatError(f"{place}: {len(base)} entries in 'base', {len(plus)} in 'plus'")
    for number, entry in enumerate(base):
        where = f"{place}, sample {number + 1}"
        words = {"base_status": _old_status(entry, where)}
        if plus:
            words["plus_status"] = _old_status(plus[number], where)
        yield _result(task_id, number, words, where)


def _old_status(entry: Any, place: str) -> str:
    status = entry[0] if isinstance(entry, list) and entry else entry
    if not isinstance(status, str):
        raise FormatError(f"{place}: status is {kind_of(status)}, expected a string")
    # The first releases wrote "success" and "failed".
    return {"success": PASS, "failed": "fail"}.get(status, status)


def _task_folders(path: Path) -> Iterator[Path]:
    return (one for one in path.iterdir() if one.is_dir() and next(one.glob("*.py"), None))


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sorts 10 after 9."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _fits_rows(head: Head, source: Input) -> bool:
    return head.kind == "lines" and "solution" in head.row() and "task_id" in head.row()


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
)
SAMPLES = Format(
    name="evalplus",
    title="samples of EvalPlus",
    signs="rows with task_id, solution",
    fits=_fits_rows,
    read=reader_of(read_sample),
    read_row=read_sample,
)
FOLDER = Format(
    name="evalplus-folder",
    title="a folder of programs, as EvalPlus reads it",
    signs="a folder with folders like HumanEval_0 that hold 0.py, 1.py ...",
    fits=_fits_folder,
    read=read_folder,
)
