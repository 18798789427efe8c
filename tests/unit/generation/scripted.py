"""A model that says what a test wrote for it: every path of generation without any training."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.generation.language_model import LanguageModel
from lintseq_core.generation.torch_draws import draw_tokens, mask_logits

EOS = "<eos>"
Script = Sequence[str]
"""The tokens of one sample, from the prompt on."""


def spelled(text: str) -> list[str]:
    """`text` character by character, the marker as one token; EOS only where it says so."""
    pieces = text.split(DIFF_MARKER)
    tokens: list[str] = []
    for index, piece in enumerate(pieces):
        tokens += [DIFF_MARKER] * (index > 0) + list(piece)
    return tokens


def scripted_model(*samples: Script | list[Script], context_length: int = 10_000) -> LanguageModel:
    """A model whose sample i says script i; a list of scripts: the next one after each rewind.

    The scripts of one sample agree up to the first token after the mark, which is drawn from what
    the model had already said about it. After a script comes EOS.
    """
    tries = [
        list(sample) if sample and not isinstance(sample[0], str) else [sample]
        for sample in samples
    ]
    words = sorted({token for scripts in tries for script in scripts for token in script} | {EOS})
    ids = {word: index for index, word in enumerate(words)}
    numbered = [[[ids[token] for token in script] for script in scripts] for scripts in tries]
    return LanguageModel(
        name="scripted",
        decoder=_ScriptedDecoder(numbered, len(words), ids[EOS]),
        prompt_ids=lambda instruction, edits: [0] * (len(instruction) + edits),
        decode=lambda token_ids: "".join(words[token_id] for token_id in token_ids),
        eos_ids=frozenset([ids[EOS]]),
        context_length=context_length,
    )


class _ScriptedDecoder:
    draw = staticmethod(draw_tokens)
    mask = staticmethod(mask_logits)
    mixes_prompts = False

    def __init__(self, scripts: list[list[list[int]]], n_words: int, eos_id: int) -> None:
        self._scripts, self._n_words, self._eos_id = scripts, n_words, eos_id

    def start(
        self, prompts: Sequence[Sequence[int]], n_rows: Sequence[int]
    ) -> tuple[torch.Tensor, _ScriptedRows]:
        (count,) = n_rows
        rows = _ScriptedRows(self._scripts[:count], self._n_words, self._eos_id)
        return rows.logits()[:1], rows


class _ScriptedRows:
    def __init__(self, scripts: list[list[list[int]]], n_words: int, eos_id: int) -> None:
        self._rows = [[script, 0, 0] for script in scripts]  # scripts, which, how many were fed
        self._n_words, self._eos_id = n_words, eos_id

    def logits(self) -> torch.Tensor:
        said = torch.full((len(self._rows), self._n_words), -torch.inf, dtype=torch.float64)
        for row, (scripts, attempt, fed) in enumerate(self._rows):
            script = scripts[min(attempt, len(scripts) - 1)]
            said[row, script[fed] if fed < len(script) else self._eos_id] = 0.0
        return said

    def feed(self, token_ids: Sequence[int]) -> torch.Tensor:
        assert len(token_ids) == len(self._rows)
        for row in self._rows:
            row[2] += 1
        return self.logits()

    def keep(self, rows: Sequence[int]) -> None:
        self._rows = [self._rows[row] for row in rows]

    def forget(self, row: int, n_tokens: int) -> None:
        self._rows[row][2] -= n_tokens
        self._rows[row][1] += 1
