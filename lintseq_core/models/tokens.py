"""Text to token ids in which only the marker and the end that we put there are special.

A tokenizer cuts its special tokens out of any text, so a program that mentions `<|diff|>` or
`<|endoftext|>` would end a sequence in its middle. Here text is encoded piece by piece, between
the markers, with that switched off; the ids of markers and end are put in between. Special tokens
are hard borders for a tokenizer, so where no text holds one the ids are those of the whole.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any, Protocol

from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.edits.formats.vocabulary import Vocabulary
from lintseq_core.json_text import json_text
from lintseq_core.models.errors import ModelError

CHAT = "lintseq_chat"
"""Where tokenizer_config.json says that a model was trained to be asked in its chat template."""
_PROBE = "def f(x):\n"
_PLACEHOLDER = "lintseq-instruction"
_UNFINISHED = "�"  # what decoders put for bytes that are no whole character


class Encoder(Protocol):
    """Text to ids and back; `TextEncoder`, or `byte_tokens.ByteEncoder` without any package."""

    eos_id: int
    diff_id: int
    prefix_ids: tuple[int, ...]

    def encode(self, texts: Sequence[str], *, continued: bool = False) -> list[list[int]]:
        """The ids of each text. `continued`: it follows a marker, not the start."""
        ...

    def encode_split(self, texts: Sequence[tuple[str, str]]) -> list[tuple[list[int], int]]:
        """The ids of both parts of each text together, and how many begin in the first part."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, markers and end included."""
        ...


