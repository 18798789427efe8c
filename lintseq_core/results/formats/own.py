"""Our own rows: samples and the results of `lintseq evaluate`, as JSON lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lintseq_core.data.fields import kind_of
from lintseq_core.execution.verdict import Verdict
from lintseq_core.results.formats.format import Format, Numbering, reader_of
from lintseq_core.results.formats.human_eval import extra_fields
from lintseq_core.results.formats.reading import (
    FormatError,
    Head,
    Input,
    count_field,
    flag_field,
    task_field,
    text_field,
)
from lintseq_core.results.sample import Sample

_TEXTS = ("prompt", "completion", "solution", "isolation", "integrity")
_FIELDS = ("sample_id", "verdict", "passed", "tool_verdict", "base_passed", "flags", "extra")


def read_row(row: dict[str, Any], place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row`, with a Verdict where it was evaluated."""
    return (sample_of(row, place, numbering),)


def sample_of(row: dict[str, Any], place: str, numbering: Numbering) -> Sample:
    """The sample that one of our rows describes; FormatError names what does not fit."""
    task_id = task_field(row, place)
    passed, verdict = _decision(row, place)
    extra = extra_fields(row, (*_TEXTS, *_FIELDS))
    kept = row.get("extra")
    sample_id = numbering.next_id(task_id)
    if "sample_id" in row:
        sample_id = count_field(row, "sample_id", place)
    return Sample(
        task_id=task_id,
        sample_id=sample_id,
        place=place,
        passed=passed,
        verdict=verdict,
        base_passed=_optional_flag(row, "base_passed", place),
        flags=tuple(_flags(row, place)),
        extra=extra | (kept if isinstance(kept, dict) else {}),
        **{name: text_field(row, name, place) for name in _TEXTS if row.get(name) is not None},
    )


def _decision(row: dict[str, Any], place: str) -> tuple[bool | None, str | None]:
    if row.get("verdict") is None:
        tool = row.get("tool_verdict")
        return _optional_flag(row, "passed", place), None if tool is None else str(tool)
    verdict = text_field(row, "verdict", place)
    if verdict not in set(Verdict):
        raise FormatError(
            f"{place}: verdict {verdict!r:.60} is unknown; one of {', '.join(Verdict)}",
            field="verdict",
        )
    return None if verdict == Verdict.HARNESS_ERROR else verdict == Verdict.PASSED, verdict


def _optional_flag(row: dict[str, Any], name: str, place: str) -> bool | None:
    return flag_field(row, name, place) if row.get(name) is not None else None


def _flags(row: dict[str, Any], place: str) -> list[str]:
    flags = row.get("flags") or []
    if not isinstance(flags, list) or not all(isinstance(flag, str) for flag in flags):
        raise FormatError(
            f"{place}: field 'flags' is {kind_of(flags)}, expected a list of strings", field="flags"
        )
    return flags


def _fits(head: Head, source: Input) -> bool:
    row = head.row()
    return head.kind == "lines" and "task_id" in row and ("verdict" in row or "sample_id" in row)


ROWS = Format(
    name="lintseq",
    title="samples or results of lintseq",
    signs="rows with task_id and sample_id or verdict",
    fits=_fits,
    read=reader_of(read_row),
    has_verdicts=True,
    read_row=read_row,
)
