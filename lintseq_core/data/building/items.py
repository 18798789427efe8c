"""One row of a source made into rows of the data set, or a drop with its reason.

The step of a build that samples. It sees one row at a time, in a worker or a pipeline: copies are
left out and rows written by `run`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lintseq_core.data.counts import ProgramCounts, count_program
from lintseq_core.data.fields import Exchange, FieldError, read_exchange
from lintseq_core.data.layouts import Origin, sequence_row, whole_row
from lintseq_core.data.row_files import TooLong
from lintseq_core.data.settings import BuildSettings
from lintseq_core.data.sources import Payload
from lintseq_core.edits import EditSequence, SamplingConfig, sample_paths
from lintseq_core.edits.incremental import HandOvers
from lintseq_core.errors import LinterFailure, SourceError
from lintseq_core.json_text import json_fault
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs import Program
from lintseq_core.programs.markdown import UNFINISHED_DRAFT, read_answer

DIGEST_BYTES = 16  # of sha256: two different programs meet by chance once in 2**64 programs
_SEEN_PROGRAMS = 200_000
_STATES_OF_FIRST_ROWS = 16
_STATES_OF_EVERY = 256

DROP_KINDS = {
    "not_utf8": "the row is not UTF-8",
    "bad_json": "the row is not JSON",
    "row_too_long": "the row has more bytes than allowed",
    "missing_field": "a field is missing",
    "wrong_type": "the row or a field has another type than expected",
    "no_exchange": "a chat without a turn of the user and the assistant's after it",
    "several_turns": "a chat of several turns, whose answers hang on those before",
    "empty_program": "the program field is empty",
    "no_python": "all code fences hold another language",
    "unfinished_draft": "the answer ends inside its draft (<think>)",
    "no_code": "no line of code",
    "syntax": "not valid Python here",
    "nul": "NUL character",
    "encoding": "characters that cannot be encoded",
    "too_deep": "nests too deeply for Python's parser",
    "too_many_lines": "the program has more lines than allowed",
    "too_slow": "the program took more CPU seconds than allowed",
    "linter_failure": "the linter failed",
    "crashed": "the worker process died of it, or a fault of this package",
    "duplicate": "same program as an earlier row",
    "near_duplicate": "nearly the same program as an earlier row",
}
COPY_KINDS = frozenset({"duplicate", "near_duplicate"})
"""Drops of rows that are not bad: `strict` lets them pass."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A row that is left out."""

    index: int
    kind: str
    """A key of DROP_KINDS."""
    message: str


@dataclass(frozen=True, slots=True)
class Made:
    """A row that was used: its rows of the data set, each ended by a line break, and its counts."""

    index: int
    digest: bytes
    rows: bytes
    counts: ProgramCounts
    signature: bytes | None = None
    """MinHash values, where near-duplicates are looked for."""
    unused: tuple[str, ...] = ()
    """What the row of the source holds that the data set does not."""

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        # Workers send one per row: half of what slotted dataclasses cost to pickle by default.
        parts = (self.index, self.digest, self.rows, self.counts, self.signature, self.unused)
        return Made, parts


@dataclass(frozen=True, slots=True)
class Seen:
    """A program that the same maker met in an earlier row, so that it was not sampled again."""

    index: int
    digest: bytes


Item = Drop | Made | Seen


