"""The instructions that all arms are taught; none is asked later, but for those learned by heart.

MBPP's train and validation splits without the problems of MBPP+, and functions of real packages as
`lintseq dataset mine` writes them, which leaves out what overlaps with HumanEval(+) and MBPP(+).
"""

from __future__ import annotations

import ast
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from lintseq_core.benchmarks import basics, mbpp, mbppplus
from lintseq_core.data.files import file_sha256, whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pipeline.arms import Recipe
from lintseq_core.json_text import json_text


def write_instructions(
    recipe: Recipe,
    output: Path,
    n_tokens: Callable[[str], int],
    *,
    mined: Path | None = None,
    more: Sequence[Path] = (),
) -> dict[str, int]:
    """Write rows {"instruction", "response", "source"}; how many of each source, and left out.

    `n_tokens` counts the tokens of a text; `mined` are rows of `lintseq dataset mine`, `more` other
    files with instruction and response: CodeAlpaca, whose licence does not allow a model trained on
    it to ship. LintSeqError if a file that is needed is not given, or cannot be read.
    """
    choice = recipe.instructions
    counts: Counter[str] = Counter()

    def fits(row: dict[str, str]) -> bool:
        is_short = choice.fits(n_tokens(row["instruction"]), n_tokens(row["response"]))
        counts[row["source"] if is_short else "too long"] += 1
        return is_short

    rows = [row for row in _base_rows(recipe, counts) if fits(row)]
    if choice.n_mined != 0:
        if mined is None:
            raise LintSeqError(
                "these arms are taught mined functions too: give their file with --mined; make it "
                "with 'lintseq dataset mine' (assets/datasets/README.md)"
            )
        shuffled = list(_read(mined, "mined"))
        random.Random(choice.seed).shuffle(shuffled)
        rows += islice(filter(fits, shuffled), choice.n_mined)
    for path in more:
        rows += filter(fits, _read(path, path.stem))
    with whole_file(output) as file:
        for row in rows:
            file.write((json_text(row, ensure_ascii=False) + "\n").encode())
    about = {
        "counts": dict(counts),
        "sha256": file_sha256(output),
        "choice": asdict(choice) | {"more": [path.name for path in more]},
    }
    with whole_file(output.with_suffix(".json")) as file:
        file.write((json_text(about, indent=1) + "\n").encode())
    return dict(counts)


def _base_rows(recipe: Recipe, counts: Counter[str]) -> Iterator[dict[str, str]]:
    """The rows that come with this package, or with its benchmarks."""
    source = recipe.instructions.source
    if source == "mbpp":
        yield from _mbpp_rows(counts)
        return
    asked = {problem.task_id: problem for suite in recipe.suites for problem in suite.problems()}
    others = (problem for problem in basics.problems() if problem.task_id not in asked)
    for problem in asked.values() if source == "asked" else others:
        yield {
            "instruction": problem.instruction,
            "response": problem.reference,
            "source": source,
        }


def _mbpp_rows(counts: Counter[str]) -> Iterator[dict[str, str]]:
    tested = {problem.task_id for problem in mbppplus.problems()}
    for split in ("train", "validation"):
        for problem in mbpp.problems(split=split):
            if problem.task_id in tested:
                counts["problem of MBPP+"] += 1
                continue
            yield {
                "instruction": problem.instruction,
                "response": tidy(problem.reference),
                "source": f"mbpp {split}",
            }


def tidy(code: str) -> str:
    """`code` without blanks at the ends of lines, indented with spaces; MBPP mixes tabs in.

    Unchanged where that would change the program (blanks in a string of several lines).
    """
    lines = [line.rstrip().expandtabs(4) for line in code.split("\n")]
    text = "\n".join(lines).strip("\n")
    return text if ast.dump(ast.parse(text)) == ast.dump(ast.parse(code)) else code


def _read(path: Path, source: str) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise LintSeqError(
            f"{path}: no such file; make it with 'lintseq dataset mine' (assets/datasets/README.md)"
        )
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            yield {
                "instruction": row["instruction"],
                "response": row["response"],
                "source": source,
            }
        except (ValueError, KeyError, TypeError):
            raise LintSeqError(
                f"{path}, line {number}: expected an object with instruction and response"
            ) from None
