"""Scopes, and what a program does to each name in them: the records of one reading of a program.

A recording (`recorder.record`) follows pyflakes, which runs through a module once: statements in
order, function bodies put off until the module is through, bodies within bodies until after that.
What it reports about a name depends on that name's events alone (bound here, used there, deleted),
each in a scope. Lines that go take their events with them and leave the order of the others as it
is, so one recording of the whole program answers for all its states (`names`). What depends on
more than one name, or cannot be told from the text, is `Unmodelled`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MODULE, CLASS, FUNCTION, COMPREHENSION, TYPE_PARAMETERS = range(5)
LOAD, BIND, STORE, DELETE, DECLARE, ENTER, LEAVE, SITE = range(8)
"""Kinds of event. ENTER and LEAVE: of `except ... as name`. SITE: about no name, see `remnants`."""
PLAIN, ANNOTATION, WALRUS = range(3)
"""Flags of STORE."""
EAGER, POSTPONED, UNCLEAR = range(3)
"""Flags of LOAD: whether it is in an annotation that is read later than it stands."""


class Unmodelled(Exception):
    """The program uses something that is not modelled; the message says what."""


class Event(NamedTuple):
    """One thing done to one name; `line` is a 0-based index, and it is there while its line is."""

    kind: int
    name: str
    scope: int
    line: int
    column: int
    flag: int


class Scope(NamedTuple):
    """One scope; its index in `Trace.scopes` is what events name."""

    kind: int
    stack: tuple[int, ...]
    """The scopes it lies in, the module's first, itself last."""
    visible: tuple[int, ...]
    """Where a name used in it is looked for, in that order; class scopes are seen from few."""
    place: tuple[int, int]
    """0-based line and column of the node that opens it."""


@dataclass(slots=True)
class Export:
    """An assignment to `__all__`."""

    order: int
    line: int
    column: int
    adds: bool
    names: list[tuple[str, int]]


@dataclass(slots=True)
class Trace:
    """All events of a program, and what is not about single names."""

    events: list[Event] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    stars: list[tuple[int, int]] = field(default_factory=list)
    """Order and line of each `from x import *`."""
    guards: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Orders of uses that may fail, with the lines of `except NameError` that catch them."""
    aliases: list[tuple[str, str]] = field(default_factory=list)
    """(module, name) of each `import module as name`."""
    later: list[int] = field(default_factory=list)
    """Lines of `from __future__ import annotations`."""
    nonlocals: set[str] = field(default_factory=set)


def open_scope(scopes: Sequence[Scope], outer: int, kind: int, place: tuple[int, int]) -> Scope:
    """The scope that comes next after `scopes`, inside scope `outer`."""
    stack = (*scopes[outer].stack, len(scopes))
    kinds = [*(scopes[index].kind for index in stack[:-1]), kind]
    return Scope(kind, stack, tuple(_visible(stack, kinds)), place)


def _visible(stack: Sequence[int], kinds: Sequence[int]) -> Iterator[int]:
    """Inside out. A class is seen from itself, and from comprehensions and types right in it."""
    sees_class: bool | None = None
    for index, kind in zip(reversed(stack), reversed(kinds), strict=True):
        if kind == CLASS and sees_class is False:
            continue
        yield index
        if sees_class is not False:
            sees_class = kind in (TYPE_PARAMETERS, COMPREHENSION)
