"""bigcode-evaluation-harness: generations (a list of lists of programs) and summed-up scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lintseq_core.data.fields import kind_of
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.decoding import JsonStream, load_json
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.format import Format, Meta, Reading, note_empty, whole_program
from lintseq_core.results.formats.reading import MAX_ROW_BYTES, Head, Input, row_file
from lintseq_core.results.sample import Sample


def read_generations(source: Input, meta: Meta) -> Reading:
    """The programs in `source`; the file names no problems, so task_ids are places in its list.

    A file whose name holds "humaneval" gets HumanEval/0, HumanEval/1 ...: right for a whole run,
    not for one started with --limit_start.
    """
    prefix = "HumanEval/" if "humaneval" in source.path.name.lower() else ""
    with row_file(source).open() as file:
        stream = JsonStream(file, source.name)
        empty: list[str] = []
        for task in stream.items():
            place = f"{source.name}, item {task + 1}"
            programs = stream.value()
            if not isinstance(programs, list):
                yield Fault(place, f"{kind_of(programs)}, expected a list of programs")
                continue
            if not programs:
                empty.append(f"{prefix}{task}")
            for number, program in enumerate(programs):
                where = f"{place}, program {number + 1}"
                if not isinstance(program, str):
                    yield Fault(where, f"{kind_of(program)}, expected a string")
                    continue
                yield Sample(
                    task_id=f"{prefix}{task}", sample_id=number, place=where, solution=program
                )
        stream.finish()
    note_empty(meta, empty)


def _generations_text(samples: Iterable[Sample], meta: Meta) -> str:
    """The list of lists: the programs of each problem in benchmark order."""
    tasks: dict[str, list[str]] = {}
    for sample in samples:
        tasks.setdefault(sample.task_id, []).append(whole_program(sample))
    numbers = [task_id.rpartition("/")[2] for task_id in tasks]
    if sorted(numbers, key=_number) != [str(index) for index in range(len(tasks))]:
        what = (
            "generations are told apart by their place alone, so the problems must be numbered "
            "from 0 without gaps"
        )
        remedy = f"found {', '.join(list(tasks)[:3])} ...: write --to evalplus"
        raise FormatError(Fault("", what, remedy))
    return json_text([tasks[task_id] for task_id in sorted(tasks, key=_number)])


def _number(task_id: str) -> int:
    number = task_id.rpartition("/")[2]
    return int(number) if number.isdecimal() else -1


def read_scores(source: Input) -> dict[str, dict[str, float]]:
    """The scores in an evaluation file, as fractions by task and name ("pass@1")."""
    with row_file(source).open() as file:
        data = file.read(MAX_ROW_BYTES + 1)
    if len(data) > MAX_ROW_BYTES:
        raise FormatError(Fault(source.name, "too large for a file of scores"))
    scores = _scores(load_json(data, source.name))
    if not scores:
        raise FormatError(Fault(source.name, 'no "pass@k" between 0 and 1 for any task'))
    return scores


def _scores(document: Any) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for task, values in document.items() if isinstance(document, Mapping) else ():
        if isinstance(values, Mapping) and task != "config":
            named = {
                name: float(value)
                for name, value in values.items()
                if name.startswith("pass@") and _is_fraction(value)
            }
            if named:
                found[task] = named
    return found


def _is_fraction(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= 1  # NaN is not


def _no_samples(source: Input, meta: Meta) -> Reading:
    remedy = "take the generations file of the same run"
    raise FormatError(Fault(source.name, "summed-up scores, no samples", remedy))


def _fits_generations(head: Head, source: Input) -> bool:
    first = head.first
    if head.kind != "document" or not isinstance(first, list) or not first:
        return False
    return isinstance(first[0], list) and all(isinstance(one, str) for one in first[0])


GENERATIONS = Format(
    name="bigcode-harness",
    title="generations of bigcode-evaluation-harness",
    signs="a list of lists of strings",
    fits=_fits_generations,
    fits_start=True,
    read=read_generations,
    document_of=_generations_text,
)
SCORES = Format(
    name="bigcode-harness-scores",
    title="scores of bigcode-evaluation-harness",
    signs="a document with pass@k for each task",
    fits=lambda head, _: head.kind != "folder" and bool(_scores(head.first)),
    read=_no_samples,
)
