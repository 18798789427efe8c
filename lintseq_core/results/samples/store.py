"""A table opened: its columns in memory, its programs on the disk, read by the page."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.errors import LintSeqError
from lintseq_core.results.samples.importing import COLUMNS, TEXTS, About
from lintseq_core.results.samples.columns import (
    NOTHING,
    NUMBER_COLUMNS,
    WORD_COLUMNS,
    Words,
    place_in_group,
    ragged,
)
from lintseq_core.results.samples.structure import STRUCTURE

MAX_PATTERN = 500
SEARCH_S = 20.0
"""After so long a search ends and says how far it came."""
_EVERY_LINE = "(?m)"


@dataclass(frozen=True, slots=True)
class StructureColumns:
    """What the trees say, row by row."""

    state: NDArray[np.int8]
    features: NDArray[np.int32]
    n_tokens: NDArray[np.int32]
    program: NDArray[np.int64]
    """Equal for equal programs."""
    is_copy: NDArray[np.bool_]
    """Whether an earlier row of the same problem has the same program."""
    offsets: NDArray[np.int64]
    of_edits: NDArray[np.int32]
    """Features of what each edit brings; those of row i stand from offsets[i] to offsets[i + 1]."""


@dataclass(frozen=True, slots=True)
class FullRow:
    """One row with everything the file says about it."""

    index: int
    number: int
    """Where it stands in the file, from 1."""
    task: str
    sample: int
    text: str
    births: tuple[int, ...] | None
    written: str | None
    prompt: str | None
    record: str | None
    verdict: str | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Found:
    """Which rows a search found."""

    mask: NDArray[np.bool_]
    n_searched: int
    """Rows looked at; fewer than there are if it took too long."""


class Table:
    """The table in a folder; nothing of it is ever changed."""

    def __init__(self, folder: Path) -> None:
        parquet = import_pyarrow_parquet()
        self.folder = folder
        self.about = About.read(folder)
        try:
            columns = parquet.read_table(folder / COLUMNS)
            with parquet.ParquetFile(folder / TEXTS) as file:
                groups = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
            self.numbers: Mapping[str, NDArray[Any]] = {
                name: columns[name].to_numpy() for name in NUMBER_COLUMNS
            }
            self.words: Mapping[str, Words] = {name: _words(columns[name]) for name in WORD_COLUMNS}
            self.structure = self._structure(parquet)
        except (OSError, KeyError, ValueError) as error:  # ArrowInvalid is a ValueError
            raise LintSeqError(
                f"{folder}: the table is damaged ({error}); remove the folder and import again"
            ) from None
        self._starts = np.r_[0, np.cumsum(groups)]

    @property
    def n_rows(self) -> int:
        """Rows of the file that fit its format."""
        return self.about.n_rows

    @property
    def has_edits(self) -> bool:
        """Whether any program is written as edits."""
        return bool((self.numbers["n_edits"] > 0).any())

    def texts(self, indices: Sequence[int]) -> list[str]:
        """The programs of some rows."""
        found: dict[int, str] = {}
        with import_pyarrow_parquet().ParquetFile(self.folder / TEXTS) as file:
            for group, inside in self._by_group(indices).items():
                texts = file.read_row_group(group, ["text"])["text"]
                start = int(self._starts[group])
                found |= {index: texts[index - start].as_py() for index in inside}
        return [found[index] for index in indices]

    def row(self, index: int) -> FullRow:
        """The row with this 0-based index in the table."""
        (group,) = self._by_group([index])
        with import_pyarrow_parquet().ParquetFile(self.folder / TEXTS) as file:
            place = index - int(self._starts[group])
            held = file.read_row_group(group).slice(place, 1).to_pylist()[0]
        passed = int(self.numbers["passed"][index])
        births = held["births"]
        return FullRow(
            index=index,
            number=int(self.numbers["number"][index]),
            task=self.word("task", index) or "",
            sample=int(self.numbers["sample"][index]),
            text=held["text"],
            births=None if births is None else tuple(births),
            written=held["written"],
            prompt=held["prompt"],
            record=held["record"],
            verdict=self.word("verdict", index),
            passed=None if passed == NOTHING else bool(passed),
        )

    def word(self, column: str, index: int) -> str | None:
        """The word of a row in a column of words."""
        words = self.words[column]
        code = int(words.codes[index])
        return None if code == NOTHING else words.words[code]

    def search(self, pattern: str, *, ignore_case: bool = False) -> Found:
        """The rows whose program holds the regular expression `pattern`, "^" and "$" at every line.

        RE2 reads it, whose time grows with the text and not with the pattern's twists; look-ahead,
        look-behind and back-references are not in it. LintSeqError for what it does not take.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        check_pattern(pattern)
        mask = np.zeros(self.n_rows, bool)
        end = time.monotonic() + SEARCH_S
        with import_pyarrow_parquet().ParquetFile(self.folder / TEXTS) as file:
            for group in range(file.num_row_groups):
                start, stop = int(self._starts[group]), int(self._starts[group + 1])
                if time.monotonic() > end:
                    return Found(mask, start)
                texts = file.read_row_group(group, ["text"])["text"]
                try:
                    hits = pc.match_substring_regex(
                        texts, by_line(pattern), ignore_case=ignore_case
                    )
                except pa.ArrowException as error:
                    raise _refused(error) from None
                mask[start:stop] = hits.to_numpy()
        return Found(mask, self.n_rows)

    def _by_group(self, indices: Sequence[int]) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for index in indices:
            if not 0 <= index < self.n_rows:
                raise LintSeqError(f"row {index + 1}: there are {self.n_rows:,} rows")
            group = int(np.searchsorted(self._starts, index, side="right")) - 1
            groups.setdefault(group, []).append(index)
        return groups

    def _structure(self, parquet: Any) -> StructureColumns | None:
        path = self.folder / STRUCTURE
        if not path.is_file():
            return None
        held = parquet.read_table(path)
        offsets, of_edits = ragged(held["of_edits"].combine_chunks())
        program = held["program"].to_numpy()
        return StructureColumns(
            state=held["state"].to_numpy(),
            features=held["features"].to_numpy(),
            n_tokens=held["n_tokens"].to_numpy(),
            program=program,
            is_copy=_copies(self.words["task"].codes, program),
            offsets=offsets,
            of_edits=of_edits,
        )


