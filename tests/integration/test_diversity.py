"""`lintseq diversity` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.test_command_line import lintseq

FILES = Path(__file__).resolve().parents[1] / "data" / "formats"
pytest.importorskip("rapidfuzz", reason="needs the extra eval")


def test_json_holds_the_mean_and_every_problem() -> None:
    code, out, notes = lintseq("diversity", str(FILES / "evalplus_folder"), "--json")
    report = json.loads(out)
    assert (code, notes) == (0, "")
    assert (report["problems"], report["programs"], report["edit_orders"]) == (2, 13, None)
    assert report["by_problem"].keys() == {"HumanEval/0", "HumanEval/10"}
    assert report["by_problem"]["HumanEval/10"]["distinct_texts"] == 11
    assert report["mean"]["distinct_texts"] == 6.5
    assert report["mean"]["behaviours"] is None
    assert report["remarks"] == [
        "unequal numbers of samples, 2 to 11 a problem; counts and the Vendi score grow with the "
        "number"
    ]


def test_one_program_in_two_orders_is_one_program_and_two_orders() -> None:
    report = json.loads(lintseq("diversity", str(FILES / "pylintseq.jsonl"), "--json")[1])
    assert report["mean"]["distinct_texts"] == 1
    assert report["edit_orders"] == {
        "sequences": 2, "programs": 1, "orders": 2, "pairs": 1, "mean_distance": 0.5,
    }  # fmt: skip


def test_edits_count_as_the_program_they_write_and_prompts_come_from_the_benchmark() -> None:
    path = str(FILES / "codex_eval_predictions.jsonl")
    code, out, _ = lintseq("diversity", path, "-b", "humaneval", "--json")
    assert code == 0
    assert json.loads(out)["by_problem"]["HumanEval/0"]["n_programs"] == 2
    code, out, _ = lintseq("diversity", str(FILES / "human_eval.jsonl"))
    assert "note: most programs do not parse: if the samples continue a prompt" in out


def test_answers_count_as_their_code_and_mixed_files_are_refused() -> None:
    answers = str(FILES.parent / "fences" / "humaneval_answers.jsonl")
    said = "style instruction: 24 of 24 samples look like answers with code fences"
    for words in ((), ("-b", "humaneval")):
        report = json.loads(lintseq("diversity", answers, *words, "--json")[1])
        assert report["mean"]["unparsable"] == 1  # a no-break space for indentation
        assert (report["style"], report["style_from"]["votes"]) == (
            "instruction",
            {"instruction": 24},
        )
        assert f"  {said}\n" in lintseq("diversity", answers, *words)[1]
    mixed = str(FILES.parent / "fences" / "glued_end_markers.jsonl")
    code, _, notes = lintseq("diversity", mixed, "-b", "humaneval")
    assert code == 3 and "4 look like answers with code fences, 1 like completions" in notes
    wrong = lintseq("diversity", answers, "-b", "humaneval", "--style", "completion")[1]
    assert "note: 24 of 24 programs do not compile: if the samples were not meant to be" in wrong
    assert "name what the model was asked for (lintseq diversity --style)" in wrong


def test_a_temperature_that_no_row_names_is_refused_with_those_that_there_are(
    tmp_path: Path,
) -> None:
    path = tmp_path / "samples.jsonl"
    rows = [{"task_id": "T/0", "solution": f"x = {t}\n", "temperature": t} for t in (0.2, 0.8)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows * 2))
    code, _, notes = lintseq("diversity", str(path), "--temperature", "0.5")
    assert code == 3
    assert f"{path}: no sample at temperature 0.5; there are 0.2, 0.8" in notes
    report = json.loads(lintseq("diversity", str(path), "--temperature", "0.8", "--json")[1])
    assert (report["programs"], report["mean"]["distinct_texts"]) == (2, 1)


def test_standard_input_is_read_and_the_same_seed_gives_the_same_numbers() -> None:
    data = (FILES / "evalplus.jsonl").read_bytes()
    first = lintseq("diversity", "-", "--json", "--seed", "3", stdin=data)
    assert first == lintseq("diversity", "-", "--json", "--seed", "3", stdin=data)
    assert first[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("lintseq.jsonl",), 3, "lintseq.jsonl, row 1: no program; the file has verdicts only: name the samples"),
        (("evalplus.jsonl", "-b", "nothing"), 3, "unknown benchmark 'nothing': one of basics, humaneval, "),
        (("nowhere.jsonl",), 3, "nowhere.jsonl: no such file or folder; check the path"),
        (("evalplus.jsonl", "--pairs", "0"), 2, "Invalid value for '--pairs': 0 is not in the range x>=1"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_one_line(
    arguments: tuple[str, ...], code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FILES)
    found, out, error = lintseq("diversity", *arguments)
    assert (found, out) == (code, "")
    assert error.startswith(f"lintseq: error: {message}")


def test_the_tests_and_the_scorer_that_decide_are_chosen_and_named() -> None:
    path = str(FILES / "evalplus.eval_results.json")
    assert json.loads(lintseq("diversity", path, "--json")[1])["tests"] == "all"
    for tests, words in (("base", "base tests"), ("plus", "base and plus tests")):
        report = json.loads(lintseq("diversity", path, "--tests", tests, "--json")[1])
        assert report["tests"] == tests
        out = lintseq("diversity", path, "--tests", tests)[1]
        assert out.splitlines()[0].startswith(f"{path}, {words}: ")
    log = str(FILES / "odd" / "in_missing_scorer.json")
    report = json.loads(lintseq("diversity", log, "--scorer", "verify", "--json")[1])
    assert (
        "the scorer 'verify' decides, one of 2: lint_clean, verify (--scorer)"
        in (report["remarks"])
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            (str(FILES / "lintseq.jsonl"), "--tests", "base"),
            "base tests were not decided apart; let all tests decide (without --tests base)",
        ),
        (
            (str(FILES / "made" / "evalplus_base_eval_results.json"), "--tests", "plus"),
            "was given the base tests alone; choose the base tests (--tests base)",
        ),
        ((str(FILES / "lintseq.jsonl"), "--scorer", "a"), "leave out --scorer"),
    ],
)
def test_a_choice_that_the_file_does_not_leave_is_refused(
    words: tuple[str, ...], said: str
) -> None:
    code, out, error = lintseq("diversity", *words)
    assert (code, out) == (3, "")
    assert error.endswith(f"{said}\n")


@pytest.mark.parametrize(("tests", "behaviours"), [("all", 3), ("base", 2)])
def test_the_tests_chosen_decide_in_the_results(
    tmp_path: Path, tests: str, behaviours: int
) -> None:
    ended = (("1", "timeout_cpu"), ("1", "wrong_answer"), ("11", "passed"))
    programs, results = tmp_path / "samples.jsonl", tmp_path / "results.jsonl"
    rows = [{"task_id": "T", "sample_id": at, "solution": f"x = {at}"} for at in range(3)]
    programs.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    told = [
        {"task_id": "T", "sample_id": at, "verdict": verdict, "passed": verdict == "passed",
         "base_passed": True, "tests": each}
        for at, (each, verdict) in enumerate(ended)
    ]  # fmt: skip
    results.write_text("".join(f"{json.dumps(row)}\n" for row in told))
    words = ("--results", str(results), "--tests", tests, "--json")
    code, out, error = lintseq("diversity", str(programs), *words)
    assert (code, error) == (0, "")
    assert json.loads(out)["mean"]["behaviours"] == behaviours
