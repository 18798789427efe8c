"""Which names are missing in a state: pyflakes' answer, from events recorded once (`scopes`).

A use of a name that is only ever bound and used is in order as long as one scope it can see holds
a binding that comes before it. Deleting lines then concerns only the uses that see a scope whose
first binding went. Names that are also deleted, declared global, caught by `except ... as`, only
annotated, or used in a function before the function binds them are replayed, event by event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pyflakes.checker import DetectClassScopedMagic

from lintseq_core.edits.scopes import (
    ANNOTATION,
    BIND,
    CLASS,
    COMPREHENSION,
    DECLARE,
    DELETE,
    ENTER,
    FUNCTION,
    LEAVE,
    LOAD,
    MODULE,
    POSTPONED,
    SITE,
    STORE,
    UNCLEAR,
    WALRUS,
    Event,
    Trace,
    Unmodelled,
)

NameFinding = tuple[int, str, int, str]
"""0-based column, pyflakes' message, 0-based line, name: as findings are sorted."""

_IN_CLASSES = frozenset(DetectClassScopedMagic.names)  # __module__, __qualname__, ...
_NEVER = 1 << 60


class Use(NamedTuple):
    """One use of a name that is only bound and used."""

    order: int
    line: int
    column: int
    name: str
    bindings: tuple[int, ...]
    """Indices in `NameTables.bindings`, one for each scope it can see that binds the name."""


class NameTables:
    """What a trace says about each name, laid out for deletions. Shared by all states."""

    def __init__(self, trace: Trace, builtins: frozenset[str]) -> None:
        self.trace = trace
        self.builtins = builtins
        self.bindings: list[list[tuple[int, int]]] = []
        """For each name and scope that binds it: order and line of each binding, in order."""
        self.uses: list[list[Use]] = []
        """For each of `bindings`, the uses that can see it."""
        self.binding_index: dict[tuple[str, int], int] = {}
        self.bindings_of_line: dict[int, list[int]] = {}
        self.unbound: list[Use] = []
        """Uses that see no binding at all: in order under `import *` only."""
        self.replayed: dict[str, list[Event]] = {}
        self.orders: dict[str, list[int]] = {}
        self.replayed_of_line: dict[int, set[str]] = {}
        self._fill()
        self.exported = {name for export in trace.exports for name, _ in export.names}
        self.export_lines = {export.line for export in trace.exports}
        self.export_lines |= {line for export in trace.exports for _, line in export.names}
        self.export_lines |= {line for _, line in trace.stars}
        everything = bytearray(b"\1" * (1 + max((one.line for one in trace.events), default=0)))
        self.known = frozenset(
            finding[1:] for finding in NameState(self, everything, ask_all=True).findings()
        )

    def _fill(self) -> None:
        by_name: dict[str, list[int]] = {}
        for order, event in enumerate(self.trace.events):
            if event.kind != SITE:
                by_name.setdefault(event.name, []).append(order)
        risky: set[str] = set()
        for name, orders in by_name.items():
            if self._must_be_replayed(name, orders, risky):
                events = [self.trace.events[order] for order in orders]
                self.replayed[name], self.orders[name] = events, orders
                for event in events:
                    self.replayed_of_line.setdefault(event.line, set()).add(name)
            elif name not in self.builtins:  # else it is always there
                self._add(name, orders)
        if any(module in risky for module, _ in self.trace.aliases):
            # A use of `np` counts as one of `numpy` in `import numpy as np`.
            raise Unmodelled("a module imported under an alias, its name also a local variable")
        self._check_exports(by_name.get("__all__", []))

    def _must_be_replayed(self, name: str, orders: list[int], risky: set[str]) -> bool:
        events, scopes = self.trace.events, self.trace.scopes
        replayed = annotated = unclear = False
        bound: set[int] = set()
        stored: set[int] = set()
        used: set[int] = set()
        for order in orders:
            kind, _, scope, _, _, flag = events[order]
            if kind == LOAD:
                used.add(scope)
                unclear = unclear or flag == UNCLEAR
            elif kind == BIND:
                bound.add(scope)
            elif kind == STORE:
                bound.add(self.bound_in(scope) if flag == WALRUS else scope)
                stored.add(scope)
                annotated = annotated or flag == ANNOTATION
            else:
                replayed = True
        if annotated and unclear:
            raise Unmodelled("annotated name in a subscript of typing")
        for scope in stored & used:
            if scopes[scope].kind == FUNCTION and (
                name in self.builtins
                or any(
                    outer in bound and scopes[outer].kind in (FUNCTION, MODULE)
                    for outer in scopes[scope].stack[:-1]
                )
            ):
                risky.add(name)  # an UndefinedLocal, if the use comes first in some state
                return True
        if replayed:
            risky.add(name)
        return replayed or annotated

    def bound_in(self, scope: int) -> int:
        """The scope a `:=` in `scope` binds in: the innermost that is no comprehension."""
        scopes = self.trace.scopes
        stack = reversed(scopes[scope].stack)
        return next(one for one in stack if scopes[one].kind != COMPREHENSION)

    def _add(self, name: str, orders: list[int]) -> None:
        events, scopes = self.trace.events, self.trace.scopes
        loads: list[int] = []
        for order in orders:
            kind, _, scope, line, _, flag = events[order]
            if kind == LOAD:
                loads.append(order)
                continue
            if flag == WALRUS and kind == STORE:
                scope = self.bound_in(scope)
            index = self.binding_index.get((name, scope))
            if index is None:
                index = self.binding_index[name, scope] = len(self.bindings)
                self.bindings.append([])
                self.uses.append([])
            self.bindings[index].append((order, line))
            self.bindings_of_line.setdefault(line, []).append(index)
        for order in loads:
            _, _, scope, line, column, _ = events[order]
            if name in _IN_CLASSES and scopes[scope].kind == CLASS:
                continue
            indices = tuple(
                self.binding_index[name, seen]
                for seen in scopes[scope].visible
                if (name, seen) in self.binding_index
            )
            use = Use(order, line, column, name, indices)
            for index in indices:
                self.uses[index].append(use)
            if not indices:
                self.unbound.append(use)

    def _check_exports(self, orders: list[int]) -> None:
        if not self.trace.exports:
            return
        events = [self.trace.events[order] for order in orders]
        changes = [event for event in events if event.kind != LOAD and event.scope == 0]
        if any(event.kind not in (LOAD, STORE) for event in events) or len(changes) != len(
            self.trace.exports
        ):
            raise Unmodelled("__all__ bound by other than an assignment")


