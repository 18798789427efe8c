"""What a program does to each name, in the order in which pyflakes looks at it.

pyflakes runs through a module once: statements in order, function bodies put off until the module
is through, bodies within bodies until after that. What it reports about a name depends on that
name's events alone (bound here, used there, deleted), each in a scope. Lines that go take their
events with them and leave the order of the others as it is, so one recording of the whole program
answers for all its states (`edits.names`). What depends on more than one name, or cannot be told
from the text, is `Unmodelled`.
"""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lintseq_core.programs.compiling import TOO_DEEP, parse_source

MODULE, CLASS, FUNCTION, COMPREHENSION, TYPE_PARAMETERS = range(5)
LOAD, BIND, STORE, DELETE, DECLARE, ENTER, LEAVE, SITE = range(8)
PLAIN, ANNOTATION, WALRUS = range(3)  # flags of STORE
EAGER, POSTPONED, UNCLEAR = range(3)  # flags of LOAD: is it in an annotation that runs later?
_BARE, _STRING = 1, 2  # what kind of annotation is being read; 0 for none

MOST_NESTED = 100
"""pyflakes gives up at some 300 nested nodes, with the interpreter's default recursion limit."""

_ANNOTATIONS_RUN_LATER = sys.version_info >= (3, 14)
_TYPING = ("typing", "typing_extensions")
_TAKES_TYPES = frozenset(
    """cast assert_type TypeVar ParamSpec TypeVarTuple NewType TypedDict NamedTuple""".split()  # noqa: SIM905
)
_NO_NODES = frozenset(
    """ctx op ops kind attr type_comment conversion is_async level module simple rest id name names
    arg str""".split()  # noqa: SIM905
)

MOST_NESTED = 100
"""pyflakes gives up at some 300 nested nodes, with the interpreter's default recursion limit."""

_ANNOTATIONS_RUN_LATER = sys.version_info >= (3, 14)
_TYPING = ("typing", "typing_extensions")
_TAKES_TYPES = frozenset(
    ("cast", "assert_type", "TypeVar", "ParamSpec", "TypeVarTuple")
    + ("NewType", "TypedDict", "NamedTuple")
)
_NO_NODES = frozenset(
    ("ctx", "op", "ops", "kind", "attr", "type_comment", "conversion", "is_async", "level")
    + ("module", "simple", "rest", "id", "name", "names", "arg", "str")
)


class Unmodelled(Exception):
    """The program uses something that is not modelled; the message says what."""


class Event(NamedTuple):
    """One thing done to one name; `line` is a 0-based index, and it is there while its line is."""

    kind: int
    name: str
    scope: int
    line: int
    column: int
    flag: int


class Scope(NamedTuple):
    """One scope; its index in `Trace.scopes` is what events name."""

    kind: int
    stack: tuple[int, ...]
    """The scopes it lies in, the module's first, itself last."""
    visible: tuple[int, ...]
    """Where a name used in it is looked for, in that order; class scopes are seen from few."""
    place: tuple[int, int]
    """0-based line and column of the node that opens it."""


@dataclass(slots=True)
class Export:
    """An assignment to `__all__`."""

    order: int
    line: int
    column: int
    adds: bool
    names: list[tuple[str, int]]


@dataclass(slots=True)
class Trace:
    """All events of a program, and what is not about single names."""

    events: list[Event] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    stars: list[tuple[int, int]] = field(default_factory=list)
    """Order and line of each `from x import *`."""
    aliases: list[tuple[str, str]] = field(default_factory=list)
    """(module, name) of each `import module as name`."""
    later: list[int] = field(default_factory=list)
    """Lines of `from __future__ import annotations`."""
    nonlocals: set[str] = field(default_factory=set)


def record(tree: ast.Module, *, annotations_later: bool, mentions_typing: bool) -> Trace:
    """The events of `tree`. `annotations_later`: `from __future__ import annotations` holds."""
    recorder = _Recorder(annotations_later or _ANNOTATIONS_RUN_LATER)
    if mentions_typing:
        recorder.find_typing_names(tree)
    try:
        recorder.run(tree)
    except TOO_DEEP as error:
        raise Unmodelled("nests deeply") from error
    return recorder.trace


