"""`lintseq convert` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.test_command_line import lintseq

FILES = Path(__file__).resolve().parents[1] / "data" / "formats"


def test_a_pipe_in_and_a_pipe_out_give_the_file_again() -> None:
    data = (FILES / "human_eval_results.jsonl").read_bytes()
    code, ours, notes = lintseq("convert", "-", "-", "--to", "lintseq", stdin=data)
    assert (code, notes) == (
        0,
        "lintseq: note: 3 samples from <stdin> (results of human-eval or of the authors' "
        "evaluation) written as lintseq\n",
    )
    code, back, _ = lintseq("convert", "-", "-", "--to", "human-eval-results", stdin=ours.encode())
    assert (code, back.encode()) == (0, data)


def test_verdicts_that_a_format_cannot_hold_are_mentioned(tmp_path: Path) -> None:
    out = tmp_path / "samples.jsonl"
    code, said, notes = lintseq(
        "convert", str(FILES / "human_eval_results.jsonl"), str(out), "--to", "human-eval"
    )
    assert code == 0
    assert said == (
        f"3 samples from {FILES}/human_eval_results.jsonl (results of human-eval or of the "
        f"authors' evaluation) written as human-eval to {out}\n"
    )
    assert notes == "lintseq: note: human-eval has no place for verdicts: they are left out\n"
    assert out.read_bytes() == (FILES / "human_eval.jsonl").read_bytes()


@pytest.mark.parametrize("form", ["human-eval", "evalplus", "bigcodebench", "bigcode-harness"])
def test_every_format_without_a_place_for_verdicts_says_so(form: str, tmp_path: Path) -> None:
    row = {"task_id": "T/0", "completion": "x = 1", "solution": "x = 1", "verdict": "passed"}
    (tmp_path / "r.jsonl").write_text(json.dumps(row) + "\n")
    code, _, notes = lintseq("convert", str(tmp_path / "r.jsonl"), "-", "--to", form)
    assert code == 0
    assert f"{form} has no place for verdicts: they are left out" in notes


def test_problems_make_whole_programs_of_completions(tmp_path: Path) -> None:
    problems = tmp_path / "problems.jsonl"
    tasks = [("HumanEval/0", "def add(a, b):\n"), ("HumanEval/10", "def f():\n")]
    problems.write_text(
        "".join(json.dumps({"task_id": task, "prompt": prompt}) + "\n" for task, prompt in tasks)
    )
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join((FILES / "human_eval.jsonl").read_text().splitlines(True)[:2]))
    out = tmp_path / "programs"
    code, _, _ = lintseq(
        "convert", str(samples), str(out), "--to", "evalplus-folder", "--problems", str(problems)
    )
    assert code == 0
    assert (out / "HumanEval_0" / "1.py").read_text() == "def add(a, b):\n    return a - b\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("evalplus.jsonl", "out", "--to", "csv"), "cannot write 'csv'; one of lintseq, human-eval, "),
        (("evalplus.jsonl", "-", "--to", "parquet"), "parquet cannot go to standard output; give a name for the output"),
        (("evalplus.jsonl", "nowhere/out", "--to", "evalplus"), "nowhere: no such folder; make it first"),
        (("evalplus.jsonl", "nowhere/out", "--to", "evalplus-folder"), "nowhere: no such folder; make it first"),
        (("bigcode_scores.json", "out", "--to", "lintseq"), "bigcode_scores.json: summed-up scores, no samples; take the generations file of the same run"),
        (("evalplus.jsonl", "README.md", "--to", "evalplus"), "README.md: already there; choose another name or add --force"),
    ],
)  # fmt: skip
def test_what_cannot_be_converted_is_one_line(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("evalplus.jsonl", "bigcode_scores.json", "README.md"):
        (tmp_path / name).write_bytes((FILES / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    before = sorted(one.name for one in tmp_path.iterdir())
    code, out, error = lintseq("convert", *arguments)
    assert (code, out) == (3, "")
    assert error.startswith(f"lintseq: error: {message}")
    assert error.count("\n") == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == before


@pytest.mark.parametrize("form", ["human-eval-results", "human-eval", "evalplus", "bigcodebench"])
def test_verdicts_alone_become_no_programs(tmp_path: Path, form: str) -> None:
    (tmp_path / "r.jsonl").write_text('{"task_id": "a/0", "sample_id": 0, "verdict": "passed"}\n')
    code, _, error = lintseq(
        "convert", str(tmp_path / "r.jsonl"), str(tmp_path / "o.jsonl"), "--to", form
    )
    assert code == 3 and "row 1: no program; the file has verdicts only" in error


FORMS = [
    "lintseq", "human-eval", "human-eval-results", "evalplus", "evalplus-results", "bigcodebench",
    "bigcodebench-results", "lintseq-predictions",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_numbers_that_json_does_not_have_are_written_as_null(tmp_path: Path, form: str) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    rows = (FILES / "odd" / "nan.jsonl").read_text()
    problems = [f'{{"task_id": "HumanEval/{n}", "prompt": "def f():\\n"}}\n' for n in range(3)]
    (tmp_path / "p.jsonl").write_text("".join(problems))
    source = tmp_path / "s.jsonl"
    source.write_text(rows.replace('"completion"', '"prompt": "def f():\\n", "completion"'))
    code, out, error = lintseq(
        "convert", str(source), "-", "--to", form, "--problems", str(tmp_path / "p.jsonl")
    )
    assert code == 0, error
    for line in out.splitlines() if "-results" not in form or "human" in form else [out]:
        row = json.loads(line, parse_constant=refuse)
        if "mean_logp" in row:
            assert (row["mean_logp"], row["cum"]) == (None, None)
    assert "NaN" not in out and "Infinity" not in out


def test_numbers_that_json_does_not_have_are_null_in_parquet_too(tmp_path: Path) -> None:
    out = tmp_path / "o.parquet"
    assert lintseq("convert", str(FILES / "odd/nan.jsonl"), str(out), "--to", "parquet")[0] == 0
    _, rows, _ = lintseq("convert", str(out), "-", "--to", "lintseq")
    assert json.loads(rows.splitlines()[0])["cum"] is None


def test_the_scorer_that_decides_is_chosen_and_mentioned(tmp_path: Path) -> None:
    log = str(FILES / "odd" / "in_two_scorers.json")
    for options, right, scorer in (
        ((), False, "includes"),
        (("--scorer", "verify"), True, "verify"),
    ):
        code, out, notes = lintseq("convert", log, "-", "--to", "lintseq", *options)
        assert code == 0
        assert [json.loads(row)["passed"] for row in out.splitlines()] == [right, right]
        assert (
            f"note: the scorer '{scorer}' decides, one of 2: includes, verify (--scorer)" in notes
        )


def test_the_tests_behind_a_verdict_are_named_where_the_format_cannot() -> None:
    for file, named in (
        ("evalplus_eval_results", "base and plus"),
        ("evalplus_base_eval_results", "base"),
    ):
        path = str(FILES / "made" / f"{file}.json")
        _, _, notes = lintseq("convert", path, "-", "--to", "bigcodebench-results")
        assert f"note: passed means: the {named} tests of EvalPlus\n" in notes
        assert "passed means" not in lintseq("convert", path, "-", "--to", "lintseq")[2]


@pytest.mark.parametrize("to", ["lintseq", "human-eval-results", "evalplus-results"])
@pytest.mark.parametrize(
    ("tests", "score", "name"),
    [("base", "55.6", "base tests"), ("plus", "22.2", "base and plus tests")],
)
def test_the_suite_that_is_written_is_chosen_and_named_where_it_is_read(
    tmp_path: Path, to: str, tests: str, score: str, name: str
) -> None:
    source, problems, out = (
        str(FILES / "made" / "evalplus_eval_results.json"),
        str(FILES / "made" / "problems.jsonl"),
        str(tmp_path / "out"),
    )
    code, _, notes = lintseq(
        "convert", source, out, "--to", to, "--tests", tests, "--problems", problems
    )
    assert (code, notes) == (0, f"lintseq: note: passed means: the {name} of EvalPlus\n")
    _, said, _ = lintseq("passk", out, "--k", "1")
    assert f", {name})" in said and f"  pass@1      {score} %" in said
    _, said, _ = lintseq("passk", out, "--k", "1", "--tests", "base")
    assert "  pass@1      55.6 %" in said
    if tests == "base":
        assert "plus_" not in Path(out).read_text()


@pytest.mark.parametrize(
    ("name", "tests", "message"),
    [
        ("human_eval_results.jsonl", "base", "row 1: base tests were not decided apart; let all tests decide (without --tests base)"),
        ("made/evalplus_base_eval_results.json", "plus", "was given the base tests alone; choose the base tests (--tests base)"),
    ],
)  # fmt: skip
def test_a_suite_that_was_not_decided_is_not_written(
    tmp_path: Path, name: str, tests: str, message: str
) -> None:
    out = tmp_path / "out"
    code, _, said = lintseq(
        "convert", str(FILES / name), str(out), "--to", "lintseq", "--tests", tests
    )
    assert code != 0 and message in said and not out.exists()