class NameState:
    """The names of one state. `present` is shared with the caller, who changes it."""

    def __init__(self, tables: NameTables, present: bytearray, *, ask_all: bool = False) -> None:
        self._tables = tables
        self._present = present
        self._ask_all = ask_all
        self._bindings: set[int] = set()
        self._names: set[str] = set()
        self._exports = False

    def delete(self, lines: Iterable[int]) -> None:
        """Note that `lines` went."""
        tables = self._tables
        for line in lines:
            if line in tables.bindings_of_line:
                self._bindings.update(tables.bindings_of_line[line])
            if line in tables.replayed_of_line:
                self._names.update(tables.replayed_of_line[line])
            if line in tables.export_lines:
                self._exports = True
                self._ask_all = self._ask_all or bool(tables.trace.stars)

    def ask_all(self) -> None:
        """Look at every name the next time."""
        self._ask_all = True

    def findings(self) -> list[NameFinding]:
        """What is missing because of the deletions since the last call; all with `ask_all`."""
        tables, present = self._tables, self._present
        found: list[NameFinding] = []
        indices: Iterable[int] = self._bindings
        names: Iterable[str] = self._names
        if self._ask_all:
            indices, names = range(len(tables.bindings)), tables.replayed
            found += [
                (use.column, "UndefinedName", use.line, use.name)
                for use in tables.unbound
                if present[use.line] and not self._starred(use.order)
            ]
        for index in indices:
            first = self._first(index)
            for use in tables.uses[index]:
                if present[use.line] and first > use.order and not self._is_bound(use, index):
                    found.append((use.column, "UndefinedName", use.line, use.name))
        for name in names:
            found += self._replay(name)[0]
        if tables.trace.exports and (
            self._ask_all or self._exports or self._touches_exports(indices, names)
        ):
            found += self._missing_exports()
        self._ask_all = self._exports = False
        self._bindings.clear()
        self._names.clear()
        return found

    def _first(self, index: int) -> int:
        """The order of the first binding that is still there."""
        present = self._present
        for order, line in self._tables.bindings[index]:
            if present[line]:
                return order
        return _NEVER

    def _is_bound(self, use: Use, besides: int) -> bool:
        for index in use.bindings:
            if index != besides and self._first(index) < use.order:
                return True
        return self._starred(use.order)

    def _starred(self, order: int) -> bool:
        """Whether an `import *` before `order` may bind whatever is missing."""
        return any(star < order and self._present[line] for star, line in self._tables.trace.stars)

    # ---- __all__

    def _touches_exports(self, indices: Iterable[int], names: Iterable[str]) -> bool:
        exported = self._tables.exported
        if any(name in exported for name in names):
            return True
        index_of = self._tables.binding_index
        wanted = {index_of.get((name, 0)) for name in exported}
        return any(index in wanted for index in indices)

    def _missing_exports(self) -> list[NameFinding]:
        tables, present = self._tables, self._present
        names: list[str] = []
        last = None
        for export in tables.trace.exports:
            if present[export.line]:
                own = [name for name, line in export.names if present[line]]
                names = [*names, *own] if export.adds else own
                last = export
        if last is None or self._starred(_NEVER):
            return []
        return [
            (last.column, "UndefinedExport", last.line, name)
            for name in names
            if not self._is_global(name)
        ]

    def _is_global(self, name: str) -> bool:
        """Whether the module holds `name` in the end."""
        if name in self._tables.replayed:
            return self._replay(name)[1]
        index = self._tables.binding_index.get((name, 0))
        return name in self._tables.builtins or (index is not None and self._first(index) < _NEVER)

    # ---- names with more than bindings and uses

    def _replay(self, name: str) -> tuple[list[NameFinding], bool]:
        """What pyflakes says about `name`, and whether the module holds it in the end."""
        tables, present = self._tables, self._present
        replay = _Replay(name, tables)
        for event, order in zip(tables.replayed[name], tables.orders[name], strict=True):
            if present[event.line]:
                replay.step(event, self._starred(order) if tables.trace.stars else False)
        return replay.undefined + replay.unbound_locals, 0 in replay.held


