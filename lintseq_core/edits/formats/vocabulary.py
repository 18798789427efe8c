"""The texts of a tokenizer's tokens, ordered so that a grammar finds those that may come next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from lintseq_core.edits.formats.format import DIFF_MARKER
from lintseq_core.errors import LintSeqError

Mask = npt.NDArray[np.bool_]
"""By token id, whether it may be drawn."""
NEVER: Final = 1 << 40
"""The cost of a text that the tokens cannot spell."""
_MOST_COSTS = 50_000  # texts whose costs are kept
_STRUCTURE = "\n+-@, 0123456789"
_LONGEST = 24  # of the tokens that costs reckon with: longer ones are runs of blanks


class Vocabulary:
    """Token texts in order; costs of texts in tokens.

    A token that is only part of a character, or that stands for no text, is None: it is never drawn
    under a mask.
    """

    def __init__(self, texts: Sequence[str | None], name: str = "this tokenizer") -> None:
        """LintSeqError where a token joins `<|diff|>` with other text, or a sign has no token."""
        self.size = len(texts)
        known = sorted((text, index) for index, text in enumerate(texts) if text)
        self.texts: list[str] = [text for text, _ in known]
        """In order; `ids` are theirs."""
        self.ids: npt.NDArray[np.int64] = np.array([index for _, index in known], dtype=np.int64)
        self.last_break: npt.NDArray[np.int64] = np.array(
            [text.rfind("\n") for text in self.texts], dtype=np.int64
        )
        """Where each token has its last line break; -1: it has none."""
        self._by_id = texts
        self._known = set(self.texts)
        self._lengths = sorted({len(text) for text in self._known if len(text) <= _LONGEST})
        self._costs: dict[str, list[int]] = {}
        self._check(name)
        self.within_line = np.zeros(self.size, dtype=np.bool_)
        """Those without a line break."""
        self.within_line[self.ids[self.last_break < 0]] = True
        self.blank = np.zeros(self.size, dtype=np.bool_)
        """Those of the tokens without a line break that show nothing."""
        for text, index in known:
            self.blank[index] = "\n" not in text and not text.strip()
        self.breaks: dict[str, list[int]] = {}
        """For each text from a first line break on that edit text can have, the tokens' ids."""
        for at in np.flatnonzero(self.last_break >= 0).tolist():
            text = self.texts[at]
            tail = text[text.index("\n") :]
            if tail[1:2] in ("", "+", "@", "<"):
                self.breaks.setdefault(tail, []).append(int(self.ids[at]))

    def text(self, token_id: int) -> str:
        """The text of a token that may be drawn."""
        return self._by_id[token_id] or ""

    def costs(self, text: str) -> list[int]:
        """How many tokens spell `text` from each of its characters on; the last entry is 0."""
        known = self._costs.get(text)
        if known is None:
            if len(self._costs) >= _MOST_COSTS:
                self._costs.clear()
            known = [0] * (len(text) + 1)
            for start in range(len(text) - 1, -1, -1):
                known[start] = min(
                    (
                        1 + known[start + length]
                        for length in self._lengths
                        if start + length <= len(text)
                        and text[start : start + length] in self._known
                    ),
                    default=NEVER,
                )
            self._costs[text] = known
        return known

    def cost(self, text: str) -> int:
        """How many tokens spell `text`, at least."""
        return self.costs(text)[0]

    def _check(self, name: str) -> None:
        if DIFF_MARKER not in self._known:
            raise LintSeqError(
                f"{name}: no token is {DIFF_MARKER}, so no mask can be made for it; "
                "load the model with lintseq, which adds the marker"
            )
        for text in self.texts:
            if DIFF_MARKER in text and text != DIFF_MARKER:
                raise LintSeqError(
                    f"{name}: its token {text!r:.60} joins {DIFF_MARKER} with other text, so a "
                    "mask cannot tell edits from code: leave out --guard format, or use another "
                    "tokenizer"
                )
        missing = [sign for sign in _STRUCTURE if sign not in self._known]
        if missing:
            raise LintSeqError(
                f"{name}: no token is {missing[0]!r} alone, which headers of edits need: "
                "leave out --guard format, or use another tokenizer"
            )


def beyond(begun: str) -> str:
    """The first text in order behind all that begin with `begun`."""
    last = ord(begun[-1])
    return begun[:-1] + chr(last + 1) if last < sys.maxunicode else begun + begun[-1] * 99
