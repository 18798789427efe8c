"""ES modules joined into the one text that a page without a network, or a component, needs.

Every script of ours is a module that browsers and node read as it is. `join_modules` takes the
forms that we write, at the start of a line, and refuses all others, so it is no parser:

    import { count, element } from "./elements.js";    names of another file, on one line or several
    export function show() {                           async as well, or export const NAME = ...
    export default function ({ data }) {               or export default {; in the entry alone

All modules share the scope of the joined text: no name may stand at the top of two of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_IMPORT = re.compile(
    r"import \{\s*(?P<names>[\w$]+(?:,\s+[\w$]+)*),?\s*\} "
    r'from "(?P<file>\.{1,2}/[\w/.-]+\.js)";(?:\n|\Z)'
)
_DECLARATION = re.compile(
    r"(?P<export>export )?"
    r"(?:(?:async )?function (?P<function>[\w$]+)\(|const (?P<const>[\w$]+) =\s)"
    r"|let (?P<let>[\w$]+)(?: = |;)"
    r"|const [\[{](?P<several>[^\[\]{}:]*)[\]}] = "  # of a page: its names, each with its default
)
_DEFAULT = re.compile(r"export default (?:function \(|\{)")
_STATEMENT = re.compile(
    r"^[ \t]*(?:import|export)\b|^(?:async|function|const|let|var|class)\b"
    r"|\bimport(?=\(|\.meta)",
    re.MULTILINE,
)
_WITH_DEFAULT = re.compile(r' = "[^"]*"')


@dataclass(frozen=True, slots=True)
class _Import:
    file: Path
    names: tuple[str, ...]
    line_number: int


@dataclass(frozen=True, slots=True)
class _Module:
    imports: tuple[_Import, ...]
    declared: dict[str, int]  # names at the top -> line number
    exported: frozenset[str]
    text: str  # without imports and, but for the entry, without the word export


def join_modules(entry: Path) -> str:
    """The text of one ES module: `entry` behind all that it imports; it exports what `entry` does.

    A path through a folder lintseq_core leads into this package, wherever it is installed.
    ValueError, with file and line, for a form other than those above, a file or name that is not
    there, a circle of imports, and a name at the top of two modules.
    """
    modules: dict[Path, _Module] = {}  # each behind those that it imports
    _collect(entry.resolve(), [], modules)
    owners: dict[str, Path] = {}
    for path, module in modules.items():
        for name, line_number in module.declared.items():
            if name in owners:
                raise ValueError(f"{path}:{line_number}: {name} is a name of {owners[name]} too")
            owners[name] = path
    return "\n".join(module.text for module in modules.values())


def _collect(path: Path, importing: list[Path], modules: dict[Path, _Module]) -> None:
    module = _read(path, is_entry=not importing)
    for one in module.imports:
        place = f"{path}:{one.line_number}"
        if one.file in (*importing, path):
            raise ValueError(f"{place}: a circle of imports: {one.file.name} imports this file")
        if not one.file.is_file():
            raise ValueError(f"{place}: there is no file {one.file}")
        if one.file not in modules:
            _collect(one.file, [*importing, path], modules)
        for name in one.names:
            if name not in modules[one.file].exported:
                raise ValueError(f"{place}: {one.file.name} does not export {name}")
    modules[path] = module


def _read(path: Path, *, is_entry: bool) -> _Module:
    text = path.read_text(encoding="utf-8")
    imports: list[_Import] = []
    declared: dict[str, int] = {}
    exported: set[str] = set()
    kept: list[str] = []  # pieces of the text
    end = 0  # of the last piece
    for statement in _STATEMENT.finditer(text):
        start = statement.start()
        line_number = text.count("\n", 0, start) + 1
        if found := _IMPORT.match(text, start):
            names = tuple(re.split(r",\s+", found["names"]))
            imports.append(_Import(_file_of(path, found["file"]), names, line_number))
            kept.append(text[end:start])
            end = found.end()
        elif found := _DECLARATION.match(text, start):
            for name in _names_of(found):
                if name in declared:
                    raise ValueError(f"{path}:{line_number}: {name} is declared twice")
                declared[name] = line_number
            if found["export"]:
                exported.update(_names_of(found))
                if not is_entry:
                    kept.append(text[end:start])
                    end = start + len(found["export"])
        elif not (is_entry and _DEFAULT.match(text, start)):
            line = text[start:].partition("\n")[0].strip()
            raise ValueError(f"{path}:{line_number}: not a form that is joined: {line}")
    return _Module(tuple(imports), declared, frozenset(exported), "".join((*kept, text[end:])))


def _names_of(declaration: re.Match[str]) -> list[str]:
    if declaration["several"] is not None:
        return re.findall(r"[\w$]+", _WITH_DEFAULT.sub("", declaration["several"]))
    return [declaration["function"] or declaration["const"] or declaration["let"]]


def _file_of(path: Path, named: str) -> Path:
    _, in_package, rest = named.partition("/lintseq_core/")
    return (_PACKAGE / rest if in_package else path.parent / named).resolve()
