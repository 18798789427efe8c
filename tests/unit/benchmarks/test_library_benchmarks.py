"""DS-1000, BigCodeBench and CodeContests, on rows of our own in their published layout."""

from __future__ import annotations

import json

import pytest

from lintseq_core.benchmarks import bigcodebench, codecontests, ds1000
from lintseq_core.benchmarks.problem import BenchmarkError
from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.harness.judging import JudgeBox
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.oracle import decide
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation
from tests.unit.benchmarks.trusted import run_trusted

DS_CONTEXT = '''
import numpy as np
import copy

def generate_test_case(number):
    return np.arange(number), np.arange(number) * 2

exec_context = r"""
import numpy as np
x = test_input
[insert]
"""

def test_execution(solution: str):
    code = exec_context.replace("[insert]", solution)
    for number in range(1, 4):
        given, expected = generate_test_case(number)
        space = {"test_input": given}
        exec(code, space)
        np.testing.assert_array_equal(space["result"], expected)
'''
DS_STRING = """
def test_string(solution: str):
    assert "for" not in solution
"""
DS_ROW = {
    "prompt": "Problem:\nDouble x.\nBEGIN SOLUTION\n<code>\n",
    "reference_code": "result = x * 2",
    "metadata": {"problem_id": 291, "library": "Numpy", "perturbation_type": "Origin"},
    "code_context": DS_CONTEXT + DS_STRING,
}


def write(tmp_path, *rows):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_ds1000_problem_holds_its_snippet_as_text(tmp_path):
    (problem,) = ds1000.problems(write(tmp_path, DS_ROW))
    assert problem.task_id == "DS-1000/291"
    assert problem.reference == "code = 'result = x * 2'\n"
    assert (problem.tests.kind, problem.tests.packages) == ("in_process", ("numpy",))
    run_trusted(problem)


@pytest.mark.parametrize(
    ("snippet", "error"),
    [
        ("result = x + x", None),
        ("result = x", AssertionError),
        ("result = np.array([2 * i for i in x])", AssertionError),  # test_string forbids it
        ("y = 1", KeyError),
    ],
)
def test_ds1000_tests_run_the_snippet_and_look_at_its_text(tmp_path, snippet, error):
    (problem,) = ds1000.problems(write(tmp_path, DS_ROW))
    program = ds1000.BENCHMARK.program(problem, f"{snippet}\n</code>\nEND SOLUTION\nmore")
    if error is None:
        run_trusted(problem, program)
    else:
        with pytest.raises(error):
            run_trusted(problem, program)


@pytest.mark.parametrize(
    ("completion", "style", "snippet"),
    [
        ("a = 1\n</code>\nEND SOLUTION", "completion", "a = 1\n"),
        ("a = 1\nEND SOLUTION", "completion", "a = 1"),
        ("```python\na = 1\n```\nso", "completion", "\na = 1\n"),
        ("<code>\na = 1", "completion", "\na = 1"),
        ("Try:\n```python\na = 1\n```\nso", "instruction", "a = 1"),
        ("```python\na = '```'\nb = 2\n```", "instruction", "a = '```'\nb = 2"),
        ("@@ -0,0 +1 @@\n+a = 1\n<|diff|>\n<|diff|>", "diff", "a = 1\n"),
    ],
)
def test_ds1000_snippet_ends_where_the_prompts_marks_say(completion, style, snippet):
    assert ds1000.snippet(completion, style) == snippet


def test_ds1000_library_that_is_unknown_is_named(tmp_path):
    row = DS_ROW | {"metadata": {"problem_id": 1, "library": "Polars"}}
    with pytest.raises(BenchmarkError, match="row 1: unknown library 'Polars'"):
        ds1000.problems(write(tmp_path, row))


BCB_TEST = """import unittest

class TestCases(unittest.TestCase):
    def setUp(self):
        self.words = ["b", "a"]

    def test_order(self):
        self.assertEqual(task_func(self.words), ["a", "b"])

    def test_empty(self):
        self.assertEqual(task_func([]), [])
"""
BCB_ROW = {
    "task_id": "BigCodeBench/7",
    "complete_prompt": 'import heapq\ndef task_func(words):\n    """Sort."""\n',
    "instruct_prompt": "Sort words. Start with:\n```\nimport heapq\ndef task_func(words):\n```",
    "code_prompt": "import heapq\ndef task_func(words):",
    "canonical_solution": "    return heapq.nsmallest(len(words), words)\n",
    "test": BCB_TEST,
    "entry_point": "task_func",
    "libs": "['heapq', 'pandas', 'sklearn.svm']",
}


