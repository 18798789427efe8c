from __future__ import annotations

from collections.abc import Sequence

import pytest

from lintseq_core.generation.detokenising import TextReader
from lintseq_core.models.tiny import tiny_tokenizer

TEXTS = ["plain", "naïve ☃ 🐍 ñ", "a\ufffdb", "🐍", "\n\t\x00", "é" * 9]


def decode_bytes(ids: Sequence[int]) -> str:
    return bytes(ids).decode(errors="replace")


def decode_words(ids: Sequence[int]) -> str:
    """As SentencePiece does: the space before the very first word is dropped."""
    return "".join(f" w{token}" for token in ids).removeprefix(" ")


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_add_up_to_the_text_decoded_at_once(text: str) -> None:
    for decode in (decode_bytes, tiny_tokenizer().decode):
        reader = TextReader(decode)
        pieces = [reader.push(byte) for byte in text.encode()]
        pieces.append(reader.flush())
        assert "".join(pieces) == reader.text == text
        assert all("\ufffd" not in piece for piece in pieces) or "\ufffd" in text


def test_a_character_comes_with_its_last_byte() -> None:
    reader = TextReader(decode_bytes)
    assert [reader.push(byte) for byte in "🐍".encode()] == ["", "", "", "🐍"]


def test_bytes_that_are_no_character_come_out_as_replacements() -> None:
    for data in (b"\xff" * 7, b"a\xf0\x9f", b"\xf0\x9fab\xe2\x98", bytes(range(128, 256))):
        reader = TextReader(decode_bytes)
        for byte in data:
            reader.push(byte)
        reader.flush()
        assert reader.text.replace("\ufffd", "") == data.decode(errors="ignore")
        assert len(reader.text) <= len(data)


def test_words_keep_the_space_that_a_first_word_has_not() -> None:
    reader = TextReader(decode_words)
    assert [reader.push(token) for token in (1, 2, 3)] == ["w1", " w2", " w3"]


def test_a_reader_goes_back_to_a_place() -> None:
    reader = TextReader(decode_bytes)
    for byte in "ab☃".encode():
        reader.push(byte)
    place = reader.place()
    for byte in "cd\xf0".encode("latin-1"):
        reader.push(byte)
    reader.back_to(place)
    assert [reader.push(byte) for byte in "é!".encode()] == ["", "é", "!"]
    assert reader.text == "ab☃é!"
