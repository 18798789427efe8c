"""Causal pre-training: documents of text and code, streamed, cut into blocks of equal length.

The mixture is by tokens: the next document comes from the source that is furthest behind its share.
So it needs no random numbers, and the place in the stream is a few numbers and the tokens left
over, which a checkpoint keeps: a run goes on without encoding again what it has seen.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lintseq_core.data.fields import FieldError, read_text_field
from lintseq_core.data.rows import MAX_ROW_BYTES, load_record
from lintseq_core.data.sources import RowSource
from lintseq_core.errors import LintSeqError
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.models.tokens import TextEncoder
from lintseq_core.training.config import Optimization
from lintseq_core.training.encode import Encoded
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.feed import Step

TEXT_FIELDS = ("text", "content", "code", "response")
"""Looked for in this order in the first row of a file."""


@dataclass(frozen=True, slots=True)
class TextSource:
    """A file of documents, .jsonl, .jsonl.gz or .parquet, and its share of the tokens."""

    path: Path
    weight: float = 1.0
    field: str | None = None
    """The name of the text in a row; None looks for a common one."""

    def __post_init__(self) -> None:
        if not 0 < self.weight < math.inf:
            raise TrainingError(f"{self.path}: weight {self.weight:g}; a share is a number above 0")


class TextFeed:
    """Blocks of text; a source that is read to its end begins again."""

    packs = False  # a block is one example: its documents see those before them

    def __init__(
        self,
        sources: Sequence[TextSource],
        encoder: TextEncoder,
        *,
        length: int,
        batch_size: int,
        total_steps: int,
    ) -> None:
        self.total_steps = total_steps
        self._encoder = encoder
        self._length = length
        self._batch_size = batch_size
        self._sources = [_Documents(source) for source in sources]
        self._given = [0] * len(sources)
        """Tokens that each source has given."""
        self._left_over: list[int] = []

    def steps(self, start: int) -> Iterator[Step]:
        """The steps from `start` on: 0, or where `restore` has put the stream."""
        for _ in range(start, self.total_steps):
            rows = tuple((self._block(),) for _ in range(self._batch_size))
            passes = min(documents.passes() for documents in self._sources)
            yield Step(rows, epoch=passes, ends_epoch=False)

    def fingerprint(self) -> str:
        """A hash of names, sizes, shares and the length of a block; the files are not read."""
        digest = hashlib.sha256()
        for documents in self._sources:
            source = documents.source
            size = source.path.stat().st_size
            digest.update(f"{source.path.name}\0{size}\0{source.weight}\0{source.field}\0".encode())
        digest.update(f"{self._length} {self._batch_size}".encode())
        return digest.hexdigest()[:16]

    def state(self) -> dict[str, Any]:
        """Where the stream is, as JSON values."""
        places = [[documents.next_row, documents.rounds] for documents in self._sources]
        return {"places": places, "given": list(self._given), "left_over": list(self._left_over)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        for documents, (row, rounds) in zip(self._sources, state["places"], strict=True):
            documents.go_to(row, rounds)
        self._given = list(state["given"])
        self._left_over = list(state["left_over"])

    def _block(self) -> Encoded:
        while len(self._left_over) < self._length:
            behind = min(
                range(len(self._sources)),
                key=lambda at: self._given[at] / self._sources[at].source.weight,
            )
            text = self._sources[behind].next_text()
            ids = [*self._encoder.encode([text])[0], self._encoder.eos_id]
            self._given[behind] += len(ids)
            self._left_over += ids
        block, self._left_over = self._left_over[: self._length], self._left_over[self._length :]
        return Encoded(np.array(block, dtype=np.int32), n_prompt=0)


class _Documents:
    """The texts of one file, round after round."""

    def __init__(self, source: TextSource) -> None:
        self.source = source
        self.next_row = 0
        self.rounds = 0
        self._reader: RowSource | None = None
        self._rows: Iterator[tuple[int, str]] | None = None

    def go_to(self, row: int, rounds: int) -> None:
        self.next_row, self.rounds, self._rows = row, rounds, None

    def passes(self) -> float:
        share = self._reader.done_share if self._reader is not None else 0.0
        return self.rounds + share

    def next_text(self) -> str:
        for _ in range(2):
            if self._rows is None:
                self._rows = self._texts(self.next_row)
            found = next(self._rows, None)
            if found is not None:
                self.next_row = found[0] + 1
                return found[1]
            if self.next_row == 0:
                break
            self.go_to(0, self.rounds + 1)
        raise TrainingError(f"{self.source.path}: no document in it; give another file")

    def _texts(self, start: int) -> Iterator[tuple[int, str]]:
        self._reader = RowSource(self.source.path, max_row_bytes=MAX_ROW_BYTES)
        field = self.source.field
        for index, payload in self._reader.rows(start):
            try:
                record = load_record(payload)
                if field is None:
                    field = _guess_field(record)
                text = read_text_field(record, field)
            except (FieldError, LintSeqError) as error:
                raise TrainingError(f"{self.source.path}, row {index + 1}: {error}") from None
            if text.strip():
                yield index, text


def _guess_field(record: dict[str, Any]) -> str:
    for name in TEXT_FIELDS:
        if isinstance(record.get(name), str):
            return name
    has = ", ".join(list(record)[:6])
    raise LintSeqError(f"no text in any of {', '.join(TEXT_FIELDS)}; name the field (it has {has})")


def plan_pretraining(
    sources: Sequence[TextSource],
    loaded: LoadedModel,
    *,
    n_tokens: int,
    optimization: Optimization,
) -> tuple[TextFeed, dict[str, Any]]:
    """A stream of at least `n_tokens`, and everything that its losses depend on.

    TrainingError for blocks that are longer than the model has positions.
    """
    positions = getattr(loaded.model.config, "max_position_embeddings", None)
    if positions is not None and optimization.max_length > positions:
        raise TrainingError(
            f"max_length {optimization.max_length} is over the {positions} positions of "
            f"{loaded.name}; lower it"
        )
    per_step = optimization.batch_size * optimization.max_length
    feed = TextFeed(
        sources,
        loaded.encoder,
        length=optimization.max_length,
        batch_size=optimization.batch_size,
        total_steps=-(-n_tokens // per_step),
    )
    settings: dict[str, Any] = {"kind": "pre-training", "model": loaded.name, "n_tokens": n_tokens}
    return feed, settings | optimization.losses_depend_on()
