from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from lintseq_core.models.errors import ModelError
from lintseq_core.models.tiny import EOS, tiny_tokenizer
from lintseq_core.models.tokens import TextEncoder, add_diff_marker


def spaced(scheme: str) -> PreTrainedTokenizerFast:
    """A tokenizer of letters that puts "▁" before words, as those of Llama 2 and Phi-3 do."""
    letters = {letter: at for at, letter in enumerate("▁abcdefghijklmnopqrstuvwxyz()=+:\n")}
    backend = Tokenizer(models.BPE(vocab=letters, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    backend.add_special_tokens(["<s>", "</s>"])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    add_diff_marker(tokenizer)
    return tokenizer


@pytest.mark.parametrize("scheme", ["always", "first", "never"])
def test_pieces_are_encoded_as_within_the_whole(scheme: str) -> None:
    tokenizer = spaced(scheme)
    encoder = TextEncoder(tokenizer, "spaced")
    first, second = "say a b\n", "a = b\n"
    pieces = [
        *encoder.encode([first])[0],
        encoder.diff_id,
        *encoder.encode([second], continued=True)[0],
    ]
    assert pieces == tokenizer(f"{first}<|diff|>{second}", add_special_tokens=False).input_ids


@pytest.mark.parametrize("text", ["<|diff|>", EOS, "<|pad|>", f"x{EOS}<|diff|>\ny"])
def test_text_that_looks_like_a_special_token_stays_text(text: str) -> None:
    encoder = TextEncoder(tiny_tokenizer(), "tiny")
    for continued in (False, True):
        assert encoder.encode([text], continued=continued) == [list(text.encode())]


def test_a_prompt_ends_where_the_model_takes_over() -> None:
    encoder = TextEncoder(tiny_tokenizer(), "tiny")
    assert encoder.prompt_ids("a<|diff|>", edits=True) == [*b"a<|diff|>\n", encoder.diff_id]
    assert encoder.prompt_ids("a", edits=False) == [*b"a\n"]


def without(**changes: object) -> PreTrainedTokenizerFast:
    tokenizer = tiny_tokenizer()
    for name, value in changes.items():
        setattr(tokenizer, name, value)
    return tokenizer


class Slow:
    """A tokenizer without a fast backend."""

    eos_token_id, pad_token_id, is_fast = 0, 0, False


UNUSABLE = [
    (
        without(eos_token=None),
        "m: its tokenizer has no end-of-text token, so a program could not be ended; "
        "set eos_token in its tokenizer_config.json",
    ),
    (
        Slow(),
        "m: its tokenizer gives no character offsets, which masks of the loss need; "
        "use a model with a tokenizer.json (a fast tokenizer)",
    ),
]


@pytest.mark.parametrize("tokenizer, message", UNUSABLE)
def test_a_tokenizer_that_cannot_be_used_is_refused(tokenizer: object, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        TextEncoder(tokenizer, "m")
    assert str(caught.value) == message


def test_without_a_padding_token_the_end_pads() -> None:
    assert TextEncoder(without(pad_token=None), "m").pad_id == 256


def test_the_marker_survives_decoding_without_special_tokens() -> None:
    tokenizer = tiny_tokenizer()
    assert tokenizer.decode([97, 258, 98, 256], skip_special_tokens=True) == "a<|diff|>b"
