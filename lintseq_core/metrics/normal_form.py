"""When two programs count as the same: by text, or by syntax tree with names numbered."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lintseq_core.programs.compiling import TOO_DEEP, parse_source


@dataclass(frozen=True, slots=True)
class DistinctCounts:
    """How many different programs there are among some."""

    n_programs: int
    n_texts: int
    n_trees: int
    """Programs that do not parse count by their text."""
    n_unparsable: int


def count_distinct(programs: Iterable[str]) -> DistinctCounts:
    """Different texts (`normal_text`) and different trees (`tree_key`) among `programs`.

    >>> count_distinct(["x = 1", "x = 1  \\n", "y = 1  # one", "y = 2", "y ="])
    DistinctCounts(n_programs=5, n_texts=4, n_trees=3, n_unparsable=1)
    """
    texts = [normal_text(program) for program in programs]
    keys = {text: tree_key(text) for text in set(texts)}
    unparsable = sum(keys[text] is None for text in texts)
    trees = {keys[text] or f"text {text}" for text in texts}
    return DistinctCounts(len(texts), len(keys), len(trees), unparsable)


def normal_text(program: str) -> str:
    """`program` without what no reader sees: spaces at line ends, blank lines at either end.

    >>> normal_text("\\n\\nx = 1  \\r\\n\\ny = 2\\n\\n")
    'x = 1\\n\\ny = 2\\n'
    """
    lines = program.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    return f"{text}\n" if text else ""


def tree_key(program: str) -> str | None:
    """The same text for programs with the same tree, None for one that does not parse.

    Left out of the tree: comments and layout, docstrings, annotations. Names that the program
    binds (variables, parameters, functions, classes) are numbered in the order they appear;
    builtins, imported names, attributes and keywords keep theirs.

    >>> tree_key("def f(a): return a") == tree_key("def g(b: int):\\n    'Same.'\\n    return b")
    True
    >>> tree_key("def f(a): return a") == tree_key("def f(a): return f")
    False
    """
    tree = parsed(program)
    if tree is None:
        return None
    renaming = _Renaming(_bound_names(tree))
    try:
        return hashlib.sha256(ast.dump(renaming.visit(tree)).encode("utf-8", "replace")).hexdigest()
    except TOO_DEEP:
        return None


def parsed(program: str) -> ast.Module | None:
    """The tree of `program`, None if it has none."""
    try:
        return parse_source(program)
    except (SyntaxError, ValueError, OverflowError, *TOO_DEEP):
        return None


def without_docstring(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a body but a docstring."""
    first = body[0] if body else None
    is_text = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return list(body[1:] if is_text else body)


def _bound_names(tree: ast.Module) -> set[str]:
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or (
            isinstance(node, ast.ExceptHandler) and node.name
        ):
            bound.add(str(node.name))
    return bound


class _Renaming(ast.NodeTransformer):
    """Numbers bound names, drops docstrings and annotations; changes the tree in place."""

    def __init__(self, bound: set[str]) -> None:
        self.bound = bound
        self.numbers: dict[str, str] = {}

    def new_name(self, name: str) -> str:
        if name not in self.bound:
            return name
        return self.numbers.setdefault(name, f"_{len(self.numbers)}")

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.new_name(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self.new_name(node.arg)
        node.annotation = None
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        if node.name:
            node.name = self.new_name(node.name)
        return self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> ast.Global:
        node.names = [self.new_name(name) for name in node.names]
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.Nonlocal:
        node.names = [self.new_name(name) for name in node.names]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        assigned = ast.Assign([node.target], node.value)
        return self.generic_visit(ast.copy_location(assigned, node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.new_name(node.name)
        node.returns = None
        node.body = without_docstring(node.body)
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.name = self.new_name(node.name)
        node.returns = None
        node.body = without_docstring(node.body)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self.new_name(node.name)
        node.body = without_docstring(node.body)
        return self.generic_visit(node)

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.body = without_docstring(node.body)
        return self.generic_visit(node)
