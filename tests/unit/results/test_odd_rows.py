"""Rows that are odd and legal: read as what they say, or refused with the remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.sample import Sample
from lintseq_core.results.sampled_files import read_run
from lintseq_core.results.samples.importing import import_file
from lintseq_core.results.scores.tally import ScoreError

ODD = Path(__file__).resolve().parents[2] / "data" / "formats" / "odd"
ADD = "def add(x, y):\n    return x + y\n"
REST = "    return x + y\n"


def read(path: Path, scorer: str | None = None) -> list[Sample]:
    chosen = {} if scorer is None else {"scorer": scorer}
    return list(recognise(Input(path, path.name), **chosen).samples())


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("file", "texts"),
    [
        ("ep_samples_mix.jsonl", [(REST, None), (None, ADD)]),
        ("ep_samples_mix2.jsonl", [(None, ADD), (REST, None)]),
        ("ep_samples_null.jsonl", [(None, ADD), (REST, None)]),
    ],
)
def test_a_completion_may_stand_beside_a_solution_and_null_is_absent(
    file: str, texts: list[tuple[str | None, str | None]]
) -> None:
    samples = read(ODD / file)
    assert [(one.completion, one.solution) for one in samples] == texts
    assert all(not one.extra for one in samples)
    assert [one.sample_id for one in samples] == [0, 1]


def test_results_too_may_have_whole_programs(tmp_path: Path) -> None:
    rows = [
        {"task_id": "T/0", "solution": ADD, "passed": True},
        {"task_id": "T/0", "completion": REST, "passed": False, "result": None},
        {"task_id": "T/0", "passed": True},
    ]
    for order in (rows, rows[::-1]):
        samples = read(written(tmp_path / "r.jsonl", *order))
        assert [one.passed for one in samples] == [row["passed"] for row in order]
        assert [one.text for one in samples] == [
            row.get("solution", row.get("completion", "")) for row in order
        ]


def test_a_decided_row_needs_no_program() -> None:
    samples = read(ODD / "null_completion.jsonl")
    assert [one.passed for one in samples] == [False, True] * 3
    assert samples[2].completion is None
    samples = read(ODD / "ep_null_solution.json")
    assert [(one.passed, one.solution is None) for one in samples] == [(False, True), (True, False)]


def test_a_sample_that_is_to_be_run_needs_one(tmp_path: Path) -> None:
    path = written(
        tmp_path / "s.jsonl",
        {"task_id": "T/0", "completion": REST},
        {"task_id": "T/0", "completion": None, "solution": None},
    )
    with pytest.raises(FormatError, match="row 2: field 'completion' is null, expected a string"):
        read(path)


def test_a_problem_without_samples_may_come_first_and_is_mentioned() -> None:
    file = recognise(Input(ODD / "ep_empty_task.json", "f"))
    assert [one.task_id for one in file.samples()] == ["HumanEval/1"]
    assert file.meta["lintseq_remarks"] == ["problems without a sample, left out: 1 (HumanEval/0)"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "lm.jsonl",
            '{"doc_id": 0, "doc": {"task_id": "T/0"}, "resps": [["a"]], "filtered_resps": ["a"]}\n'
            '{"doc_id": 1, "doc": {"task_id": "T/1"}, "resps": [[]], "filtered_resps": [[]]}\n'
            '{"doc_id": 2, "doc": {"task_id": "T/2"}, "resps": []}\n',
            "2 (row 2, row 3)",
        ),
        ("generations.json", '[["x = 1"], [], []]', "2 (1, 2)"),
        (
            "old.json",
            '{"eval": {"T/0": {"nfiles": 1, "base": [["pass", []]]}, "T/1": {"nfiles": 0, "base": []}}}',
            "1 (T/1)",
        ),
    ],
)
def test_a_problem_without_samples_is_mentioned_in_every_format_and_on_the_page_data(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)
    file = recognise(Input(tmp_path / name, "f"))
    remark = f"problems without a sample, left out: {told}"
    for _ in range(2):
        assert len(list(file.samples())) == 1
        assert file.meta["lintseq_remarks"] == [remark]
    pytest.importorskip(
        "pyarrow", reason="stores need pyarrow, which comes with the extra dashboard"
    )
    assert import_file(tmp_path / name, tmp_path / "store").remarks == (remark,)


def test_one_scorer_decides_for_the_whole_log() -> None:
    for scorer, right in ((None, False), ("includes", False), ("verify", True)):
        samples = read(ODD / "in_two_scorers.json", scorer)
        assert [one.passed for one in samples] == [right, right]
        assert {one.extra["scorer"] for one in samples} == {scorer or "includes"}


def test_a_sample_without_the_scorer_is_undecided_and_the_others_are_named() -> None:
    file = recognise(Input(ODD / "in_missing_scorer.json", "f"))
    assert [one.passed for one in file.samples()] == [False, None, True]
    assert file.meta["inspect_scorers"] == ("lint_clean", "verify")
    assert file.meta["lintseq_remarks"] == [
        "the scorer 'lint_clean' decides, one of 2: lint_clean, verify (--scorer); samples without "
        "a score of it, and so undecided: 1"
    ]
    assert [one.passed for one in read(ODD / "in_missing_scorer.json", "verify")] == [
        True, True, False,
    ]  # fmt: skip


def log(path: Path, *values: Any) -> Path:
    """A log of Inspect with a sample for each value that its scorer `s` gave."""
    samples = [
        {"id": "T/0", "epoch": epoch, "scores": {"s": {"value": value}}}
        for epoch, value in enumerate(values, start=1)
    ]
    path.write_text(json.dumps({"eval": {"run_id": "r", "task": "t"}, "samples": samples}))
    return path


def test_what_inspect_counts_as_1_is_right_and_as_0_wrong(tmp_path: Path) -> None:
    right = ["C", 1, 1.0, True, "1", "1.0", "yes", "Yes", "true", "TRUE", " 1e0 "]
    wrong = ["I", "N", 0, 0.0, False, "0", "no", "NO", "false", "-0.0"]
    samples = read(log(tmp_path / "log.json", *right, *wrong))
    assert [one.passed for one in samples] == [True] * len(right) + [False] * len(wrong)


@pytest.mark.parametrize("value", ["P", 0.5, "0.5", "c", "correct", "", "nan", "1e999", [1], 2])
def test_a_score_between_or_unknown_is_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"sample 1: the score .* is neither right nor wrong"):
        read(log(tmp_path / "log.json", value))


def test_of_several_values_of_one_scorer_one_is_chosen_by_name(tmp_path: Path) -> None:
    path = log(tmp_path / "log.json", {"tests": "C", "style": 0}, {"tests": 1, "style": 1})
    with pytest.raises(
        FormatError, match=r"'s' has 2 values; choose .* \(--scorer\): s/tests or s/style"
    ):
        read(path)
    assert [one.passed for one in read(path, "s/style")] == [False, True]
    assert [one.passed for one in read(path, "s/tests")] == [True, True]
    assert [one.passed for one in read(log(path, {"tests": "I"}))] == [False]


def test_a_scorer_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no sample has a score of 'x'; its scorers: s"):
        read(log(tmp_path / "log.json", 1), "x")
    with pytest.raises(FormatError, match=r"no log of Inspect .* leave out --scorer"):
        read(ODD / "ep_samples_mix.jsonl", "s")


def test_lm_eval_counts_true_as_1_and_a_null_response_as_one_without_text(tmp_path: Path) -> None:
    doc = {"task_id": "T/0"}
    path = written(
        tmp_path / "l.jsonl",
        {"doc": doc, "doc_id": 0, "resps": [["x"]], "exact_match": True},
        {"doc": doc, "doc_id": 1, "resps": [[None]], "exact_match": False},
        {"doc": doc, "doc_id": 2, "resps": [["x"]], "pass@1": None, "exact_match": 1.0},
    )
    samples = read(path)
    assert [(one.completion, one.passed) for one in samples] == [
        ("x", True), (None, False), ("x", True),
    ]  # fmt: skip


def test_a_run_to_compare_is_decided_by_one_suite(tmp_path: Path) -> None:
    whole = {"solution": ADD, "base_status": "pass", "plus_status": "fail"}
    document = {"eval": {"T/0": [whole, whole | {"plus_status": "pass"}]}}
    path = tmp_path / "eval_results.json"
    path.write_text(json.dumps(document))
    run = read_run(str(path))
    assert (run.suite, run.problems["T/0"].decided) == ("plus", (False, True))
    run = read_run(str(path), tests="base")
    assert (run.suite, run.problems["T/0"].decided) == ("base", (True, True))
    document["eval"]["T/0"][0] = whole | {"plus_status": None}
    path.write_text(json.dumps(document))
    with pytest.raises(ScoreError, match="decided by different tests of EvalPlus"):
        read_run(str(path))
