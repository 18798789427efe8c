"""Visits expressions and records what they do to names, in the order of pyflakes."""

from __future__ import annotations

import ast
from typing import Any

from lintseq_core.edits.incremental.scopes import (
    BIND,
    COMPREHENSION,
    FUNCTION,
    SITE,
    WALRUS,
    Unmodelled,
)
from lintseq_core.edits.incremental.visitor import BARE, STRING, Visitor
from lintseq_core.programs.compiling import TOO_DEEP, parse_source

_TAKES_TYPES = frozenset(
    {
        "cast",
        "assert_type",
        "TypeVar",
        "ParamSpec",
        "TypeVarTuple",
        "NewType",
        "TypedDict",
        "NamedTuple",
    }
)


class ExpressionRecorder(Visitor):
    """Handlers for expressions and annotations."""

    def branch(self, node: ast.If | ast.While | ast.IfExp) -> None:
        self.conditional.append(True)
        self.children(node)
        self.conditional.pop()

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
        if self.typing_name(function) in _TAKES_TYPES:
            if self.mode:
                raise Unmodelled("typing call in an annotation")
            self.visit(node.func)
            before = self.strict, self.unclear
            self.unclear = True
            self.strict = self.typing_name(node.func) == "cast"
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
            if self.typing_name(node.value) is not None:
                self.strict = self.mode == 0
                self.unclear = self.mode != BARE
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
            before, self.mode = self.mode, BARE
            self.visit(node)
            self.mode = before

    def _deferred_annotation(self, node: ast.AST) -> None:
        self.mode = BARE
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
        self.mode = STRING
        self.visit(body[0].value)


def _last_name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


ExpressionRecorder.handlers = {
    ast.Name: ExpressionRecorder.name,
    ast.Constant: ExpressionRecorder.constant,
    ast.Call: ExpressionRecorder.call,
    ast.BinOp: ExpressionRecorder.operation,
    ast.NamedExpr: ExpressionRecorder.walrus,
    ast.IfExp: ExpressionRecorder.branch,
    ast.Lambda: ExpressionRecorder.lambda_,
    ast.ListComp: ExpressionRecorder.comprehension,
    ast.SetComp: ExpressionRecorder.comprehension,
    ast.DictComp: ExpressionRecorder.comprehension,
    ast.GeneratorExp: ExpressionRecorder.comprehension,
    ast.Dict: ExpressionRecorder.dict_,
    ast.Subscript: ExpressionRecorder.subscript,
    ast.JoinedStr: ExpressionRecorder.f_string,
    ast.Await: ExpressionRecorder.site,
    ast.Yield: ExpressionRecorder.site,
    ast.YieldFrom: ExpressionRecorder.site,
}
