"""One token a byte, in Python alone: the ids that the tiny model's tokenizer gives."""

from __future__ import annotations

import string
from collections.abc import Sequence

from lintseq_core.edits.formats import DIFF_MARKER

EOS = "<|endoftext|>"
PAD = "<|pad|>"
_EOS_ID, _PAD_ID, _DIFF_ID = 256, 257, 258
_SPECIAL = {_EOS_ID: EOS.encode(), _PAD_ID: PAD.encode(), _DIFF_ID: DIFF_MARKER.encode()}


class ByteEncoder:
    """As `tokens.TextEncoder` of the tiny model's tokenizer; needs no extra."""

    eos_id, pad_id, diff_id = _EOS_ID, _PAD_ID, _DIFF_ID
    prefix_ids: tuple[int, ...] = ()

    def encode(self, texts: Sequence[str], *, continued: bool = False) -> list[list[int]]:
        """The bytes of each text; it makes no difference where a text stands."""
        return [list(text.encode()) for text in texts]

    def encode_split(self, texts: Sequence[tuple[str, str]]) -> list[tuple[list[int], int]]:
        """The bytes of both parts of each text together, and how many are of the first."""
        return [(list(f"{a}{b}".encode()), len(a.encode())) for a, b in texts]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; bytes that are no whole character become U+FFFD."""
        return b"".join(_SPECIAL.get(one) or bytes([one]) for one in ids).decode(errors="replace")


def byte_characters() -> list[str]:
    """What stands for byte 0, 1, ... 255 in byte-level tokenizers since GPT-2."""
    printable = {ord(character) for character in string.printable if character.isprintable()}
    printable.discard(ord(" "))
    printable |= {*range(0xA1, 0xAD), *range(0xAE, 0x100)}
    characters, unprintable = [], 0
    for byte in range(256):
        if byte in printable:
            characters.append(chr(byte))
        else:
            characters.append(chr(256 + unprintable))
            unprintable += 1
    return characters
