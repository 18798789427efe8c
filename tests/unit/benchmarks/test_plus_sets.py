"""HumanEval+, MBPP+ and HumanEvalPack: the real files, their prompts and their references."""

from __future__ import annotations

import json

import pytest

from lintseq_core.benchmarks import humaneval, humanevalpack, humanevalplus, mbppplus
from lintseq_core.benchmarks.problem import BenchmarkError
from tests.unit.benchmarks.trusted import run_trusted


@pytest.fixture(scope="session")
def mbpp_plus(data_dir):
    return mbppplus.problems(data_dir / "MbppPlus.jsonl.gz", inputs="base")


def assert_all_pass(problems):
    failed = {}
    for problem in problems:
        try:
            run_trusted(problem)
        except Exception as error:
            failed[problem.task_id] = f"{type(error).__name__}: {error}"
    assert failed == {}


def test_humanevalplus_references_pass_the_base_inputs(data_dir):
    problems = humanevalplus.problems(data_dir / "HumanEvalPlus.jsonl.gz", inputs="base")
    assert len(problems) == 164
    assert_all_pass(problems)


def test_mbppplus_references_pass_the_base_inputs(mbpp_plus):
    assert len(mbpp_plus) == 378
    assert_all_pass(mbpp_plus)


def test_some_references_pass_the_plus_inputs(data_dir):
    assert_all_pass(humanevalplus.problems(data_dir / "HumanEvalPlus.jsonl.gz")[3::16])
    assert_all_pass(mbppplus.problems(data_dir / "MbppPlus.jsonl.gz")[3::16])


@pytest.mark.full
@pytest.mark.timeout(1800)  # Mbpp/599 alone takes 40 s: its reference adds up to 100 million
@pytest.mark.parametrize(
    ("benchmark", "file"),
    [(humanevalplus, "HumanEvalPlus.jsonl.gz"), (mbppplus, "MbppPlus.jsonl.gz")],
)
def test_all_references_pass_the_plus_inputs(data_dir, benchmark, file):
    assert_all_pass(benchmark.problems(data_dir / file))


def test_humanevalpack_references_pass_their_tests(data_dir):
    problems = humanevalpack.problems(data_dir / "humanevalpack_python.jsonl")
    assert len(problems) == 164
    assert_all_pass(problems)


def test_plus_inputs_catch_what_base_inputs_miss(data_dir):
    wrong = "def has_close_elements(xs, t):\n    xs = sorted(xs)\n    return any(0 <= b - a < t and len(xs) < 9 for a, b in zip(xs, xs[1:]))\n"
    path = data_dir / "HumanEvalPlus.jsonl.gz"
    run_trusted(humanevalplus.problems(path, inputs="base")[0], wrong)
    with pytest.raises(AssertionError, match="of group 2"):
        run_trusted(humanevalplus.problems(path)[0], wrong)


def test_the_paper_asks_humaneval_with_humanevalpacks_instructions(data_dir):
    instructions = humanevalpack.instructions(data_dir / "humanevalpack_python.jsonl")
    problem = humaneval.problems(instructions=instructions).named("HumanEval/53")
    assert humaneval.BENCHMARK.prompt(problem, "diff") == (
        "Write a Python function `add(x: int, y: int)` to solve the following problem:\n"
        "Add two numbers x and y\n>>> add(2, 3)\n5\n>>> add(5, 7)\n12\n<|diff|>"
    )


def test_the_paper_leaves_out_the_first_hundred_of_mbppplus(data_dir, mbpp_plus):
    kept = mbppplus.problems(
        data_dir / "MbppPlus.jsonl.gz", skip=mbppplus.PAPER_SKIPS, inputs="base"
    )
    assert len(kept) == 278
    assert [problem.task_id for problem in kept] == [p.task_id for p in mbpp_plus][100:]
    assert kept.source.n_rows == 378


def test_skipping_more_than_there_is_is_refused(data_dir):
    with pytest.raises(BenchmarkError, match="skip = 500: 0 to 378 problems can be left"):
        mbppplus.problems(data_dir / "MbppPlus.jsonl.gz", skip=500)


QUESTION = "Write a function to find the shared elements from the given two lists."


