from __future__ import annotations

import random
import string
from collections.abc import Callable

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from lintseq_core import LintSeqError, apply_edits, parse_edits
from lintseq_core.edits.formats import FORMAT_NAMES, get_format
from lintseq_core.edits.formats.mask import EditMask
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


def spelling() -> PreTrainedTokenizerFast:
    """A tokenizer like Llama 2's: "▁" for blanks, bytes for what it does not know."""
    signs = [*string.printable.replace(" ", ""), "é", "▁▁", "▁def", "+▁", "\n+", "@@▁-", ",0▁+"]
    known = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *signs]
    backend = Tokenizer(
        models.BPE(
            vocab={token: at for at, token in enumerate(known)},
            merges=[],
            unk_token="<unk>",
            byte_fallback=True,
        )
    )
    backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    backend.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
            decoders.Strip(" ", left=1),
        ]
    )  # fmt: skip
    backend.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    add_diff_marker(tokenizer)
    return tokenizer


@pytest.mark.parametrize("make", [tiny_tokenizer, spelling])
@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_what_is_drawn_under_a_mask_is_well_formed_when_it_is_decoded(
    make: Callable[[], PreTrainedTokenizerFast], name: str
) -> None:
    encoder = TextEncoder(make(), "m")
    vocabulary = encoder.vocabulary()
    assert vocabulary is encoder.vocabulary()  # worked out once
    assert vocabulary.text(encoder.diff_id) == "<|diff|>"
    assert vocabulary.text(encoder.eos_id) == ""
    for seed in range(12):
        rng = random.Random(seed)
        mask = EditMask(get_format(name), vocabulary, 90)
        ids = [encoder.diff_id]
        while not mask.is_closed:
            ids.append(int(rng.choice(np.flatnonzero(mask.allowed()))))
            mask.push(ids[-1])
        parsed = parse_edits(encoder.decode(ids), edit_format=name)
        assert apply_edits(parsed.edits).strip()


def test_a_tokenizer_that_joins_the_marker_with_code_cannot_be_masked() -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens(["<|diff|>def"])
    with pytest.raises(LintSeqError, match=r"^m: its token '<\|diff\|>def' joins <\|diff\|> with"):
        TextEncoder(tokenizer, "m").vocabulary()


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
