"""BigCodeBench: EvalPlus' layouts with its own task_ids and one suite of tests."""

from __future__ import annotations

from collections.abc import Iterable

from lintseq_core.json_text import json_text
from lintseq_core.results.formats.evalplus import (
    first_result,
    read_results,
    read_sample,
    result_as_it_was,
    results_document,
    status_of,
)
from lintseq_core.results.formats.format import (
    Format,
    Meta,
    Row,
    lines_of,
    require_verdict,
    whole_program,
)
from lintseq_core.results.formats.reading import Head, Input
from lintseq_core.results.sample import Sample


def sample_row(sample: Sample) -> Row:
    """`task_id` and `solution`."""
    return {"task_id": sample.task_id, "solution": whole_program(sample)} | dict(sample.extra)


def _results_text(samples: Iterable[Sample], meta: Meta) -> str:
    return json_text(results_document(samples, meta, _entry), indent=2)


def _entry(sample: Sample) -> Row:
    if "status" in sample.extra:
        return result_as_it_was(sample)
    status = status_of(require_verdict(sample), sample)
    solution = whole_program(sample)
    return {"task_id": sample.task_id, "solution": solution, "status": status, "details": {}}


def _fits_rows(head: Head) -> bool:
    row = head.row()
    return str(row.get("task_id", "")).startswith("BigCodeBench") and "solution" in row


def _fits_results(head: Head, source: Input) -> bool:
    first = first_result(head)
    return isinstance(first, dict) and "status" in first


RESULTS = Format(
    name="bigcodebench-results",
    title="eval_results.json of BigCodeBench",
    signs='a document with "eval", and status in its entries',
    fits=_fits_results,
    fits_start=True,
    read=read_results,
    has_verdicts=True,
    document_of=_results_text,
)
SAMPLES = lines_of(
    "bigcodebench",
    "samples of BigCodeBench",
    "rows with task_id BigCodeBench/..., solution",
    fits=_fits_rows,
    read_row=read_sample,
    row_of=sample_row,
)
