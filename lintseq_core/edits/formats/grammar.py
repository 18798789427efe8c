"""Edit text character by character: what may follow, and what it takes to close in time.

One automaton for all formats. A format says what stands above new lines (`EditFormat.opening`);
the possible openings are those of every place of the program as it is then, so a header, an anchor
or an original block under the mask is always one that the writer would have written. The text
begins after the marker of a prompt, and writes a program that is not blank.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lintseq_core.edits.formats.format import BORDER, DIFF_MARKER, EditFormat, InsertionPoint
from lintseq_core.edits.formats.occurrences import Occurrences
from lintseq_core.edits.formats.vocabulary import NEVER, Vocabulary, beyond

_MOST_DIGITS = 9
_SIGNS = "@@"


@dataclass(frozen=True, slots=True)
class Grammar:
    """A format, and the tokens by which the way to a close is measured."""

    edit_format: EditFormat
    vocabulary: Vocabulary
    break_cost: int
    """Tokens of a line break and the sign of the next line."""
    border_cost: int
    """Tokens of a line break and a marker."""
    most_tokens: int
    """Of the whole text."""

    def close_cost(self, n_lines: int | None, *, is_blank: bool) -> int:
        """Tokens from within a line to the end of the text; `n_lines` have to follow before it.

        `is_blank`: all that is written so far is, so a character has to come before the end.
        """
        return (n_lines or 0) * self.break_cost + 2 * self.border_cost + is_blank


class State(ABC):
    """A place in edit text; what came before it is well formed so far."""

    @abstractmethod
    def step(self, character: str) -> State | None:
        """The place behind `character`; None where it cannot stand here."""

    @abstractmethod
    def following(self) -> str | None:
        """The characters that can stand here; None: any, within a line of code."""

    @abstractmethod
    def cost(self) -> int:
        """Tokens of the shortest way from here to the end of the text."""

    def closes_within(self, n_tokens: int) -> bool:
        """Whether `n_tokens` are enough for it."""
        return self.cost() <= n_tokens


class Closed(State):
    """Behind the second closing marker."""

    def step(self, character: str) -> State | None:
        return None

    def following(self) -> str:
        return ""

    def cost(self) -> int:
        return 0


CLOSED = Closed()


@dataclass(frozen=True)
class OneOf(State):
    """Somewhere in one of several texts, none of which begins another."""

    vocabulary: Vocabulary
    texts: tuple[str, ...]
    """In order."""
    ends: tuple[Callable[[], State], ...]
    """What is behind each text."""
    end_costs: tuple[int, ...]
    """The cost of each of these."""
    low: int
    high: int
    """Texts from `low` to before `high` begin alike, up to `depth`."""
    depth: int = 0

    def step(self, character: str) -> State | None:
        begun = self.texts[self.low][: self.depth] + character
        low = bisect_left(self.texts, begun, self.low, self.high)
        if low == self.high or not self.texts[low].startswith(begun):
            return None
        if len(self.texts[low]) == len(begun):
            return self.ends[low]()
        high = low + 1
        if low + 1 < self.high and self.texts[low + 1].startswith(begun):
            high = bisect_left(self.texts, beyond(begun), low, self.high)
        return OneOf(
            self.vocabulary, self.texts, self.ends, self.end_costs, low, high, self.depth + 1
        )

    def following(self) -> str:
        depth = self.depth
        return "".join(dict.fromkeys(text[depth] for text in self.texts[self.low : self.high]))

    def cost(self) -> int:
        return min(map(self._cost_of, range(self.low, self.high)))

    def closes_within(self, n_tokens: int) -> bool:
        return any(self._cost_of(at) <= n_tokens for at in range(self.low, self.high))

    def _cost_of(self, at: int) -> int:
        """By way of one of the texts."""
        return self.vocabulary.costs(self.texts[at])[self.depth] + self.end_costs[at]


def choice(
    vocabulary: Vocabulary, options: Sequence[tuple[str, Callable[[], State], int]]
) -> OneOf:
    """The choice among `options`: text, what is behind it, its cost."""
    ordered = sorted(options, key=lambda option: option[0])
    texts, ends, costs = zip(*ordered, strict=True)
    return OneOf(vocabulary, texts, ends, costs, 0, len(ordered))


@dataclass(frozen=True)
class Edited(State):
    """At the start of an edit, behind its marker."""

    grammar: Grammar
    before: tuple[str, ...]
    """The program before the edit."""

    def step(self, character: str) -> State | None:
        return self._choice.step(character)

    def following(self) -> str:
        return self._choice.following()

    def cost(self) -> int:
        return self._choice.cost() if self._is_blank else self.grammar.border_cost

    @cached_property
    def _is_blank(self) -> bool:
        return is_blank(self.before)

    @cached_property
    def _choice(self) -> OneOf:
        hunks = _Hunks(self.grammar, self.before, self.before, -1, 0, self._is_blank)
        options = hunks.openings()
        if not self._is_blank:
            options.append((BORDER, lambda: CLOSED, 0))
        return choice(self.grammar.vocabulary, options)


@dataclass(frozen=True)
class _Hunks:
    """An edit, between two of its hunks."""

    grammar: Grammar
    before: tuple[str, ...]
    program: tuple[str, ...]
    """With the edit's hunks so far."""
    previous: int
    """How many lines of `before` stand above the last hunk; -1: there is none yet."""
    n_inserted: int
    is_blank: bool
    """Whether `program` is."""

    def openings(self) -> list[tuple[str, Callable[[], State], int]]:
        """Every way to begin one hunk more, down to the sign of its first line."""
        edit_format, state = self.grammar.edit_format, Occurrences(self.program)
        cost = self.grammar.close_cost(0, is_blank=self.is_blank)
        options: list[tuple[str, Callable[[], State], int]] = []
        for place in self._places(state):
            around = edit_format.counted(place)
            n_left = None if around is None else 0
            text = f"{edit_format.opening(place)}\n+"
            options.append((text, self._lines(place, n_left), cost))
            if around is not None:
                count = _Count(self, place, "", f"{around[1]}\n+")
                options.append((around[0], lambda count=count: count, count.cost()))  # type: ignore[misc]
        return options

    def closes_within(self, n_tokens: int, depth: int) -> bool:
        """Whether they are enough from `depth` characters behind the start of one hunk more."""
        cost = self.grammar.close_cost(0, is_blank=self.is_blank)
        return any(
            self.grammar.vocabulary.costs(f"{self.grammar.edit_format.opening(place)}\n+")[depth]
            <= n_tokens - cost
            for place in self._places(Occurrences(self.program))
        )

    def _places(self, state: Occurrences) -> Iterator[InsertionPoint]:
        for after in range(self.previous + 1, len(self.before) + 1):
            yield InsertionPoint(state, after + self.n_inserted, after)

    def _lines(self, place: InsertionPoint, n_left: int | None) -> Callable[[], State]:
        return lambda: InLine(self, place, n_left, (), "", self.is_blank)


