"""lm-evaluation-harness: samples_<task>_<time>.jsonl, one row a problem with all its responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lintseq_core.data.fields import kind_of
from lintseq_core.results.formats.format import Format, Numbering, reader_of
from lintseq_core.results.formats.reading import FormatError
from lintseq_core.results.sample import Sample

_KEPT: tuple[str, ...] = ("doc_id", "doc_hash", "prompt_hash")
_PASS_AT_1 = re.compile(r"pass(@|_at_)1")
_PASS_AT_K = re.compile(r"pass(@|_at_)\d+")
_FILTER = "filter"


def read_row(row: dict[str, Any], place: str, numbering: Numbering) -> Iterator[Sample]:
    """The responses in `row`: raw ones as completions, filtered ones as programs.

    The tool keeps one score a problem, of what its filter left. Where that is every response, the
    score decides each of them if there is one, or if it is 0 or 1. Where it is one of several, the
    score decides those that read like it. Elsewhere the samples stay undecided.
    """
    _check_filter(row, place, numbering)
    raw = _texts(row, "resps", place)
    filtered = _texts(row, "filtered_resps", place) if "filtered_resps" in row else raw
    if is_whole := len(filtered) == len(raw):
        programs: list[Any] = filtered
        is_scored = [True] * len(raw)
    else:
        programs = [None] * len(raw)
        is_scored = [text in filtered for text in raw]
    score = _score(row, place)
    decided = bool(score) if score in {0, 1} and (is_whole or len(filtered) == 1) else None
    task_id = _task_id(row, place)
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


def _check_filter(row: dict[str, Any], place: str, numbering: Numbering) -> None:
    """Return if `row` is of the filter that the file begins with.

    A task with several filters has its problems once for each, always with the same responses.
    Versions before 0.4.7 do not say whose a row is: there the first row of a problem counts.
    """
    name = row.get(_FILTER)
    if not isinstance(name, str):
        first = numbering.first(f"doc_id {row.get('doc_id')!r}", place)
        if "doc_id" in row and place != first:
            raise FormatError(
                f"{place}: the problem of {first} again, as versions before 0.4.7 write it for "
                "each filter; keep one row a problem",
                field="doc_id",
            )
        return
    first = numbering.first(_FILTER, name)
    if name != first:
        raise FormatError(
            f"{place}: the same responses as in the rows of the filter {first!r:.60}, scored by "
            f"the filter {name!r:.60}; keep the rows of one filter",
            field=_FILTER,
        )


def _settings(row: dict[str, Any]) -> dict[str, Any]:
    """What the model was asked with: arguments.gen_args_0.arg_1, as newer versions write it."""
    value: Any = row.get("arguments")
    for name in ("gen_args_0", "arg_1"):
        value = value.get(name) if isinstance(value, dict) else None
    return {"gen_kwargs": value} if isinstance(value, dict) else {}


def _task_id(row: dict[str, Any], place: str) -> str:
    doc = row.get("doc")
    named = doc.get("task_id") if isinstance(doc, dict) else None
    value = named if named is not None else row.get("doc_id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise FormatError(f"{place}: no name of the problem in doc.task_id or doc_id", field="doc")
    return str(value)


def _texts(row: dict[str, Any], name: str, place: str) -> list[Any]:
    """The texts in `name`, which is one list of responses for each request: [["a", "b"]]."""
    lists = row.get(name)
    if not isinstance(lists, list):
        raise FormatError(
            f"{place}: field {name!r} is {kind_of(lists)}, expected a list", field=name
        )
    texts = [text for one in lists for text in (one if isinstance(one, list) else [one])]
    for text in texts:
        # A service that answers nothing gives null: a response without a text.
        if not isinstance(text, str | None):
            raise FormatError(
                f"{place}: field {name!r} holds {kind_of(text)}, expected strings", field=name
            )
    return texts


def _score(row: dict[str, Any], place: str) -> float | None:
    """pass@1, or exact_match; 0 where any pass@k is, for then no response passes."""
    known = [name for name, value in row.items() if value is not None]
    names = [name for name in known if _PASS_AT_1.fullmatch(name)]
    names += [name for name in known if name == "exact_match"]
    for name in names:
        return _number(row, name, place)
    others = (_number(row, name, place) for name in known if _PASS_AT_K.fullmatch(name))
    return 0.0 if 0 in others else None


def _number(row: dict[str, Any], name: str, place: str) -> float:
    value = row[name]
    if not isinstance(value, int | float):  # true and false are 1 and 0, as the tool counts them
        raise FormatError(
            f"{place}: field {name!r} is {kind_of(value)}, expected a number", field=name
        )
    try:
        return float(value)
    except OverflowError:
        raise FormatError(
            f"{place}: field {name!r} is {value}, too large for a score", field=name
        ) from None


SAMPLES = Format(
    name="lm-eval",
    title="samples of lm-evaluation-harness",
    signs="rows with doc, resps",
    fits=lambda head, _: head.kind == "lines" and {"doc", "resps"} <= head.row().keys(),
    read=reader_of(read_row),
    has_verdicts=True,
    read_row=read_row,
)
