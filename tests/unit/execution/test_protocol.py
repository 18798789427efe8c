"""Values cross unchanged or not at all; nothing else gets through."""

from __future__ import annotations

import collections
import enum
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core.execution.inside.protocol import (
    MAX_FRAME,
    Opaque,
    Violation,
    decode,
    encode,
    framed,
)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**30, max_value=10**60),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=())),
    st.binary(),
    st.complex_numbers(allow_nan=False),
)
HASHABLE = st.recursive(
    SCALARS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=5
)
VALUES = st.recursive(
    HASHABLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(HASHABLE, inner, max_size=3)
        | st.sets(HASHABLE, max_size=3)
    ),
    max_leaves=20,
)


def shape(value: Any) -> Any:
    """The value with the type of everything in it, so that 1, 1.0 and True differ."""
    if isinstance(value, dict):
        return dict, [(shape(key), shape(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [shape(item) for item in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(map(repr, map(shape, value)))
    return type(value), repr(value)


@given(VALUES)
def test_a_value_crosses_with_all_its_types(value: Any) -> None:
    assert shape(decode(encode(value))) == shape(value)


class Number(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Words(str):
    def __str__(self) -> str:
        return "something else"


class Items(list):  # type: ignore[type-arg]
    def __iter__(self) -> Any:
        return iter([1, 2, 3])

    def __len__(self) -> int:
        return 3


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (Number(7), 7),
        (Words("text"), "text"),
        (Items([9]), [9]),
        (Colour.RED, "red"),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.namedtuple("Pair", "a b")(1, 2), (1, 2)),
        ([Number(1), (Words("x"),)], [1, ("x",)]),
    ],
)
def test_a_subclass_crosses_as_what_it_holds(value: Any, exact: Any) -> None:
    assert shape(decode(encode(value))) == shape(exact)


def test_not_a_number_and_minus_zero_cross() -> None:
    assert math.isnan(decode(encode(float("nan"))))
    assert math.copysign(1, decode(encode(-0.0))) == -1


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def _cyclic() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


class Spoof:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return list


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (object(), "object"),
        (Spoof(), "Spoof"),
        ([1, (x for x in ())], "generator"),
        ({"a": len}, "builtin_function_or_method"),
        (_nested(65), "nested deeper than 64"),
        (_cyclic(), "nested deeper than 64"),
        ([None] * 1_000_001, "more than a million elements"),
        ("x" * MAX_FRAME, "more than 8 MiB"),
    ],
)
def test_what_is_no_data_does_not_cross(value: Any, reason: str) -> None:
    with pytest.raises(Opaque, match=reason):
        encode(value)


def test_the_deepest_value_crosses() -> None:
    assert decode(encode(_nested(64))) == _nested(64)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1",
        b"[1] 2",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1.5",
        b"1e999",
        b"12345678901234567",
        b'"\xff"',
        b'{"t": [1], "t": [2]}',
        b"{}",
        b'{"?": "object"}',
        b'{"t": "abc"}',
        b'{"t": {"f": "0x1p0"}}',
        b'{"f": "one"}',
        b'{"f": 1}',
        b'{"i": "17"}',
        b'{"i": "0x"}',
        b'{"c": ["0x1p0"]}',
        b'{"d": [[1]]}',
        b'{"d": [1, 2]}',
        b'{"d": [[1, 2], [1, 3]]}',
        b'{"d": [[[1], 2]]}',
        b'{"s": [[1]]}',
        b'{"r": [0, 1, 0]}',
        b'{"r": ["a", 1, 1]}',
        b'{"b": "\\u2603"}',
        b'"\n"',
        b"[" * 200_000,
        b"[" * 65 + b"]" * 65,
        b'{"t":[' * 66 + b"]}" * 66,
    ],
)
def test_anything_else_is_a_violation(body: bytes) -> None:
    with pytest.raises(Violation):
        decode(body)


@given(st.binary(max_size=60))
def test_bytes_at_random_are_a_value_or_a_violation(body: bytes) -> None:
    try:
        value = decode(body)
    except Violation:
        return
    assert shape(decode(encode(value))) == shape(value)


def test_a_frame_starts_with_its_length() -> None:
    assert framed(b"V", b"null") == b"\0\0\0\x05Vnull"
