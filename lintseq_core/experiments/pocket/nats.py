"""What programs of tasks held out cost a model, in nats, by what each token is for."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lintseq_core.edits.formats import EditFormatName
from lintseq_core.edits.formats.parts import Part, parts_of

if TYPE_CHECKING:
    from lintseq_core.models.pocket.tokenizer import PocketTokenizer
    from lintseq_core.training.encode import Encoded


@dataclass(frozen=True, slots=True)
class Nats:
    """Of all held-out texts together."""

    n_texts: int
    nats: dict[Part, float]
    """By the part that the first byte of a token belongs to."""
    tokens: dict[Part, int]

    @property
    def per_text(self) -> float:
        """Nats of a text, mean."""
        return sum(self.nats.values()) / self.n_texts


def measure_nats(model: Path, data: Path, edit_format: EditFormatName | None) -> Nats:
    """Read the rows of `data` with the model; the instruction is given and does not count."""
    from lintseq_core.models.extra import quiet_progress
    from lintseq_core.models.load import load_model
    from lintseq_core.models.pocket.tokenizer import read_tokenizer
    from lintseq_core.training.encode import encode_examples
    from lintseq_core.training.examples import read_examples
    from lintseq_core.training.losses import token_losses

    quiet_progress()
    loaded = load_model(str(model), dtype="float32", device="cpu")
    tokenizer = read_tokenizer(model / "tokenizer.json")
    examples = read_examples(data, "edits" if edit_format else "whole", edit_format=edit_format)
    encoded = list(encode_examples(examples, loaded.encoder))
    nats, tokens = Counter[Part](), Counter[Part]()
    for example, costs in token_losses(loaded, encoded):
        kinds = _kinds(example, tokenizer, edit_format)
        for kind, cost in zip(kinds, costs.tolist(), strict=True):
            nats[kind] += cost
            tokens[kind] += 1
    return Nats(len(encoded), dict(nats), dict(tokens))


def _kinds(
    example: Encoded, tokenizer: PocketTokenizer, edit_format: EditFormatName | None
) -> Iterator[Part]:
    """The part that each trained token belongs to; the end is a marker."""
    ids = example.ids[max(example.n_prompt, 1) :].tolist()
    has_end = bool(ids) and ids[-1] == tokenizer.eos_id
    body = ids[:-1] if has_end else ids
    sizes = [len(piece) for piece in tokenizer.token_bytes(body)]
    starts = itertools.accumulate(sizes[:-1], initial=0) if sizes else ()
    labels = _labels(tokenizer.decode(body), edit_format)
    yield from (labels[start] for start in starts)
    if has_end:
        yield "marker"


def _labels(text: str, edit_format: EditFormatName | None) -> Sequence[Part]:
    """The part of each byte of `text`."""
    if edit_format is None:
        return ["content"] * len(text.encode())
    labels: list[Part] = []
    for part, piece in parts_of(text, edit_format):
        labels += [part] * len(piece.encode())
    return labels
