"""Documents are read as `json` reads them, whatever the size of the pieces they come in."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core.results.formats.decoding import JsonStream, parse_prefix
from lintseq_core.results.formats.fault import FormatError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class InPieces(io.BytesIO):
    """Gives a few bytes at a time, as a slow pipe does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(3)


def walk(stream: JsonStream) -> Any:
    """The value that comes now, taken apart as far as it goes."""
    opening = stream.peek()
    if opening == "{":
        return {name: walk(stream) for name in stream.members()}
    if opening == "[":
        return [walk(stream) for _ in stream.items()]
    return stream.value()


@given(VALUES, st.sampled_from([None, 2]))
def test_a_document_in_pieces_is_the_document(value: Any, indent: int | None) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=False).encode(errors="replace")
    expected = json.loads(data)
    stream = JsonStream(InPieces(data), "f")
    assert walk(stream) == expected
    stream.finish()
    assert JsonStream(InPieces(data), "f").value() == expected


@given(VALUES, st.integers(0, 200))
def test_a_prefix_never_fails_and_the_whole_is_the_value(value: Any, cut: int) -> None:
    text = json.dumps(value)
    parse_prefix(text[:cut])
    assert parse_prefix(text + " ") == (value, len(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "b": [1, {"c": "cut', ({"a": 1, "b": [1, {"c": None}]}, None)),
        ('{"a": 1}\n{"b": 2}', ({"a": 1}, 8)),
        ('{"a": 1, "a": {"b": 2', ({"a": {"b": 2}}, None)),
        ('{"a" 1}', ({}, None)),
        ("[1 2]", ([1], None)),
        ("", (None, None)),
        ("nonsense", (None, None)),
    ],
)
def test_a_prefix_gives_what_is_there(text: str, expected: tuple[Any, int | None]) -> None:
    assert parse_prefix(text) == expected


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": 1', "f, character 8: expected ',' or '}'; the file ends too early: copy it again"),
        (b'{"a": 1 "b"}', "f, character 9: expected ',' or '}'"),
        (b"{1: 2}", "f, character 2: expected a name in quotes"),
        (b'{"a" 1}', "f, character 6: expected ':'"),
        (b'{"a": tru}', "f, character 7: not JSON (Expecting value)"),
        (b'{"a": "\xff"}', "f, character 1: not UTF-8 soon after; convert the file"),
    ],
)
def test_what_is_not_json_is_named_with_its_place(data: bytes, message: str) -> None:
    stream = JsonStream(io.BytesIO(data), "f")
    with pytest.raises(FormatError) as caught:
        walk(stream)
    assert str(caught.value) == message
