"""Whether a program or description overlaps an evaluation problem.

Training data must not hold what a model is evaluated on. The problems of HumanEval(+) and all
splits of MBPP(+) (MBPP+ draws from all of them) are shipped as fingerprints, hashes from which no
problem can be read; `lintseq_core.data.overlap.fingerprints` writes them. A row overlaps if

- its code is that of a solution up to names, comments, docstrings and layout;
- its code shares CODE_N tokens in a row with a solution;
- its description is that of a problem, word for word;
- its description shares WORD_N words in a row with a problem.
"""

from __future__ import annotations

import ast
import hashlib
import json
import keyword
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lintseq_core.data.mining.free_names import BUILTINS
from lintseq_core.errors import LintSeqError
from lintseq_core.programs.compiling import parse_source

CODE_N = 13
WORD_N = 8
# Measured on 10,901 rows mined from 216 packages. 13 tokens drop 100 rows, in a sample half of them
# copies (binary search, gcd), half idioms; 10 drop 437, nearly all idioms ("for i in range(1, int(
# math.sqrt("); 20 drop 12 and miss copies. 8 words drop 9 rows; 6 drop 49 ("if n is a prime
# number"); 10 drop one. A solution or description shorter than that (2 % and 19 %) is compared as a
# whole. Wrongly dropping 1 % of what is mined costs less than training on a test.
FILE_NAME = "fingerprints.bin"
FORMAT = "lintseq-fingerprints-1"

_TOKEN = re.compile(r"\w+|\*\*=?|//=?|<<=?|>>=?|[-+*/%&|^=!<>@:]=|->|[^\w\s]")
# What every MBPP problem begins with: no part of the problem.
_OPENING = re.compile(r"write an? (python )?(function|program) (to|that|which|for)\b")


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a row shares with an evaluation problem."""

    problem: str
    """As in "HumanEval/12" or "Mbpp/601"."""
    kind: str
    """One of "solution", "code", "description", "words"."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Sorted hashes of all problems, each with the index of the first problem that has it."""

    hashes: Sequence[int]
    owners: Sequence[int]
    problems: tuple[str, ...]

    def find(self, source: str, description: str) -> Overlap | None:
        """The first overlap of a program and its description with a problem, or None."""
        for kind, number in fingerprint_row(source, description):
            place = bisect_left(self.hashes, number)
            if place < len(self.hashes) and self.hashes[place] == number:
                return Overlap(self.problems[self.owners[place]], kind)
        return None


def fingerprint_row(source: str, description: str) -> Iterator[tuple[str, int]]:
    """The fingerprints of a program and a description as (kind, hash); "" gives none."""
    tokens = code_tokens(source) if source.strip() else []
    if tokens:
        yield "solution", fingerprint("solution", [*rename_in_order(tokens)])
    for start in range(len(tokens) - CODE_N + 1):
        yield "code", fingerprint("code", tokens[start : start + CODE_N])
    words = description_words(description)
    if words:
        yield "description", fingerprint("description", words)
    for start in range(len(words) - WORD_N + 1):
        yield "words", fingerprint("words", words[start : start + WORD_N])


def fingerprint(kind: str, parts: Sequence[str]) -> int:
    """A hash of 64 bits; two kinds never share one by having the same parts."""
    data = "\0".join([kind, *parts]).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def code_tokens(source: str) -> list[str]:
    """The tokens of a program as `ast.unparse` writes it, without imports and docstrings."""
    tree = parse_source(source)
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                block[:] = [one for one in block if not _is_left_out(one)]
    # Emptied blocks are fine, nothing compiles this text. Not `tokenize`: Python 3.12 splits
    # f-strings, and fingerprints must be the same in every version.
    return _TOKEN.findall(ast.unparse(tree))


def _is_left_out(node: object) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def rename_in_order(tokens: Sequence[str]) -> Iterator[str]:
    """The tokens with each name by its order of appearance; attributes and builtins stay."""
    order: dict[str, str] = {}
    for index, token in enumerate(tokens):
        is_attribute = index > 0 and tokens[index - 1] == "."
        if (
            not token.isidentifier()
            or keyword.iskeyword(token)
            or is_attribute
            or token in BUILTINS
        ):
            yield token
        else:
            yield order.setdefault(token, f"#{len(order)}")


def description_words(description: str) -> list[str]:
    """The words of a description in lower case, without "write a function to"."""
    text = _OPENING.sub(" ", " ".join(description.lower().split()), count=1)
    return re.findall(r"[^\W_]+", text)


@cache
def load_fingerprints() -> Fingerprints:
    """The fingerprints shipped with this package."""
    return parse_fingerprints(resources.files(__package__).joinpath(FILE_NAME).read_bytes())


def parse_fingerprints(data: bytes) -> Fingerprints:
    """The fingerprints in the bytes of a file; LintSeqError if they are not of this version."""
    header, _, body = data.partition(b"\n")
    try:
        head = json.loads(header)
    except ValueError:
        head = {}
    made_for = (head.get("format"), head.get("code_n"), head.get("word_n"))
    if made_for != (FORMAT, CODE_N, WORD_N):
        raise LintSeqError(
            f"{FILE_NAME}: made for {made_for}, this version needs {(FORMAT, CODE_N, WORD_N)}: "
            "reinstall lintseq-core, or run python -m lintseq_core.data.overlap.fingerprints"
        )
    count = head["count"]
    hashes = memoryview(body[: 8 * count]).cast("B")
    owners = body[8 * count :]
    if len(owners) != 2 * count:
        raise LintSeqError(f"{FILE_NAME} is cut short: reinstall lintseq-core")
    return Fingerprints(
        [int.from_bytes(hashes[at : at + 8], "big") for at in range(0, 8 * count, 8)],
        [int.from_bytes(owners[at : at + 2], "big") for at in range(0, 2 * count, 2)],
        tuple(head["problems"]),
    )
