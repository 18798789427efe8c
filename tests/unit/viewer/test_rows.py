"""A bad row is named and left out; the good ones are read."""

from __future__ import annotations

import json

import pytest

from lintseq_core import Program, sample_path
from lintseq_core.viewer.rows import MAX_ROW_BYTES, read_sequences

GOOD = sample_path(Program.from_text("a = 1\nb = a\n"), seed=0)


def changed(**values: object) -> bytes:
    record = json.loads(GOOD.to_json()) | values
    del record["program_id"]
    return json.dumps(record).encode()


def test_good_rows_are_read_and_blank_ones_passed_over() -> None:
    data = f"{GOOD.to_json()}\n\n{GOOD.to_json()}\n".encode()

    assert read_sequences(data, "f", max_rows=9) == ((GOOD, GOOD), ())


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (b"{", "f, row 2: not JSON: "),
        (b"[]", "f, row 2: expected a JSON object, found list"),
        (b"\xff", "f, row 2: 'utf-8' codec can't decode"),
        (b"[" * 100_000, "f, row 2: not JSON: "),
        (changed(lines=["def f(:", "x"]), "f, row 2: the program of the row, line 1: "),
        (changed(lines=["", "x = 1"]), "f, row 2: lines: not in normal form"),
        (changed(lines=["x = 1\r", "y = 2"]), "f, row 2: lines: not in normal form"),
        (changed(birth_steps=[0, 5]), "f, row 2: birth_steps[1]: 5 is no edit of 2 lines"),
        (b'"' + b"x" * MAX_ROW_BYTES + b'"', "f, row 2: longer than 4 MB"),
    ],
    ids=["cut", "list", "bytes", "deep", "syntax", "blank", "cr", "births", "long"],
)
def test_a_bad_row_is_a_sentence(row: bytes, fault: str) -> None:
    good = GOOD.to_json().encode()

    rows, faults = read_sequences(b"\n".join([good, row, good]), "f", max_rows=9)

    assert rows == (GOOD, GOOD)
    assert len(faults) == 1 and faults[0].startswith(fault), faults
    assert len(faults[0]) < 300


def test_more_rows_than_wanted_are_left_out_in_words() -> None:
    data = "\n".join([GOOD.to_json()] * 5).encode()

    rows, faults = read_sequences(data, "f", max_rows=3)

    assert (len(rows), faults) == (3, ("f: rows from 4 on are left out: 3 are read",))
