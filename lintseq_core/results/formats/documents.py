"""Formats that are one JSON document: all samples are held in memory until it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lintseq_core.execution.verdict import TIMEOUTS
from lintseq_core.json_text import json_text
from lintseq_core.results.formats.format import REMARKS, Meta
from lintseq_core.results.formats.inspect_logs import SCORER, SCORERS, STATUS
from lintseq_core.results.formats.reading import FormatError
from lintseq_core.results.formats.rows import whole_program
from lintseq_core.results.sample import Sample

_NOT_WRITTEN = {"pass_at_k", STATUS, SCORER, SCORERS, REMARKS}
_PASS, _FAIL, _TIMEOUT = "pass", "fail", "timeout"


def document_text(to: str, samples: Iterable[Sample], meta: Meta) -> str:
    """The document of the format `to`, spaced as its tool writes it."""
    document = DOCUMENT_WRITERS[to](samples, meta)
    return json_text(document, indent=2 if to == "bigcodebench-results" else None)


def evalplus_results(samples: Iterable[Sample], meta: Meta) -> dict[str, Any]:
    """The document of EvalPlus: what the file said as a whole, and "eval" with each result."""
    return _results(samples, meta, _evalplus_result)


def bigcodebench_results(samples: Iterable[Sample], meta: Meta) -> dict[str, Any]:
    """The document of BigCodeBench, which has one suite of tests."""
    return _results(samples, meta, _bigcodebench_result)


def _results(
    samples: Iterable[Sample], meta: Meta, entry: Callable[[Sample], dict[str, Any]]
) -> dict[str, Any]:
    tasks: dict[str, list[Any]] = {}
    for sample in samples:
        tasks.setdefault(sample.task_id, []).append(entry(sample))
    about = {name: value for name, value in meta.items() if name not in _NOT_WRITTEN}
    sums = {name: value for name, value in meta.items() if name == "pass_at_k"}
    return about | {"eval": tasks} | sums


def generations(samples: Iterable[Sample], meta: Meta) -> list[list[str]]:
    """The list of bigcode-evaluation-harness: the programs of each problem in benchmark order."""
    tasks: dict[str, list[str]] = {}
    for sample in samples:
        tasks.setdefault(sample.task_id, []).append(whole_program(sample))
    numbers = [task_id.rpartition("/")[2] for task_id in tasks]
    if sorted(numbers, key=_number) != [str(index) for index in range(len(tasks))]:
        raise FormatError(
            "generations are told apart by their place alone, so the problems must be numbered "
            f"from 0 without gaps; found {', '.join(list(tasks)[:3])} ...: write --to evalplus"
        )
    return [tasks[task_id] for task_id in sorted(tasks, key=_number)]


def _number(task_id: str) -> int:
    number = task_id.rpartition("/")[2]
    return int(number) if number.isdecimal() else -1


def _evalplus_result(sample: Sample) -> dict[str, Any]:
    if "base_status" in sample.extra:  # it came from such a document
        return _as_it_was(sample)
    base, plus = _passed(sample), None
    if sample.base_passed is not None:
        base, plus = sample.base_passed, base
    return {
        "task_id": sample.task_id,
        "solution": whole_program(sample),
        "base_status": _status(base, sample),
        "plus_status": None if plus is None else _status(plus, sample),
        "base_fail_tests": [],
        "plus_fail_tests": [],
    }


def _bigcodebench_result(sample: Sample) -> dict[str, Any]:
    if "status" in sample.extra:
        return _as_it_was(sample)
    status = _status(_passed(sample), sample)
    solution = whole_program(sample)
    return {"task_id": sample.task_id, "solution": solution, "status": status, "details": {}}


def _as_it_was(sample: Sample) -> dict[str, Any]:
    solution = {} if sample.solution is None else {"solution": sample.solution}
    return {"task_id": sample.task_id} | solution | dict(sample.extra)


def _passed(sample: Sample) -> bool:
    if sample.passed is None:
        raise FormatError(f"{sample.place}: no verdict; run 'lintseq evaluate' first")
    return sample.passed


def _status(passed: bool, sample: Sample) -> str:
    if passed:
        return _PASS
    return _TIMEOUT if sample.verdict in TIMEOUTS | {"timed out"} else _FAIL


DOCUMENT_WRITERS: dict[str, Callable[[Iterable[Sample], Meta], Any]] = {
    "evalplus-results": evalplus_results,
    "bigcodebench-results": bigcodebench_results,
    "bigcode-harness": generations,
}