class ItemMaker:
    """Makes items of rows under one set of settings; what it makes of a row depends on the row
    alone, but that a program it has met before may come back as `Seen`."""

    def __init__(self, settings: BuildSettings, source_name: str) -> None:
        self._settings = settings
        self._source_name = source_name
        self._linter = get_linter(settings.linter)
        self._config = SamplingConfig(indent_bias=settings.indent_bias)
        self._seen: set[bytes] = set()
        self._counting_linter: Linter = (
            get_linter("pyflakes") if settings.linter == "none" else self._linter
        )

    def make(self, index: int, payload: Payload) -> Item:
        """The item of row `index`; never raises for what a row can hold."""
        try:
            exchange = self._read_texts(payload)
            origin = Origin(index, self._source_name, exchange.instruction, exchange.response)
            return self._make(origin, exchange.unused)
        except FieldError as error:
            return Drop(index, error.kind, f"row {index + 1}: {error}")
        except SourceError as error:
            return Drop(index, error.kind, str(error))
        except LinterFailure as error:
            return Drop(index, "linter_failure", f"row {index + 1}: {error}")

    def _read_texts(self, payload: Payload) -> Exchange:
        settings = self._settings
        if isinstance(payload, TooLong):
            raise FieldError(
                "row_too_long",
                f"{payload.n_bytes:,} bytes, more than --max-row-bytes {settings.max_row_bytes:,}",
            )
        row = parse_row(payload) if isinstance(payload, bytes) else payload
        return read_exchange(
            row,
            program=settings.program_field,
            instruction=settings.instruction_field,
            given=settings.input_field,
        )

    def _make(self, origin: Origin, unused: tuple[str, ...]) -> Item:
        program, blocks_left_out = self._read_program(origin)
        digest = bytes.fromhex(program.id[: 2 * DIGEST_BYTES])
        settings = self._settings
        if settings.dedup and digest in self._seen:
            return Seen(origin.index, digest)
        sequences: Sequence[EditSequence] = ()
        hand_overs = HandOvers()
        if settings.method == "whole":
            rows = [whole_row(program, origin, settings)]
        else:
            sequences = list(self._sample(program, hand_overs))
            rows = [sequence_row(sequence, origin, settings) for sequence in sequences]
        try:
            data = "".join(f"{row}\n" for row in rows).encode()
        except UnicodeEncodeError as error:
            raise FieldError(
                "encoding", f"lone surrogate U+{ord(error.object[error.start]):04X} is no character"
            ) from None
        signature = None
        if settings.near_dedup is not None:
            from lintseq_core.data.building.near import program_signature

            signature = program_signature(program)
        watched = self._counting_linter if _counts_states(origin.index) else None
        counts = count_program(
            program,
            sequences,
            linter=watched,
            hand_overs=hand_overs,
            blocks_left_out=blocks_left_out,
            edit_format=settings.edit_format,
        )
        if settings.dedup and len(self._seen) < _SEEN_PROGRAMS:
            self._seen.add(digest)
        return Made(origin.index, digest, data, counts, signature, unused)

    def _read_program(self, origin: Origin) -> tuple[Program, int]:
        """The program of a row, and the number of code blocks that are no part of it."""
        name = f"row {origin.index + 1}"
        if not origin.response.strip():
            raise FieldError("empty_program", f"field {self._settings.program_field!r} is empty")
        answer = read_answer(origin.response)
        text = answer.program
        if text is None:
            is_draft = answer.why == UNFINISHED_DRAFT
            raise FieldError("unfinished_draft" if is_draft else "no_python", answer.why)
        n_lines = text.count("\n") + 1
        if n_lines > self._settings.max_lines:
            raise FieldError(
                "too_many_lines", f"{n_lines:,} lines, more than {self._settings.max_lines:,}"
            )
        return Program.from_text(text, name), answer.left_out

    def _sample(self, program: Program, hand_overs: HandOvers) -> Iterator[EditSequence]:
        settings = self._settings
        if settings.method == "randseq":
            return sample_paths(
                program, seed=settings.seed, n_paths=settings.samples, method="randseq"
            )
        return sample_paths(
            program,
            seed=settings.seed,
            n_paths=settings.samples,
            linter=self._linter,
            config=self._config,
            engine=settings.engine,
            hand_overs=hand_overs,
        )


def _counts_states(index: int) -> bool:
    """Linting every state costs several times the sampling: some rows stand for all."""
    return index < _STATES_OF_FIRST_ROWS or index % _STATES_OF_EVERY == 0


def parse_row(line: bytes) -> object:
    """What a row of JSON holds; FieldError if it is none."""
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        what = f"byte 0x{line[error.start]:02x} at {error.start + 1} is not UTF-8"
        raise FieldError("not_utf8", f"{what}; convert the file to UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise FieldError("bad_json", json_fault(error)) from None
