"""One sample as a harness runs it, and its syntax tree."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lintseq_core.benchmarks import Benchmark, Problem
from lintseq_core.benchmarks.benchmark import code_under_prompt
from lintseq_core.programs.bindings import read_binding_lines
from lintseq_core.programs.compiling import TOO_DEEP, parse_source
from lintseq_core.programs.markdown import without_end_markers

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__"}


@dataclass(slots=True)
class Reading:
    """What a sample says, while its faults are mended one after the other."""

    benchmark: Benchmark
    problem: Problem
    text: str
    is_completion: bool
    """Whether it stands below the prompt; else it is a whole program."""
    is_answer: bool = False
    """Whether a whole program was asked for, which may begin as the prompt does."""
    asked: Mapping[str, Problem] = field(default_factory=dict, repr=False)
    """Problems asked in words by the first line of their instruction."""
    is_closed: bool = False
    """Whether a fence or a marker stood at its end, so that nothing cut it off."""
    _parsed: dict[tuple[str, str], tuple[ast.Module | None, SyntaxError | None]] = field(
        default_factory=dict, repr=False
    )
    """Of the last text and problem."""

    @property
    def has_code_prompt(self) -> bool:
        """Whether the benchmark's prompt is code that stands above every completion."""
        return self.benchmark.read_program is code_under_prompt

    @property
    def head(self) -> str:
        """The prompt above the answer in a whole program; "" where it does not begin with it."""
        if self.is_completion or not self.has_code_prompt:
            return ""
        return self.problem.prompt if self.text.startswith(self.problem.prompt) else ""

    @property
    def is_below_prompt(self) -> bool:
        """Whether the answer continues a prompt of code."""
        return self.has_code_prompt and (self.is_completion or bool(self.head))

    @property
    def body(self) -> str:
        """The answer, without the prompt above it."""
        return self.text[len(self.head) :]

    def with_body(self, body: str) -> str:
        """The text with another answer below the same prompt."""
        return self.head + body

    def program(self) -> str:
        """What is run: nothing is cleaned."""
        if not self.is_completion:
            return self.text
        kept = without_end_markers(self.text)  # which `Benchmark.program` drops
        program = self.benchmark.program(self.problem, kept, "completion")
        return program + self.text[len(kept) :]

    def tree(self) -> ast.Module | None:
        """The syntax tree of the program; None where it has none."""
        return self._parse()[0]

    def error(self) -> SyntaxError | None:
        """Why it has no tree."""
        return self._parse()[1]

    @property
    def is_broken(self) -> bool:
        """Whether it does not compile; `return` outside a function counts too."""
        tree = self.tree()
        return tree is None or returns_outside(tree)

    def _parse(self) -> tuple[ast.Module | None, SyntaxError | None]:
        key = self.problem.task_id, self.text
        if key not in self._parsed:
            self._parsed = {key: parsed(self.program())}
        return self._parsed[key]


def parsed(source: str) -> tuple[ast.Module | None, SyntaxError | None]:
    """The syntax tree of `source`, or why it has none."""
    try:
        return parse_source(source), None
    except SyntaxError as error:
        return None, error
    except (ValueError, OverflowError, *TOO_DEEP) as error:
        return None, SyntaxError(str(error))


def returns_outside(tree: ast.Module) -> bool:
    """Whether a `return` stands outside of every function, which compiling refuses."""
    return any(isinstance(node, ast.Return) for node in outside_functions(tree))


def outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """The statements of `tree` that stand in no function and no class."""
    waiting = list(ast.iter_child_nodes(tree))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield node
            if not isinstance(node, Function | ast.ClassDef):
                waiting.extend(ast.iter_child_nodes(node))


def functions(tree: ast.Module) -> dict[str, Function]:
    """The functions at the top of `tree`, by name; the last of a name counts."""
    return {node.name: node for node in tree.body if isinstance(node, Function)}


def falls_off(function: Function) -> bool:
    """Whether a call can come to the end of `function` without `return`, as far as can be told."""
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function)):
        return False
    return not _ends(function.body)


def _ends(statements: list[ast.stmt]) -> bool:
    match statements[-1] if statements else None:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=body, orelse=orelse):
            return _ends(body) and _ends(orelse)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return _ends(body)
        case ast.While(test=ast.Constant(value=value), body=body) if value:
            return not any(isinstance(node, ast.Break) for node in ast.walk(ast.Module(body, [])))
        case ast.For(orelse=orelse) | ast.While(orelse=orelse) if orelse:
            return _ends(orelse)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            tried = _ends(orelse or body) and all(_ends(one.body) for one in handlers)
            return tried or _ends(final)
        case ast.Match(cases=cases):
            return all(_ends(one.body) for one in cases)
        case _:
            return False


def free_names(tree: ast.Module) -> frozenset[str]:
    """The names that `tree` uses and binds nowhere, without Python's own."""
    used = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return frozenset(used - read_binding_lines(tree).keys() - _BUILTINS)


@lru_cache(maxsize=4_096)
def prompt_names(prompt: str) -> frozenset[str]:
    """The names that a prompt of code binds outside its functions: imports and helpers."""
    tree, _ = parsed(prompt + "\n    pass\n")
    if tree is None:
        tree, _ = parsed(prompt)
    if tree is None:
        return frozenset()
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {one.asname or one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, Function | ast.ClassDef):
            found.add(node.name)
    return frozenset(found)


@lru_cache(maxsize=4_096)
def asked_function(reference: str, entry_point: str) -> Function | None:
    """The function of the reference that the tests call."""
    tree, _ = parsed(reference)
    return None if tree is None else functions(tree).get(entry_point)


def parameters(function: Function) -> tuple[str, ...]:
    """The names of the positional parameters of `function`."""
    return tuple(one.arg for one in (*function.args.posonlyargs, *function.args.args))


def indent_of(line: str) -> int:
    """The columns of white space before `line`, tabs to the next multiple of 4."""
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


@lru_cache(maxsize=4_096)
def pattern_of(text: str) -> re.Pattern[str] | None:
    """What finds `text` at a start, whatever its white space; None for an empty text."""
    words = text.split()
    return re.compile(r"\s*" + r"\s+".join(map(re.escape, words))) if words else None
