"""Text from tokens as they come, where one character may take several tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lintseq_core.generation.steps import NO_ID, SampledToken

Place = tuple[int, int, int, int]
"""Where a reader stands: tokens read, first and last of the piece before, characters."""
_UNFINISHED = "�"  # what decoders put for bytes that are no whole character yet


class TextReader:
    """Decodes token by token; the pieces add up to the text of all tokens decoded at once.

    Each token is decoded after those of the piece before it, since some tokenizers write a token
    otherwise at the start of a text.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._shown_from = self._shown_to = 0
        self.text = ""

    def push(self, token_id: int) -> str:
        """The text that `token_id` completes; "" inside a character."""
        self._ids.append(token_id)
        piece = self._new_text()
        # A true U+FFFD in the text waits as well; four tokens are more than any character's bytes.
        if piece.endswith(_UNFINISHED) and len(self._ids) - self._shown_to < 4:
            return ""
        return self._show(piece)

    def read(self, token: SampledToken) -> str:
        """The text that `token` completes: decoded, or its own where a backend gives no ids."""
        if token.token_id != NO_ID:
            return self.push(token.token_id)
        self.text += token.text
        return token.text

    def flush(self) -> str:
        """What is left inside a character at the end, as U+FFFD."""
        return self._show(self._new_text())

    def place(self) -> Place:
        """Where the reader stands, for `back_to`."""
        return len(self._ids), self._shown_from, self._shown_to, len(self.text)

    def back_to(self, place: Place) -> None:
        """Forget everything read since `place`."""
        n_ids, self._shown_from, self._shown_to, n_characters = place
        del self._ids[n_ids:]
        self.text = self.text[:n_characters]

    def _new_text(self) -> str:
        before = self._decode(self._ids[self._shown_from : self._shown_to])
        return self._decode(self._ids[self._shown_from :])[len(before) :]

    def _show(self, piece: str) -> str:
        self._shown_from, self._shown_to = self._shown_to, len(self._ids)
        self.text += piece
        return piece
