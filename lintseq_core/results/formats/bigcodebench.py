"""BigCodeBench: EvalPlus' layouts with its own task_ids and one suite of tests."""

from __future__ import annotations

from lintseq_core.results.formats.evalplus import first_result, read_results, read_sample
from lintseq_core.results.formats.format import Format, reader_of
from lintseq_core.results.formats.reading import Head, Input


def _fits_rows(head: Head, source: Input) -> bool:
    row = head.row()
    is_ours = str(row.get("task_id", "")).startswith("BigCodeBench")
    return head.kind == "lines" and is_ours and "solution" in row


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
)
SAMPLES = Format(
    name="bigcodebench",
    title="samples of BigCodeBench",
    signs="rows with task_id BigCodeBench/..., solution",
    fits=_fits_rows,
    read=reader_of(read_sample),
    read_row=read_sample,
)
