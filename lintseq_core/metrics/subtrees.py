"""How much two programs' syntax trees share: the subtrees they have in common."""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache

from lintseq_core.metrics.normal_form import parsed, without_docstring


def subtree_similarity(one: str, other: str) -> float:
    """Shared subtrees over all subtrees of both, counted with repetition: 1 for the same tree.

    A subtree is a node with all below it, by the kinds of its nodes: names and values are left
    out, as are docstrings (CodeBLEU's syntax match, arXiv 2009.10297, made symmetric). Leaves do
    not count. NaN if a program does not parse or has no subtree.

    >>> subtree_similarity("x = a + 1", "y = b + 2")
    1.0
    >>> round(subtree_similarity("x = a + 1", "x = f(a + 1)"), 3)  # the sum is shared
    0.167
    """
    first, second = subtrees(one), subtrees(other)
    if first is None or second is None:
        return float("nan")
    union = sum((first | second).values())
    return sum((first & second).values()) / union if union else float("nan")


@lru_cache(maxsize=4096)
def subtrees(program: str) -> Counter[int] | None:
    """The subtrees of `program`, as hashes, with how often each occurs; None if it has no tree."""
    tree = parsed(program)
    if tree is None:
        return None
    occurrences: Counter[int] = Counter()
    try:
        _gather(tree, occurrences)
    except RecursionError:
        return None
    return occurrences


def _gather(node: ast.AST, occurrences: Counter[int]) -> int:
    """The hash of the subtree at `node`; counts it and those below, but leaves."""
    below = []
    for name, value in ast.iter_fields(node):
        items = value if isinstance(value, list) else [value]
        if name == "body" and isinstance(
            node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        ):
            items = without_docstring(items)
        below += [
            _gather(item, occurrences)
            for item in items
            if isinstance(item, ast.AST) and not isinstance(item, ast.expr_context)
        ]
    key = hash((type(node).__name__, *below))
    if below:
        occurrences[key] += 1
    return key
