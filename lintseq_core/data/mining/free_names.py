"""What a definition needs from its module, and the imports that give it."""

from __future__ import annotations

import ast
import builtins
import importlib
import symtable
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lintseq_core.programs.compiling import FILE_NAME

BUILTINS = frozenset(vars(builtins)) - {"_", "copyright", "credits", "exit", "license", "quit"}
"""Without what `site` adds for interactive use and what the interactive prompt leaves there."""

# Of the standard library, but gone by Python 3.13, private, or of no use outside their home.
_UNSTATED = frozenset(
    """__future__ __main__ antigravity aifc asynchat asyncore audioop cgi cgitb chunk crypt
    distutils ensurepip idlelib imghdr imp lib2to3 mailcap msilib nis nntplib ossaudiodev pipes
    pydoc_data smtpd sndhdr spwd sunau telnetlib test this turtledemo uu xdrlib""".split()  # noqa: SIM905
)
STANDARD_MODULES = frozenset(
    name for name in sys.stdlib_module_names if not name.startswith("_") and name not in _UNSTATED
)
# Importing these to look for an attribute opens windows or needs a display.
_NOT_LOOKED_INTO = frozenset({"tkinter", "turtle", "curses", "readline", "rlcompleter"})


@dataclass(frozen=True, slots=True, order=True)
class StatedImport:
    """One import of one name: `import MODULE [as ...]` if `name` is "", else `from ... import`."""

    module: str
    name: str = ""
    alias: str | None = None

    @property
    def bound(self) -> str:
        """The name it binds."""
        return self.alias or self.name or self.module.partition(".")[0]


@dataclass(slots=True)
class ModuleNames:
    """What the top level of a module binds: imports that may be stated, and everything else."""

    imports: defaultdict[str, list[StatedImport]] = field(default_factory=lambda: defaultdict(list))
    others: set[str] = field(default_factory=set)
    """Names with another binding than such an import: a definition that uses one is not alone."""
    helpers: dict[str, ast.stmt] = field(default_factory=dict)
    """Functions, classes and plain assignments by the name they alone bind."""
    has_future_annotations: bool = False


def read_module_names(tree: ast.Module, modules: frozenset[str] = STANDARD_MODULES) -> ModuleNames:
    """The names of a module; imports of `modules` at its top level, or under TYPE_CHECKING, count.

    An import inside `try` or another `if` does not: it is one of several ways to get the name.
    """
    names = ModuleNames()
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            statements: list[ast.stmt] = [*node.body, *node.orelse]
        else:
            statements = [node]
        for statement in statements:
            _read_statement(statement, names, modules)
    bound = Counter(name for node in tree.body for name in _bound_here(node))
    for node in tree.body:
        name = _sole_name(node)
        if name is not None and bound[name] == 1:
            names.helpers[name] = node
    return names


def _sole_name(node: ast.stmt) -> str | None:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case (
            ast.Assign(targets=[ast.Name(id=name)])
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr())
        ):
            return name
    return None


def _read_statement(statement: ast.stmt, names: ModuleNames, modules: frozenset[str]) -> None:
    match statement:
        case ast.ImportFrom(module="__future__", names=aliases):
            names.has_future_annotations |= any(alias.name == "annotations" for alias in aliases)
        case ast.Import(names=aliases):
            for alias in aliases:
                _add(StatedImport(alias.name, "", alias.asname), names, modules)
        case ast.ImportFrom(module=str(module), names=aliases, level=0):
            for alias in aliases:
                _add(StatedImport(module, alias.name, alias.asname), names, modules)
        case ast.ImportFrom(names=aliases):
            names.others.update(alias.asname or alias.name for alias in aliases)
        case _:
            names.others.update(_bound_here(statement))


def _add(imported: StatedImport, names: ModuleNames, modules: frozenset[str]) -> None:
    if imported.module.partition(".")[0] in modules and imported.name != "*":
        if imported not in names.imports[imported.bound]:
            names.imports[imported.bound].append(imported)
    else:
        names.others.add(imported.bound)


def _bound_here(statement: ast.stmt) -> Iterator[str]:
    """Names a statement of the top level binds there, blocks included, inner scopes not."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.alias(name=path, asname=asname):
                yield asname or path.partition(".")[0]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name
            case ast.Lambda():
                continue
        todo.extend(ast.iter_child_nodes(node))


def free_names(source: str) -> frozenset[str]:
    """Names that `source`, a program that compiles, reads from outside itself and the builtins."""
    module = symtable.symtable(source, FILE_NAME, "exec")
    bound = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned()}
    bound |= {symbol.get_name() for symbol in module.get_symbols() if symbol.is_imported()}
    read: set[str] = set()
    todo = [module]
    while todo:
        scope = todo.pop()
        todo.extend(scope.get_children())
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or scope is module):
                read.add(symbol.get_name())
    return frozenset(read - bound - BUILTINS)


def writes_module_state(tree: ast.AST) -> bool:
    """Whether anything in `tree` declares a name `global`."""
    return any(isinstance(node, ast.Global) for node in ast.walk(tree))


def imported_inside(tree: ast.AST, modules: frozenset[str]) -> str | None:
    """The first import in `tree` that is not of `modules`, as it is written, or None."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                stated = [StatedImport(alias.name) for alias in aliases]
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                stated = [StatedImport(module, alias.name) for alias in aliases]
            case ast.ImportFrom():
                return ast.unparse(node)
            case _:
                continue
        roots = {one.module.partition(".")[0] for one in stated}
        if not roots <= modules or not all(is_importable(one) for one in stated):
            return ast.unparse(node)
    return None


def state_imports(needed: Iterable[str], names: ModuleNames, text: str) -> list[StatedImport] | str:
    """The imports that bind `needed`, or the first name that no import alone binds.

    Of several `import package.module` of one package, those that `text` spells out are taken.
    """
    chosen: list[StatedImport] = []
    for name in sorted(needed):
        candidates = names.imports.get(name, [])
        if name in names.others or not candidates:
            return name
        if len(candidates) > 1:
            if any(one.name or one.alias for one in candidates):
                return name
            spelt = [one for one in candidates if "." in one.module and f"{one.module}." in text]
            candidates = spelt or candidates
        if not all(is_importable(one) for one in candidates):
            return name
        chosen += candidates
    return chosen


def is_importable(imported: StatedImport) -> bool:
    """Whether this Python has it: old code imports names that moved (`collections.Mapping`).

    Only modules of the standard library are looked into.
    """
    root = imported.module.partition(".")[0]
    if root not in STANDARD_MODULES or root in _NOT_LOOKED_INTO:
        return True
    try:
        module = importlib.import_module(imported.module)
        if imported.name and not hasattr(module, imported.name):
            importlib.import_module(f"{imported.module}.{imported.name}")
    except Exception:  # whatever a module of another platform raises
        return False
    return True


def import_lines(imports: Iterable[StatedImport]) -> list[str]:
    """The import statements, those of one module in one, in the order isort gives."""
    plain: set[str] = set()
    listed: defaultdict[str, set[str]] = defaultdict(set)
    for one in imports:
        if one.name:
            listed[one.module].add(_with_alias(one.name, one.alias))
        else:
            plain.add(_with_alias(one.module, one.alias))
    lines = [f"import {module}" for module in sorted(plain)]
    ordered: Mapping[str, set[str]] = dict(sorted(listed.items()))
    return lines + [
        f"from {module} import {', '.join(sorted(of))}" for module, of in ordered.items()
    ]


def _with_alias(name: str, alias: str | None) -> str:
    return name if alias is None else f"{name} as {alias}"
