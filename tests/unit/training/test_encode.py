from __future__ import annotations

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from lintseq_core.models.tiny import EOS, tiny_tokenizer
from lintseq_core.models.tokens import TextEncoder, add_diff_marker
from lintseq_core.training.encode import (
    IGNORED,
    Encoded,
    EncodingCounts,
    encode_examples,
    fit_examples,
)
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.examples import Example

DIFF, END = 258, 256  # of the tiny tokenizer, whose other ids are bytes


def codes(text: str) -> list[int]:
    return list(text.encode())


def encode(example: Example) -> Encoded:
    (encoded,) = encode_examples([example], TextEncoder(tiny_tokenizer(), "tiny"))
    return encoded


def edits(instruction: str, *texts: str) -> Example:
    return Example(instruction, "", texts)


def whole(instruction: str, program: str) -> Example:
    return Example(instruction, program, ())


TRAINED = [
    # example, its prompt, what is trained on
    (
        edits("ab", "@@ -0,0 +1 @@\n+x"),
        codes("ab"),
        [*codes("\n"), DIFF, *codes("@@ -0,0 +1 @@\n+x\n"), DIFF, *codes("\n"), DIFF, END],
    ),
    (
        edits("ab", "@@ -0,0 +1 @@\n+x", "@@ -1,0 +2 @@\n+y"),
        codes("ab"),
        [
            *codes("\n"), DIFF, *codes("@@ -0,0 +1 @@\n+x\n"), DIFF,
            *codes("@@ -1,0 +2 @@\n+y\n"), DIFF, *codes("\n"), DIFF, END,
        ],
    ),
    (whole("ab", "x = 1\n"), codes("ab"), [*codes("\nx = 1\n"), END]),
    (whole("", "x = 1\n"), [], [*codes("\nx = 1\n"), END]),
    (whole("äß🙂", "x = 'é'\n"), codes("äß🙂"), [*codes("\nx = 'é'\n"), END]),
    # Text that looks like a marker or an end stays text, wherever it stands.
    (
        edits("say <|diff|>", "@@ -0,0 +1 @@\n+print('<|diff|>')"),
        codes("say <|diff|>"),
        [
            *codes("\n"), DIFF, *codes("@@ -0,0 +1 @@\n+print('<|diff|>')\n"),
            DIFF, *codes("\n"), DIFF, END,
        ],
    ),
    (
        whole(f"end {EOS}", f"x = '{EOS}<|pad|>'\n"),
        codes(f"end {EOS}"),
        [*codes(f"\nx = '{EOS}<|pad|>'\n"), END],
    ),
]  # fmt: skip


@pytest.mark.parametrize("example, prompt, trained", TRAINED)
def test_exactly_what_follows_the_instruction_is_trained_on(
    example: Example, prompt: list[int], trained: list[int]
) -> None:
    encoded = encode(example)
    assert encoded.ids.tolist() == prompt + trained
    assert encoded.labels().tolist() == [IGNORED] * len(prompt) + trained
    assert encoded.n_trained() == len(trained) - (not prompt)


def merging_encoder(*, trim_offsets: bool = False) -> TextEncoder:
    """Its tokens are bytes, and ".\\n", "\\n\\n", " \\n" in one piece: they cross the boundary."""
    vocabulary = tiny_tokenizer().get_vocab()
    letters = {token: number for token, number in vocabulary.items() if number < 256}
    merges = [(".", "Ċ"), ("Ċ", "Ċ"), ("Ġ", "Ċ")]
    for left, right in merges:
        letters[left + right] = len(letters)
    backend = Tokenizer(models.BPE(vocab=letters, merges=merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(["<eos>", "<pad>"])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token="<eos>", pad_token="<pad>"
    )
    assert add_diff_marker(tokenizer)
    return TextEncoder(tokenizer, "merging")


@pytest.mark.parametrize("trim_offsets", [False, True])
@pytest.mark.parametrize("instruction", ["Do it.", "Do it!\n", "Do it! ", "Do it"])
def test_a_token_that_begins_in_the_instruction_is_not_trained_on(
    instruction: str, trim_offsets: bool
) -> None:
    encoder = merging_encoder(trim_offsets=trim_offsets)
    (encoded,) = encode_examples([whole(instruction, "x\n")], encoder)
    joins = instruction[-1:] in (".", "\n", " ")
    trained = encoded.ids[encoded.n_prompt :].tolist()
    assert trained == [*codes("x\n" if joins else "\nx\n"), encoder.eos_id]


def test_pieces_have_the_ids_of_the_whole_text() -> None:
    encoder = merging_encoder()
    example = edits("Do it.", "@@ -0,0 +1,2 @@\n+x.\n+", "@@ -2,0 +3 @@\n+y.")
    (encoded,) = encode_examples([example], encoder)
    text = "Do it." + "".join(f"\n<|diff|>{edit}" for edit in (*example.edits, "", ""))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=encoder._first)
    encoder._first.encode_special_tokens = False
    assert encoded.ids.tolist()[:-1] == tokenizer(text, add_special_tokens=False).input_ids


COUNTS = [
    # policy, lengths kept, counts
    ("drop", [7], EncodingCounts(3, 2, 0, 7, 5)),
    ("truncate", [7, 10], EncodingCounts(3, 2, 1, 17, 13)),
]


@pytest.mark.parametrize("policy, lengths, counts", COUNTS)
def test_examples_over_the_limit_are_counted_and_dropped_or_cut(
    policy: str, lengths: list[int], counts: EncodingCounts
) -> None:
    examples = [whole("ab", "xyz\n"), whole("ab", "123456789\n"), whole("a" * 20, "x\n")]
    examples[0] = whole("ab", "xy\n")  # 2 + 1 + 3 + 1 tokens
    encoder = TextEncoder(tiny_tokenizer(), "tiny")
    kept, found = fit_examples(examples, encoder, max_length=10, too_long=policy)
    assert [len(example.ids) for example in kept] == lengths
    assert found == counts


def test_no_example_within_the_limit_is_an_error_that_says_so() -> None:
    encoder = TextEncoder(tiny_tokenizer(), "tiny")
    with pytest.raises(TrainingError) as caught:
        fit_examples([whole("ab", "x" * 50)], encoder, max_length=10, too_long="drop")
    assert str(caught.value) == (
        "no example to train on: 1 read, 1 over 10 tokens; "
        "raise max_length or give another data set"
    )


def test_no_example_at_all_is_an_error_that_says_so() -> None:
    with pytest.raises(
        TrainingError, match=r"^no example to train on: there is no row in the data$"
    ):
        fit_examples([], TextEncoder(tiny_tokenizer(), "tiny"), max_length=10, too_long="drop")