def test_mbpp_prompts_are_the_papers(mbpp_plus):
    asked = "Write a function `similar_elements(test_tup1, test_tup2)` to find the shared elements from the given two lists."
    styles = ("completion", "instruction", "markdown", "diff")
    expected = {
        "completion": f"{QUESTION}\ndef similar_elements(test_tup1, test_tup2)",
        "instruction": f"{asked}\n",
        "markdown": f"{asked}\n```python\n",
        "diff": f"{asked}\n<|diff|>",
    }
    assert {style: mbppplus.BENCHMARK.prompt(mbpp_plus[0], style) for style in styles} == expected
    assert {s: mbppplus.BENCHMARK.prompt(mbpp_plus[0], s, "upstream") for s in styles} == expected


@pytest.mark.parametrize(
    ("task", "ours", "theirs"),
    [
        (
            "Mbpp/61",
            "function `count_Substrings(s)`",
            "function `rom collections import defaultdict`",
        ),
        (
            "Mbpp/6",
            "function `differ_At_One_Bit_Pos(a: int,b: int)`",
            "function `is_Power_Of_Two(x: int)`",
        ),
    ],
)
def test_the_authors_take_the_first_line_with_def_in_it_for_the_signature(
    mbpp_plus, task, ours, theirs
):
    problem = mbpp_plus.named(task)
    assert ours in mbppplus.BENCHMARK.prompt(problem, "diff")
    assert theirs in mbppplus.BENCHMARK.prompt(problem, "diff", "upstream")


def test_prompts_differ_from_the_authors_in_these_tasks_only(mbpp_plus):
    def differing(style):
        return [
            problem.task_id
            for problem in mbpp_plus
            if mbppplus.BENCHMARK.prompt(problem, style)
            != mbppplus.BENCHMARK.prompt(problem, style, "upstream")
        ]

    assert differing("diff") == [f"Mbpp/{number}" for number in OTHER_LINE]


OTHER_LINE = (6, 61, 123, 130, 299, 301, 580, 592, 630, 751, 797)

CODE = "def similar_elements(a, b):\n    return 1\n"


@pytest.mark.parametrize(
    ("completion", "style", "program"),
    [
        (
            ":\n    return 1\n",
            "completion",
            "def similar_elements(test_tup1, test_tup2):\n    return 1\n",
        ),
        (
            " -> set:\n    return 1\n",
            "completion",
            "def similar_elements(test_tup1, test_tup2) -> set:\n    return 1\n",
        ),
        (CODE, "completion", CODE),
        (f"```python\n{CODE}```", "instruction", CODE.rstrip("\n")),
        (
            "@@ -0,0 +1,2 @@\n+def f():\n+    return 1\n<|diff|>\n<|diff|>",
            "diff",
            "def f():\n    return 1\n",
        ),
        ("Use python. It is easy.", "instruction", "Use python. It is easy."),
    ],
)
def test_program_is_the_code_of_the_answer(mbpp_plus, completion, style, program):
    assert mbppplus.BENCHMARK.program(mbpp_plus[0], completion, style) == program


@pytest.mark.parametrize(
    ("completion", "style", "program"),
    [
        (f"```python\n{CODE}```", "instruction", f"\n{CODE}"),
        ("x = 1\n# python list\ny = 2", "instruction", " list\ny = 2"),
        (
            ":\n    return 1",
            "completion",
            "def similar_elements(test_tup1, test_tup2):\n    return 1",
        ),
        ("@@ -0,0 +1,1 @@\n+x = 1  # python\n<|diff|>\n<|diff|>", "diff", ""),
    ],
)
def test_upstream_program_loses_text_up_to_the_word_python(mbpp_plus, completion, style, program):
    assert mbppplus.BENCHMARK.program(mbpp_plus[0], completion, style, compat="upstream") == program


HUB_ROW = {
    "task_id": 2,
    "code": CODE,
    "prompt": QUESTION,
    "test_list": ["assert similar_elements(1, 2) == 1"],
    "test": "inputs = [[1, 2]]\nresults = [1]\nfor i, e in zip(inputs, results):\n    assert similar_elements(*i) == e",
}


def test_rows_of_the_hub_are_read_as_well(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(HUB_ROW))
    (problem,) = mbppplus.problems(path)
    assert (problem.task_id, problem.entry_point) == ("Mbpp/2", "similar_elements")
    assert problem.tests.packages == ("numpy",)
    assert problem.instruction.startswith("Write a function `similar_elements(a, b)` to")
    run_trusted(problem)
    with pytest.raises(AssertionError):
        run_trusted(problem, "def similar_elements(a, b):\n    return 2\n")
