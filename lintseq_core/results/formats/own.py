"""Our own rows: samples and the results of `lintseq evaluate`, as JSON lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET, UnsetType

from lintseq_core.execution.verdict import Verdict
from lintseq_core.results.formats.fields import (
    Index,
    OneSample,
    TaskId,
    other_fields,
    read_fields,
)
from lintseq_core.results.formats.format import Numbering, Row, lines_of
from lintseq_core.results.formats.reading import Head
from lintseq_core.results.sample import Sample


class OwnFields(OneSample):
    """The fields of our rows that mean something to us."""

    task_id: TaskId
    sample_id: Index | UnsetType = UNSET
    verdict: Verdict | None = None
    """What `lintseq evaluate` decided."""
    passed: bool | None = None
    """What another tool decided, with its word for it."""
    tool_verdict: Any = None
    base_passed: bool | None = None
    isolation: str | None = None
    integrity: str | None = None
    flags: list[str] | None = None
    prompt: str | None = None
    completion: str | None = None
    solution: str | None = None
    extra: Any = None
    """Fields of another tool that have the name of one of ours."""


OWN_FIELDS = OwnFields.__struct_fields__


def read_row(row: Row, place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row`, with a Verdict where it was evaluated."""
    return (sample_of(row, place, numbering),)


def sample_of(row: Row, place: str, numbering: Numbering) -> Sample:
    """The sample that one of our rows describes; FormatError names what does not fit."""
    fields = read_fields(OwnFields, row, place)
    passed, verdict = fields.passed, fields.verdict
    if verdict is not None:
        passed = None if verdict is Verdict.HARNESS_ERROR else verdict is Verdict.PASSED
        word: str | None = str(verdict)
    else:
        word = None if fields.tool_verdict is None else str(fields.tool_verdict)
    task_id = str(fields.task_id)
    number = numbering.next_id(task_id)
    extra = other_fields(row, OWN_FIELDS)
    if isinstance(fields.extra, dict):
        extra |= fields.extra
    return Sample(
        task_id=task_id,
        sample_id=number if fields.sample_id is UNSET else fields.sample_id,
        place=place,
        completion=fields.completion,
        solution=fields.solution,
        prompt=fields.prompt,
        passed=passed,
        verdict=word,
        base_passed=fields.base_passed,
        isolation=fields.isolation,
        integrity=fields.integrity,
        flags=tuple(fields.flags or ()),
        extra=extra,
    )


def own_row(sample: Sample) -> Row:
    """Our row: only the fields that hold something, then what else the sample's row had."""
    # Others say "passed" too, and not at which isolation.
    is_ours = sample.verdict in _VERDICTS and sample.isolation is not None
    row: Row = {"task_id": sample.task_id, "sample_id": sample.sample_id}
    if is_ours:
        row["verdict"] = sample.verdict
    elif sample.passed is not None or sample.verdict is not None:
        row["passed"] = sample.passed
        row["tool_verdict"] = sample.verdict
    row["base_passed"] = sample.base_passed
    row["isolation"] = sample.isolation
    row["integrity"] = sample.integrity
    row["flags"] = list(sample.flags) or None
    row["prompt"] = sample.prompt
    row["completion"] = sample.completion
    row["solution"] = sample.solution
    rest = {name: value for name, value in sample.extra.items() if name not in OWN_FIELDS}
    clashing = {name: value for name, value in sample.extra.items() if name in OWN_FIELDS}
    row = {name: value for name, value in row.items() if value is not None} | rest
    return row | ({"extra": clashing} if clashing else {})


_VERDICTS = frozenset(Verdict)


def _fits(head: Head) -> bool:
    row = head.row()
    return "task_id" in row and ("verdict" in row or "sample_id" in row)


ROWS = lines_of(
    "lintseq",
    "samples or results of lintseq",
    "rows with task_id and sample_id or verdict",
    fits=_fits,
    read_row=read_row,
    row_of=own_row,
    has_verdicts=True,
)
