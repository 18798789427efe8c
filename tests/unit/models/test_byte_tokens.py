from __future__ import annotations

import pytest

from lintseq_core.models.byte_tokens import ByteEncoder
from lintseq_core.models.tiny import tiny_tokenizer
from lintseq_core.models.tokens import TextEncoder

TEXTS = ["", "x = 1\n", "é🙂\x00\x85\u2028", "<|diff|><|endoftext|><|pad|>", " \t\r\n"]


@pytest.mark.parametrize("text", TEXTS)
def test_it_is_the_tiny_models_tokenizer(text: str) -> None:
    tiny, ours = TextEncoder(tiny_tokenizer(), "tiny"), ByteEncoder()
    for continued in (False, True):
        assert ours.encode([text], continued=continued) == tiny.encode([text], continued=continued)
    for first in ("", "say é", "\n"):
        assert ours.encode_split([(first, text)]) == tiny.encode_split([(first, text)])
    ids = [*ours.encode([text])[0], ours.diff_id, ours.pad_id, 0xF0, 0x9F, ours.eos_id]
    assert ours.decode(ids) == tiny.decode(ids)
    names = ("eos_id", "pad_id", "diff_id", "prefix_ids")
    assert [getattr(ours, name) for name in names] == [getattr(tiny, name) for name in names]
