"""A definition of a module as a program that needs nothing else.

Its names are found by the compiler's symbol table: what it reads from outside must be builtin, an
import that may be stated on top, or a helper, which comes along: a function, class or plain
assignment of the same module that stands alone in turn. The helpers together are no longer than the
definition or HELPER_LINES, so that the program stays what the instruction asks for. pyflakes must
agree that no name is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from lintseq_core.data.mining.free_names import (
    STANDARD_MODULES,
    ModuleNames,
    free_names,
    import_lines,
    imported_inside,
    state_imports,
    writes_module_state,
)
from lintseq_core.errors import LinterFailure, SourceError
from lintseq_core.linting import Linter
from lintseq_core.linting.linter import run_linter
from lintseq_core.programs import Program
from lintseq_core.programs.compiling import TOO_DEEP
from lintseq_core.programs.definitions import Definition

HELPER_LINES = 20
_MODULE_CONTEXT = frozenset(
    {"__doc__", "__file__", "__loader__", "__package__", "__path__", "__spec__"}
)


@dataclass(frozen=True, slots=True)
class MiningConfig:
    """What is mined; the defaults are what `lintseq dataset mine` does."""

    min_lines: int = 3
    max_lines: int = 150
    """Of the finished program, stated imports and blank lines included."""
    max_file_bytes: int = 1_000_000
    keep_docstring: bool = False
    helpers: bool = True
    """Whether a definition may bring what it needs of its module along."""
    modules: frozenset[str] = STANDARD_MODULES
    """Top-level modules whose imports may be stated."""


@dataclass(frozen=True, slots=True)
class StandingAlone:
    """A definition as a program, with the import lines and helpers it brings."""

    program: Program
    imports: tuple[str, ...]
    helpers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CannotStand:
    """Why a definition needs its module; `reason` is one of those that drops are counted by."""

    reason: str
    detail: str


def stand_alone(
    node: Definition, module: Program, names: ModuleNames, config: MiningConfig, linter: Linter
) -> StandingAlone | CannotStand:
    """The definition under the imports and among the helpers it needs, in the module's order."""
    own = _text(node, module, without_docstring=not config.keep_docstring)
    helpers: dict[str, tuple[ast.stmt, str]] = {}
    needed: set[str] = set()
    room = max(own.count("\n"), HELPER_LINES)
    todo: list[tuple[ast.stmt, str]] = [(node, own)]
    while todo:
        part, text = todo.pop()
        found = _needs(part, text, config)
        if isinstance(found, CannotStand):
            return found
        for name in sorted(found - {"__name__", node.name} - helpers.keys() - needed):
            helper = names.helpers.get(name)
            if helper is None or helper is node or not config.helpers:
                needed.add(name)
                continue
            text = _text(helper, module, without_docstring=False)
            room -= text.count("\n")
            if room < 0:
                return CannotStand("helpers_too_long", name)
            helpers[name] = helper, text
            todo.append(helpers[name])
    imports = state_imports(needed, names, own + "".join(text for _, text in helpers.values()))
    if isinstance(imports, str):
        return CannotStand("foreign_name", imports)
    parts = sorted([(node, own), *helpers.values()], key=lambda part: part[0].lineno)
    program = _checked(import_lines(imports), _joined(parts), names, linter)
    if isinstance(program, CannotStand):
        return program
    stated = [line for line in program.lines if line.startswith("from __future__")][:1]
    order = sorted(helpers, key=lambda name: helpers[name][0].lineno)
    return StandingAlone(program, (*stated, *import_lines(imports)), tuple(order))


def _needs(part: ast.stmt, text: str, config: MiningConfig) -> frozenset[str] | CannotStand:
    """The names that one definition or assignment reads from outside itself."""
    if writes_module_state(part):
        return CannotStand("global_state", text.partition("\n")[0])
    if (foreign := imported_inside(part, config.modules)) is not None:
        return CannotStand("foreign_import", foreign)
    try:
        found = free_names(text)
    except (SyntaxError, ValueError, *TOO_DEEP) as error:
        return CannotStand("future", str(error))
    if context := sorted(found & _MODULE_CONTEXT):
        return CannotStand("module_context", context[0])
    return found


def _checked(
    imports: Iterable[str], body: str, names: ModuleNames, linter: Linter
) -> Program | CannotStand:
    """The program, once the linter has nothing to say about it.

    `from __future__ import annotations` is stated only where the definition fails without it.
    """
    problem = ""
    future = ["from __future__ import annotations"]
    for first in ([], future) if names.has_future_annotations else ([],):
        head = "".join(f"{line}\n" for line in [*first, *imports])
        try:
            program = Program.from_text(f"{head}\n\n{body}" if head else body)
            findings = run_linter(linter, program.text)
        except (SourceError, LinterFailure) as error:
            problem = str(error)
            continue
        if not findings:
            return program
        problem = " ".join([findings[0].code, *findings[0].arguments])
    return CannotStand("finding", problem)


def _joined(parts: list[tuple[ast.stmt, str]]) -> str:
    """The parts below each other: two blank lines around definitions, none between assignments."""
    pieces: list[str] = []
    for index, (node, text) in enumerate(parts):
        plain = index and not any(
            isinstance(one, Definition) for one in (node, parts[index - 1][0])
        )
        pieces.append(text if plain or not index else f"\n\n{text}")
    return "".join(pieces)


def first_line_number(node: ast.stmt) -> int:
    """1-based line on which a statement begins, its decorators included."""
    decorators = node.decorator_list if isinstance(node, Definition) else []
    return min([node.lineno, *(one.lineno for one in decorators)])


def _text(node: ast.stmt, module: Program, *, without_docstring: bool) -> str:
    """The lines of a statement, without its docstring unless that shares a line with code."""
    end = node.end_lineno or node.lineno
    kept = list(range(first_line_number(node), end + 1))
    if without_docstring and isinstance(node, Definition) and len(node.body) > 1:
        doc, following = node.body[0], node.body[1]
        last = doc.end_lineno or doc.lineno
        above = module.lines[doc.lineno - 1][: doc.col_offset]
        if not above.strip() and following.lineno > last:
            after = last + 1
            while after <= end and not module.lines[after - 1].strip():
                after += 1
            kept = [line for line in kept if not doc.lineno <= line < after]
    return "".join(f"{module.lines[line - 1]}\n" for line in kept)
