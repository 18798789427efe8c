"""Goes through a syntax tree in the order of pyflakes: function bodies after the module."""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from lintseq_core.edits.incremental.scopes import (
    CLASS,
    DELETE,
    EAGER,
    LOAD,
    MODULE,
    PLAIN,
    POSTPONED,
    STORE,
    UNCLEAR,
    Event,
    Scope,
    Trace,
    Unmodelled,
    open_scope,
)

MOST_NESTED = 100
"""pyflakes gives up at some 300 nested nodes, with the interpreter's default recursion limit."""

BARE, STRING = 1, 2  # what kind of annotation is being read; 0 for none
ANNOTATIONS_RUN_LATER = sys.version_info >= (3, 14)
_TYPING = ("typing", "typing_extensions")
_PLAIN_FIELDS = frozenset(  # of nodes; these hold no nodes with names in them
    {
        *("ctx", "op", "ops", "kind", "attr", "type_comment", "conversion", "is_async", "level"),
        *("module", "simple", "rest", "id", "name", "names", "arg", "str"),
    }
)


class Visitor:
    """Visits nodes; subclasses add handlers for more kinds of them."""

    handlers: ClassVar[dict[type[ast.AST], Callable[[Any, Any], None]]]

    def __init__(self, annotations_later: bool) -> None:
        self.trace = Trace()
        self.later = annotations_later
        self.scope = 0
        self.mode = 0
        self.depth = 0
        self.unclear = False  # in a subscript that counts as an annotation if its name is typing's
        self.strict = False  # in a place where a string would count as an annotation
        self.typing_members: dict[str, set[str]] = {}
        self.typing_modules: set[str] = set()
        self.conditional: list[bool] = [False]
        self.guards: tuple[int, ...] = ()  # lines that catch NameError, of the innermost `try`
        self.queue: deque[tuple[Callable[..., None], tuple[Any, ...], int, bool]] = deque()

    # ---- running

    def run(self, tree: ast.Module) -> None:
        self.trace.scopes.append(Scope(MODULE, (0,), (0,), (-1, -1)))
        for node in tree.body:
            self.visit(node)
        while self.queue:
            function, arguments, self.scope, conditional = self.queue.popleft()
            self.conditional = [conditional]
            self.mode, self.unclear, self.strict = 0, False, False
            self.guards = ()
            function(*arguments)

    def defer(self, function: Callable[..., None], *arguments: Any) -> None:
        self.queue.append((function, arguments, self.scope, self.conditional[-1]))

    def visit(self, node: ast.AST) -> None:
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise Unmodelled("nests deeply")
        handler = self.handlers.get(type(node))
        if handler is not None:
            handler(self, node)
        else:
            self.children(node)
        self.depth -= 1

    def children(self, node: ast.AST) -> None:
        for name in _node_fields(type(node)):
            value = getattr(node, name, None)
            if value.__class__ is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)

    def all(self, nodes: list[Any]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def emit(self, kind: int, name: str, node: Any, flag: int = 0) -> None:
        self.trace.events.append(
            Event(kind, name, self.scope, node.lineno - 1, node.col_offset, flag)
        )

    def open(self, kind: int, node: Any) -> int:
        """A new scope inside the current one; returns the current one, to go back to."""
        outer, scopes = self.scope, self.trace.scopes
        self.scope = len(scopes)
        scopes.append(open_scope(scopes, outer, kind, (node.lineno - 1, node.col_offset)))
        return outer

    # ---- names

    def load(self, node: Any, name: str) -> None:
        if name == "__class__" and any(
            self.trace.scopes[scope].kind == CLASS for scope in self.trace.scopes[self.scope].stack
        ):
            return  # always there
        if self.mode == STRING or (self.mode == BARE and self.later):
            flag = UNCLEAR if self.unclear else POSTPONED
        else:
            flag = UNCLEAR if self.unclear and self.later else EAGER
        if self.guards:
            self.trace.guards[len(self.trace.events)] = self.guards
        self.emit(LOAD, name, node, flag)

    def name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.load(node, node.id)
        elif isinstance(node.ctx, ast.Store):
            self.emit(STORE, node.id, node, PLAIN)
        elif not self.conditional[-1]:  # pyflakes does not follow a `del` under `if` or `while`
            self.emit(DELETE, node.id, node)

    def target(self, node: ast.AST, flag: int) -> None:
        """A target that is one name or no name at all, with its flag."""
        if isinstance(node, ast.Name):
            self.emit(STORE, node.id, node, flag)
        else:
            self.visit(node)

    # ---- typing

    def findtyping_names(self, tree: ast.Module) -> None:
        """Every name that stands for typing or a member of it anywhere in the program."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in _TYPING and node.level == 0:
                for alias in node.names:
                    members = self.typing_members.setdefault(alias.asname or alias.name, set())
                    members.add(alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name in _TYPING:
                        self.typing_modules.add(alias.asname or alias.name)

    def typing_name(self, node: ast.AST) -> str | None:
        """The member of typing that `node` may stand for, judged by the whole program's imports."""
        if isinstance(node, ast.Name):
            members = self.typing_members.get(node.id)
            if not members:
                return None
            if len(members) > 1:
                raise Unmodelled("one name for several members of typing")
            return next(iter(members))
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in self.typing_modules
        ):
            return node.attr
        return None


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def _node_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _PLAIN_FIELDS)
    return fields
