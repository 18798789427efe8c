"""Where a program binds each of its names.

Without regard to scope or order: it tells which missing line a finding can be put down to, not
whether a name is undefined, which is the linters' work.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping


def read_binding_lines(tree: ast.Module) -> Mapping[str, frozenset[int]]:
    """Every name `tree` binds in any scope, with the 0-based lines that bind it."""
    lines: defaultdict[str, set[int]] = defaultdict(set)
    for node in ast.walk(tree):
        for name in _bound_names(node):
            lines[name].add(node.lineno - 1)  # type: ignore[attr-defined]  # all of these have one
    return {name: frozenset(where) for name, where in lines.items()}


def _bound_names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=path, asname=asname):
            yield asname or path.partition(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case _ if type(node).__name__ in ("TypeVar", "ParamSpec", "TypeVarTuple"):  # Python 3.12
            yield node.name  # type: ignore[attr-defined]
        case _:
            return
