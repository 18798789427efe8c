"""One function or class out of a longer program."""

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
    found = [node for known_path, node in known if known_path == path]
    if line:
        found = [node for node in found if str(node.lineno) == line]
    if not found:
        names = list(dict.fromkeys(known_path for known_path, _ in known))
        raise LintSeqError(f"no definition {name!r}; there are: {_listed(names)}")
    if len(found) > 1:
        choices = ", ".join(f"{path}:{node.lineno}" for node in found)
        raise LintSeqError(f"{path!r} is defined {len(found)} times; pick one of {choices}")
    return Program.from_text(_cut(program, found[0]), name)


def _definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition):
            yield prefix + node.name, node
            yield from _definitions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _definitions(node, prefix)


def _cut(program: Program, node: Definition) -> str:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
    last = node.end_lineno or node.lineno
    structure = program.structure
    statement_starts = {line.first for line in structure.logical_lines}
    fixed = {
        inner
        for start, end in structure.strings
        if start not in statement_starts
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