@dataclass(frozen=True)
class _Signs(State):
    """In the two signs that every hunk begins with: the openings are worked out behind them."""

    hunks: _Hunks
    depth: int

    def step(self, character: str) -> State | None:
        if self.depth < len(_SIGNS):
            is_next = character == _SIGNS[self.depth]
            return replace(self, depth=self.depth + 1) if is_next else None
        return self._openings.step(character)

    def following(self) -> str:
        return _SIGNS[self.depth] if self.depth < len(_SIGNS) else self._openings.following()

    def cost(self) -> int:
        return self._openings.cost()

    def closes_within(self, n_tokens: int) -> bool:
        return self.hunks.closes_within(n_tokens, self.depth)

    @cached_property
    def _openings(self) -> OneOf:
        openings = choice(self.hunks.grammar.vocabulary, self.hunks.openings())
        return replace(openings, depth=self.depth)


@dataclass(frozen=True)
class _Count(State):
    """In the number of lines of a hunk of several."""

    hunks: _Hunks
    place: InsertionPoint
    digits: str
    tail: str
    """What is behind the number, down to the sign of the first line."""

    def step(self, character: str) -> State | None:
        if character == self.tail[0] and int(self.digits or 0) > 1:
            return self._behind().step(character)
        if character not in self.following():
            return None
        digits = self.digits + character
        grammar = self.hunks.grammar
        if grammar.close_cost(int(digits) - 1, is_blank=False) > grammar.most_tokens:
            return None  # so many lines have no room, and more digits only make them more
        return replace(self, digits=digits)

    def following(self) -> str:
        if not self.digits:
            return "123456789"
        more = "0123456789" if len(self.digits) < _MOST_DIGITS else ""
        return more + (self.tail[0] if int(self.digits) > 1 else "")

    def cost(self) -> int:
        """As if the smallest number that is begun so were meant."""
        needed = {"": "2", "1": "0"}.get(self.digits, "")
        n_lines = int(self.digits + needed)
        grammar = self.hunks.grammar
        costs = grammar.vocabulary.cost(needed) + grammar.vocabulary.cost(self.tail)
        return min(costs + grammar.close_cost(n_lines - 1, is_blank=self.hunks.is_blank), NEVER)

    def _behind(self) -> OneOf:
        hunks, n_left = self.hunks, int(self.digits) - 1
        lines = hunks._lines(self.place, n_left)
        cost = hunks.grammar.close_cost(n_left, is_blank=hunks.is_blank)
        return choice(hunks.grammar.vocabulary, [(self.tail, lines, cost)])


