"""Python for a reader to take along, made from the functions and classes that it names.

What is renamed or takes other arguments fails where its code is made, and what is moved is imported
from where it is: no code is shown that would not run.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cached_property
from numbers import Integral, Real
from pathlib import PurePath
from textwrap import indent
from types import FunctionType, MemberDescriptorType, ModuleType
from typing import Any

WIDTH = 88
"""Calls and dictionaries that are longer stand on several lines."""
Import = tuple[str, str]
"""A module and one of its names."""


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of Python, or a part of one, and what must be imported for it."""

    text: str
    imports: frozenset[Import] = frozenset()


SHOW_FIGURE = Code("figure.show()")
"""What a script of a chart ends with."""


def code(template: str, /, *parts: object, **named: object) -> Code:
    """`template` with values in place of its braces, as str.format has it; `value` says how.

    A field, property or method of a class stands for its name: `code("trace.{}", Trace.samples)`.
    """
    placed = [_placed(part) for part in parts]
    by_name = {name: _placed(part) for name, part in named.items()}
    text = template.format(
        *(one.text for one in placed), **{name: one.text for name, one in by_name.items()}
    )
    return Code(text, _imports((*placed, *by_name.values())))


def call(function: Callable[..., Any], /, *args: object, **kwargs: object) -> Code:
    """The call of `function`, of a class or a method; TypeError for arguments it does not take.

    The first argument of a method is what it is called on.
    """
    inspect.signature(function).bind(*args, **kwargs)
    if _is_method(function):
        on, *rest = (value(one) for one in args)
        called = Code(f"{on.text}.{function.__name__}", on.imports)
    else:
        rest = [value(one) for one in args]
        called = _name(function)
    by_name = [(name, value(one)) for name, one in kwargs.items()]
    items = [*(one.text for one in rest), *(f"{name}={one.text}" for name, one in by_name)]
    text = _bracketed(f"{called.text}(", items, ")")
    return Code(text, _imports((called, *rest, *(one for _, one in by_name))))


def constant(module: ModuleType, wanted: object) -> Code:
    """The name that `wanted` has in `module`; LookupError if it has none."""
    for name, one in vars(module).items():
        if one is wanted and name.isidentifier():
            return Code(name, frozenset({(module.__name__, name)}))
    raise LookupError(f"{module.__name__} has no name for {wanted!r}")


def value(given: object) -> Code:
    """The expression of `given`: code as it is, of a dataclass what differs from its defaults.

    TypeError for what no expression is known of.
    """
    match given:
        case Code():
            return given
        case Enum():
            owner = _name(type(given))
            return Code(f"{owner.text}.{given.name}", owner.imports)
        case None | bool() | bytes():
            return Code(repr(given))
        case Integral():
            return Code(repr(int(given)))
        case str():
            return Code(str.__repr__(given))
        case Real():  # those of NumPy too, whose own repr is no literal
            text = repr(float(given))
            return Code(text if math.isfinite(given) else f"float({text!r})")
        case PurePath():
            return call(_public_path(given), str(given))
        case dict():
            pairs = [(value(key), value(one)) for key, one in given.items()]
            text = _bracketed("{", [f"{key.text}: {one.text}" for key, one in pairs], "}")
            return Code(text, _imports(one for pair in pairs for one in pair))
        case list() | tuple() if type(given) in (list, tuple):
            parts = [value(one) for one in given]
            listed = ", ".join(one.text for one in parts)
            alone = "," if len(parts) == 1 else ""
            text = f"[{listed}]" if isinstance(given, list) else f"({listed}{alone})"
            return Code(text, _imports(parts))
        case type() | FunctionType():
            return _name(given)
    if is_dataclass(given):
        return call(type(given), **dict(_chosen(given)))
    raise TypeError(f"{given!r} cannot be written as Python")


def lines(*parts: Code) -> Code:
    """`parts` one after the other."""
    return Code("\n".join(part.text for part in parts), _imports(parts))


def script(*parts: Code) -> str:
    """`parts` one after the other, under what they import; ValueError for a name of two modules."""
    by_module: dict[str, set[str]] = {}
    modules: dict[str, str] = {}  # of each name
    for module, name in sorted(_imports(parts)):
        by_module.setdefault(module, set()).add(name)
        if modules.setdefault(name, module) != module:
            raise ValueError(f"{name} is a name of {modules[name]} and of {module}")
    groups: list[list[str]] = [[], [], []]  # of the standard library, of others, ours
    for module, names in by_module.items():
        line = f"from {module} import {', '.join(sorted(names))}"
        groups[_group(module)].append(line)
    above = ["\n".join(group) for group in groups if group]
    return "\n\n".join([*above, f"{lines(*parts).text}\n"])


def _placed(part: object) -> Code:
    """`part` in a template: a member of a class by its name, all else as `value` has it."""
    if isinstance(part, property) and part.fget is not None:
        return Code(part.fget.__name__)
    if isinstance(part, cached_property):
        return Code(part.func.__name__)
    if isinstance(part, MemberDescriptorType) or _is_method(part):
        return Code(part.__name__)  # type: ignore[attr-defined]
    return value(part)


def _is_method(given: object) -> bool:
    return isinstance(given, FunctionType) and "." in given.__qualname__.rpartition(">")[2]


def _name(given: Any) -> Code:
    """A function or class, or a method of a class that is bound to it, by its public name."""
    if inspect.ismethod(given) and isinstance(given.__self__, type):
        owner = _name(given.__self__)
        return Code(f"{owner.text}.{given.__name__}", owner.imports)
    name = given.__qualname__
    if not name.isidentifier():
        raise TypeError(f"{name} is no name at the top of a module, so it cannot be imported")
    module = _public_module(given)
    return Code(name, frozenset() if module == "builtins" else frozenset({(module, name)}))


def _public_module(given: Any) -> str:
    """The shortest path to `given`: a package above its module that lists it, else the module."""
    parts = given.__module__.split(".")
    for end in range(1, len(parts)):
        package = sys.modules[".".join(parts[:end])]
        listed = getattr(package, "__all__", ())
        if given.__name__ in listed and getattr(package, given.__name__) is given:
            return package.__name__
    return str(given.__module__)


def _public_path(path: PurePath) -> type[PurePath]:
    """What `path` is made by: Path, not the class of this system."""
    kind = type(path)
    return next(one for one in kind.__mro__ if one.__name__ in ("Path", "PurePath"))


def _chosen(given: Any) -> Iterator[tuple[str, object]]:
    for field in fields(given):
        default = field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        chosen = getattr(given, field.name)
        if field.init and (default is MISSING or chosen != default):
            yield field.name, chosen


def _imports(parts: Iterable[Code]) -> frozenset[Import]:
    return frozenset().union(*(part.imports for part in parts))


def _bracketed(opening: str, items: list[str], closing: str) -> str:
    line = f"{opening}{', '.join(items)}{closing}"
    if not items or (len(line) <= WIDTH and "\n" not in line):
        return line
    rows = indent("".join(f"{item},\n" for item in items), "    ")
    return f"{opening}\n{rows}{closing}"


def _group(module: str) -> int:
    package = module.partition(".")[0]
    return 0 if package in sys.stdlib_module_names else 2 if package == "lintseq_core" else 1
