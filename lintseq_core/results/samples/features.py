"""What a program is built of, and which edit brings what: one bit a feature, from its tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from lintseq_core.programs.compiling import TOO_DEEP, parse_source

FEATURES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("loop", "a loop", ("For", "AsyncFor", "While")),
    ("comprehension", "a comprehension", ("ListComp", "SetComp", "DictComp", "GeneratorExp")),
    ("conditional", "a conditional", ("If", "IfExp", "Match")),
    ("function", "a function", ("FunctionDef", "AsyncFunctionDef")),
    ("lambda", "a lambda", ("Lambda",)),
    ("class", "a class", ("ClassDef",)),
    ("import", "an import", ("Import", "ImportFrom")),
    ("return", "a return", ("Return",)),
    ("yield", "a yield", ("Yield", "YieldFrom")),
    ("try", "a try", ("Try", "TryStar")),
    ("raise", "a raise", ("Raise",)),
    ("with", "a with", ("With", "AsyncWith")),
    ("assert", "an assert", ("Assert",)),
    ("break", "a break or continue", ("Break", "Continue")),
    ("assignment", "an assignment", ("Assign", "AugAssign", "AnnAssign", "NamedExpr")),
    ("f-string", "an f-string", ("JoinedStr",)),
    ("decorator", "a decorator", ()),
    ("nested loop", "a loop in a loop", ()),
    ("recursion", "a call of its own function", ()),
)
"""Name, words with an article, and the nodes that show it; the last three need more than a node."""
BITS = {name: 1 << place for place, (name, _, _) in enumerate(FEATURES)}
MAX_CHARACTERS = 200_000
"""Longest program whose tree is built."""
_OF_NODE = {node: BITS[name] for name, _, nodes in FEATURES for node in nodes}
_FUNCTIONS = ("FunctionDef", "AsyncFunctionDef")
_LOOPS = ("For", "AsyncFor", "While")
_OPEN_BODY = re.compile(r"[ \t]+\S")


class ParseState(IntEnum):
    """How far a program can be read."""

    PARSES = 0
    BODY = 1
    """As the body of a function: a completion without its prompt."""
    BROKEN = 2
    TOO_LONG = 3


STATE_WORDS = {
    ParseState.PARSES: "parses",
    ParseState.BODY: "parses as a function's body",
    ParseState.BROKEN: "does not parse",
    ParseState.TOO_LONG: "too long to be parsed",
}


@dataclass(frozen=True, slots=True)
class Structure:
    """What the tree of a program says; no bits for one that has no tree."""

    state: ParseState
    features: int
    """Bits of the whole program."""
    of_edits: tuple[int, ...]
    """Bits of what each edit brings; empty for a program in one piece."""


def read_structure(text: str, births: Sequence[int] | None, prompt: str | None = None) -> Structure:
    """The features of `text`, and of the edits that bring its lines.

    A node counts for the line on which it starts. Text that is a function's body alone is read as
    one, or after its `prompt`.

    >>> found = read_structure("for x in []:\\n    print(x)\\n", [1, 0])
    >>> [names_of(bits) for bits in found.of_edits]
    [[], ['loop']]
    """
    n_edits = max(births, default=-1) + 1 if births is not None else 0
    nothing = (0,) * n_edits
    if len(text) > MAX_CHARACTERS:
        return Structure(ParseState.TOO_LONG, 0, nothing)
    tree, before, state = _tree(text, prompt)
    if tree is None:
        return Structure(ParseState.BROKEN, 0, nothing)
    marks = _marks(tree)
    features = 0
    of_edits = [0] * n_edits
    for line_number, bits in marks:
        index = line_number - 1 - before
        if index < 0:
            continue
        features |= bits
        if births is not None and index < len(births):
            of_edits[births[index]] |= bits
    return Structure(state, features, tuple(of_edits))


def names_of(bits: int) -> list[str]:
    """The names of the features in `bits`."""
    return [name for name, bit in BITS.items() if bits & bit]


def _tree(text: str, prompt: str | None) -> tuple[ast.Module | None, int, ParseState]:
    """The tree, and how many lines stand in it before `text`."""
    tree = _parsed(text)
    if tree is not None:
        return tree, 0, ParseState.PARSES
    if _OPEN_BODY.match(text.lstrip("\n")):
        # An instruction that is no program is tried too, and given up at once.
        for head in filter(None, (prompt, "def _():\n")):
            if len(head) <= MAX_CHARACTERS and (tree := _parsed(head + text)) is not None:
                return tree, head.count("\n"), ParseState.BODY
    return None, 0, ParseState.BROKEN


def _parsed(text: str) -> ast.Module | None:
    try:
        return parse_source(text)
    except (SyntaxError, ValueError, OverflowError, *TOO_DEEP):
        return None


def _marks(tree: ast.Module) -> list[tuple[int, int]]:
    """Line and bits of every node that shows a feature."""
    marks: list[tuple[int, int]] = []
    stack: list[tuple[ast.AST, bool, str]] = [(tree, False, "")]
    while stack:
        node, in_loop, function = stack.pop()
        kind = type(node).__name__
        bits = _OF_NODE.get(kind, 0)
        if kind in _LOOPS:
            if in_loop:
                bits |= BITS["nested loop"]
            in_loop = True
        elif kind in _FUNCTIONS:
            in_loop, function = False, node.name  # type: ignore[attr-defined]
            for decorator in node.decorator_list:  # type: ignore[attr-defined]
                marks.append((decorator.lineno, BITS["decorator"]))
        elif kind == "Call" and function and getattr(node.func, "id", None) == function:  # type: ignore[attr-defined]
            bits |= BITS["recursion"]
        if bits:
            marks.append((node.lineno, bits))  # type: ignore[attr-defined]
        for value in node.__dict__.values():
            if isinstance(value, list):
                stack += [(one, in_loop, function) for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST):
                stack.append((value, in_loop, function))
    return marks
