"""A byte-level BPE tokenizer trained on the texts that a pocket model is to read and write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.models.byte_tokens import EOS, PAD
from lintseq_core.models.errors import ModelError
from lintseq_core.models.extra import import_transformers
from lintseq_core.models.pocket.tokenizer import WORDS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def train_tokenizer(
    texts: Iterable[str], *, n_tokens: int, context_length: int
) -> PreTrainedTokenizerFast:
    """A tokenizer of at most `n_tokens`, an end, padding and `<|diff|>` among them.

    Equal texts give equal tokenizers. Fewer tokens come out where `texts` repeat too little.
    """
    transformers = import_transformers()
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=n_tokens - 1,  # and the marker
        min_frequency=2,
        special_tokens=[EOS, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    n_texts = 0

    def counted() -> Iterable[str]:
        nonlocal n_texts
        for text in texts:
            n_texts += 1
            yield text

    backend.train_from_iterator(counted(), trainer)
    if not n_texts:
        raise ModelError("no text to train a tokenizer on: give a data set with rows in it")
    backend.add_tokens([AddedToken(DIFF_MARKER, normalized=False, special=False)])
    tokenizer: PreTrainedTokenizerFast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend,
        eos_token=EOS,
        pad_token=PAD,
        clean_up_tokenization_spaces=False,
        model_max_length=context_length,
    )
    return tokenizer