def by_line(pattern: str) -> str:
    """`pattern` with "^" and "$" at every line, and otherwise as it was typed.

    A flag in front, and no group around it: "a)(b" would close the group and mean something else.
    """
    return f"{_EVERY_LINE}{pattern}"


def check_pattern(pattern: str) -> None:
    """Return if RE2 takes `pattern`; LintSeqError says what it does not take."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(pattern) > MAX_PATTERN:
        raise LintSeqError(f"the pattern is longer than {MAX_PATTERN} characters; shorten it")
    try:
        pattern.encode("utf-8")
        pc.match_substring_regex(pa.array([""]), by_line(pattern))
    except UnicodeEncodeError:
        raise LintSeqError("the pattern holds half a character; type it again") from None
    except pa.ArrowException as error:
        raise _refused(error) from None


def _refused(error: Exception) -> LintSeqError:
    said = str(error).removeprefix("Invalid regular expression: ").splitlines()[0]
    said = said.replace(f": {_EVERY_LINE}", ": ", 1)[:200]
    return LintSeqError(
        f"the pattern cannot be searched for: {said}; put a backslash before a sign that is meant "
        "as itself; look-ahead, look-behind and back-references are not known here"
    )


def _words(column: Any) -> Words:
    whole = column.combine_chunks()
    whole = whole.chunk(0) if hasattr(whole, "chunks") else whole
    codes = whole.indices.fill_null(NOTHING).to_numpy(zero_copy_only=False)
    return Words(codes.astype(np.int32), tuple(whole.dictionary.to_pylist()))


def _copies(tasks: NDArray[np.int32], program: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not program.size:
        return np.empty(0, bool)
    _, codes = np.unique(program, return_inverse=True)
    pairs = codes.astype(np.int64) * (int(tasks.max()) + 2) + tasks + 1
    _, groups = np.unique(pairs, return_inverse=True)
    repeated: NDArray[np.bool_] = place_in_group(groups.astype(np.int32)) > 0
    return repeated
