"""Which tokens of an example are trained on: as pieces of text, and coloured for a terminal.

Neither torch nor transformers is needed where text is shown byte by byte (`ByteEncoder`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from lintseq_core.edits.sequence import EditSequence
from lintseq_core.models.byte_tokens import ByteEncoder
from lintseq_core.models.tokens import Encoder
from lintseq_core.training.encode import Encoded, encode_examples
from lintseq_core.training.examples import Example

PROMPT_STYLE = "dim"
# In turns, so that tokens can be told apart.
TRAINED_STYLES = ("black on #9ecae9", "black on #c6dbef")
SPECIAL_STYLE = "bold black on #fdb462"
_VISIBLE = {"\n": "↵\n", "\t": "⇥\t"}
_UNFINISHED = "�"  # what decoders put for bytes that are no whole character yet


@dataclass(frozen=True, slots=True)
class TokenPiece:
    """A token; or several of them, where one character takes more than one."""

    text: str
    token_ids: tuple[int, ...]
    is_trained: bool
    """In the loss."""
    is_special: bool
    """A marker of edits or the end, not text that spells one."""


@dataclass(frozen=True, slots=True)
class TokenView:
    """A sequence as a model is trained on it; the texts of `pieces` add up to the model text."""

    pieces: tuple[TokenPiece, ...]
    n_tokens: int
    n_trained: int
    n_whole_tokens: int
    """Of the same instruction with the program in one piece: the baseline."""

    @property
    def cost(self) -> float:
        """How many times the tokens of the whole program the edits take."""
        return self.n_tokens / self.n_whole_tokens


def view_tokens(
    sequence: EditSequence, instruction: str = "", encoder: Encoder | None = None
) -> TokenView:
    """Text pieces of `sequence` with token ids and loss mask, and its cost against the program.

    `encoder`: that of a loaded model or of `models.load.load_encoder`; None: one token a byte.
    """
    encoder = encoder or ByteEncoder()
    edits = Example(instruction, "", sequence.edits())
    whole = Example(instruction, sequence.program.text, ())
    encoded, baseline = encode_examples([edits, whole], encoder)
    return TokenView(
        pieces=tuple(token_pieces(encoded, encoder)),
        n_tokens=len(encoded.ids),
        n_trained=encoded.n_trained(),
        n_whole_tokens=len(baseline.ids),
    )


def token_pieces(example: Encoded, encoder: Encoder) -> Iterator[TokenPiece]:
    """The tokens of `example` as text, in order."""
    special = (encoder.diff_id, encoder.eos_id)
    ids: list[int] = example.ids.tolist()
    before: tuple[int, ...] = ()
    start = 0
    for end in range(1, len(ids) + 1):
        waiting = tuple(ids[start:end])
        # After what stands before it: some tokenizers leave out the space of a first word.
        text = encoder.decode([*before, *waiting])[len(encoder.decode(before)) :]
        if text.endswith(_UNFINISHED) and end < len(ids) and len(waiting) < 4:
            continue
        yield TokenPiece(
            text,
            waiting,
            is_trained=start >= max(example.n_prompt, 1),
            is_special=len(waiting) == 1 and waiting[0] in special,
        )
        before, start = waiting, end


def coloured(example: Encoded, encoder: Encoder) -> Text:
    """The text of `example`: grey without loss, coloured with, markers and end in orange.

    Every token border shows as a change of shade, every line break as "↵".
    """
    view = Text()
    for turn, piece in enumerate(token_pieces(example, encoder)):
        style = TRAINED_STYLES[turn % 2]
        if not piece.is_trained:
            style = PROMPT_STYLE
        elif piece.is_special:
            style = SPECIAL_STYLE
        view.append("".join(_VISIBLE.get(character, character) for character in piece.text), style)
    return view
