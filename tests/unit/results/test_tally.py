"""What may be scored, what is refused, and what a reader is told beside a score."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from lintseq_core.results.record import RunRecord, record_path, write_record
from lintseq_core.results.sample import Sample
from lintseq_core.results.scores.pass_at_k import compare, score
from lintseq_core.results.scores.remarks import remarks
from lintseq_core.results.scores.tally import (
    ScoreError,
    Tally,
    check_complete,
    find_record,
    tally,
)

RECORD = RunRecord("evaluate", "r", "2026-11-24T20:00:00Z", "lintseq evaluate")


def counted(*rows: tuple[str, int, bool | None], **about: object) -> Tally:
    samples = [
        Sample(task, number, place=f"f, row {row}", passed=passed, **about)  # type: ignore[arg-type]
        for row, (task, number, passed) in enumerate(rows, start=1)
    ]
    return tally(samples, "f")


def test_samples_are_counted_by_problem_in_the_order_of_the_file() -> None:
    found = counted(("b", 0, True), ("a", 0, False), ("b", 1, False))
    assert (found.task_ids, found.n, found.c) == (("b", "a"), (2, 1), (1, 0))


def test_a_row_that_is_there_twice_counts_once() -> None:
    found = counted(("a", 0, True), ("a", 0, True), ("a", 1, False))
    assert (found.n, found.c, found.repeated) == ((2,), (1,), 1)


def test_two_verdicts_for_one_sample_are_refused() -> None:
    with pytest.raises(ScoreError) as caught:
        counted(("a", 7, True), ("a", 7, False))
    assert str(caught.value) == (
        "f: a has two different verdicts for sample_id 7; keep the row that counts"
    )


def test_base_tests_alone_are_counted_on_request() -> None:
    samples = [Sample("a", 0, passed=False, base_passed=True)]
    assert (tally(samples, "f").c, tally(samples, "f", "base").c) == ((0,), (1,))
    with pytest.raises(ScoreError, match="base tests were not decided apart"):
        tally([Sample("a", 0, passed=False)], "f", "base")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            counted(("a", 0, None), ("a", 1, None)),
            "f: samples without verdicts; decide them first: lintseq evaluate f --benchmark NAME "
            "-o results.jsonl",
        ),
        (
            counted(("a", 0, True), ("a", 1, None), ("b", 0, None)),
            "f: 2 of 3 samples have no verdict (the first: f, row 2); a missing verdict is no "
            "failure: decide them with 'lintseq evaluate'",
        ),
        (
            counted(("a", 0, None), verdict="harness_error"),
            "f: 1 of 1 rows are harness_error: the judge failed, the programs are undecided, and "
            "no score is possible; run the same 'lintseq evaluate' again to decide them",
        ),
    ],
)
def test_what_is_undecided_is_never_scored(found: Tally, message: str) -> None:
    with pytest.raises(ScoreError) as caught:
        check_complete(found, None)
    assert str(caught.value) == message


def test_rows_that_the_record_promises_must_be_there() -> None:
    found = counted(("a", 0, True), ("b", 0, True), ("b", 1, True))
    check_complete(found, None)
    check_complete(found, replace(RECORD, promised={"a": 1, "b": 2}))
    with pytest.raises(ScoreError) as caught:
        check_complete(found, replace(RECORD, promised={"a": 3, "b": 2, "c": 1}))
    assert str(caught.value) == (
        "f: 3 of 6 rows that the run record promises are missing (the first: a); run the same "
        "'lintseq evaluate' again to add them"
    )


def test_the_record_beside_a_file_is_found_and_must_be_of_this_file(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    results.write_text("rows\n")
    assert find_record(results) is None
    digest = hashlib.sha256(b"rows\n").hexdigest()
    record = replace(RECORD, hashes={"results.jsonl": digest})
    write_record(record, record_path(results))
    assert find_record(results) == record
    results.write_text("other rows\n")
    with pytest.raises(ScoreError, match="changed since its run record was written"):
        find_record(results)


def test_the_record_of_a_stored_run_counts_for_its_own_files_only(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    results.write_text("rows\n")
    record = replace(RECORD, hashes={"results.jsonl": hashlib.sha256(b"rows\n").hexdigest()})
    write_record(record, tmp_path / "record.json")
    assert find_record(results) == record
    (tmp_path / "other.jsonl").write_text("")
    assert find_record(tmp_path / "other.jsonl") is None


SCORED = "no run record says how many rows to expect: scored on "


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (counted(*(("t", i, i < 2) for i in range(10))), [SCORED + "1 problem and 10 samples"]),
        (
            counted(*(("HumanEval/7", i, True) for i in range(10))),
            [
                SCORED + "1 problem and 10 samples; 163 of the 164 problems of HumanEval are "
                "missing"
            ],
        ),
        (
            counted(("a", 0, True), ("b", 0, False)),
            [
                SCORED + "2 problems and 2 samples",
                "pass@2 needs 2 samples a problem and no problem has as many",
                "one sample a problem: pass@1 is the share of problems solved, and nothing can be "
                "said about larger k; draw more samples at a temperature above 0",
            ],
        ),
        (
            counted(("a", 0, True), ("b", 0, False), ("b", 1, False)),
            [
                SCORED + "2 problems and 3 samples",
                "pass@2 leaves out 1 problem with fewer than 2 samples",
                "unequal numbers of samples, 1 to 2 a problem; every problem weighs the same",
            ],
        ),
        (
            counted(("a", 0, True), ("a", 1, True), ("a", 1, True)),
            [
                SCORED + "1 problem and 2 samples",
                "1 row that repeats a sample with the same verdict: each sample is counted once",
            ],
        ),
        (
            counted(("a", 0, True), ("a", 1, True), completion="x"),
            [
                SCORED + "1 problem and 2 samples",
                "all samples of a problem are one text, as from greedy decoding: larger k say "
                "nothing that pass@1 does not",
            ],
        ),
        (
            tally([Sample("a", i, completion=t, passed=True) for i, t in enumerate("xxy")], "f"),
            [
                SCORED + "1 problem and 3 samples",
                "1 of 3 samples have the text of an earlier sample of their problem",
            ],
        ),
        (
            counted(("a", 0, True), ("a", 1, True), isolation="L1", integrity="I0", flags=("flaky",)),
            [
                SCORED + "1 problem and 2 samples",
                "programs ran with less isolation than L3: 2 at L1",
                "decided beside the program, which could have forged the verdict: 2 at I0",
                "timed out at first, then decided by running alone: 2 samples",
            ],
        ),
        (
            counted(("a", 0, False), ("a", 1, True), flags=("reference_failed",)),
            [
                SCORED + "1 problem and 2 samples",
                "timed out at first, with the default limit, as the reference solution does not "
                "pass here: 2 samples",
            ],
        ),
    ],
)  # fmt: skip
def test_what_limits_a_score_is_said_in_words(found: Tally, expected: list[str]) -> None:
    assert list(remarks(found, None, (1, 2))) == expected


def test_a_complete_run_has_nothing_to_excuse() -> None:
    found = counted(("a", 0, True), ("a", 1, False), isolation="L3", integrity="I2")
    assert remarks(found, replace(RECORD, promised={"a": 2}), (1, 2)) == ()


def test_scores_are_the_unbiased_estimate_with_an_interval() -> None:
    found = counted(*(("a", i, i < 1) for i in range(4)), *(("b", i, i < 3) for i in range(4)))
    one, two, five = score(found, (1, 2, 5))
    assert (one.k, one.value, one.n_problems) == (1, 0.5, 2)
    assert one.low != one.low  # too few problems
    more = score(counted(*((task, i, i < 1) for task in "abcdef" for i in range(4))), (1,))
    assert more[0].low < more[0].value == 0.25 < more[0].high
    assert two.value == pytest.approx((0.5 + 1.0) / 2)
    assert (five.value != five.value, five.n_problems) == (True, 0)


def test_a_comparison_uses_the_shared_problems_only() -> None:
    a = counted(("x", 0, True), ("y", 0, False), ("z", 0, True))
    b = counted(("x", 0, False), ("y", 0, False), ("w", 0, True))
    (found,) = compare(a, b, (1,))
    assert (found.a, found.b, found.paired.difference.estimate) == (0.5, 0.0, 0.5)
    assert (found.paired.n_only_a, found.paired.n_only_b) == (1, 1)


def test_counting_holds_numbers_and_no_rows() -> None:
    import tracemalloc

    samples = (
        Sample(str(i % 100), i // 100, completion=str(i), passed=i % 3 == 0) for i in range(100_000)
    )
    tracemalloc.start()
    found = tally(samples, "f")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.n_samples == 100_000
    assert peak < 4_000_000


def test_json_has_no_hidden_types() -> None:
    found = counted(("a", 0, True), ("a", 1, False))
    json.dumps([found.n, found.c, found.undecided, found.repeated, found.copies])
