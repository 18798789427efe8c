"""Documents are read as `json` reads them, whatever the size of the pieces they come in."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintseq_core.results.formats.decoding import JsonStream, load_json, parse_prefix
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


# Each piece may stand beside each other, so that most texts are wrong in some way, and many are not.
PIECES = [
    "{", "}", "[", "]", ",", ":", '"', "\\", "\\u", "d83d", "\\ud83d", "\\ude00", "\\ud83d\\ude00",
    "0041", "\\n", "\\/", "\\x", "-", "+", "0", "1", "9", ".", "e", "E", "18446744073709551616",
    "1e308", "1e400", "-0", "0.1", "true", "null", "NaN", "Infinity", " ", "\t", "\n", "\r", "\0",
    "\x1f", "\x7f", "é", "\u2028", "\U0001f600", "\ufeff", "a", '"a"', '"a":', '"b":',
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][-+]?[0-9]{1,3})?", fullmatch=True
)


def outcome(text: str | bytes, decode: Callable[[Any], Any]) -> str | None:
    """The value with its types and the order of its names; None where there is none."""
    try:
        return repr(decode(text))
    except (ValueError, msgspec.MsgspecError):
        return None


@settings(max_examples=1000)
@given(st.one_of(TEXTS, TEXTS.map('"{}"'.format), TEXTS.map("[{}]".format), NUMBERS))
def test_where_the_fast_decoder_reads_a_text_it_reads_what_json_reads(text: str) -> None:
    fast = outcome(text.encode(), msgspec.json.Decoder().decode)
    assert fast is None or fast == outcome(text, json.JSONDecoder().decode)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NaN", "nan"),
        ("-Infinity", "-inf"),
        ("1e400", "inf"),
        ('"\\ud83d"', "'\\ud83d'"),
        ('"\\ude00\\ud83d"', "'\\ude00\\ud83d'"),
        ('"\\ud83d\\ude00"', "'\U0001f600'"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("18446744073709551616", "18446744073709551616"),
        ("1" * 400, "1" * 400),
        ("2.2250738585072011e-308", "2.225073858507201e-308"),
        ("5e-324", "5e-324"),
        ('{"a": 1, "b": 2, "a": 3}', "{'a': 3, 'b': 2}"),
        (' \t\r\n["\\u0000\x7f\u2028"] ', repr(["\0\x7f\u2028"])),
    ],
)
def test_what_json_takes_is_taken(text: str, value: str) -> None:
    assert repr(load_json(text.encode(), "f")) == repr(json.loads(text)) == value


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": tru}\n', "f, character 7: not JSON (Expecting value); correct or remove the row"),
        (b"01\n", "f, character 2: not JSON (Extra data); correct or remove the row"),
        (b'"a\tb"\n', "f, character 3: not JSON (Invalid control character at); correct or remove the row"),
        (b'{"a": "', "f, character 7: not JSON (Unterminated string starting at); the file ends within the row: copy it again, or remove the row"),
        (b'"\xed\xa0\x80"\n', "f: not UTF-8 (byte 2 is 0xed); convert the file to UTF-8"),
        (b"\xef\xbb\xbf1\n", "f, character 1: not JSON (Expecting value); correct or remove the row"),
        (b"1" * 5000, "f: not JSON that can be read (Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use sys.set_int_max_str_digits() to increase the limit)"),
        (b"[" * 100_000, "f: nested too deeply; no known format looks so"),
    ],
)  # fmt: skip
def test_what_json_does_not_take_is_named_with_its_character(data: bytes, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        load_json(data, "f")
    assert str(caught.value) == message
