"""Every layout is recognised by its content and read as what it says."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import FORMATS, recognise
from lintseq_core.results.sample import Sample

FILES = Path(__file__).resolve().parents[2] / "data" / "formats"


def open_file(path: Path, name: str | None = None) -> tuple[str, list[Sample]]:
    """Name of the format and all samples."""
    file = recognise(Input(path, path.name), name)
    return file.format.name, list(file.samples())


def decisions(samples: list[Sample]) -> list[tuple[str, int, bool | None]]:
    return [(sample.task_id, sample.sample_id, sample.passed) for sample in samples]


UNDECIDED = [("HumanEval/0", 0, None), ("HumanEval/0", 1, None), ("HumanEval/10", 0, None)]


@pytest.mark.parametrize(
    ("file", "format_name", "expected"),
    [
        ("human_eval.jsonl", "human-eval", UNDECIDED),
        (
            "human_eval_results.jsonl",
            "human-eval-results",
            [("HumanEval/0", 0, True), ("HumanEval/0", 1, False), ("HumanEval/10", 0, False)],
        ),
        (
            "codex_eval_predictions.jsonl",
            "lintseq-predictions",
            [("HumanEval/0", 0, None), ("HumanEval/0", 1, None)],
        ),
        ("mbpp_predictions.jsonl", "lintseq-predictions", [("602", 0, None), ("603", 0, None)]),
        ("pylintseq.jsonl", "pylintseq", [("seeds.jsonl#4", 0, None), ("seeds.jsonl#4", 1, None)]),
        ("evalplus.jsonl", "evalplus", UNDECIDED),
        (
            "evalplus.eval_results.json",
            "evalplus-results",
            [
                ("HumanEval/0", 0, True),
                ("HumanEval/0", 1, False),
                ("HumanEval/10", 0, False),
                ("HumanEval/10", 1, False),
            ],
        ),
        (
            "evalplus_old_eval_results.json",
            "evalplus-results",
            [("HumanEval/0", 0, True), ("HumanEval/0", 1, False)],
        ),
        (
            "bigcodebench.jsonl",
            "bigcodebench",
            [("BigCodeBench/0", 0, None), ("BigCodeBench/1", 0, None)],
        ),
        (
            "bigcodebench_eval_results.json",
            "bigcodebench-results",
            [("BigCodeBench/0", 0, True), ("BigCodeBench/1", 0, False)],
        ),
        (
            "generations_humaneval.json",
            "bigcode-harness",
            [
                ("HumanEval/0", 0, None),
                ("HumanEval/0", 1, None),
                ("HumanEval/1", 0, None),
                ("HumanEval/1", 1, None),
            ],
        ),
        (
            "samples_humaneval.jsonl",
            "lm-eval",
            [("HumanEval/0", 0, True), ("HumanEval/1", 0, False)],
        ),
        (
            "samples_humaneval_3.jsonl",
            "lm-eval",
            [("HumanEval/0", number, True) for number in range(3)]
            + [("HumanEval/1", number, None) for number in range(3)],
        ),
        (
            "inspect.json",
            "inspect",
            [
                ("HumanEval/0", 0, True),
                ("HumanEval/0", 1, False),
                ("HumanEval/1", 0, True),
                ("HumanEval/1", 1, False),
            ],
        ),
        (
            "lintseq.jsonl",
            "lintseq",
            [
                ("HumanEval/0", 0, True),
                ("HumanEval/0", 1, False),
                ("HumanEval/1", 0, False),
                ("HumanEval/1", 1, True),
            ],
        ),
    ],
)
def test_each_layout_is_recognised_and_read(
    file: str, format_name: str, expected: list[tuple[str, int, bool | None]]
) -> None:
    found, samples = open_file(FILES / file)
    assert (found, decisions(samples)) == (format_name, expected)


def test_a_folder_of_programs_is_read_in_the_order_of_its_numbers() -> None:
    found, samples = open_file(FILES / "evalplus_folder")
    assert found == "evalplus-folder"
    assert [sample.task_id for sample in samples] == ["HumanEval/0"] * 2 + ["HumanEval/10"] * 11
    assert [sample.solution for sample in samples[2:]] == [f"value = {i}\n" for i in range(11)]


def test_an_inspect_archive_reads_as_its_json_log(inspect_archive: Path) -> None:
    found, samples = open_file(inspect_archive)
    assert found == "inspect-eval"
    _, same = open_file(FILES / "inspect.json")
    assert decisions(samples) == decisions(same)
    assert [sample.completion for sample in samples] == ["    return a + b\n"] * 4


def test_whole_samples_carry_everything_the_row_says() -> None:
    _, samples = open_file(FILES / "human_eval_results.jsonl")
    assert samples[2] == Sample(
        task_id="HumanEval/10",
        sample_id=0,
        place="human_eval_results.jsonl, row 3",
        completion="    return 'é\u2028' # \ud83d\n",
        passed=False,
        verdict="timed out",
        extra={"model": "by hand", "seed": 3},
    )
    _, samples = open_file(FILES / "lintseq.jsonl")
    assert samples[3] == Sample(
        task_id="HumanEval/1",
        sample_id=1,
        place="lintseq.jsonl, row 4",
        passed=True,
        verdict="passed",
        isolation="L3",
        integrity="I1",
        flags=("fallback", "opaque_value"),
        extra={"cpu_s": 0.02},
    )
    _, samples = open_file(FILES / "evalplus.eval_results.json")
    assert (samples[1].passed, samples[1].base_passed, samples[1].verdict) == (False, True, "fail")


def test_gzip_is_told_by_content_and_not_by_name(tmp_path: Path) -> None:
    path = tmp_path / "samples"
    path.write_bytes(gzip.compress((FILES / "evalplus.jsonl").read_bytes()))
    assert open_file(path)[0] == "evalplus"


def test_a_results_document_counts_as_such_on_one_line_and_on_many(tmp_path: Path) -> None:
    document = json.loads((FILES / "evalplus.eval_results.json").read_text())
    for indent in (None, 1):
        path = tmp_path / "any_name.txt"
        path.write_text(json.dumps(document, indent=indent))
        assert open_file(path)[0] == "evalplus-results"


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    rows = (FILES / "human_eval.jsonl").read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + rows)
    assert decisions(open_file(path)[1]) == UNDECIDED
    path.write_bytes(b"\xef\xbb\xbf" + (FILES / "inspect.json").read_bytes())
    assert len(open_file(path)[1]) == 4


def test_one_row_without_line_break_is_a_file_of_one_row(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"task_id": "HumanEval/0", "completion": "x"}')
    assert decisions(open_file(path)[1]) == [("HumanEval/0", 0, None)]


def test_a_long_first_field_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text(json.dumps({"completion": "x" * 1_000_000, "task_id": "HumanEval/0"}) + "\n")
    assert open_file(path)[0] == "human-eval"


def test_an_unknown_format_lists_what_was_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "what.jsonl"
    path.write_text('{"question": 1, "answer": 2}\n')
    with pytest.raises(FormatError) as caught:
        open_file(path)
    message = str(caught.value)
    assert message.startswith(
        "what.jsonl: unknown format: the first row has 'question', 'answer'. "
    )
    assert all(f"{one.name}: {one.signs}" in message for one in FORMATS)
    assert "\n" not in message


def test_a_row_of_samples_without_a_program_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"task_id": "T/0", "text": "x = 1"}\n')
    with pytest.raises(FormatError, match="has 'completion' or 'solution' beside its task_id"):
        recognise(Input(path, path.name))


def test_a_named_format_is_not_guessed_and_an_unknown_name_lists_the_names() -> None:
    assert open_file(FILES / "evalplus.jsonl", "bigcodebench")[0] == "bigcodebench"
    with pytest.raises(FormatError, match="unknown format 'csv'; one of inspect, "):
        open_file(FILES / "evalplus.jsonl", "csv")


def test_scores_without_samples_say_what_to_take_instead() -> None:
    with pytest.raises(
        FormatError, match="summed-up scores, no samples; take the generations file"
    ):
        open_file(FILES / "bigcode_scores.json")


def test_a_row_whose_verdict_comes_late_is_not_taken_for_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    row = {"task_id": "HumanEval/0", "completion": "x" * 1_000_000, "passed": True}
    path.write_text(json.dumps(row) + "\n")
    assert open_file(path)[0] == "human-eval-results"


def test_a_harness_error_is_undecided_and_every_other_verdict_decides(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    verdicts = ["passed", "wrong_answer", "harness_error"]
    path.write_text("".join(json.dumps({"task_id": "a", "verdict": v}) + "\n" for v in verdicts))
    _, samples = open_file(path)
    assert [sample.passed for sample in samples] == [True, False, None]
    assert [sample.verdict for sample in samples] == verdicts


def test_an_inspect_sample_that_failed_or_was_not_scored_is_undecided(tmp_path: Path) -> None:
    log = json.loads((FILES / "inspect.json").read_text())
    log["samples"][0]["error"] = {"message": "the sandbox died"}
    log["samples"][1]["scores"]["verify"]["value"] = float("nan")
    del log["samples"][2]["scores"]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(log))
    _, samples = open_file(path)
    assert [(sample.passed, sample.verdict) for sample in samples] == [
        (None, "error"),
        (None, "nan"),
        (None, None),
        (False, "False"),
    ]


def test_an_unfinished_run_is_told_from_an_unknown_format(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl.partial"
    path.write_text('{"request": {}}\n')
    with pytest.raises(FormatError, match="a run that is not finished; run the same 'lintseq"):
        open_file(path)


def test_an_inspect_log_says_whether_its_run_came_to_its_end(
    inspect_archive: Path, tmp_path: Path
) -> None:
    unfinished = tmp_path / "unfinished.eval"
    with zipfile.ZipFile(inspect_archive) as whole, zipfile.ZipFile(unfinished, "w") as part:
        for name in whole.namelist():
            if name != "header.json":
                part.writestr(name, whole.read(name))
    for path, status in (
        (FILES / "inspect.json", "success"),
        (inspect_archive, "success"),
        (unfinished, "started"),
    ):
        file = recognise(Input(path, path.name))
        assert len(list(file.samples())) == 4
        assert file.meta == {"inspect_status": status}


def test_a_column_extra_that_is_no_json_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra data")
    from pyarrow import parquet

    rows = [
        {"task_id": "T/0", "completion": "x", "extra": extra} for extra in ('{"a": 1}', "{", None)
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "f")
    fine, fault, last = recognise(Input(tmp_path / "f", "f")).each()
    assert [one.extra for one in (fine, last) if isinstance(one, Sample)] == [{"a": 1}, {}]
    assert str(fault).startswith("f, row 2, field 'extra', character 2: not JSON (Expecting ")
