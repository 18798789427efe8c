"""No JSON of the product holds NaN or Infinity, which other readers refuse."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from lintseq_core.json_text import json_fault, json_text

ROOT = Path(__file__).resolve().parents[2]
# What they write is read by a box or by bubblewrap: texts, and numbers that are whole or tagged.
INSIDE = {
    "lintseq_core/benchmarks/evalplus_judge.py",
    "lintseq_core/execution/inside/probes.py",
    "lintseq_core/execution/harness/seccomp.py",
}


def refuse(name: str) -> None:
    raise ValueError(name)


@pytest.mark.parametrize(
    "options", [{}, {"indent": 1}, {"ensure_ascii": False, "sort_keys": True}], ids=str
)
def test_null_stands_for_what_json_has_no_word_for(options: dict[str, object]) -> None:
    nan, inf = float("nan"), float("inf")
    odd = {"é": [nan, inf, -inf, 1.5], "deep": ({"x": nan}, "NaN", None), "n": 1e308}
    plain = {"é": [None, None, None, 1.5], "deep": [{"x": None}, "NaN", None], "n": 1e308}
    assert json.loads(json_text(odd, **options), parse_constant=refuse) == plain
    assert json_text(odd, **options) == json.dumps(plain, **options)  # type: ignore[arg-type]
    assert json_text(plain, **options) == json.dumps(plain, **options)  # type: ignore[arg-type]


def test_deep_values_are_no_fault() -> None:
    value: object = float("nan")
    for _ in range(400):
        value = [value]
    assert json_text(value) == "[" * 400 + "null" + "]" * 400


@pytest.mark.parametrize("folder", ["lintseq_core", "dashboard"])
def test_all_json_is_written_without_nan(folder: str) -> None:
    loose = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name in INSIDE or name == "lintseq_core/json_text.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"json.dumps", "json.dump"}:
                given = {one.arg: ast.unparse(one.value) for one in node.keywords}
                if given.get("allow_nan") != "False":
                    loose.append(f"{name}:{node.lineno}")
    assert loose == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": tru}', "not JSON: Expecting value at character 7"),
        ('{"a": "b', "not JSON: Unterminated string starting at character 7"),
        ('{"a": "b\n"}', "not JSON: Invalid control character at character 9"),
        ('{"a":\n1', "not JSON: Expecting ',' delimiter at character 8"),
        ("[" * 100_000, "not JSON: maximum recursion depth exceeded"),
    ],
    ids=lambda value: value[:20],
)
def test_the_place_in_a_row_is_a_character_counted_from_one(text: str, told: str) -> None:
    with pytest.raises((ValueError, RecursionError)) as caught:
        json.loads(text)
    assert json_fault(caught.value).startswith(told)
