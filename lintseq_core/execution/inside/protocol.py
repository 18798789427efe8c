"""Values as tagged JSON, and frames: all that crosses between solution, harness and judge.

This module runs on both sides of the border, in boxes without site-packages. It imports nothing
but the standard library's C parts: `import json` alone costs as much as starting Python.

A frame is four bytes of length and a body; the body's first byte says what it is. A value is
JSON: null, true, false and strings stand for themselves, integers too up to 15 digits, an array
is a list, and all else is an object with one key, the tag:

    {"i": "0x…"} int   {"f": "0x1.8p+1"} float   {"c": [re, im]} complex   {"b": "latin-1"} bytes
    {"a": …} bytearray   {"t": […]} tuple   {"s": […]} set   {"z": […]} frozenset
    {"d": [[key, value], …]} dict   {"r": [start, stop, step]} range

Values of subclasses (bool apart) are sent as what they derive from, read with the methods of the
base class, so that an `__eq__` or `__iter__` of the program's own never decides anything.
"""

from __future__ import annotations

import _json
import sys
from posix import read, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_FRAME = 8 << 20
MAX_DEPTH = 64
MAX_ELEMENTS = 1_000_000

# What a body is, by its first byte.
HELLO = b"H"  # child: up, nothing of the program has run
JOB = b"J"  # harness: what to run
READY = b"R"  # child: the program's module is loaded
FAILED = b"E"  # child: loading it failed; "kind NUL name NUL message"
CALL = b"C"  # judge: call the program; the child answers with VALUE, RAISED or OPAQUE
VALUE = b"V"
RAISED = b"X"
OPAQUE = b"O"
REPORT = b"T"  # child, tests in process: counts
GONE = b"G"  # harness to judge: no answer will come
VERDICT = b"D"  # judge: "verdict NUL detail"
TESTED = b"N"  # judge, asked to run each test: "1" for one that passed, "0" for one that failed
IDLE = b"I"  # judge: the test's process has ended, the next may come

_PLAIN = 10**15


class Violation(Exception):
    """A frame or value that the protocol does not allow."""


class Opaque(Exception):
    """A value that cannot cross as data; the message names its type or what is wrong with it."""


class _Scanner:
    """What the C scanner asks for. Every object is a tag, so values are built from inside out."""

    strict = True
    object_hook = None
    array_hook = None  # Python 3.15's
    memo: dict[str, str] = {}  # noqa: RUF012

    @staticmethod
    def object_pairs_hook(pairs: list[tuple[str, Any]]) -> Any:
        if len(pairs) != 1:
            raise Violation("an object with other than one key")
        return _from_tag(*pairs[0])

    @staticmethod
    def parse_int(text: str) -> int:
        if len(text) > 16:
            raise Violation("a long integer without a tag")
        return int(text)

    @staticmethod
    def parse_float(text: str) -> float:
        raise Violation("a float without a tag")

    parse_constant = parse_float


def _refused(value: object) -> object:
    raise Opaque(type(value).__name__)


_scan = _json.make_scanner(_Scanner)  # type: ignore[arg-type]
_write_json = _json.make_encoder(
    None,
    _refused,
    _json.encode_basestring_ascii,
    None,
    ":",
    ",",
    False,
    False,
    False,
)


def encode(value: object) -> bytes:
    """`value` as tagged JSON; raises Opaque for what is not data, too deep, or too large."""
    budget = [MAX_ELEMENTS]
    try:
        body = "".join(_write_json(_tagged(value, 0, budget), 0)).encode("ascii")
    except Opaque:
        raise
    except (TypeError, ValueError, RecursionError, MemoryError) as error:
        raise Opaque(type(error).__name__) from None
    if len(body) >= MAX_FRAME:
        raise Opaque("a value of more than 8 MiB")
    return body


def _tagged(value: Any, depth: int, budget: list[int]) -> Any:
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if -_PLAIN < value < _PLAIN else {"i": hex(value)}
    if kind is float:
        return {"f": value.hex()}
    if depth >= MAX_DEPTH:
        raise Opaque("a value nested deeper than 64")
    if kind is list or kind is tuple or kind is set or kind is frozenset or kind is dict:
        budget[0] -= len(value)
        if budget[0] < 0:
            raise Opaque("a value of more than a million elements")
        depth += 1
        if kind is list:
            return [_tagged(item, depth, budget) for item in value]
        if kind is dict:
            items = [
                [_tagged(key, depth, budget), _tagged(item, depth, budget)]
                for key, item in value.items()
            ]
            return {"d": items}
        tag = "t" if kind is tuple else "s" if kind is set else "z"
        return {tag: [_tagged(item, depth, budget) for item in value]}
    if kind is bytes:
        return {"b": value.decode("latin-1")}
    if kind is bytearray:
        return {"a": value.decode("latin-1")}
    if kind is complex:
        return {"c": [value.real.hex(), value.imag.hex()]}
    if kind is range:
        return {"r": [_tagged(x, depth, budget) for x in (value.start, value.stop, value.step)]}
    return _tagged(flat(value, kind), depth, budget)