class TextEncoder:
    """Encodes text as text, and knows the ids of the end, of padding and of `<|diff|>`."""

    def __init__(self, tokenizer: Any, name: str) -> None:
        """ModelError if `tokenizer` has no end, no offsets, or cannot be used piece by piece."""
        self._tokenizer, self._name = tokenizer, name
        self._vocabularies: dict[frozenset[int], Vocabulary] = {}
        self.eos_id, self.pad_id = _end_and_padding(tokenizer, name)
        if not getattr(tokenizer, "is_fast", False):
            raise ModelError(
                f"{name}: its tokenizer gives no character offsets, which masks of the loss need; "
                "use a model with a tokenizer.json (a fast tokenizer)"
            )
        diff_id = tokenizer.get_vocab().get(DIFF_MARKER)
        if diff_id is None:
            raise ModelError(f"{name}: the tokenizer has no {DIFF_MARKER}; use add_diff_marker")
        self.diff_id: int = diff_id
        bos_id = tokenizer.bos_token_id
        start = tokenizer("").input_ids[:1]
        self.prefix_ids: tuple[int, ...] = (bos_id,) if bos_id in start else ()
        """What the tokenizer puts before every text: its begin, or nothing."""
        self._special_ids = frozenset((*tokenizer.all_special_ids, diff_id))
        self._first, self._continued = _text_only(tokenizer)
        self._check_pieces(tokenizer, name)

    @property
    def in_chat(self) -> bool:
        """Whether instructions stand in the tokenizer's chat template."""
        return bool(self._tokenizer.init_kwargs.get(CHAT))

    def encode(self, texts: Sequence[str], *, continued: bool = False) -> list[list[int]]:
        """The ids of each text. `continued`: it follows a marker, not the start."""
        backend = self._continued if continued else self._first
        found = backend.encode_batch_fast(list(texts), add_special_tokens=False)
        return [self._checked(encoding.ids) for encoding in found]

    def encode_split(self, texts: Sequence[tuple[str, str]]) -> list[tuple[list[int], int]]:
        """The ids of both parts of each text together, and how many begin in the first part."""
        whole = [first + second for first, second in texts]
        found = self._first.encode_batch(whole, add_special_tokens=False)
        return [
            (self._checked(encoding.ids), _begin_before(encoding, len(first)))
            for encoding, (first, _) in zip(found, texts, strict=True)
        ]

    def prompt_ids(self, instruction: str, *, edits: bool) -> list[int]:
        """What generation starts from: `instruction`, "\\n" and, for edits, the first marker.

        Or the instruction in a chat, for a model that was trained so.
        """
        marker = [self.diff_id] if edits else []
        if self.in_chat:
            return [*self.chat_ids(instruction), *marker]
        return [*self.prefix_ids, *self.encode([f"{instruction}\n"])[0], *marker]

    def chat_ids(self, instruction: str) -> list[int]:
        """One turn of the user's in the chat template, and the start of the answer.

        An instruction that spells a special token, or `<|diff|>`, is encoded apart, as plain text.
        """
        special = (*self._tokenizer.all_special_tokens, DIFF_MARKER)
        spells_special = any(token in instruction for token in special)
        text = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": _PLACEHOLDER if spells_special else instruction}],
            tokenize=False,
            add_generation_prompt=True,
        )
        if not spells_special:
            return list(self._tokenizer(text, add_special_tokens=False).input_ids)
        before, _, after = text.partition(_PLACEHOLDER)
        ends = [
            self._tokenizer(part, add_special_tokens=False).input_ids for part in (before, after)
        ]
        return [*ends[0], *self.encode([instruction], continued=True)[0], *ends[1]]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, markers and end included."""
        text: str = self._tokenizer.decode(list(ids), clean_up_tokenization_spaces=False)
        return text

    def vocabulary(self, never: frozenset[int] = frozenset()) -> Vocabulary:
        """The texts of all tokens that are text; of special ones `<|diff|>` alone.

        Without those in `never`. LintSeqError where no mask can be made for this tokenizer.
        """
        if never not in self._vocabularies:
            left_out = (self._special_ids | never) - {self.diff_id}
            texts = self._tokenizer.batch_decode(
                [[self.diff_id, index] for index in range(len(self._tokenizer))],
                clean_up_tokenization_spaces=False,
            )
            n_marker = len(DIFF_MARKER)
            known = [
                None if index in left_out or _UNFINISHED in text else text[n_marker:]
                for index, text in enumerate(texts)
            ]
            self._vocabularies[never] = Vocabulary(known, self._name)
        return self._vocabularies[never]

    def _checked(self, ids: list[int]) -> list[int]:
        if not self._special_ids.isdisjoint(ids):
            raise ModelError(
                "the tokenizer makes a special token of plain text: its model merges the letters "
                "of a marker, so programs that mention one cannot be encoded"
            )
        return ids

    def _check_pieces(self, tokenizer: Any, name: str) -> None:
        whole = tokenizer(f"{_PROBE}{DIFF_MARKER}{_PROBE}", add_special_tokens=False).input_ids
        first, second = self.encode([_PROBE])[0], self.encode([_PROBE], continued=True)[0]
        if whole != [*first, self.diff_id, *second]:
            raise ModelError(
                f"{name}: its tokenizer treats text after {DIFF_MARKER} in a way that is not known "
                "here, so its edits cannot be encoded; use another tokenizer"
            )


def add_diff_marker(tokenizer: Any) -> bool:
    """Add `<|diff|>` to `tokenizer`; True if it was not there.

    Paper: an ordinary added token, which decoding keeps when it skips special ones.
    """
    from tokenizers import AddedToken

    marker = AddedToken(DIFF_MARKER, normalized=False, special=False)
    return bool(tokenizer.add_tokens([marker]))


def set_chat(tokenizer: Any, name: str, in_chat: bool) -> None:
    """Have encoders of `tokenizer` put instructions into its chat template, or not.

    ModelError for a tokenizer, of the model called `name`, that has no template. It is written
    with the tokenizer.
    """
    if in_chat and not getattr(tokenizer, "chat_template", None):
        raise ModelError(
            f"{name}: its tokenizer has no chat template; train without --chat, or give the "
            "instruction-tuned model"
        )
    if in_chat:
        tokenizer.init_kwargs[CHAT] = True
    else:
        tokenizer.init_kwargs.pop(CHAT, None)


def _end_and_padding(tokenizer: Any, name: str) -> tuple[int, int]:
    eos_id, pad_id = tokenizer.eos_token_id, tokenizer.pad_token_id
    if eos_id is None:
        raise ModelError(
            f"{name}: its tokenizer has no end-of-text token, so a program could not be ended; "
            "set eos_token in its tokenizer_config.json"
        )
    # Padding is masked by its place, so without a token of its own the end does as well.
    return int(eos_id), int(eos_id if pad_id is None else pad_id)


def _text_only(tokenizer: Any) -> tuple[Any, Any]:
    """Two copies that leave special tokens in text alone: for a first piece, and for a later one.

    They differ where the tokenizer puts a space before the very first word only.
    """
    from tokenizers import Tokenizer

    described = json.loads(tokenizer.backend_tokenizer.to_str())
    described |= {"truncation": None, "padding": None}
    for token in described["added_tokens"]:
        if token["content"] == DIFF_MARKER:
            token["special"] = True  # only special tokens are left alone
    copies = []
    for is_first in (True, False):
        config = copy.deepcopy(described)
        if not is_first:
            _never_prepend(config.get("pre_tokenizer"))
        backend = Tokenizer.from_str(json_text(config))
        backend.encode_special_tokens = True
        copies.append(backend)
    return copies[0], copies[1]


def _never_prepend(pre_tokenizer: dict[str, Any] | None) -> None:
    if pre_tokenizer is None:
        return
    for step in (pre_tokenizer, *pre_tokenizer.get("pretokenizers", ())):
        if step["type"] == "Metaspace" and step.get("prepend_scheme") == "first":
            step["prepend_scheme"] = "never"


def _begin_before(encoding: Any, character: int) -> int:
    """How many tokens of `encoding` begin before the 0-based `character`."""
    token: int | None = encoding.char_to_token(character)
    if token:
        end = encoding.token_to_chars(token - 1)[1]
        if end == encoding.token_to_chars(token)[0] == character:
            return token
    # Else a token crosses the border, or white space before it is left out of its span, as some
    # tokenizers do: such a token reaches back to the one before.
    count = end = 0
    for start, stop in encoding.offsets:
        count += (min(start, end) if stop > end else start) < character
        end = max(end, stop)
    return count
