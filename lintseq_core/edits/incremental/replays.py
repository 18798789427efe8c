"""pyflakes' handling of one name, event by event, for names that are more than bound and used."""

from __future__ import annotations

from collections.abc import Sequence

from pyflakes.checker import DetectClassScopedMagic

from lintseq_core.edits.incremental.scopes import (
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
    STORE,
    WALRUS,
    Event,
    Scope,
)

NameFinding = tuple[int, str, int, str]
"""0-based column, pyflakes' message, 0-based line, name: as findings are sorted."""

IN_CLASSES = frozenset(DetectClassScopedMagic.names)
"""`__module__`, `__qualname__`: always there right in a class."""


def walrus_scope(scopes: Sequence[Scope], scope: int) -> int:
    """The scope a `:=` in `scope` binds in: the innermost that is no comprehension."""
    stack = reversed(scopes[scope].stack)
    return next(one for one in stack if scopes[one].kind != COMPREHENSION)


class _Binding:
    """What a scope holds for the name, and by which use it was last used."""

    __slots__ = ("is_annotation", "used")

    def __init__(self, is_annotation: bool, used: tuple[int, int, int] | None) -> None:
        self.is_annotation = is_annotation
        self.used = used  # scope, line, column


class Replay:
    """pyflakes' handling of one name: handleNodeLoad, handleNodeStore, addBinding and so on."""

    def __init__(self, name: str, scopes: Sequence[Scope], is_builtin: bool) -> None:
        self.name = name
        self.scopes = scopes
        self.held: dict[int, _Binding] = {}
        if is_builtin:
            self.held[0] = _Binding(False, None)
        self.set_aside: list[_Binding | None] = []
        self.undefined: list[NameFinding] = []
        self.unbound_locals: list[NameFinding] = []

    def step(self, event: Event, starred: bool, guarded: bool) -> None:
        kind, _, scope, _, _, flag = event
        if kind == LOAD:
            self.load(event, starred, guarded)
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

    def load(self, event: Event, starred: bool, guarded: bool) -> None:
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
        if guarded or (starred and seen_module):
            return
        if self.name in IN_CLASSES and self.scopes[event.scope].kind == CLASS:
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
        target = walrus_scope(self.scopes, scope)
        before = self.held.get(target)
        if before is None or before.is_annotation:
            self.held[target] = value

    def declare(self, event: Event) -> None:
        self.undefined.clear()  # pyflakes takes back what it said about the name
        value = _Binding(False, (0, event.line, event.column))
        self.held.setdefault(0, value)
        for scope in self.scopes[event.scope].stack[1:]:
            self.held[scope] = value
