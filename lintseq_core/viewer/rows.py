"""Sequences from the rows of a file, each checked before anything is drawn from it."""

from __future__ import annotations

from lintseq_core.data.row_files import RowFile, RowFileError, TooLong
from lintseq_core.edits import EditSequence
from lintseq_core.errors import LintSeqError
from lintseq_core.programs import Program

MAX_ROW_BYTES = 4_000_000
"""Longest row that is read: a program of some 20,000 lines with its reasons."""
MAX_UNPACKED_BYTES = 256 << 20


def read_sequences(
    data: bytes, name: str, *, max_rows: int
) -> tuple[tuple[EditSequence, ...], tuple[str, ...]]:
    """The sequences in `data`, rows of JSON, and a sentence for each row that holds none.

    Reads what `lintseq sample --format json` writes. A row whose program does not parse is refused
    too: its reasons could not be told. Rows after the first `max_rows` sequences are left out, and
    the last sentence says so.
    """
    rows: list[EditSequence] = []
    faults: list[str] = []
    try:
        file = RowFile(data, name, max_row_bytes=MAX_ROW_BYTES)
        file.refuse_longer(MAX_UNPACKED_BYTES)
        for row in file.rows():
            if len(rows) >= max_rows:
                left = f"rows from {row.number} on are left out: {max_rows} are read"
                faults.append(f"{name}: {left}")
                break
            try:
                rows.append(_read_row(row.text))
            except (LintSeqError, UnicodeDecodeError) as error:
                faults.append(f"{name}, {row.place}: {' '.join(str(error).split())[:240]}")
    except RowFileError as error:  # the file cannot be read, or not further
        faults.append(str(error)[:240])
    return tuple(rows), tuple(faults)


def _read_row(line: bytes | TooLong) -> EditSequence:
    if isinstance(line, TooLong):
        raise LintSeqError(f"longer than {MAX_ROW_BYTES // 10**6} MB")
    sequence = EditSequence.from_json(line.decode("utf-8-sig"))
    normal = Program.from_text(sequence.program.text, "the program of the row")
    if normal.text != sequence.program.text:
        raise LintSeqError(
            "lines: not in normal form (blank lines at an end, or a line end inside)"
        )
    return sequence
