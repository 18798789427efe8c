"""The fields of a lesson file, each read with its place, so that every error can name it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from lintseq_core.lessons.lesson import LessonError


class Fields:
    """One mapping of a lesson file; what is left unread at the end is an error."""

    def __init__(self, value: object, place: str, known: Sequence[str]) -> None:
        self.place = place
        if not isinstance(value, dict):
            raise LessonError(
                f"{place}: expected fields, as in `{known[0]}: ...`, found {_shown(value)}"
            )
        for name in value:
            if name not in known:
                near = get_close_matches(str(name), known, n=1)
                instead = f"did you mean {near[0]!r}?" if near else f"it may hold {_list(known)}"
                raise LessonError(f"{place}: there is no field {_shown(name)}; {instead}")
        self._value: dict[str, Any] = value

    def has(self, name: str) -> bool:
        """Whether the field is there and not empty."""
        return self._value.get(name) is not None

    def is_word(self, name: str, word: str) -> bool:
        """Whether the field is just `word`."""
        return bool(self._value.get(name) == word)

    def fail(self, name: str, problem: str) -> NoReturn:
        """Raise a LessonError about field `name`."""
        raise LessonError(f"{self.place}, {name}: {problem}")

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty; the default if the field is missing."""
        value = self._get(name, default, "write a text")
        if isinstance(value, bool | int | float):
            self.fail(name, f"expected a text, found {_shown(value)}; put it in quotes")
        if not isinstance(value, str):
            self.fail(name, f"expected a text, found {_shown(value)}")
        if not value.strip() and default is None:
            self.fail(name, "is empty: write a text")
        return value.strip("\n")

    def whole(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number, at least `least`."""
        value = self._get(name, default, f"give a whole number from {least} on")
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.fail(name, f"expected a whole number from {least} on, found {_shown(value)}")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number."""
        value = self._get(name, default, "give a number")
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e300:
            self.fail(name, f"expected a number, found {_shown(value)}")
        if value != value:
            self.fail(name, "expected a number, found nan")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._value.get(name, default)
        if not isinstance(value, bool):
            self.fail(name, f"expected true or false, found {_shown(value)}")
        return value

    def one_of(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of `choices`."""
        value = self.text(name, default)
        if value not in choices:
            self.fail(name, f"{value!r} is none of {_list(choices)}")
        return value

    def each(self, name: str, *, least: int = 0, of: str) -> Iterator[tuple[Any, str]]:
        """The members of a list, each with its place."""
        value = self._value.get(name)
        if value is None:
            value = []
        if not isinstance(value, list):
            self.fail(name, f"expected a list of {of}, found {_shown(value)}")
        if len(value) < least:
            self.fail(name, f"expected {least} or more {of}, found {len(value)}")
        for number, member in enumerate(value, start=1):
            yield member, f"{self.place}, {name} {number}"

    def wholes(self, name: str, *, least: int) -> tuple[int, ...]:
        """A list of whole numbers, each at least `least`; empty if missing."""
        members = []
        for member, place in self.each(name, of="whole numbers"):
            if not isinstance(member, int) or isinstance(member, bool) or member < least:
                raise LessonError(
                    f"{place}: expected a whole number from {least} on, found {_shown(member)}"
                )
            members.append(member)
        return tuple(members)

    def parameters(self, name: str) -> tuple[tuple[str, str], ...]:
        """A mapping of names to texts or numbers, or lists of them, as an address holds them."""
        value = self._value.get(name) or {}
        if not isinstance(value, dict):
            self.fail(name, f"expected names and values, found {_shown(value)}")
        pairs = [
            (key, one)
            for key, held in value.items()
            for one in (held if isinstance(held, list) else [held])
        ]
        for key, held in pairs:
            is_plain = isinstance(held, str | int) and not isinstance(held, bool)
            if not isinstance(key, str) or not is_plain:
                self.fail(name, f"{_shown(key)} is {_shown(held)}: put it in quotes")
        return tuple((key, str(held)) for key, held in pairs)

    def inside(self, name: str, read: Callable[[object, str], Any]) -> Any:
        """What `read` makes of the field; None if it is missing."""
        return read(self._value[name], f"{self.place}, {name}") if self.has(name) else None

    def _get(self, name: str, default: Any, remedy: str) -> Any:
        value = self._value.get(name)
        if value is None:
            if default is None:
                self.fail(name, f"is missing: {remedy}")
            return default
        return value


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value!r:.60}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
