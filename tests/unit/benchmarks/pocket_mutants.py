"""Do the tests of Pocket have teeth? Break every reference in every small way, and count.

Run by `python -m tests.unit.benchmarks.pocket_mutants`. One mutant is one reference with one change
of its tree: a comparison, an operator, a number, a text, a branch, an argument, a statement left
out. A mutant is equivalent, and not counted, where it answers as the reference does for each of 300
arguments that are drawn as those of the tests are, or at their edges; what never ends is wrong.
"""

from __future__ import annotations

import ast
import copy
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lintseq_core.benchmarks.pocket import arguments
from lintseq_core.benchmarks.pocket.held_out import problems, tasks
from lintseq_core.benchmarks.pocket.task import PocketTask
from lintseq_core.benchmarks.problem import Problem

N_ARGUMENTS = 300
_MOST_LINES = 20_000
"""Lines that a call may run before it counts as one that never ends."""

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Add,), ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.RShift: (ast.LShift,),
}  # fmt: skip
_CALLS = {"max": "min", "min": "max", "any": "all", "all": "any", "sum": "len", "sorted": "list"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Mutants of one or many references."""

    failed: int
    passed: int
    equivalent: int


def mutants(source: str) -> Iterator[str]:
    """`source` with one change each."""
    n_nodes = sum(1 for _ in ast.walk(ast.parse(source)))
    seen = {ast.unparse(ast.parse(source))}
    for index in range(n_nodes):
        for change in range(len(list(_changes(list(ast.walk(ast.parse(source)))[index])))):
            tree = ast.parse(source)
            node = list(ast.walk(tree))[index]
            list(_changes(node))[change]()
            try:
                text = ast.unparse(ast.fix_missing_locations(tree))
                compile(text, "mutant", "exec")
            except (SyntaxError, ValueError):
                continue
            if text not in seen:
                seen.add(text)
                yield text


def _changes(node: ast.AST) -> Iterator[Callable[[], None]]:
    """Functions that change `node` in place, each one way."""
    match node:
        case ast.Compare(ops=[op]):
            for kind in _COMPARISONS.get(type(op), ()):
                yield lambda kind=kind: node.ops.__setitem__(0, kind())
        case ast.BinOp() | ast.AugAssign():
            for kind in _OPERATORS.get(type(node.op), ()):
                yield lambda kind=kind: setattr(node, "op", kind())
        case ast.BoolOp():
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield lambda: setattr(node, "op", other())
        case ast.UnaryOp(op=ast.USub()):
            yield lambda: setattr(node, "op", ast.UAdd())
        case ast.UnaryOp(op=ast.Not()):
            yield lambda: setattr(node, "op", ast.UAdd())
        case ast.Constant(value=bool(value)):
            yield lambda: setattr(node, "value", not value)
        case ast.Constant(value=int(value)):
            yield lambda: setattr(node, "value", value + 1)
            yield lambda: setattr(node, "value", value - 1)
        case ast.Constant(value=str(value)):
            yield lambda: setattr(node, "value", value + "x")
            yield lambda: setattr(node, "value", value[1:])
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            yield lambda: setattr(node.func, "id", _CALLS[name])
        case ast.Slice():
            if node.lower is not None:
                yield lambda: setattr(node, "lower", None)
            if node.upper is not None:
                yield lambda: setattr(node, "upper", None)
        case ast.comprehension(ifs=[_, *_]):
            yield lambda: setattr(node, "ifs", node.ifs[1:])
        case ast.Continue():
            pass
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        test = node.test
        yield lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), test))
    body = getattr(node, "body", None)
    if isinstance(body, list) and not isinstance(node, ast.Module):
        for i in range(len(body)):
            yield lambda i=i: body.__setitem__(i, ast.Pass())
    if isinstance(node, ast.Call):
        for i in range(len(node.keywords)):
            yield lambda i=i: node.keywords.pop(i)


class _TooLong(Exception):
    """A call that runs on and on."""


def outcome(program: str, entry_point: str, given: list[tuple[Any, ...]]) -> Iterator[Any]:
    """What `program` answers to each of `given`; an exception's type where it has none."""
    scope: dict[str, Any] = {}
    try:
        exec(compile(program, "program", "exec"), scope)
    except Exception as error:
        yield from (type(error) for _ in given)
        return
    for values in given:
        left = _MOST_LINES

        def trace(frame: Any, event: str, argument: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise _TooLong
            return trace

        sys.settrace(trace)
        try:
            answer = scope[entry_point](*copy.deepcopy(values))
        except Exception as error:
            answer = type(error)
        finally:
            sys.settrace(None)
        yield answer


def count(task: PocketTask, problem: Problem) -> tuple[Counts, list[str]]:
    """How many mutants of the reference fail, pass or are equivalent; those that pass."""
    calls = [line.test for line in ast.parse(problem.tests.source).body]
    tested = [tuple(map(ast.literal_eval, call.left.args)) for call in calls]
    asked = [ast.literal_eval(call.comparators[0]) for call in calls]
    rng = random.Random(problem.task_id)
    wide = arguments.edges(task.source, task.view)
    wide += [arguments.draw(task.source, task.view, rng) for _ in range(N_ARGUMENTS)]
    answers = [task.answer(given) for given in wide]
    failed = equivalent = 0
    passing = []
    for mutant in mutants(problem.reference):
        pairs = zip(outcome(mutant, task.entry_point, tested), asked, strict=True)
        if any(found != answer for found, answer in pairs):
            failed += 1
            continue
        pairs = zip(outcome(mutant, task.entry_point, wide), answers, strict=True)
        if any(found != answer for found, answer in pairs):
            passing.append(mutant)
        else:
            equivalent += 1
    return Counts(failed, len(passing), equivalent), passing


def main(n: int) -> int:
    """Print the share of mutants of the first `n` of problems, spread evenly, that fail."""
    known = problems()
    chosen = known.spread(n)
    by_id = dict(zip((problem.task_id for problem in known), tasks(), strict=True))
    total: Counter[str] = Counter()
    for problem in chosen:
        counts, passing = count(by_id[problem.task_id], problem)
        for name in ("failed", "passed", "equivalent"):
            total[name] += getattr(counts, name)
        for mutant in passing:
            print(f"{problem.task_id} passes: {problem.instruction}\n{mutant}\n")
    different = total["failed"] + total["passed"]
    print(
        f"{n} references: {different:,} mutants that answer otherwise for some of {N_ARGUMENTS} "
        f"arguments, {total['failed']:,} fail ({100 * total['failed'] / different:.1f} %); "
        f"{total['equivalent']:,} more are equivalent"
    )
    return 0 if total["failed"] >= 0.98 * different else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