@dataclass(frozen=True)
class InLine(State):
    """Within a line of code, behind its "+"."""

    hunks: _Hunks
    place: InsertionPoint
    n_left: int | None
    """How many lines the header calls for below this one; None: it does not say."""
    lines: tuple[str, ...]
    """Of the hunk, above this one."""
    begun: str
    """Of this line."""
    was_blank: bool
    """Whether all that is above this line in the text is."""

    @property
    def is_blank(self) -> bool:
        """Whether all that is written so far is."""
        return self.was_blank and not self.begun.strip()

    def step(self, character: str) -> State | None:
        return self.with_text(character) if character != "\n" else self._below()

    def following(self) -> None:
        return None

    def cost(self) -> int:
        return self.hunks.grammar.close_cost(self.n_left, is_blank=self.is_blank)

    def with_text(self, text: str) -> InLine:
        """The place behind `text`, which has no line break."""
        begun = self.begun + text
        return InLine(self.hunks, self.place, self.n_left, self.lines, begun, self.was_blank)

    def _below(self) -> OneOf:
        """Below the line: one line more, one hunk more, or the end of the edit."""
        grammar, lines, blank = self.hunks.grammar, (*self.lines, self.begun), self.is_blank
        options: list[tuple[str, Callable[[], State], int]] = []
        if self.n_left is None or self.n_left > 0:
            n_left = None if self.n_left is None else self.n_left - 1
            line = InLine(self.hunks, self.place, n_left, lines, "", blank)
            options.append(("+", lambda: line, line.cost()))
        if not self.n_left:
            after_edit = self._ended(lines).cost() if blank else grammar.border_cost
            options.append((DIFF_MARKER, lambda: self._ended(lines), after_edit))
            if self.place.after < len(self.hunks.before):
                # The shortest way to a close is never by way of one hunk more.
                options.append((_SIGNS[0], lambda: self._next_hunk(lines), NEVER))
        return choice(grammar.vocabulary, options)

    def _with(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        program, at = self.hunks.program, self.place.at
        return (*program[:at], *lines, *program[at:])

    def _next_hunk(self, lines: tuple[str, ...]) -> State:
        hunks = _Hunks(
            self.hunks.grammar,
            self.hunks.before,
            self._with(lines),
            self.place.after,
            self.hunks.n_inserted + len(lines),
            self.was_blank and is_blank(lines),
        )
        return _Signs(hunks, 1)

    def _ended(self, lines: tuple[str, ...]) -> State:
        return Edited(self.hunks.grammar, self._with(lines))


def begin(edit_format: EditFormat, vocabulary: Vocabulary, most_tokens: int) -> Edited:
    """The place behind the marker of a prompt, for a text of `most_tokens` at most."""
    costs = vocabulary.cost("\n+"), vocabulary.cost(BORDER)
    return Edited(Grammar(edit_format, vocabulary, *costs, most_tokens), ())


def is_blank(lines: Sequence[str]) -> bool:
    """Whether no line has a character that shows."""
    return not any(line.strip() for line in lines)
