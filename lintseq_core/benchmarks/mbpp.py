"""MBPP (arXiv 2108.07732): 974 functions described in a sentence, each with three asserts."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from lintseq_core.benchmarks.answers import answered_code, styled_prompt, upstream_mbpp_code
from lintseq_core.benchmarks.benchmark import Benchmark
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.problem import (
    PROMPT_STYLES,
    BenchmarkError,
    Problem,
    ProblemSet,
    PromptStyle,
    Tests,
)

NAME = "mbpp"
HUB = HubFiles("google-research-datasets/mbpp", "full/*.parquet")
Split = Literal["prompt", "test", "validation", "train"]
SPLITS: dict[Split, range] = {
    "prompt": range(1, 11),
    "test": range(11, 511),
    "validation": range(511, 601),
    "train": range(601, 975),
}


def problems(path: Path | None = None, *, split: Split | None = "test") -> ProblemSet:
    """The problems of a split (by task id, as published), or all 974 for None."""
    if split is not None and split not in SPLITS:
        raise BenchmarkError(f"mbpp: no split {split!r}: one of {', '.join(SPLITS)}")
    rows = load_rows(NAME, path, file_names=("mbpp.jsonl",), hub=HUB)
    numbered = []
    for index, row in enumerate(rows.rows):
        place = place_of(rows, index)
        number = field_of(row, "task_id", int, place)
        if split is None or number in SPLITS[split]:
            numbered.append((number, _problem(row, place)))
    kept = [problem for _, problem in sorted(numbered, key=lambda pair: pair[0])]
    return ProblemSet(tuple(kept), rows.source)


def started_program(problem: Problem, completion: str, style: PromptStyle) -> str:
    """The code that was written; in style "completion", below the start of the function.

    A completion that does not go on after that start (": ..." or "-> ...") is a whole program.
    """
    code = answered_code(completion, style)
    if style == "completion" and completion.lstrip().startswith((":", "->")):
        return function_start(problem.reference, problem.entry_point) + code
    return code


def upstream_program(problem: Problem, completion: str, style: PromptStyle) -> str:
    """What the authors' harness runs."""
    code = upstream_mbpp_code(completion, style)
    if style == "completion":
        asked = dict(problem.upstream_prompts)["completion"]
        return asked[asked.find("def") :] + code
    return code


def function_start(code: str, entry_point: str) -> str:
    """The imports of `code` and the header of `entry_point` up to its colon, without it.

    Helpers of a reference are no part of it: they would give half the solution away.

    >>> function_start("import re\\ndef g(): pass\\ndef f(a: int) -> int: return a", "f")
    'import re\\ndef f(a: int) -> int'
    """
    lines, tree = code.split("\n"), ast.parse(code)
    pieces = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            pieces += lines[node.lineno - 1 : node.end_lineno]
        elif isinstance(node, ast.FunctionDef) and node.name == entry_point:
            return "\n".join([*pieces, _header(lines[node.lineno - 1 :])])
    raise BenchmarkError(f"mbpp: no function {entry_point} in {code!r:.60}")


def _header(lines: Sequence[str]) -> str:
    """The text before the colon that ends a header."""
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
        depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
        if token.string == ":" and depth == 0:
            row, column = token.start
            return "\n".join([*lines[: row - 1], lines[row - 1][:column]])
    raise BenchmarkError(f"mbpp: no header in {lines[0]!r:.60}")


def asked_texts(
    question: str, code: str, entry_point: str
) -> tuple[str, str, tuple[tuple[PromptStyle, str], ...]]:
    """Prompt, instruction and the prompts of the authors' code.

    The prompt is the question and the start of the function; in the instruction, "function" is
    followed by the signature in backticks, wherever it stands. The authors' code takes for the
    signature the first line with the letters "def" in it, so that it asks for the function
    `rom collections import defaultdict` (Mbpp/61).
    """
    start = function_start(code, entry_point)
    _, _, signature = start.rpartition("def ")
    if "\n" in signature:
        signature = " ".join(signature.split())
    ours = question.replace("function", f"function `{signature}`")
    line = next(line for line in code.lstrip().split("\n") if "def" in line)
    theirs = line.rstrip().rstrip(":").lstrip("def").lstrip()
    asked = question.replace("function", f"function `{theirs}`")
    raw = question + code.split(":", maxsplit=1)[0]
    upstream = tuple(
        (style, styled_prompt(style, completion=raw, instruction=asked)) for style in PROMPT_STYLES
    )
    return f"{question}\n{start}", ours, upstream


def _problem(row: Row, place: str) -> Problem:
    code = field_of(row, "code", str, place).replace("\r\n", "\n").replace("\r", "\n")
    asserts = [str(line) for line in field_of(row, "test_list", list, place)]
    setup = field_of(row, "test_setup_code", str, place).replace("\r\n", "\n")
    tests, entry_point = _tests(code, setup, asserts, place)
    question = field_of(row, "text", str, place)
    asked, instruction, upstream = asked_texts(question, code, entry_point)
    return Problem(
        benchmark=NAME,
        task_id=f"Mbpp/{field_of(row, 'task_id', int, place)}",
        prompt=asked,
        instruction=instruction,
        entry_point=entry_point,
        reference=code,
        tests=tests,
        upstream_prompts=upstream,
    )


def _tests(code: str, setup: str, asserts: list[str], place: str) -> tuple[Tests, str]:
    """The tests, and the function that they ask for.

    Where they hand over objects of a class that the solution or the setup defines, they run
    beside the solution: such objects do not cross.
    """
    body = ast.parse(code).body
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    # Some tests call what the reference imports (Mbpp/596: sys.getsizeof).
    source = "\n".join([*map(ast.unparse, imports), setup, *asserts]) + "\n"
    tree = ast.parse(source)
    used = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    called = [name for name in functions if name in used]
    if not called:
        raise BenchmarkError(f"{place}: the tests call no function of the reference")
    apart = classes.isdisjoint(used) and not any(
        isinstance(node, ast.ClassDef) for node in ast.walk(tree)
    )
    entry_points = tuple(dict.fromkeys(called))
    return Tests("split" if apart else "in_process", source, entry_points), entry_points[-1]


BENCHMARK = Benchmark(NAME, problems, started_program, upstream_program)
