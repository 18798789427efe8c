"""The example programs: they run, their table is true, and together they show the language."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).resolve().parents[2] / "assets" / "programs"
FILES = sorted(PROGRAMS.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_runs_without_a_warning_and_prints_something(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(file)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout
    assert done.stderr == b""


def test_the_table_names_every_example_with_its_length_in_order() -> None:
    rows = [
        tuple(cell.strip(" `") for cell in line.split("|")[1:3])
        for line in (PROGRAMS / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    lengths = {file.name: file.read_text(encoding="utf-8").count("\n") for file in FILES}
    assert len(rows) >= 12
    assert {name: int(length) for name, length in rows} == lengths
    assert [int(length) for _, length in rows] == sorted(lengths.values())
    assert min(lengths.values()) >= 10 and max(lengths.values()) <= 150


def test_together_the_examples_show_every_construct() -> None:
    shown = set()
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            shown |= set(constructs(node))
    assert shown == {
        "class", "method", "nested function", "closure", "comprehension", "try", "decorator",
        "async", "dataclass", "match", "docstring", "multi-line literal", "with", "else of a loop",
    }  # fmt: skip


def constructs(node: ast.AST) -> list[str]:
    """The names of what `node` is an example of."""
    found = []
    match node:
        case ast.ClassDef():
            found.append("class")
            found += ["method" for one in node.body if isinstance(one, ast.FunctionDef)]
            found += ["dataclass" for one in node.decorator_list if "dataclass" in ast.unparse(one)]
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            found += ["decorator"] * bool(node.decorator_list)
            found += ["docstring"] * bool(ast.get_docstring(node))
            found += ["async"] * isinstance(node, ast.AsyncFunctionDef)
            found += ["nested function" for one in node.body if isinstance(one, ast.FunctionDef)]
        case ast.Nonlocal():
            found.append("closure")
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            found.append("comprehension")
        case ast.Try():
            found.append("try")
        case ast.Match():
            found.append("match")
        case ast.With() | ast.AsyncWith():
            found.append("with")
        case ast.For() | ast.While() if node.orelse:
            found.append("else of a loop")
        case ast.List() | ast.Dict() | ast.Tuple() if node.end_lineno != node.lineno:
            found.append("multi-line literal")
    return found
