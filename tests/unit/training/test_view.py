from __future__ import annotations

import pytest

from lintseq_core import EditSequence, Program, sample_path
from lintseq_core.models.byte_tokens import ByteEncoder
from lintseq_core.models.tiny import tiny_tokenizer
from lintseq_core.models.tokens import Encoder, TextEncoder
from lintseq_core.training.encode import encode_examples
from lintseq_core.training.examples import Example
from lintseq_core.training.view import (
    PROMPT_STYLE,
    SPECIAL_STYLE,
    TRAINED_STYLES,
    coloured,
    view_tokens,
)

DIFF, END = 258, 256
SOURCE = "def double(x):\n    y = x + x\n    return y\n\n\nprint(double(2), '<|diff|>', 'é🙂�')\n"


def tiny_encoder() -> TextEncoder:
    return TextEncoder(tiny_tokenizer(), "tiny")


def test_colours_say_which_tokens_are_trained_on() -> None:
    encoder = tiny_encoder()
    (encoded,) = encode_examples([Example("é", "", ("@\tä",))], encoder)
    view = coloured(encoded, encoder)
    one, two = TRAINED_STYLES
    assert [(view.plain[span.start : span.end], span.style) for span in view.spans] == [
        ("é", PROMPT_STYLE),
        ("↵\n", two),
        ("<|diff|>", SPECIAL_STYLE),
        ("@", two),
        ("⇥\t", one),
        ("ä", two),
        ("↵\n", one),
        ("<|diff|>", SPECIAL_STYLE),
        ("↵\n", one),
        ("<|diff|>", SPECIAL_STYLE),
        ("<|endoftext|>", SPECIAL_STYLE),
    ]


@pytest.fixture(scope="module")
def sequence() -> EditSequence:
    return sample_path(Program.from_text(SOURCE), seed=1)


@pytest.mark.parametrize(
    "encoder", [None, ByteEncoder(), tiny_encoder()], ids=["none", "bytes", "tiny"]
)
def test_pieces_of_a_sequence_add_up_to_its_model_text(
    sequence: EditSequence, encoder: Encoder | None
) -> None:
    view = view_tokens(sequence, "Double it, ä.", encoder)
    text = sequence.to_model_text("Double it, ä.", eos="<|endoftext|>")
    assert "".join(piece.text for piece in view.pieces) == text
    n_prompt = len("Double it, ä.".encode())
    ids = [token for piece in view.pieces for token in piece.token_ids]
    assert len(ids) == view.n_tokens == n_prompt + view.n_trained
    prompt = "".join(piece.text for piece in view.pieces if not piece.is_trained)
    assert prompt == "Double it, ä."
    marks = [piece for piece in view.pieces if piece.is_special]
    expected = [("<|diff|>", (DIFF,))] * (sequence.n_edits + 2) + [("<|endoftext|>", (END,))]
    assert [(mark.text, mark.token_ids) for mark in marks] == expected
    assert view.n_whole_tokens == n_prompt + 1 + len(SOURCE.encode()) + 1
    assert view.cost == view.n_tokens / view.n_whole_tokens > 1


def test_a_character_of_several_tokens_is_one_piece(sequence: EditSequence) -> None:
    smile = next(piece for piece in view_tokens(sequence).pieces if piece.text == "🙂")
    assert smile.token_ids == tuple("🙂".encode())