class _Binding:
    """What a scope holds for the name, and by which use it was last used."""

    __slots__ = ("is_annotation", "used")

    def __init__(self, is_annotation: bool, used: tuple[int, int, int] | None) -> None:
        self.is_annotation = is_annotation
        self.used = used  # scope, line, column


class _Replay:
    """pyflakes' handling of one name: handleNodeLoad, handleNodeStore, addBinding and so on."""

    def __init__(self, name: str, tables: NameTables) -> None:
        self.name = name
        self.tables = tables
        self.scopes = tables.trace.scopes
        self.held: dict[int, _Binding] = {}
        if name in tables.builtins:
            self.held[0] = _Binding(False, None)
        self.set_aside: list[_Binding | None] = []
        self.undefined: list[NameFinding] = []
        self.unbound_locals: list[NameFinding] = []

    def step(self, event: Event, starred: bool) -> None:
        kind, _, scope, _, _, flag = event
        if kind == LOAD:
            self.load(event, starred)
        elif kind == BIND:
            self.bind(scope, False)
        elif kind == STORE:
            self.store(scope, flag)
        elif kind == DELETE:
            if self.held.pop(scope, None) is None:
                self.undefined.append((event.column, "UndefinedName", event.line, self.name))
        elif kind == DECLARE:
            self.declare(event)
        elif kind == ENTER:
            if scope in self.held:
                self.store(scope, 0)
            self.set_aside.append(self.held.pop(scope, None))
            self.store(scope, 0)
        elif kind == LEAVE:
            self.held.pop(scope, None)
            before = self.set_aside.pop()
            if before is not None:
                self.held[scope] = before

    def load(self, event: Event, starred: bool) -> None:
        seen_module = False
        for scope in self.scopes[event.scope].visible:
            binding = self.held.get(scope)
            if binding is None:
                seen_module = seen_module or scope == 0
                continue
            binding.used = (event.scope, event.line, event.column)
            if binding.is_annotation and event.flag != POSTPONED:
                continue
            return
        if starred and seen_module:
            return
        if self.name in _IN_CLASSES and self.scopes[event.scope].kind == CLASS:
            return
        self.undefined.append((event.column, "UndefinedName", event.line, self.name))

    def store(self, scope: int, flag: int) -> None:
        if self.scopes[scope].kind == FUNCTION and scope not in self.held:
            for outer in self.scopes[scope].stack[:-1]:
                if self.scopes[outer].kind not in (FUNCTION, MODULE):
                    continue
                binding = self.held.get(outer)
                if binding is not None and binding.used and binding.used[0] == scope:
                    _, line, column = binding.used
                    self.unbound_locals.append((column, "UndefinedLocal", line, self.name))
                    break
        if flag == WALRUS:
            self.bind_walrus(scope)
        else:
            self.bind(scope, flag == ANNOTATION)

    def bind(self, scope: int, is_annotation: bool) -> None:
        before = self.held.get(scope)
        if before is None or not is_annotation:
            self.held[scope] = _Binding(is_annotation, before.used if before else None)

    def bind_walrus(self, scope: int) -> None:
        here = self.held.get(scope)
        value = _Binding(False, here.used if here else None)
        target = self.tables.bound_in(scope)
        before = self.held.get(target)
        if before is None or before.is_annotation:
            self.held[target] = value

    def declare(self, event: Event) -> None:
        self.undefined.clear()  # pyflakes takes back what it said about the name
        value = _Binding(False, (0, event.line, event.column))
        self.held.setdefault(0, value)
        for scope in self.scopes[event.scope].stack[1:]:
            self.held[scope] = value
