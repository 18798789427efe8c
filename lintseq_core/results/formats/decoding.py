"""JSON as values: texts in one piece, documents larger than memory, and the start of a text."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

import msgspec

from lintseq_core.data.fields import kind_of
from lintseq_core.results.formats.fault import Fault, FormatError

MAX_VALUE_CHARACTERS = 64 << 20
_CHUNK = 1 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER_PART = re.compile(r"[-+.0-9eE]*")
_MAX_DEPTH = 32
_decode_fast = msgspec.json.Decoder().decode
_decode_text = json.JSONDecoder().decode
_decode_start = json.JSONDecoder().raw_decode


def load_json(data: bytes, place: str) -> Any:
    """The value in `data`; FormatError says why there is none."""
    try:
        return _decode_fast(data)
    except (msgspec.MsgspecError, RecursionError):
        # `json` also takes NaN, 1e400 and lone surrogates, and it names the character at fault.
        return _load_as_python_does(data, place)


def _load_as_python_does(data: bytes, place: str) -> Any:
    try:
        return _decode_text(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        what = f"not UTF-8 (byte {error.start + 1} is 0x{data[error.start]:02x})"
        raise FormatError(Fault(place, what, "convert the file to UTF-8")) from None
    except RecursionError:
        raise FormatError(Fault(place, "nested too deeply", "no known format looks so")) from None
    except json.JSONDecodeError as error:
        remedy = "correct or remove the row"
        if not data.endswith(b"\n"):
            remedy = "the file ends within the row: copy it again, or remove the row"
        where = f"{place}, character {error.pos + 1:,}"
        raise FormatError(Fault(where, f"not JSON ({error.msg})", remedy)) from None
    except ValueError as error:  # a number of more digits than Python turns into one
        raise FormatError(Fault(place, f"not JSON that can be read ({error})")) from None


def load_object(data: bytes, place: str) -> dict[str, Any]:
    """The object in `data`; FormatError if it is none."""
    value = load_json(data, place)
    if not isinstance(value, dict):
        raise FormatError(Fault(place, f"{kind_of(value)}, expected a JSON object"))
    return value


class JsonStream:
    """One JSON document read from front to back.

    After `members` or `items` has yielded, take the value with `value`, `members` or `items`
    before asking for the next one. Only the value taken is held in memory.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._before = 0  # characters already dropped from the front
        self._ended = False

    def members(self) -> Iterator[str]:
        """Name of each member of the object that starts here."""
        self._expect("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                raise self._error("expected a name in quotes")
            yield self._name_of_member()
            if self._either(",", "}") == "}":
                return

    def items(self) -> Iterator[int]:
        """0-based index of each item of the list that starts here."""
        self._expect("[")
        if self.peek() == "]":
            self._at += 1
            return
        index = 0
        while True:
            yield index
            index += 1
            if self._either(",", "]") == "]":
                return

    def value(self) -> Any:
        """The whole value that starts here."""
        self.peek()
        wanted = _CHUNK
        while True:
            try:
                value, end = _decode_start(self._text, self._at)
            except RecursionError:
                raise self._error("nested too deeply") from None
            except json.JSONDecodeError as error:
                problem: json.JSONDecodeError | None = error
            except ValueError as error:  # a number of more digits than Python turns into one
                raise self._error(f"not JSON that can be read ({error})") from None
            else:
                problem = None
                # A number near the end of the text may go on in the next chunk: "10", then ".5".
                if self._ended or _NUMBER_PART.fullmatch(self._text, end) is None:
                    self._at = end
                    return value
            if self._ended and problem is not None:
                self._at = problem.pos
                raise self._error(f"not JSON ({problem.msg})")
            if len(self._text) - self._at > MAX_VALUE_CHARACTERS:
                raise self._error(f"a value of more than {MAX_VALUE_CHARACTERS >> 20} MiB")
            self._fill(wanted)
            wanted *= 2

    def peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._fill(_CHUNK)

    def finish(self) -> None:
        """Return if nothing follows; FormatError otherwise."""
        if self.peek():
            raise self._error("text after the end of the document")

    def _name_of_member(self) -> str:
        name = self.value()
        self._expect(":")
        return str(name)

    def _either(self, first: str, second: str) -> str:
        found = self.peek()
        if found not in {first, second}:
            raise self._error(f"expected {first!r} or {second!r}")
        self._at += 1
        return found

    def _expect(self, character: str) -> None:
        if self.peek() != character:
            raise self._error(f"expected {character!r}")
        self._at += 1

    def _fill(self, n_bytes: int) -> None:
        if self._at > _CHUNK:
            self._before += self._at
            self._text, self._at = self._text[self._at :], 0
        data = self._file.read(n_bytes)
        self._ended = not data
        try:
            self._text += self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError:
            raise self._error("not UTF-8 soon after; convert the file") from None

    def _error(self, what: str) -> FormatError:
        is_at_end = self._ended and not self._text[self._at :].strip()
        remedy = "the file ends too early: copy it again" if is_at_end else ""
        where = f"{self._name}, character {self._before + self._at + 1:,}"
        return FormatError(Fault(where, what, remedy))


def parse_prefix(text: str) -> tuple[Any, int | None]:
    """The first value of `text` as far as it goes, and where it ends; None if it is cut off.

    Text that stops being JSON counts as cut off there; a member whose value is cut is None.
    """
    reader = _Prefix(text)
    try:
        opening = reader.next()
        if opening not in "{[":
            return reader.scalar(), reader.at
        root = _container(opening)
    except _CutError:
        return None, None
    try:
        reader.fill(root, 1)
    except _CutError:
        return root, None
    return root, reader.at


class _CutError(Exception):
    """The text ends here."""


class _Prefix:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fill(self, container: dict[str, Any] | list[Any], depth: int) -> None:
        """Read what stands in the container that opens here; nested ones are filled in place."""
        if depth > _MAX_DEPTH:
            raise _CutError
        close = "}" if isinstance(container, dict) else "]"
        self.at += 1
        if self.next() == close:
            self.at += 1
            return
        while True:
            if isinstance(container, dict):
                name = self._name()
                container.pop(name, None)  # a repeated name becomes the last member
                container[name] = None
            opening = self.next()
            if opening in "{[":
                nested = _container(opening)
                _put(container, nested)
                self.fill(nested, depth + 1)
            else:
                _put(container, self.scalar())
            after = self.next()
            self.at += 1
            if after == close:
                return
            if after != ",":
                raise _CutError

    def scalar(self) -> Any:
        try:
            value, self.at = _decode_start(self.text, self.at)
        except (ValueError, RecursionError):
            raise _CutError from None
        return value

    def next(self) -> str:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        if self.at >= len(self.text):
            raise _CutError
        return self.text[self.at]

    def _name(self) -> str:
        if self.next() != '"':
            raise _CutError
        name = str(self.scalar())
        if self.next() != ":":
            raise _CutError
        self.at += 1
        return name


def _container(opening: str) -> dict[str, Any] | list[Any]:
    return {} if opening == "{" else []


def _put(container: dict[str, Any] | list[Any], value: Any) -> None:
    if isinstance(container, list):
        container.append(value)
    else:
        container[next(reversed(container))] = value
