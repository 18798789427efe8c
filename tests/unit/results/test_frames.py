"""Tables hold one row an observation and go on to pandas and pyarrow unchanged."""

from __future__ import annotations

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.results.frames import Frame, problem_frame
from lintseq_core.results.sample import Sample
from lintseq_core.results.scores.tally import tally

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
