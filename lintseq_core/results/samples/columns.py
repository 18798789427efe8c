"""What is kept in memory of every row: numbers, and words as codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lintseq_core.results.samples.rows import UNNUMBERED, TableRow

NOTHING = -1
"""The code of a word that a row does not have, and of a verdict that is not decided."""
MAX_WORDS = 100_000
"""Different words of a column; those after them share one."""
MANY_WORDS = "(further ones)"
WORD_COLUMNS = ("task", "verdict", "model", "flags", "method", "tests")
NUMBER_COLUMNS = {
    "number": np.int64, "sample": np.int64, "passed": np.int8, "temperature": np.float32,
    "n_faults": np.int32, "n_characters": np.int32, "n_lines": np.int32, "n_edits": np.int32,
    "largest_edit": np.int32,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: for each row the place of its word in `words`, or NOTHING."""

    codes: NDArray[np.int32]
    words: tuple[str, ...]


class ColumnBuilder:
    """Gathers the columns of blocks of rows, which come in order."""

    def __init__(self) -> None:
        self.n_rows = 0
        self._numbers: dict[str, list[NDArray[Any]]] = {name: [] for name in NUMBER_COLUMNS}
        self._codes: dict[str, list[NDArray[np.int32]]] = {name: [] for name in WORD_COLUMNS}
        self._known: dict[str, dict[str, int]] = {name: {} for name in WORD_COLUMNS}

    def add(self, table: Any) -> None:
        """The rows of an Arrow table with the fields of TableRow and `number`."""
        import pyarrow.compute as pc

        n_rows = table.num_rows
        self.n_rows += n_rows
        for name in WORD_COLUMNS:
            self._codes[name].append(self._coded(name, table, n_rows))
        text = table["text"]
        counts = {
            "n_characters": _numbers(pc.utf8_length(text), 0),
            "n_lines": line_counts(text),
        }
        edits, largest = _edit_counts(table, n_rows)
        for name, dtype in NUMBER_COLUMNS.items():
            if name == "n_edits":
                found: NDArray[Any] = edits
            elif name == "largest_edit":
                found = largest
            elif name in counts:
                found = counts[name]
            elif name in table.column_names:
                found = _numbers(table[name], np.nan if name == "temperature" else NOTHING)
            else:
                missing = {"temperature": np.nan, "n_faults": 0, "sample": UNNUMBERED}
                found = np.full(n_rows, missing.get(name, NOTHING))
            self._numbers[name].append(np.asarray(found).astype(dtype))

    def numbers(self) -> dict[str, NDArray[Any]]:
        """The columns of numbers; samples that the file does not number count up by problem."""
        found = {
            name: np.concatenate(parts) if parts else np.empty(0, NUMBER_COLUMNS[name])
            for name, parts in self._numbers.items()
        }
        is_open = found["sample"] == UNNUMBERED
        if is_open.any():
            places = place_in_group(self.words()["task"].codes)
            found["sample"] = np.where(is_open, places, found["sample"])
        return found

    def words(self) -> dict[str, Words]:
        """The columns of words."""
        return {
            name: Words(
                np.concatenate(parts) if parts else np.empty(0, np.int32), tuple(self._known[name])
            )
            for name, parts in self._codes.items()
        }

    def _coded(self, name: str, table: Any, n_rows: int) -> NDArray[np.int32]:
        if name not in table.column_names:
            return np.full(n_rows, NOTHING, np.int32)
        coded = table[name].combine_chunks().dictionary_encode()
        if hasattr(coded, "chunks"):
            coded = coded.chunk(0)
        known = self._known[name]
        codes = [self._code(known, word) for word in coded.dictionary.to_pylist()]
        places = coded.indices.fill_null(NOTHING).to_numpy(zero_copy_only=False)
        mapped: NDArray[np.int32] = np.asarray([*codes, NOTHING], np.int32)[places]
        return mapped

    @staticmethod
    def _code(known: dict[str, int], word: str) -> int:
        if word in known:
            return known[word]
        if len(known) >= MAX_WORDS:
            word = MANY_WORDS
        return known.setdefault(word, len(known))