class _Recorder:
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
            function(*arguments)

    def defer(self, function: Callable[..., None], *arguments: Any) -> None:
        self.queue.append((function, arguments, self.scope, self.conditional[-1]))

    def visit(self, node: ast.AST) -> None:
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise Unmodelled("nests deeply")
        handler = _HANDLERS.get(type(node))
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
        outer = self.scope
        scopes = self.trace.scopes
        self.scope = len(scopes)
        stack = (*scopes[outer].stack, self.scope)
        place = (node.lineno - 1, node.col_offset)
        scopes.append(Scope(kind, stack, tuple(self._visible(kind, stack)), place))
        return outer

    def _visible(self, kind: int, stack: tuple[int, ...]) -> Iterator[int]:
        sees_class: bool | None = None
        for index in reversed(stack):
            inner = kind if index == stack[-1] else self.trace.scopes[index].kind
            if inner == CLASS and sees_class is False:
                continue
            yield index
            if sees_class is not False:
                sees_class = inner in (TYPE_PARAMETERS, COMPREHENSION)

    # ---- names

    def load(self, node: Any, name: str) -> None:
        if name == "__class__" and any(
            self.trace.scopes[scope].kind == CLASS for scope in self.trace.scopes[self.scope].stack
        ):
            return  # always there
        if self.mode == _STRING or (self.mode == _BARE and self.later):
            flag = UNCLEAR if self.unclear else POSTPONED
        else:
            flag = UNCLEAR if self.unclear and self.later else EAGER
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

    def declare(self, node: ast.Global | ast.Nonlocal) -> None:
        if isinstance(node, ast.Nonlocal):
            self.trace.nonlocals.update(node.names)
        if self.scope != 0:
            for name in node.names:
                self.emit(DECLARE, name, node)

    def pattern(self, node: Any) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            self.emit(STORE, name, node, PLAIN)
        self.children(node)

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.emit(BIND, name, alias)
            if alias.asname and alias.asname != alias.name:
                self.trace.aliases.append((alias.name, alias.asname))

    def import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.trace.stars.append((len(self.trace.events), alias.lineno - 1))
                self.emit(SITE, "*", alias)
                continue
            if node.module == "__future__" and node.level == 0:
                if alias.name == "annotations":
                    self.trace.later.append(alias.lineno - 1)
                elif alias.name == "barry_as_FLUFL":
                    raise Unmodelled("from __future__ import barry_as_FLUFL")
            self.emit(BIND, alias.asname or alias.name, alias)

    # ---- statements

    def assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self._export(node, node.targets)
        self.all(node.targets)

    def augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target, node.target.id)
        self.visit(node.value)
        self._export(node, [node.target])
        self.visit(node.target)

    def annotated(self, node: ast.AnnAssign) -> None:
        self.annotation(node.annotation)
        if node.value is not None:
            before = self.strict, self.unclear
            if self._typing_name(node.annotation) == "TypeAlias":
                self.strict, self.unclear = self.mode == 0, True
            self.visit(node.value)
            self.strict, self.unclear = before
            self._export(node, [node.target])
        if isinstance(node.target, ast.Name) and node.target.id == "__all__" and not node.value:
            raise Unmodelled("__all__ without a value")
        self.target(node.target, PLAIN if node.value else ANNOTATION)

    def _export(self, node: Any, targets: list[Any]) -> None:
        for target in targets:
            if not (isinstance(target, ast.Name) and target.id == "__all__"):
                continue
            if self.scope != 0:
                continue
            names: list[tuple[str, int]] = []
            value = node.value
            if isinstance(value, ast.List | ast.Tuple):
                names += _strings(value)
            elif isinstance(value, ast.BinOp):
                while isinstance(value.right, ast.List | ast.Tuple):
                    names += _strings(value.right)
                    if isinstance(value.left, ast.BinOp):
                        value = value.left
                        continue
                    if isinstance(value.left, ast.List | ast.Tuple):
                        names += _strings(value.left)
                    break
            adds = isinstance(node, ast.AugAssign)
            order = len(self.trace.events)
            self.trace.exports.append(Export(order, node.lineno - 1, node.col_offset, adds, names))
            for name, line in names:
                self.trace.events.append(Event(SITE, f"export {name}", 0, line, 0, 0))

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        self.all(node.body)
        self.all(node.orelse)

    def branch(self, node: ast.If | ast.While | ast.IfExp) -> None:
        self.conditional.append(True)
        self.children(node)
        self.conditional.pop()

    def try_(self, node: Any) -> None:
        for handler in node.handlers:
            types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            if any(isinstance(kind, ast.Name) and kind.id == "NameError" for kind in types):
                raise Unmodelled("except NameError")
        self.all(node.body)
        self.all(node.handlers)
        self.all(node.orelse)
        self.all(node.finalbody)

    def handler(self, node: ast.ExceptHandler) -> None:
        if node.name is None:
            self.children(node)
            return
        self.emit(ENTER, node.name, node)
        self.children(node)
        self.emit(LEAVE, node.name, node)

    def function(self, node: Any) -> None:
        self.all(node.decorator_list)
        outer = self._type_parameters(node)
        self.lambda_(node)
        self.scope = outer
        self.emit(BIND, node.name, node)

    def lambda_(self, node: Any) -> None:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        for one in every:
            if one.annotation is not None:
                self.annotation(one.annotation)
        if getattr(node, "returns", None) is not None:
            self.annotation(node.returns)
        self.all(arguments.defaults)
        self.all(arguments.kw_defaults)
        self.defer(self._body, node)

    def _body(self, node: Any) -> None:
        self.open(FUNCTION, node)
        arguments = node.args
        for one in (
            *arguments.posonlyargs,
            *arguments.args,
            *([arguments.vararg] if arguments.vararg else []),
            *arguments.kwonlyargs,
            *([arguments.kwarg] if arguments.kwarg else []),
        ):
            self.emit(BIND, one.arg, one)
        if isinstance(node, ast.Lambda):
            self.visit(node.body)
        else:
            self.all(node.body)

    def class_(self, node: Any) -> None:
        self.all(node.decorator_list)
        outer = self._type_parameters(node)
        self.all(node.bases)
        self.all(node.keywords)
        self.open(CLASS, node)
        self.all(node.body)
        self.scope = outer
        self.emit(BIND, node.name, node)

    def _type_parameters(self, node: Any) -> int:
        """Open the scope of PEP 695 parameters (Python 3.12); returns the scope to go back to."""
        if not hasattr(node, "type_params"):
            return self.scope
        outer = self.open(TYPE_PARAMETERS, node)
        self.all(node.type_params)
        return outer

    def type_alias(self, node: Any) -> None:
        outer = self._type_parameters(node)
        self.defer(self._deferred_annotation, node.value)
        self.scope = outer
        self.visit(node.name)

    def type_parameter(self, node: Any) -> None:
        self.emit(STORE, node.name, node, PLAIN)
        if getattr(node, "bound", None) is not None:
            self.defer(self._deferred_annotation, node.bound)

    # ---- expressions

    def walrus(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.target(node.target, WALRUS)

    def comprehension(self, node: Any) -> None:
        first, *rest = node.generators
        self.visit(first.iter)
        outer = self.open(COMPREHENSION, node)
        self.visit(first.target)
        self.all(first.ifs)
        for generator in rest:
            self.visit(generator.iter)
            self.visit(generator.target)
            self.all(generator.ifs)
        if isinstance(node, ast.DictComp):
            self.visit(node.key)
            if node.value is not None:
                self.visit(node.value)
        else:
            self.visit(node.elt)
        self.scope = outer

    def dict_(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self.visit(key)
            self.visit(value)

    def call(self, node: ast.Call) -> None:
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr == "format"
            and isinstance(function.value, ast.Constant)
        ):
            self.emit(SITE, "format", node)
        if self._typing_name(function) in _TAKES_TYPES:
            if self.mode:
                raise Unmodelled("typing call in an annotation")
            self.visit(node.func)
            before = self.strict, self.unclear
            self.unclear = True
            self.strict = self._typing_name(node.func) == "cast"
            self.all(node.args[:1])
            self.strict = True
            self.all(node.args[1:])
            self.all(node.keywords)
            self.strict, self.unclear = before
            return
        self.visit(node.func)
        self.all(node.args)
        self.all(node.keywords)

    def operation(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            self.emit(SITE, "format", node)
        self.visit(node.left)
        self.visit(node.right)

    def site(self, node: Any) -> None:
        """Where it matters to the compiler which scope an expression is in."""
        self.emit(SITE, type(node).__name__, node)
        self.children(node)

    def subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        name = _last_name(node.value)
        before = self.mode, self.strict, self.unclear
        if name == "Literal":
            self.mode, self.strict = 0, False
            self.visit(node.slice)
        elif name == "Annotated":
            many = isinstance(node.slice, ast.Tuple) and len(node.slice.elts) >= 2
            first, *rest = node.slice.elts if many else [node.slice]  # type: ignore[attr-defined]
            self.visit(first)
            self.mode, self.strict = 0, False
            self.all(rest)
        else:
            if self._typing_name(node.value) is not None:
                self.strict = self.mode == 0
                self.unclear = self.mode != _BARE
            self.visit(node.slice)
        self.mode, self.strict, self.unclear = before

    def f_string(self, node: ast.JoinedStr) -> None:
        before = len(self.trace.events)
        self.children(node)
        # Python 3.11 may place a name in an f-string of several lines where it does not stand.
        for event in self.trace.events[before:]:
            if not node.lineno - 1 <= event.line < (node.end_lineno or node.lineno):
                raise Unmodelled("name in an f-string with a wrong place")

    def constant(self, node: ast.Constant) -> None:
        if not isinstance(node.value, str):
            return
        if self.mode:
            self.defer(self._string_annotation, node.value, node)
        elif self.strict:
            raise Unmodelled("string as a type in a typing call or subscript")

    # ---- annotations

    def annotation(self, node: ast.AST) -> None:
        if self.later:
            self.defer(self._deferred_annotation, node)
        else:
            before, self.mode = self.mode, _BARE
            self.visit(node)
            self.mode = before

    def _deferred_annotation(self, node: ast.AST) -> None:
        self.mode = _BARE
        self.visit(node)

    def _string_annotation(self, text: str, at: ast.Constant) -> None:
        self.emit(SITE, f"annotation {text}", at)
        try:
            body = parse_source(text).body
        except SyntaxError:
            return  # a finding of the line that holds it, as long as it is there
        except (*TOO_DEEP, ValueError) as error:
            raise Unmodelled("string annotation that cannot be parsed") from error
        if len(body) != 1 or not isinstance(body[0], ast.Expr):
            return
        for node in ast.walk(body[0].value):
            if "lineno" in node._attributes:
                node.lineno, node.col_offset = at.lineno, at.col_offset  # type: ignore[attr-defined]
        self.mode = _STRING
        self.visit(body[0].value)

    # ---- typing

    def find_typing_names(self, tree: ast.Module) -> None:
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

    def _typing_name(self, node: ast.AST) -> str | None:
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


def _strings(container: ast.List | ast.Tuple) -> Iterator[tuple[str, int]]:
    for item in container.elts:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value, item.lineno - 1


def _last_name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def _node_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _NO_NODES)
    return fields


def _ignore(recorder: _Recorder, node: ast.AST) -> None:
    """Nothing in it is a name."""


_HANDLERS: dict[type[ast.AST], Callable[[_Recorder, Any], None]] = {
    ast.Name: _Recorder.name,
    ast.Constant: _Recorder.constant,
    ast.Call: _Recorder.call,
    ast.BinOp: _Recorder.operation,
    ast.Assign: _Recorder.assign,
    ast.AugAssign: _Recorder.augmented,
    ast.AnnAssign: _Recorder.annotated,
    ast.NamedExpr: _Recorder.walrus,
    ast.For: _Recorder.for_,
    ast.AsyncFor: _Recorder.for_,
    ast.If: _Recorder.branch,
    ast.While: _Recorder.branch,
    ast.IfExp: _Recorder.branch,
    ast.Try: _Recorder.try_,
    ast.TryStar: _Recorder.try_,
    ast.ExceptHandler: _Recorder.handler,
    ast.FunctionDef: _Recorder.function,
    ast.AsyncFunctionDef: _Recorder.function,
    ast.Lambda: _Recorder.lambda_,
    ast.ClassDef: _Recorder.class_,
    ast.ListComp: _Recorder.comprehension,
    ast.SetComp: _Recorder.comprehension,
    ast.DictComp: _Recorder.comprehension,
    ast.GeneratorExp: _Recorder.comprehension,
    ast.Dict: _Recorder.dict_,
    ast.Subscript: _Recorder.subscript,
    ast.JoinedStr: _Recorder.f_string,
    ast.Import: _Recorder.import_,
    ast.ImportFrom: _Recorder.import_from,
    ast.Global: _Recorder.declare,
    ast.Nonlocal: _Recorder.declare,
    ast.MatchAs: _Recorder.pattern,
    ast.MatchStar: _Recorder.pattern,
    ast.MatchMapping: _Recorder.pattern,
    ast.Await: _Recorder.site,
    ast.Yield: _Recorder.site,
    ast.YieldFrom: _Recorder.site,
    ast.Pass: _ignore,
    ast.Break: _ignore,
    ast.Continue: _ignore,
}
for _name, _handler in (
    ("TypeAlias", _Recorder.type_alias),
    ("TypeVar", _Recorder.type_parameter),
    ("ParamSpec", _Recorder.type_parameter),
    ("TypeVarTuple", _Recorder.type_parameter),
):
    if hasattr(ast, _name):
        _HANDLERS[getattr(ast, _name)] = _handler
