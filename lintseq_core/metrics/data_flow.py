"""Which values flow into which names: the data flow part of a CodeBLEU-style score."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from lintseq_core.metrics.normal_form import parsed

Flow = tuple[int, tuple[int, ...]]
"""A name that is assigned, and the names that its value is made of, all by number."""


@lru_cache(maxsize=4096)
def data_flow(program: str) -> Counter[Flow] | None:
    """The flows of `program`, names numbered in the order they appear; None if it has no tree.

    A flow is an assignment, an iteration, a `with ... as`, a parameter (from nothing) or a `return`
    (into the function's name).

    >>> sorted(data_flow("def f(a):\\n    b = a\\n    return b").elements())
    [(0, ()), (1, (0,)), (2, (1,))]
    """
    tree = parsed(program)
    if tree is None:
        return None
    numbers: dict[str, int] = {}
    flows: Counter[Flow] = Counter()
    try:
        for target, sources in _flows(tree, ""):
            made_of = tuple(numbers.setdefault(name, len(numbers)) for name in sources)
            flows[(numbers.setdefault(target, len(numbers)), made_of)] += 1
    except RecursionError:
        return None
    return flows


def _flows(node: ast.AST, function: str) -> Iterator[tuple[str, list[str]]]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        function = node.name
        spec = node.args
        for argument in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]:
            if argument is not None:
                yield argument.arg, []
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _into(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield from _into(node.target, node.value)
    elif isinstance(node, ast.AugAssign):
        for name in _names(node.target):
            yield name, [name, *_names(node.value)]
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        yield from _into(node.target, node.iter)
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield from _into(node.optional_vars, node.context_expr)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield f"return {function}", _names(node.value)
    for child in ast.iter_child_nodes(node):
        yield from _flows(child, function)


def _into(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, list[str]]]:
    """Flows of an assignment; (a, b) = (c, d) flows element by element."""
    if (
        isinstance(target, (ast.Tuple, ast.List))
        and isinstance(value, (ast.Tuple, ast.List))
        and len(target.elts) == len(value.elts)
    ):
        for element, element_value in zip(target.elts, value.elts, strict=True):
            yield from _into(element, element_value)
        return
    sources = _names(value)
    for name in _names(target):
        yield name, sources


def _names(node: ast.expr) -> list[str]:
    """Names in `node` in the order of the text, each once."""
    name_nodes = [item for item in ast.walk(node) if isinstance(item, ast.Name)]
    name_nodes.sort(key=lambda item: (item.lineno, item.col_offset))
    return list(dict.fromkeys(item.id for item in name_nodes))
