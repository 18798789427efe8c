"""The tokens that may come next, so that edit text is well formed and closed in time.

A mask changes the distribution that is drawn from: what a model gave to other tokens goes to those
that are left. How much that was is reported beside what is drawn; see docs/generation.md.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from lintseq_core.edits.formats.format import EditFormat
from lintseq_core.edits.formats.grammar import CLOSED, InLine, State, begin
from lintseq_core.edits.formats.vocabulary import Mask, Vocabulary, beyond
from lintseq_core.errors import LintSeqError


class EditMask:
    """What may be drawn next for one sample, and what was drawn so far.

    It allows the texts that are read without a fault and write a program that is not blank, whose
    headers are those that the writer would have written; of these only such as close within
    `max_tokens`.
    """

    def __init__(self, edit_format: EditFormat, vocabulary: Vocabulary, max_tokens: int) -> None:
        """LintSeqError if `max_tokens` are too few for an edit."""
        self._vocabulary = vocabulary
        self._state: State = begin(edit_format, vocabulary, max_tokens)
        self._n_left = max_tokens
        least = self._state.cost()
        if least > max_tokens:
            raise LintSeqError(
                f"max_tokens is {max_tokens}, and the shortest text of the format "
                f"{edit_format.name} takes {least}: allow more (--max-tokens)"
            )

    @property
    def is_closed(self) -> bool:
        """Whether the text has ended."""
        return self._state is CLOSED

    def allowed(self) -> Mask:
        """By token id, whether it may come next. One at least may, until the text is closed."""
        found = np.zeros(self._vocabulary.size, dtype=np.bool_)
        state = self._state
        if isinstance(state, InLine):
            self._allow_in_line(state, found)
        else:
            self._allow_below(state, 0, 0, len(self._vocabulary.texts), found)
        return found

    def push(self, token_id: int) -> None:
        """Go on behind a token that was allowed."""
        state = _walk(self._state, self._vocabulary.text(token_id))
        if state is None:
            raise LintSeqError(f"token {token_id} was not allowed here")
        self._state = state
        self._n_left -= 1

    def _can_end(self, state: State | None) -> bool:
        """Whether the text can be closed with what is left when one token is drawn."""
        return state is not None and state.closes_within(self._n_left - 1)

    def _allow_in_line(self, state: InLine, found: Mask) -> None:
        vocabulary = self._vocabulary
        found[vocabulary.within_line] = self._can_end(state.with_text("0"))
        if state.is_blank:
            found[vocabulary.blank] = self._can_end(state)
        below = state.step("\n")
        for tail, ids in vocabulary.breaks.items():
            if not state.is_blank and "\n@" not in tail:
                found[ids] = self._can_end(_walk(below, tail[1:]))
                continue
            for index in ids:  # it matters what the token has before its line break
                found[index] = self._can_end(_walk(state, vocabulary.text(index)))

    def _allow_below(self, state: State, depth: int, low: int, high: int, found: Mask) -> None:
        """Tokens from `low` to before `high`, whose first `depth` characters lead to `state`."""
        vocabulary = self._vocabulary
        texts = vocabulary.texts
        if isinstance(state, InLine):
            ids, breaks = vocabulary.ids[low:high], vocabulary.last_break[low:high]
            one_by_one = (breaks >= depth) | state.is_blank
            found[ids[~one_by_one]] = self._can_end(state)
            for at in np.flatnonzero(one_by_one).tolist():
                end = _walk(state, texts[low + at][depth:])
                found[ids[at]] = self._can_end(end)
            return
        while low < high and len(texts[low]) == depth:
            if depth:
                found[vocabulary.ids[low]] = self._can_end(state)
            low += 1
        if low == high:
            return
        begun = texts[low][:depth]
        for character in state.following() or "":
            first = bisect_left(texts, begun + character, low, high)
            if first == high or not texts[first].startswith(begun + character):
                continue
            last = bisect_left(texts, beyond(begun + character), first, high)
            inner = state.step(character)
            if inner is not None:
                self._allow_below(inner, depth + 1, first, last, found)


def _walk(state: State | None, text: str) -> State | None:
    """The place behind `text`; None where it cannot stand here."""
    at, position = state, 0
    while at is not None and position < len(text):
        if isinstance(at, InLine):  # to the end of the line at once
            end = text.find("\n", position)
            if end < 0:
                return at.with_text(text[position:])
            at = at.with_text(text[position:end])
            position = end
        at = at.step(text[position])
        position += 1
    return at
