"""Records what a program does to its names, in the order in which pyflakes looks at them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from lintseq_core.edits.incremental.expressions import ExpressionRecorder
from lintseq_core.edits.incremental.scopes import (
    ANNOTATION,
    BIND,
    CLASS,
    DECLARE,
    ENTER,
    LEAVE,
    PLAIN,
    SITE,
    STORE,
    TYPE_PARAMETERS,
    Event,
    Export,
    Trace,
    Unmodelled,
)
from lintseq_core.edits.incremental.visitor import ANNOTATIONS_RUN_LATER
from lintseq_core.programs.compiling import TOO_DEEP


def record(tree: ast.Module, *, annotations_later: bool, mentions_typing: bool) -> Trace:
    """The events of `tree`. `annotations_later`: `from __future__ import annotations` holds."""
    recorder = _Recorder(annotations_later or ANNOTATIONS_RUN_LATER)
    if mentions_typing:
        recorder.findtyping_names(tree)
    try:
        recorder.run(tree)
    except TOO_DEEP as error:
        raise Unmodelled("nests deeply") from error
    return recorder.trace


class _Recorder(ExpressionRecorder):
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
            if self.typing_name(node.annotation) == "TypeAlias":
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

    def try_(self, node: Any) -> None:
        before, self.guards = self.guards, tuple(_name_error_lines(node))
        self.all(node.body)
        self.guards = before
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


def _strings(container: ast.List | ast.Tuple) -> Iterator[tuple[str, int]]:
    for item in container.elts:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value, item.lineno - 1


def _name_error_lines(node: ast.Try) -> Iterator[int]:
    for handler in node.handlers:
        types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        for kind in types:
            if isinstance(kind, ast.Name) and kind.id == "NameError":
                yield kind.lineno - 1


def _ignore(recorder: _Recorder, node: ast.AST) -> None:
    """Nothing in it is a name."""


_Recorder.handlers = {
    **ExpressionRecorder.handlers,
    ast.Assign: _Recorder.assign,
    ast.AugAssign: _Recorder.augmented,
    ast.AnnAssign: _Recorder.annotated,
    ast.For: _Recorder.for_,
    ast.AsyncFor: _Recorder.for_,
    ast.If: _Recorder.branch,
    ast.While: _Recorder.branch,
    ast.Try: _Recorder.try_,
    ast.TryStar: _Recorder.try_,
    ast.ExceptHandler: _Recorder.handler,
    ast.FunctionDef: _Recorder.function,
    ast.AsyncFunctionDef: _Recorder.function,
    ast.ClassDef: _Recorder.class_,
    ast.Import: _Recorder.import_,
    ast.ImportFrom: _Recorder.import_from,
    ast.Global: _Recorder.declare,
    ast.Nonlocal: _Recorder.declare,
    ast.MatchAs: _Recorder.pattern,
    ast.MatchStar: _Recorder.pattern,
    ast.MatchMapping: _Recorder.pattern,
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
        _Recorder.handlers[getattr(ast, _name)] = _handler
