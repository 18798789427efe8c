"""Which tokens of an example are trained on, for a terminal."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from lintseq_core.training.encode import Encoded

PROMPT_STYLE = "dim"
TRAINED_STYLES = (
    "black on #9ecae9",
    "black on #c6dbef",
)  # in turns, so that tokens can be told apart
SPECIAL_STYLE = "bold black on #fdb462"
_VISIBLE = {"\n": "↵\n", "\t": "⇥\t"}


def token_view(example: Encoded, tokenizer: Any, special_ids: frozenset[int]) -> Text:
    """The text of `example`: grey without loss, coloured with, markers and end in orange.

    Bytes of one character that stand in several tokens are shown together. Every token border shows
    as a change of shade, every line break as "↵".
    """
    view = Text()
    waiting: list[int] = []
    turn = 0
    for place, token in enumerate(example.ids.tolist()):
        waiting.append(token)
        piece = tokenizer.decode(waiting, clean_up_tokenization_spaces=False)
        if piece.endswith("�") and place + 1 < len(example.ids):
            continue  # part of a character
        style = TRAINED_STYLES[turn % 2]
        if place < max(example.n_prompt, 1):
            style = PROMPT_STYLE
        elif token in special_ids:
            style = SPECIAL_STYLE
        view.append("".join(_VISIBLE.get(character, character) for character in piece), style)
        waiting, turn = [], turn + 1
    return view
