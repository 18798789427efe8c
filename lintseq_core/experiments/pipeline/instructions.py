"""The instructions that the arms of `small_models` are trained on; none is one of the tests.

MBPP's train and validation splits without the problems of MBPP+, and functions of real packages as
`lintseq dataset mine` writes them, which leaves out what overlaps with HumanEval(+) and MBPP(+).
"""

from __future__ import annotations

import ast
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lintseq_core.benchmarks import basics, mbpp, mbppplus
from lintseq_core.data.files import file_sha256, whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text


@dataclass(frozen=True, slots=True)
class Instructions:
    """Which instructions, and how long they and their programs may be."""

    mined: Path | None
    """Rows of `lintseq dataset mine`; None: MBPP alone."""
    n_mined: int | None
    """How many of them, drawn with `seed` among those that fit; None: all."""
    max_prompt_tokens: int
    max_program_tokens: int
    more: tuple[Path, ...] = ()
    """Other files with the fields instruction and response: CodeAlpaca, whose licence does not
    allow a model trained on it to ship."""
    seed: int = 0
    basics: tuple[str, ...] | None = None
    """Instead of MBPP the problems that ship, but for the ids in this: for a try that needs nothing
    but the package."""


def write_instructions(
    choice: Instructions, output: Path, n_tokens: Callable[[str], int]
) -> dict[str, int]:
    """Write rows {"instruction", "response", "source"}; how many of each source, and left out.

    `n_tokens` counts the tokens of a text. LintSeqError if a file of `choice` cannot be read.
    """
    counts: Counter[str] = Counter()

    def fits(row: dict[str, str]) -> bool:
        is_short = (
            n_tokens(row["instruction"]) <= choice.max_prompt_tokens
            and n_tokens(row["response"]) <= choice.max_program_tokens
        )
        counts[row["source"] if is_short else "too long"] += 1
        return is_short

    base = _mbpp_rows(counts) if choice.basics is None else _basics_rows(choice.basics)
    rows = [row for row in base if fits(row)]
    if choice.mined is not None:
        mined = list(_read(choice.mined, "mined"))
        random.Random(choice.seed).shuffle(mined)
        kept = 0
        for row in mined:
            if kept == choice.n_mined:
                break
            if fits(row):
                rows.append(row)
                kept += 1
    for path in choice.more:
        rows += [row for row in _read(path, path.stem) if fits(row)]
    with whole_file(output) as file:
        for row in rows:
            file.write((json_text(row, ensure_ascii=False) + "\n").encode())
    about = {
        "counts": dict(counts),
        "sha256": file_sha256(output),
        "choice": {key: str(value) for key, value in asdict(choice).items() if key != "mined"},
    }
    with whole_file(output.with_suffix(".json")) as file:
        file.write((json_text(about, indent=1) + "\n").encode())
    return dict(counts)


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


def _basics_rows(tested: Sequence[str]) -> Iterator[dict[str, str]]:
    for problem in basics.problems():
        if problem.task_id not in tested:
            yield {
                "instruction": problem.instruction,
                "response": problem.reference,
                "source": "basics",
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
