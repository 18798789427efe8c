"""One function or class out of a longer program.

Its text, moved to the left margin; what it needs from its module is added in `data.self_contained`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lintseq_core.errors import LintSeqError
from lintseq_core.programs.blocks import indent_width
from lintseq_core.programs.compiling import parse_source
from lintseq_core.programs.program import Program

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def extract_definition(program: Program, name: str) -> Program:
    """The definition called `name`, with its decorators, as a program of its own.

    `name` is a path as in `Class.method`; where one path is defined several times (overloads,
    property setters), `name:LINE` picks the one whose `def` stands on that line. Multi-line strings
    other than docstrings keep their text when a method is dedented.
    """
    path, _, line = name.partition(":")
    known = list(_definitions(parse_source(program.text)))
    matches = [node for known_path, node in known if known_path == path]
    if not matches:
        names = list(dict.fromkeys(known_path for known_path, _ in known))
        raise LintSeqError(f"no definition {name!r}; there are: {_listed(names)}")
    chosen = [node for node in matches if str(node.lineno) == line] if line else matches
    if len(chosen) != 1:
        choices = _listed([f"{path}:{node.lineno}" for node in matches])
        if line:
            raise LintSeqError(f"no definition of {path!r} on line {line}; there are: {choices}")
        raise LintSeqError(f"{path!r} is defined {len(matches)} times; pick one of {choices}")
    return Program.from_text(_cut(program, chosen[0]), name)


def _definitions(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    """Every definition with its path, in the order of the text.

    On a stack of our own: each `elif` nests in the one above, a thousand of them in one program.
    """
    stack: list[tuple[str, ast.AST]] = [("", tree)]
    while stack:
        prefix, node = stack.pop()
        if isinstance(node, Definition):
            yield prefix + node.name, node
            prefix = f"{prefix}{node.name}."
        children = [
            (prefix, child)
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
        ]
        stack.extend(reversed(children))


def _cut(program: Program, node: Definition) -> str:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
    last = node.end_lineno or node.lineno
    docstrings = {
        (inner.lineno - 1, (inner.end_lineno or inner.lineno) - 1)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant)
    }
    fixed = {
        inner
        for start, end in program.structure.strings
        if (start, end) not in docstrings
        for inner in range(start + 1, end + 1)
    }
    indent = indent_width(program.lines[first])
    cut = []
    for index in range(first, last):
        line = program.lines[index]
        removable = 0 if index in fixed else min(indent, indent_width(line))
        cut.append(line[removable:])
    return "\n".join(cut)


def _listed(names: list[str], most: int = 12) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
