"""The byte-level BPE of a tokenizer.json, read and applied in Python alone.

Text is cut into words by one pattern, a word into its UTF-8 bytes, and neighbours are joined as the
list of merges says, the earliest first. The result is that of the package tokenizers.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.edits.formats.vocabulary import Vocabulary
from lintseq_core.json_text import json_fault
from lintseq_core.models.byte_tokens import EOS, byte_characters
from lintseq_core.models.errors import ModelError

WORDS = (
    r"(?<=\n)[+\-]"  # the sign of a line of a diff, apart from the code behind it
    r"| ?[A-Za-z_]+| ?[0-9]| ?[^A-Za-z0-9_ \n]+"
    r"|\n *(?= [^ \n])|\n| +(?= [^ \n])| +"  # the last blank belongs to the word behind it
)
"""Means the same to Python and to the package tokenizers: its classes name ASCII alone."""
_KEPT_WORDS = 50_000


class PocketTokenizer:
    """As `tokens.TextEncoder` of the same tokenizer.json; needs no package."""

    prefix_ids: tuple[int, ...] = ()

    def __init__(self, vocabulary: dict[str, int], merges: Sequence[tuple[str, str]]) -> None:
        """`vocabulary`: with the end and the marker; bytes stand as byte-level tokenizers write."""
        bytes_of = {character: bytes([byte]) for byte, character in enumerate(byte_characters())}
        self.eos_id, self.diff_id = vocabulary[EOS], vocabulary[DIFF_MARKER]
        self.n_tokens = 1 + max(vocabulary.values())
        self._bytes = [b""] * self.n_tokens
        for text, token_id in vocabulary.items():
            is_plain = all(character in bytes_of for character in text)
            parts = (bytes_of[character] if is_plain else character.encode() for character in text)
            self._bytes[token_id] = b"".join(parts)
        self._byte_ids = [vocabulary[character] for character in byte_characters()]
        self._joined = {
            (vocabulary[a], vocabulary[b]): (rank, vocabulary[a + b])
            for rank, (a, b) in enumerate(merges)
        }
        self._words: dict[str, tuple[int, ...]] = {}

    def encode(self, texts: Sequence[str], *, continued: bool = False) -> list[list[int]]:
        """The ids of each text; it makes no difference where a text stands."""
        return [
            [one for word in re.findall(WORDS, text) for one in self._word_ids(word)]
            for text in texts
        ]

    def encode_split(self, texts: Sequence[tuple[str, str]]) -> list[tuple[list[int], int]]:
        """The ids of both parts of each text together, and how many begin in the first part."""
        found = []
        for first, second in texts:
            (ids,) = self.encode([first + second])
            n_begun, place, border = 0, 0, len(first.encode())
            while place < border:
                place += len(self._bytes[ids[n_begun]])
                n_begun += 1
            found.append((ids, n_begun))
        return found

    def prompt_ids(self, instruction: str, edits: bool) -> list[int]:
        """What generation starts from: `instruction`, "\\n" and, for edits, the first marker."""
        return [*self.encode([f"{instruction}\n"])[0], *([self.diff_id] if edits else [])]

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        """The bytes of each of `ids`."""
        return [self._bytes[one] for one in ids]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; bytes that are no whole character become U+FFFD."""
        return b"".join([self._bytes[one] for one in ids]).decode(errors="replace")

    def vocabulary(self, name: str) -> Vocabulary:
        """The texts of its tokens, for masks; `name` of the model is for messages.

        None for the end of a text and for bytes that are no whole character.
        """
        texts = [one.decode(errors="replace") for one in self._bytes]
        texts[self.eos_id] = ""
        return Vocabulary([text if text and "\ufffd" not in text else None for text in texts], name)

    def _word_ids(self, word: str) -> tuple[int, ...]:
        known = self._words.get(word)
        if known is None:
            known = self._merge([self._byte_ids[byte] for byte in word.encode()])
            if len(self._words) < _KEPT_WORDS:
                self._words[word] = known
        return known

    def _merge(self, ids: list[int]) -> tuple[int, ...]:
        last = (len(self._joined), -1)
        while len(ids) > 1:
            ranked = [self._joined.get(pair, last) for pair in itertools.pairwise(ids)]
            best = min(ranked)
            if best == last:
                break
            place = ranked.index(best)
            ids[place : place + 2] = [best[1]]
        return tuple(ids)


def read_tokenizer(path: Path) -> PocketTokenizer:
    """The tokenizer in the tokenizer.json at `path`.

    ModelError if it cannot be read, or is not of the kind that `task_tokenizer` makes.
    """
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        if wrong := _difference(described):
            raise ModelError(
                f"{path}: its {wrong} is not that of a pocket model: load it with transformers "
                "(--backend transformers), or train it with 'lintseq train --model pocket'"
            )
        model = described["model"]
        added = {token["content"]: token["id"] for token in described["added_tokens"]}
        merges = [tuple(one.split(" ") if isinstance(one, str) else one) for one in model["merges"]]
        return PocketTokenizer(model["vocab"] | added, [(a, b) for a, b in merges])
    except OSError:
        raise ModelError(
            f"{path}: no such file, so its texts cannot be read; copy it from the training run"
        ) from None
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{path}: {json_fault(error)}; copy it from the training run again"
        ) from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{path}: not a whole tokenizer ({error!r}); copy it from the training run again"
        ) from None


def _difference(described: dict[str, Any]) -> str | None:
    """The first part that is not as `task_tokenizer` makes it, or None."""
    words: list[dict[str, Any]] = (described.get("pre_tokenizer") or {}).get("pretokenizers") or []
    split, byte_level = words if len(words) == 2 else ({}, {})
    model = described.get("model") or {}
    for part, holds in (
        ("model", model.get("type") == "BPE" and not model.get("ignore_merges")),
        ("normalizer", described.get("normalizer") is None),
        (
            "pre_tokenizer",
            split.get("pattern") == {"Regex": WORDS}
            and split.get("behavior") == "Isolated"
            and byte_level.get("type") == "ByteLevel"
            and not (byte_level.get("add_prefix_space") or byte_level.get("use_regex")),
        ),
        ("decoder", (described.get("decoder") or {}).get("type") == "ByteLevel"),
    ):
        if not holds:
            return part
    return None
