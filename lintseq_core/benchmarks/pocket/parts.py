"""What a task is made of: views, steps, aggregates and formats, each with its words and its code.

Code is text with places to fill: `{x}` one value, which stands beside operators; `{e}` one value,
or an iterable that is read once, where any expression may stand; `{xs}` the name of a list; `{v}`
the variable of a loop; `{out}` the name of what statements make; `{k}` the part's own number or
text. Pairs stand in their variables: `{name}` and `{amount}`, `{a}` and `{b}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["view", "keep", "change", "arrange", "gather", "show"]
Constant = int | str | None


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a part.

    An expression; statements that make `{out}`; or the body of a function, which returns.
    """

    code: str
    needs: tuple[str, ...] = ()
    """What it imports: "math", or "collections.Counter" for a name of a module."""
    guarded: bool = False
    """It fails for an empty list, so a check for one must stand above it."""

    @property
    def is_body(self) -> bool:
        """True for the body of a function."""
        return "return " in self.code

    @property
    def is_statements(self) -> bool:
        """True for statements that make `{out}`."""
        return "{out}" in self.code and not self.is_body


@dataclass(frozen=True, slots=True)
class Loop:
    """An aggregate as a loop: what stands above it, what happens to each value, what comes out."""

    start: str
    each: str
    result: str = "{out}"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a task; `run` says what it means, `forms` how that is written."""

    name: str
    kind: Kind
    takes: tuple[str, ...]
    """Types of values it can be given: "int", "str", "char", "row", "pair", "couple"; for a format
    the types of results: "number", "text", "flag", "numbers", "texts", "counts", "groups"."""
    gives: str
    """The type of what it makes; "" for the same as it takes."""
    words: tuple[str, ...]
    """How an instruction may say it; the first is how held-out tasks say it."""
    run: Callable[..., Any]
    """Of a view: from the arguments to a list. Of "keep" and "change": from a value and the
    constant. Of others: from all values and the constant."""
    forms: tuple[Form, ...] = ()
    loops: tuple[Loop, ...] = ()
    noun: str = ""
    """What a variable that holds its result is called."""
    verb: str = ""
    """What a function that does it is called."""
    values: tuple[Constant, ...] = (None,)
    constant: str = ""
    """What a named constant of it is called."""
    empty: Constant = None
    """Of an aggregate: what it gives for no values, where that is said in its words."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a function is given: its parameters, and the views of them."""

    name: str
    noun: str
    """The last word of the function's name."""
    parameters: tuple[tuple[str, str], ...]
    """Names and annotations."""
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Values that a source gives, one after the other."""

    name: str
    gives: str
    words: tuple[str, ...]
    run: Callable[..., list[Any]]
    clauses: tuple[tuple[str, str], ...]
    """Variables and what they go through, outermost first: loops and comprehensions alike."""
    noun: str
    """A variable that holds them as a list."""
    forms: tuple[Form, ...] = ()
    """Other ways to write the list of them."""
    is_list: bool = False
    """What the only clause goes through is a list that need not be made."""


VARIABLES = {
    "int": "n",
    "str": "word",
    "char": "letter",
    "row": "row",
    "pair": "name, amount",
    "couple": "a, b",
}
"""What one value of each type is called."""