def place_in_group(codes: NDArray[np.int32]) -> NDArray[np.int64]:
    """For each row how many rows of its group stand before it.

    >>> place_in_group(np.array([3, 5, 3, 3, 5])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    starts = np.r_[True, ordered[1:] != ordered[:-1]] if ordered.size else np.empty(0, bool)
    first = np.flatnonzero(starts)
    lengths = np.diff(np.r_[first, ordered.size])
    places = np.empty(codes.size, np.int64)
    places[order] = np.arange(codes.size) - np.repeat(first, lengths)
    return places


def arrow_of(rows: Sequence[tuple[int, TableRow]]) -> Any:
    """`rows` as an Arrow table; half characters become the sign for what cannot be shown."""
    import pyarrow as pa

    def texts(name: str) -> Any:
        return pa.array([_sound(getattr(row, name)) for _, row in rows], pa.string())

    columns: dict[str, Any] = {"number": pa.array([number for number, _ in rows], pa.int64())}
    names = (*WORD_COLUMNS, "text", "written", "prompt", "record")
    columns |= {name: texts(name) for name in names}
    columns["births"] = pa.array([row.births for _, row in rows], pa.list_(pa.int32()))
    columns["sample"] = pa.array([row.sample for _, row in rows], pa.int64())
    columns["n_faults"] = pa.array([row.n_faults for _, row in rows], pa.int32())
    columns["passed"] = pa.array([row.passed for _, row in rows], pa.bool_())
    columns["temperature"] = pa.array([row.temperature for _, row in rows], pa.float64())
    return pa.table(columns)


def _sound(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")


def _numbers(column: Any, missing: float) -> NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    found: NDArray[Any] = column.fill_null(missing).to_numpy()
    return found


def line_counts(text: Any) -> NDArray[np.int64]:
    """The lines of each text; a fifth of the time of `count_substring`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    breaks = [_break_counts(part) for part in text.chunks]
    is_closed = pc.or_(pc.ends_with(text, "\n"), pc.equal(text, ""))
    open_ends = pc.invert(is_closed).cast(pa.int64()).to_numpy()
    counts: NDArray[np.int64] = np.concatenate([*breaks, np.empty(0, np.int64)]) + open_ends
    return counts


def _break_counts(text: Any) -> NDArray[np.int64]:
    _, offsets, values = text.buffers()
    ends = np.frombuffer(offsets, np.int32)[text.offset : text.offset + len(text) + 1]
    if values is None:
        return np.zeros(len(text), np.int64)
    held = np.frombuffer(values, np.uint8)[ends[0] : ends[-1]]
    breaks = np.flatnonzero(held == ord("\n"))
    counts: NDArray[np.int64] = np.diff(np.searchsorted(breaks, ends - ends[0]))
    return counts


def _edit_counts(table: Any, n_rows: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """How many edits write each row, and the lines of the largest; 0 for a program in one piece."""
    none = np.zeros(n_rows, np.int32)
    if "births" not in table.column_names:
        return none, none
    offsets, births = ragged(table["births"])
    lengths = np.diff(offsets)
    if not births.size:
        return none, none
    row = np.repeat(np.arange(n_rows), lengths)
    edits, largest = none.copy(), none.copy()
    np.maximum.at(edits, row, births + 1)
    width = int(births.max()) + 1
    pairs, counts = np.unique(row.astype(np.int64) * width + births, return_counts=True)
    np.maximum.at(largest, pairs // width, counts)
    return edits, largest


def ragged(column: Any) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Offsets and values of a column of lists; a row without a list is empty."""
    import pyarrow.compute as pc

    lengths = pc.list_value_length(column).fill_null(0).to_numpy()
    offsets = np.r_[0, np.cumsum(lengths)].astype(np.int64)
    values: NDArray[Any] = pc.list_flatten(column).to_numpy()
    return offsets, values


def words_table(words: Mapping[str, Words]) -> dict[str, Any]:
    """Columns of words as Arrow dictionaries."""
    import pyarrow as pa

    return {
        name: pa.DictionaryArray.from_arrays(
            pa.array(column.codes, mask=column.codes == NOTHING),
            pa.array(column.words, pa.string()),
        )
        for name, column in words.items()
    }