def test_bigcodebench_problem_has_both_of_its_prompts(tmp_path):
    (problem,) = bigcodebench.problems(write(tmp_path, BCB_ROW))
    assert bigcodebench.BENCHMARK.prompt(problem, "completion") == BCB_ROW["complete_prompt"]
    assert (
        bigcodebench.BENCHMARK.prompt(problem, "diff") == BCB_ROW["instruct_prompt"] + "\n<|diff|>"
    )
    assert problem.tests.packages == ("pandas", "sklearn")


@pytest.mark.parametrize(
    ("completion", "style", "verdict", "detail"),
    [
        ("    return sorted(words)\n", "completion", "passed", ""),
        (
            "```python\ndef task_func(w):\n    return heapq.nsmallest(2, w)\n```",
            "instruction",
            "passed",
            "",
        ),
        ("    return words\n", "completion", "wrong_answer", "test_order: AssertionError"),
        (
            "    return words\nTestCases = None\n",
            "completion",
            "wrong_answer",
            "test_order: AssertionError",
        ),
        (
            "    return sorted(words)\nimport unittest\nunittest.TestCase.setUp = lambda self: 1\n"
            "unittest.TestLoader.loadTestsFromTestCase = lambda *a: unittest.TestSuite()\n",
            "completion",
            "tampered",
            "a test that must fail did not",
        ),
    ],
)
def test_bigcodebench_passes_when_every_test_ran_and_passed(
    tmp_path, completion, style, verdict, detail
):
    (problem,) = bigcodebench.problems(write(tmp_path, BCB_ROW | {"libs": "['heapq']"}))
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    judge = JudgeBox(backend)
    try:
        program = bigcodebench.BENCHMARK.program(problem, completion, style)
        outcome = decide(program, problem.tests, Limits(), backend, judge)
    finally:
        judge.stop()
        backend.close()
    assert (outcome.verdict, str(outcome.integrity)) == (verdict, "I1")
    assert detail in outcome.detail


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"libs": "numpy"}, "row 1: libs is 'numpy', not a list of names"),
        ({"test": "x ="}, "row 1: test does not parse"),
        ({"test": "x = 1"}, "row 1: test has no unittest class TestCases with tests"),
    ],
)
def test_bigcodebench_row_that_does_not_fit_is_named(tmp_path, changed, message):
    with pytest.raises(BenchmarkError, match=message):
        bigcodebench.problems(write(tmp_path, BCB_ROW | changed))


CC_ROW = {
    "name": "1_A. Doubling",
    "description": "Read n, print 2n.",
    "public_tests": {"input": ["1\n"], "output": ["2\n"]},
    "private_tests": {"input": ["5\n"], "output": ["10\n"]},
    "generated_tests": {"input": [], "output": []},
    "solutions": {"language": [2, 3, 3], "solution": ["int main()", "print(2*int(input()))", "x"]},
    "time_limit": {"seconds": 0, "nanos": 500000000},
    "input_file": "",
    "output_file": "",
}


def test_codecontests_problem_has_all_cases_and_a_python_reference(tmp_path):
    (problem,) = codecontests.problems(write(tmp_path, CC_ROW))
    assert problem.tests.cases == (("1\n", "2\n"), ("5\n", "10\n"))
    assert problem.reference == "print(2*int(input()))"
    assert problem.cpu_limit_s == 4.0
    assert codecontests.BENCHMARK.prompt(problem, "diff") == "Read n, print 2n.\n<|diff|>"
    assert codecontests.BENCHMARK.program(problem, "print(1)") == "print(1)"


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, 4.0), ({"seconds": 4, "nanos": 0}, 4.0), ({"seconds": 7, "nanos": 500000000}, 7.5)],
)
def test_codecontests_limit_is_the_contests_where_that_is_longer(tmp_path, limit, expected):
    (problem,) = codecontests.problems(write(tmp_path, CC_ROW | {"time_limit": limit}))
    assert problem.cpu_limit_s == expected


def test_codecontests_leaves_out_problems_with_files_and_counts_them(tmp_path):
    rows = [CC_ROW, CC_ROW | {"name": "b", "input_file": "in.txt"}]
    found = codecontests.problems(write(tmp_path, *rows))
    assert [problem.task_id for problem in found] == ["1_A. Doubling"]
    assert found.left_out == (("reads or writes a file", 1),)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"private_tests": {"input": ["5\n"], "output": []}},
            "row 1, private_tests: 1 inputs and 0 outputs",
        ),
        (
            {kind: {"input": [], "output": []} for kind in codecontests.CASES},
            "row 1: no test case",
        ),
    ],
)
def test_codecontests_row_that_does_not_fit_is_named(tmp_path, changed, message):
    with pytest.raises(BenchmarkError, match=message):
        codecontests.problems(write(tmp_path, CC_ROW | changed))


def test_a_task_that_stands_there_twice_is_named(tmp_path):
    with pytest.raises(BenchmarkError, match=r"task_id '1_A. Doubling' stands there twice"):
        codecontests.problems(write(tmp_path, CC_ROW, CC_ROW))
