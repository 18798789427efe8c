"""A journal keeps every whole row, whatever ended the process that wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.execution.journal import Journal

REQUEST = {"samples": "abc", "isolation": "L3"}


def test_rows_come_out_in_order_whenever_they_came(tmp_path: Path) -> None:
    with Journal(tmp_path / "j", REQUEST) as journal:
        for index in (2, 0, 1):
            journal.add(index, {"n": index, "text": "é\ud800"})
        journal.finish(tmp_path / "out")
    lines = (tmp_path / "out").read_text().splitlines()
    assert [json.loads(line)["n"] for line in lines] == [0, 1, 2]


@pytest.mark.parametrize("torn", [b"", b"{", b'{"index": 9, "row": {"n": 9}}', b"\x00\x00\n",
    b'{"n": 9}\n', b'{"index": "9", "row": {}}\n', b'{"index": 9, "row": 9}\n', b"[" * 100_000 + b"\n",
    b'{"index": ' + b"9" * 5000 + b', "row": {}}\n'])  # fmt: skip
def test_a_torn_end_costs_no_more_than_its_own_row(tmp_path: Path, torn: bytes) -> None:
    with Journal(tmp_path / "j", REQUEST) as journal:
        journal.add(0, {"n": 0})
        journal.add(1, {"n": 1})
    with (tmp_path / "j").open("ab") as file:
        file.write(torn)
    with Journal(tmp_path / "j", REQUEST) as journal:
        assert journal.rows == {0: {"n": 0}, 1: {"n": 1}}
        journal.add(2, {"n": 2})
    with Journal(tmp_path / "j", REQUEST) as journal:
        assert journal.rows == {0: {"n": 0}, 1: {"n": 1}, 2: {"n": 2}}


def test_a_journal_of_another_request_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path / "j", REQUEST) as journal:
        journal.add(0, {})
    with pytest.raises(LintSeqError, match="a run with isolation 'L3', not 'L1'"):
        Journal(tmp_path / "j", {**REQUEST, "isolation": "L1"})


def test_a_run_that_failed_before_its_first_row_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LintSeqError, match="no task"), Journal(tmp_path / "j", REQUEST):
        raise LintSeqError("no task of this name")
    assert not (tmp_path / "j").exists()
    with Journal(tmp_path / "j", {**REQUEST, "isolation": "L1"}) as journal:
        journal.add(0, {})
    assert (tmp_path / "j").exists()


def test_only_one_command_holds_a_journal(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "j", REQUEST),
        pytest.raises(LintSeqError, match="another command is writing it"),
    ):
        Journal(tmp_path / "j", REQUEST)
