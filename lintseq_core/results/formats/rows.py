"""Formats of one row a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lintseq_core.execution.verdict import Verdict
from lintseq_core.results.formats.reading import FormatError
from lintseq_core.results.sample import Sample

Row = dict[str, Any]
OWN_FIELDS = (
    "task_id", "sample_id", "verdict", "passed", "tool_verdict", "base_passed", "isolation",
    "integrity", "flags", "prompt", "completion", "solution", "extra",
)  # fmt: skip
"""The fields of our rows that mean something to us."""


def human_eval_row(sample: Sample) -> Row:
    """`task_id`, the prompt if it is known, `completion`, and what else the row had."""
    row: Row = {"task_id": sample.task_id}
    if sample.prompt is not None:
        row["prompt"] = sample.prompt
    return row | {"completion": _completion(sample)} | dict(sample.extra)


def human_eval_result(sample: Sample) -> Row:
    """The row of human-eval with `result` and `passed`."""
    if sample.passed is None:
        raise FormatError(
            f"{sample.place}: no verdict; run 'lintseq evaluate', or write --to human-eval"
        )
    result = "passed" if sample.passed else sample.verdict or "failed"
    return human_eval_row(sample) | {"result": result, "passed": sample.passed}


def prediction_row(sample: Sample) -> Row:
    """The authors' row: `task_id`, `prompt`, `completion`."""
    if sample.prompt is None:
        raise FormatError(f"{sample.place}: no prompt; write --to human-eval, which needs none")
    return human_eval_row(sample)


def evalplus_row(sample: Sample) -> Row:
    """`task_id` with `solution`, `completion`, or both as the row had them."""
    row: Row = {"task_id": sample.task_id}
    _check_program(sample)
    if sample.completion is not None:
        row["completion"] = sample.completion
    if sample.solution is not None:
        row["solution"] = sample.solution
    return row | dict(sample.extra)


def bigcodebench_row(sample: Sample) -> Row:
    """`task_id` and `solution`."""
    return {"task_id": sample.task_id, "solution": whole_program(sample)} | dict(sample.extra)


def pylintseq_row(sample: Sample) -> Row:
    """The row of pylintseq; only rows that came from there have edits."""
    if "edit_path" not in sample.extra:
        raise FormatError(
            f"{sample.place}: no edits; 'lintseq dataset build --layout pylintseq' makes them"
        )
    return dict(sample.extra)


def own_row(sample: Sample) -> Row:
    """Our row: only the fields that hold something, then what else the sample's row had.

    Fields of another tool that have the name of one of ours stand under "extra".
    """
    row: Row = {"task_id": sample.task_id, "sample_id": sample.sample_id}
    if _is_ours(sample):
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


def whole_program(sample: Sample) -> str:
    """The program that is run; FormatError if only what follows the prompt is known."""
    _check_program(sample)
    if sample.solution is None:
        raise FormatError(
            f"{sample.place}: only what follows the prompt is known; name the problems: "
            "--problems HumanEval.jsonl.gz"
        )
    return sample.solution


def _completion(sample: Sample) -> str:
    _check_program(sample)
    if sample.completion is None:
        raise FormatError(
            f"{sample.place}: only a whole program, or one that does not begin with the prompt; "
            "write --to evalplus, or name the problems: --problems HumanEval.jsonl.gz"
        )
    return sample.completion


def _check_program(sample: Sample) -> None:
    if sample.solution is None and sample.completion is None:
        raise FormatError(f"{sample.place}: no program; the file has verdicts only")


def _is_ours(sample: Sample) -> bool:
    """Whether `lintseq evaluate` decided: others say "passed" too, and not at which isolation."""
    return sample.verdict in set(Verdict) and sample.isolation is not None


ROW_WRITERS: dict[str, Callable[[Sample], Row]] = {
    "lintseq": own_row,
    "human-eval": human_eval_row,
    "human-eval-results": human_eval_result,
    "lintseq-predictions": prediction_row,
    "evalplus": evalplus_row,
    "bigcodebench": bigcodebench_row,
    "pylintseq": pylintseq_row,
}
