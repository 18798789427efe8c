"""CodeContests (arXiv 2203.07814): programs that read standard input, from five contest sites."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lintseq_core.benchmarks.benchmark import Benchmark, code_alone
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.evalplus import LEAST_LIMIT_S
from lintseq_core.benchmarks.problem import BenchmarkError, Problem, ProblemSet, Tests

NAME = "codecontests"
HUB = HubFiles("deepmind/code_contests", "data/test-*.parquet")
"""The test split, 165 problems."""
CASES = ("public_tests", "private_tests", "generated_tests")
PYTHON3 = 3
"""The number of Python 3 among the languages of solutions."""
FILES = "reads or writes a file"


def problems(path: Path | None = None) -> ProblemSet:
    """The problems that read standard input and write standard output; the rest is counted.

    All cases count: public, private and generated, in this order.
    """
    files = ("code_contests_test.jsonl", "code_contests_test.parquet")
    rows = load_rows(NAME, path, file_names=files, hub=HUB)
    kept = []
    left_out: Counter[str] = Counter()
    for index, row in enumerate(rows.rows):
        if row.get("input_file") or row.get("output_file"):
            left_out[FILES] += 1
        else:
            kept.append(_problem(row, place_of(rows, index)))
    return ProblemSet(tuple(kept), rows.source, tuple(sorted(left_out.items())))


def _problem(row: Row, place: str) -> Problem:
    text = field_of(row, "description", str, place)
    cases = tuple(case for kind in CASES for case in _cases(row, kind, place))
    if not cases:
        raise BenchmarkError(f"{place}: no test case")
    return Problem(
        benchmark=NAME,
        task_id=field_of(row, "name", str, place),
        prompt=text,
        instruction=text,
        entry_point="",
        reference=_reference(row, place),
        tests=Tests("stdio", cases=cases),
        cpu_limit_s=_cpu_limit_s(row, place),
    )


def _cases(row: Row, kind: str, place: str) -> list[tuple[str, str]]:
    given = field_of(row, kind, dict, place)
    inputs = field_of(given, "input", list, f"{place}, {kind}")
    outputs = field_of(given, "output", list, f"{place}, {kind}")
    if len(inputs) != len(outputs):
        raise BenchmarkError(f"{place}, {kind}: {len(inputs)} inputs and {len(outputs)} outputs")
    return [(str(text), str(answer)) for text, answer in zip(inputs, outputs, strict=True)]


def _reference(row: Row, place: str) -> str:
    """The first accepted solution in Python 3, or ""."""
    solutions = field_of(row, "solutions", dict, place)
    languages = field_of(solutions, "language", list, f"{place}, solutions")
    texts = field_of(solutions, "solution", list, f"{place}, solutions")
    pairs = zip(languages, texts, strict=False)
    return next((str(text) for language, text in pairs if language == PYTHON3), "")


def _cpu_limit_s(row: Row, place: str) -> float:
    """The contest's limit, but at least what every other benchmark allows: it was set for C++."""
    limit = row.get("time_limit")
    if limit is None:
        return LEAST_LIMIT_S
    seconds = field_of(limit, "seconds", int, f"{place}, time_limit")
    nanos = field_of(limit, "nanos", int, f"{place}, time_limit")
    return max(LEAST_LIMIT_S, seconds + nanos / 1e9)


BENCHMARK = Benchmark(NAME, problems, code_alone)
