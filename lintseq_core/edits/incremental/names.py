"""Which names are missing in a state: pyflakes' answer, from events recorded once (`scopes`).

A use of a name that is only ever bound and used is in order as long as one scope it can see holds
a binding that comes before it. Deleting lines then concerns only the uses that see a scope whose
first binding went. Names that are also deleted, declared global, caught by `except ... as`, only
annotated, or used in a function before the function binds them are replayed, event by event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lintseq_core.edits.incremental.replays import IN_CLASSES, NameFinding, Replay, walrus_scope
from lintseq_core.edits.incremental.scopes import (
    ANNOTATION,
    BIND,
    CLASS,
    FUNCTION,
    LOAD,
    MODULE,
    SITE,
    STORE,
    UNCLEAR,
    WALRUS,
    Event,
    Trace,
    Unmodelled,
)

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
        self.ask_all_lines = {line for _, line in trace.stars}
        """Lines that many names depend on: `import *`, `except NameError`."""
        self.ask_all_lines.update(*trace.guards.values())
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
                bound.add(walrus_scope(self.trace.scopes, scope) if flag == WALRUS else scope)
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

    def _add(self, name: str, orders: list[int]) -> None:
        events, scopes = self.trace.events, self.trace.scopes
        loads: list[int] = []
        for order in orders:
            kind, _, scope, line, _, flag = events[order]
            if kind == LOAD:
                loads.append(order)
                continue
            if flag == WALRUS and kind == STORE:
                scope = walrus_scope(self.trace.scopes, scope)
            index = self.binding_index.get((name, scope))
            if index is None:
                index = self.binding_index[name, scope] = len(self.bindings)
                self.bindings.append([])
                self.uses.append([])
            self.bindings[index].append((order, line))
            self.bindings_of_line.setdefault(line, []).append(index)
        for order in loads:
            _, _, scope, line, column, _ = events[order]
            if name in IN_CLASSES and scopes[scope].kind == CLASS:
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
        self.tables = tables
        self._present = present
        self._ask_all = ask_all
        self._bindings: set[int] = set()
        self._names: set[str] = set()
        self._exports = False

    def delete(self, lines: Iterable[int]) -> None:
        """Note that `lines` went."""
        tables = self.tables
        for line in lines:
            if line in tables.bindings_of_line:
                self._bindings.update(tables.bindings_of_line[line])
            if line in tables.replayed_of_line:
                self._names.update(tables.replayed_of_line[line])
            if line in tables.export_lines:
                self._exports = True
            if line in tables.ask_all_lines:
                self._ask_all = True

    def ask_all(self) -> None:
        """Look at every name the next time."""
        self._ask_all = True

    def findings(self) -> list[NameFinding]:
        """What is missing because of the deletions since the last call; all with `ask_all`."""
        tables, present = self.tables, self._present
        found: list[NameFinding] = []
        indices: Iterable[int] = self._bindings
        names: Iterable[str] = self._names
        if self._ask_all:
            indices, names = range(len(tables.bindings)), tables.replayed
            found += [
                (use.column, "UndefinedName", use.line, use.name)
                for use in tables.unbound
                if present[use.line] and not self._is_excused(use.order)
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
        for order, line in self.tables.bindings[index]:
            if present[line]:
                return order
        return _NEVER

    def _is_bound(self, use: Use, besides: int) -> bool:
        for index in use.bindings:
            if index != besides and self._first(index) < use.order:
                return True
        return self._is_excused(use.order)

    def _is_excused(self, order: int) -> bool:
        """Whether pyflakes says nothing of a missing name at `order`."""
        return self._starred(order) or self._is_guarded(order)

    def _is_guarded(self, order: int) -> bool:
        """Whether an `except NameError` catches it."""
        guards = self.tables.trace.guards.get(order, ())
        return any(self._present[line] for line in guards)

    def _starred(self, order: int) -> bool:
        """Whether an `import *` before `order` may bind whatever is missing."""
        return any(star < order and self._present[line] for star, line in self.tables.trace.stars)

    # ---- __all__

    def _touches_exports(self, indices: Iterable[int], names: Iterable[str]) -> bool:
        exported = self.tables.exported
        if any(name in exported for name in names):
            return True
        index_of = self.tables.binding_index
        wanted = {index_of.get((name, 0)) for name in exported}
        return any(index in wanted for index in indices)

    def _missing_exports(self) -> list[NameFinding]:
        tables, present = self.tables, self._present
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
        if name in self.tables.replayed:
            return self._replay(name)[1]
        index = self.tables.binding_index.get((name, 0))
        return name in self.tables.builtins or (index is not None and self._first(index) < _NEVER)

    def _replay(self, name: str) -> tuple[list[NameFinding], bool]:
        """What pyflakes says about `name`, and whether the module holds it in the end."""
        tables, present = self.tables, self._present
        replay = Replay(name, tables.trace.scopes, name in tables.builtins)
        for event, order in zip(tables.replayed[name], tables.orders[name], strict=True):
            if present[event.line]:
                replay.step(event, self._starred(order), self._is_guarded(order))
        return replay.undefined + replay.unbound_locals, 0 in replay.held
