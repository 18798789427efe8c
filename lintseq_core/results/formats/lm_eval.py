"""lm-evaluation-harness: samples_<task>_<time>.jsonl, one row a problem with all its responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, UnsetType

from lintseq_core.data.fields import kind_of
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.fields import Fields, read_fields
from lintseq_core.results.formats.format import Numbering, Row, lines_of
from lintseq_core.results.sample import Sample

_KEPT: tuple[str, ...] = ("doc_id", "doc_hash", "prompt_hash")
_PASS_AT_1 = re.compile(r"pass(@|_at_)1")
_PASS_AT_K = re.compile(r"pass(@|_at_)\d+")
_FILTER = "filter"
_Responses = list[list[str | None] | str | None]
"""One list of responses for each request: [["a", "b"]]. A service that answers nothing gives null:
a response without a text."""


class ResponseFields(Fields):
    """Of a row that has all responses to a problem."""

    resps: _Responses
    filtered_resps: _Responses | UnsetType = UNSET
    doc: Any = None
    doc_id: Any = None


def read_row(row: Row, place: str, numbering: Numbering) -> Iterator[Sample]:
    """The responses in `row`: raw ones as completions, filtered ones as programs.

    The tool keeps one score a problem, of what its filter left. Where that is every response, the
    score decides each of them if there is one, or if it is 0 or 1. Where it is one of several, the
    score decides those that read like it. Elsewhere the samples stay undecided.
    """
    _check_filter(row, place, numbering)
    fields = read_fields(ResponseFields, row, place)
    raw = _texts(fields.resps)
    filtered = raw if fields.filtered_resps is UNSET else _texts(fields.filtered_resps)
    if is_whole := len(filtered) == len(raw):
        programs = filtered
        is_scored = [True] * len(raw)
    else:
        programs = [None] * len(raw)
        is_scored = [text in filtered for text in raw]
    score = _score(row, place)
    decided = bool(score) if score in {0, 1} and (is_whole or len(filtered) == 1) else None
    task_id = _task_id(fields, place)
    about = {name: row[name] for name in _KEPT if name in row} | _settings(row)
    for number, text in enumerate(raw):
        passed = decided if is_scored[number] else None
        yield Sample(
            task_id=task_id,
            sample_id=numbering.next_id(task_id),
            place=place,
            completion=text,
            solution=programs[number],
            passed=passed,
            verdict=None if passed is None else ("passed" if passed else "failed"),
            extra=about,
        )


def _check_filter(row: Row, place: str, numbering: Numbering) -> None:
    """Return if `row` is of the filter that the file begins with.

    A task with several filters has its problems once for each, always with the same responses.
    Versions before 0.4.7 do not say whose a row is: there the first row of a problem counts.
    """
    name = row.get(_FILTER)
    if not isinstance(name, str):
        first = numbering.first(f"doc_id {row.get('doc_id')!r}", place)
        if "doc_id" in row and place != first:
            what = (
                f"the problem of {first} again, as versions before 0.4.7 write it for each filter"
            )
            raise FormatError(Fault(place, what, "keep one row a problem", field="doc_id"))
        return
    first = numbering.first(_FILTER, name)
    if name != first:
        what = (
            f"the same responses as in the rows of the filter {first!r:.60}, scored by the filter "
            f"{name!r:.60}"
        )
        raise FormatError(Fault(place, what, "keep the rows of one filter", field=_FILTER))


def _settings(row: Row) -> dict[str, Any]:
    """What the model was asked with: arguments.gen_args_0.arg_1, as newer versions write it."""
    value: Any = row.get("arguments")
    for name in ("gen_args_0", "arg_1"):
        value = value.get(name) if isinstance(value, dict) else None
    return {"gen_kwargs": value} if isinstance(value, dict) else {}


def _task_id(fields: ResponseFields, place: str) -> str:
    named = fields.doc.get("task_id") if isinstance(fields.doc, dict) else None
    value = named if named is not None else fields.doc_id
    if isinstance(value, bool) or not isinstance(value, str | int):
        what = "no name of the problem in doc.task_id or doc_id"
        raise FormatError(Fault(place, what, field="doc"))
    return str(value)


def _texts(lists: _Responses) -> list[str | None]:
    return [text for one in lists for text in (one if isinstance(one, list) else [one])]


def _score(row: Row, place: str) -> float | None:
    """pass@1, or exact_match; 0 where any pass@k is, for then no response passes."""
    known = [name for name, value in row.items() if value is not None]
    names = [name for name in known if _PASS_AT_1.fullmatch(name)]
    names += [name for name in known if name == "exact_match"]
    for name in names:
        return _number(row, name, place)
    others = (_number(row, name, place) for name in known if _PASS_AT_K.fullmatch(name))
    return 0.0 if 0 in others else None


def _number(row: Row, name: str, place: str) -> float:
    value = row[name]
    if not isinstance(value, int | float):  # true and false are 1 and 0, as the tool counts them
        what = f"field {name!r} is {kind_of(value)}, expected a number"
        raise FormatError(Fault(place, what, field=name))
    try:
        return float(value)
    except OverflowError:
        what = f"field {name!r} is {value}, too large for a score"
        raise FormatError(Fault(place, what, field=name)) from None


SAMPLES = lines_of(
    "lm-eval",
    "samples of lm-evaluation-harness",
    "rows with doc, resps",
    fits=lambda head: {"doc", "resps"} <= head.row().keys(),
    read_row=read_row,
    has_verdicts=True,
)