def flat(value: Any, kind: type) -> Any:
    """The value of a builtin type that a subclass's instance holds; raises Opaque for others."""
    bases = type.__dict__["__mro__"].__get__(kind)
    flatten: Callable[[Any], Any]
    for base, flatten in _FLATTEN:
        if base in bases:
            return flatten(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind in (numpy.bool_, numpy.int64, numpy.int32):
        return numpy.generic.item(value)
    raise Opaque(str(type.__dict__["__name__"].__get__(kind)))


_FLATTEN: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, lambda value: int.__add__(value, 0)),
    (float, float.__pos__),
    (str, str.__str__),
    (list, lambda value: list.__getitem__(value, slice(None))),
    (tuple, lambda value: tuple.__getitem__(value, slice(None))),
    (dict, lambda value: {key: item for key, item in dict.items(value)}),
    (set, lambda value: {*set.__iter__(value)}),
    (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
    (bytes, lambda value: bytes.__add__(value, b"")),
    (bytearray, lambda value: bytearray.__getitem__(value, slice(None))),
    (complex, complex.__pos__),
)


def decode(body: bytes) -> Any:
    """The value that `body` stands for, of exact builtin types; raises Violation otherwise."""
    try:
        text = body.decode("ascii")
        value, end = _scan(text, 0)
    except Violation:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError, StopIteration) as error:
        raise Violation(f"no tagged JSON: {type(error).__name__}") from None
    if end != len(text):
        raise Violation("more after the value")
    if text.count("[") > MAX_DEPTH:
        _check_depth(value)
    return value


def _from_tag(tag: str, content: Any) -> Any:
    if tag == "f" and type(content) is str:
        return float.fromhex(content)
    if tag == "i" and type(content) is str and content[:3].lstrip("-")[:2] == "0x":
        return int(content, 16)
    if tag == "b" and type(content) is str:
        return content.encode("latin-1")
    if tag == "a" and type(content) is str:
        return bytearray(content, "latin-1")
    if type(content) is not list:
        raise Violation(f"tag {tag[:20]!r}")
    if tag == "t":
        return tuple(content)
    if tag == "d":
        return _dict(content)
    if tag == "s":
        return set(content)
    if tag == "z":
        return frozenset(content)
    if tag == "c" and len(content) == 2:
        return complex(float.fromhex(content[0]), float.fromhex(content[1]))
    if tag == "r" and len(content) == 3:
        return range(*content)
    raise Violation(f"tag {tag[:20]!r}")


def _dict(pairs: list[Any]) -> dict[Any, Any]:
    if any(type(pair) is not list or len(pair) != 2 for pair in pairs):
        raise Violation("a dict that is not made of pairs")
    made = {key: value for key, value in pairs}
    if len(made) != len(pairs):
        raise Violation("a dict with a key twice")
    return made


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        containers = [x for x in level if type(x) in (list, tuple, set, frozenset, dict)]
        if not containers:
            return
        level = []
        for item in containers:
            level += item  # type: ignore[arg-type]
            if type(item) is dict:
                level += item.values()
    raise Violation("a value nested deeper than 64")


def framed(kind: bytes, body: bytes = b"") -> bytes:
    """One frame, ready to write."""
    return (len(body) + 1).to_bytes(4, "big") + kind + body


def send(descriptor: int, kind: bytes, body: bytes = b"") -> None:
    """Write one frame."""
    left = memoryview(framed(kind, body))
    while left:
        left = left[write(descriptor, left) :]


def receive(descriptor: int) -> tuple[bytes, bytes] | None:
    """The next frame as (kind, body), None at the end of the stream; waits."""
    head = _read_exactly(descriptor, 4)
    if head is None:
        return None
    length = int.from_bytes(head, "big")
    if not 1 <= length <= MAX_FRAME:
        raise Violation(f"a frame of {length} bytes")
    frame = _read_exactly(descriptor, length)
    return None if frame is None else (frame[:1], frame[1:])


def _read_exactly(descriptor: int, length: int) -> bytes | None:
    parts: list[bytes] = []
    while length:
        part = read(descriptor, min(length, 1 << 20))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
