"""Tables hold one row an observation and go on to pandas and pyarrow unchanged."""

from __future__ import annotations

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.results.frames import (
    Frame,
    pass_at_k_frame,
    problem_frame,
    record_frame,
)
from lintseq_core.results.record import RunRecord
from lintseq_core.results.sample import Sample
from lintseq_core.results.tally import tally

RUN = tally(
    [
        Sample("a", 0, passed=True),
        Sample("a", 1, passed=False),
        Sample("b", 0, passed=True),
    ],
    "run",
)


def test_one_row_a_problem() -> None:
    assert list(problem_frame({"base": RUN}).rows()) == [
        {"run": "base", "task_id": "a", "n": 2, "c": 1, "solve_rate": 0.5},
        {"run": "base", "task_id": "b", "n": 1, "c": 1, "solve_rate": 1.0},
    ]


def test_one_row_for_each_run_and_k() -> None:
    assert list(pass_at_k_frame({"base": RUN}, (1, 2)).rows()) == [
        {"run": "base", "k": 1, "pass_at_k": 0.75, "n_problems": 2, "n_too_few": 0},
        {"run": "base", "k": 2, "pass_at_k": 1.0, "n_problems": 1, "n_too_few": 1},
    ]


def test_one_row_a_record_with_its_counts() -> None:
    records = [
        RunRecord("evaluate", name, "2026-11-24T20:00:00Z", "lintseq", counts=counts)
        for name, counts in (("a", {"passed": 2}), ("b", {"exception": 1}))
    ]
    frame = record_frame(records)
    assert frame.columns["counts.passed"] == [2, 0]
    assert frame.columns["counts.exception"] == [0, 1]


def test_csv_leaves_none_and_nan_empty() -> None:
    assert Frame({"x": [1, None], "y": [float("nan"), "a,b"]}).to_csv() == 'x,y\n1,\n,"a,b"\n'


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(LintSeqError, match=r"columns of different lengths: \{'x': 1, 'y': 0\}"):
        Frame({"x": [1], "y": []})


def test_pandas_and_pyarrow_get_the_same_columns() -> None:
    pytest.importorskip("pandas", reason="needs the extra dashboard")
    pytest.importorskip("pyarrow", reason="needs the extra data")
    frame = problem_frame({"base": RUN})
    assert frame.to_pandas().to_dict("records") == list(frame.rows())
    assert frame.to_arrow().to_pylist() == list(frame.rows())
