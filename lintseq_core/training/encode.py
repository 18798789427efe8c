"""Token ids of examples, and which of them count in the loss.

An example of edits is the instruction, "\\n<|diff|>" before each edit, two more of these, and the
end; a whole program is the instruction, a line break, the program, and the end. The loss is on all
tokens that start behind the instruction. Where that is comes from characters, because a tokenizer
may join the last letters and the line break into one token: it belongs to the instruction then.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from lintseq_core.models.tokens import Encoder, TextEncoder
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.examples import Example

IGNORED = -100
"""The label of a token without loss, as torch's cross entropy has it."""
TooLongPolicy = Literal["drop", "truncate"]
_BATCH = 500  # examples for the tokenizer at once: it spreads a batch over the cores


@dataclass(frozen=True, slots=True)
class Encoded:
    """The ids of one example; the first `n_prompt` have no loss."""

    ids: npt.NDArray[np.int32]
    n_prompt: int

    def labels(self) -> npt.NDArray[np.int32]:
        """`ids`, with -100 in place of the prompt; torch models shift them by one."""
        labels = self.ids.copy()
        labels[: self.n_prompt] = IGNORED
        return labels

    def n_trained(self) -> int:
        """Tokens that are predicted: without the prompt, and without the very first token."""
        return len(self.ids) - max(self.n_prompt, 1)


@dataclass(frozen=True, slots=True)
class EncodingCounts:
    """What became of the examples."""

    examples: int
    """Read."""
    too_long: int
    """Longer than the limit: dropped or cut, as the policy says."""
    nothing_to_learn: int
    """Dropped because the instruction alone fills the limit."""
    tokens: int
    """Kept."""
    trained_tokens: int


def encode_examples(examples: Iterable[Example], encoder: Encoder) -> Iterator[Encoded]:
    """Each example encoded, in order, whatever its length."""
    iterator = iter(examples)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield from _encode_batch(batch, encoder)


def fit_example(example: Encoded, *, max_length: int, too_long: TooLongPolicy) -> Encoded | None:
    """`example`, cut to `max_length` tokens if it is longer; None if it is to be dropped."""
    if len(example.ids) <= max_length:
        return example
    return None if too_long == "drop" else Encoded(example.ids[:max_length], example.n_prompt)


def fit_examples(
    examples: Iterable[Example],
    encoder: Encoder,
    *,
    max_length: int,
    too_long: TooLongPolicy,
) -> tuple[list[Encoded], EncodingCounts]:
    """The examples of at most `max_length` tokens, and counts.

    "truncate" cuts longer ones, as the paper does: they lose their end marker. "drop" leaves them
    out. TrainingError if none is left.
    """
    kept: list[Encoded] = []
    read = long = empty = 0
    for example in encode_examples(examples, encoder):
        read += 1
        long += len(example.ids) > max_length
        fitted = fit_example(example, max_length=max_length, too_long=too_long)
        if fitted is None:
            continue
        if fitted.n_trained() <= 0:
            empty += 1
            continue
        kept.append(fitted)
    if not read:
        raise TrainingError("no example to train on: there is no row in the data")
    if not kept:
        raise TrainingError(
            f"no example to train on: {read} read, {long} over {max_length} tokens; "
            "raise max_length or give another data set"
        )
    tokens = sum(len(example.ids) for example in kept)
    trained = sum(example.n_trained() for example in kept)
    return kept, EncodingCounts(read, long, empty, tokens, trained)


def _encode_batch(batch: Sequence[Example], encoder: Encoder) -> Iterator[Encoded]:
    # The sequences of one program stand together and share their head and some edits: each text is
    # encoded once.
    given = list(dict.fromkeys(_head(example) for example in batch))
    heads = dict(zip(given, _encode_heads(given, encoder), strict=True))
    # Every edit but the last closing one is followed by the line break before the next marker.
    edits = dict.fromkeys(f"{edit}\n" for example in batch for edit in example.edits)
    tails = dict(zip(edits, encoder.encode(list(edits), continued=True), strict=True))
    (line_break,) = encoder.encode(["\n"], continued=True)
    marker = encoder.diff_id
    for example in batch:
        head, n_before = heads[_head(example)]
        ids = list(head)
        for edit in example.edits:
            ids.append(marker)
            ids += tails[f"{edit}\n"]
        if example.edits:
            ids += [marker, *line_break, marker]
        ids.append(encoder.eos_id)
        yield Encoded(np.array(ids, dtype=np.int32), n_before)


def _encode_heads(
    given: Sequence[tuple[str, str]], encoder: Encoder
) -> list[tuple[list[int], int]]:
    """Ids of instruction and program together, and how many of them are the instruction's."""
    if not (isinstance(encoder, TextEncoder) and encoder.in_chat):
        before = encoder.prefix_ids
        split = encoder.encode_split(given)
        return [([*before, *ids], len(before) + n_first) for ids, n_first in split]
    programs = encoder.encode([text.removeprefix("\n") for _, text in given], continued=True)
    chats = [encoder.chat_ids(instruction) for instruction, _ in given]
    return [([*chat, *program], len(chat)) for chat, program in zip(chats, programs, strict=True)]


def _head(example: Example) -> tuple[str, str]:
    return example.instruction, f"\n{example.program}"
