"""Judges one EvalPlus problem, inside the judge; needs the standard library alone.

The text of this module is the first part of the tests of HumanEval+ and MBPP+, so it imports
nothing of this package. The rules are those of evalplus 0.3.1 (arXiv 2305.01210), with its
numpy comparison written out; what differs is said beside it. One rule of theirs is left out:
there no solution of HumanEval/32, not even the reference, can pass, as its oracle forgets to count
what it checked (evalplus/evalplus#201).
"""

from __future__ import annotations

import copy
import json
import math

TYPE_CHECKING = False  # without importing typing, which would cost every test 8 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

FLOAT_ATOL = 1e-6  # where a problem sets none and the reference answers in floats
RTOL = 1e-7

# Answers whose order or repetition is free.
SETS = frozenset(
    {
        "similar_elements",
        "find_char_long",
        "common_in_nested_lists",
        "extract_singly",
        "larg_nnum",
        "intersection_array",
        "find_dissimilar",
        "Diff",
    }
)
# Tasks that ask for a match object or None, and take True or False as well.
MATCHES = frozenset({"check_str", "text_match_three", "text_starta_endb"})


def check_answers(
    candidate: Callable[..., Any], name: str, reference: str, groups: Sequence[str], atol: float
) -> None:
    """Return if `candidate` answers every input as `reference`, a program that defines `name`.

    AssertionError names the input and not the answer: a report may reach the solution's author.

    `groups`: the inputs, each group as `decoded` reads it. Both get copies: EvalPlus lets a
    solution change the arguments that an oracle looks at afterwards.
    """
    space: dict[str, Any] = {}
    exec(reference, space)
    trusted = space[name]
    for group, text in enumerate(groups):
        tolerance = atol
        for index, arguments in enumerate(decoded(text)):
            out = candidate(*copy.deepcopy(arguments))
            expected = trusted(*copy.deepcopy(arguments))
            if name in MATCHES:
                expected = expected is not None
            # Once an answer in floats has set it, it stays for the group, as in EvalPlus.
            if tolerance == 0 and is_floats(expected):
                tolerance = FLOAT_ATOL
            place = f"input {index + 1} of group {group + 1}"
            assert is_right(name, arguments, out, expected, tolerance), place


def is_right(name: str, arguments: Sequence[Any], out: Any, expected: Any, atol: float) -> bool:
    """True if EvalPlus takes `out` where the reference gives `expected`."""
    if name == "find_zero":
        return abs(_polynomial(arguments[0], out)) <= atol
    exact = _is_exact(name, arguments, out, expected, atol)
    if exact or atol == 0:
        return exact
    if type(out) is not type(expected):
        return False
    return is_close(out, expected, atol)


def _is_exact(name: str, arguments: Sequence[Any], out: Any, expected: Any, atol: float) -> bool:
    if name in SETS:
        return set(out) == set(expected)
    if name in MATCHES:
        return bool(expected == (out if isinstance(out, bool) else out is not None))
    if out == expected or name == "are_equivalent":  # what is equivalent is open to reading
        return True
    if name == "sum_div":
        return bool(out == 0)
    if name == "surface_Area":
        return bool(abs(out - _surface_to_apex(*arguments)) <= atol)
    if name == "digit_distance_nums":
        return bool(out == _digit_distance(*arguments))
    return False


def is_floats(value: Any) -> bool:
    """True for a float, and for a list or tuple of floats only."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def is_close(out: Any, expected: Any, atol: float) -> bool:
    """numpy's allclose with rtol 1e-7: numbers near each other, lists of the same shape.

    numpy would also stretch a list over a longer one of lists, and refuses integers beyond 64 bits.
    """
    if isinstance(expected, (list, tuple)):
        return (
            isinstance(out, (list, tuple))
            and len(out) == len(expected)
            and all(is_close(one, other, atol) for one, other in zip(out, expected, strict=True))
        )
    if not isinstance(out, (int, float, complex)) or not isinstance(
        expected, (int, float, complex)
    ):
        return False
    try:
        distance, size = abs(out - expected), abs(expected)
    except OverflowError:
        return False
    if not (math.isfinite(distance) and math.isfinite(size)):
        return out == expected
    return distance <= atol + RTOL * size


def decoded(text: str) -> Any:
    """The values that `encoded` wrote: JSON, where an object is a tag for what JSON lacks."""
    return json.loads(text, object_hook=_untagged)


def encoded(value: Any) -> str:
    """`value` as JSON text that keeps tuples, sets, complex numbers and dictionaries apart.

    >>> decoded(encoded([(1, 2.5), {3}, {"a": None}, 1j]))
    [(1, 2.5), {3}, {'a': None}, 1j]
    """
    return json.dumps(_tagged(value))


def _tagged(value: Any) -> Any:
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    if isinstance(value, tuple):
        return {"t": [_tagged(item) for item in value]}
    if isinstance(value, set):
        return {"s": [_tagged(item) for item in value]}
    if isinstance(value, dict):
        return {"d": [[_tagged(key), _tagged(item)] for key, item in value.items()]}
    if isinstance(value, complex):
        return {"c": [value.real, value.imag]}
    return value


def _untagged(tag: dict[str, Any]) -> Any:
    ((kind, items),) = tag.items()
    if kind == "c":
        return complex(*items)
    return {"t": tuple, "s": set, "d": dict}[kind](items)


def _polynomial(coefficients: Sequence[float], x: float) -> float:
    return sum(value * math.pow(x, power) for power, value in enumerate(coefficients))


def _surface_to_apex(edge: float, height: float) -> int:
    """Of a square pyramid, taking `height` as that of the apex, not of a face (Mbpp/581)."""
    slant = math.sqrt((edge / 2) ** 2 + height**2)
    return round(edge**2 + 2 * edge * slant)


def _digit_distance(one: int, other: int) -> int:
    """Sum of the differences digit by digit, the shorter number led by zeros (Mbpp/558)."""
    width = max(len(str(one)), len(str(other)))
    pairs = zip(str(one).zfill(width), str(other).zfill(width), strict=True)
    return sum(abs(int(a) - int(b)) for a, b in pairs)
