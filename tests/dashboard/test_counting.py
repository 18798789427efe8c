"""Whatever a page shows is counted from 1; addresses count as they always did, and old links hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from dashboard.files import loaders
from lintseq_core import Program, sample_path
from tests.dashboard.apps import (
    check,
    data,
    forget_files,
    open_overview,
    open_trajectories,
    payload,
    says,
)
from tests.dashboard.conftest import ROOT, TRACES

pytestmark = pytest.mark.feature("Links")

PROGRAM = Program.from_text("a = 1\nb = a\nprint(b)\n")
MATRIX = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
ZEROTH = re.compile(r"\b(edit|sample|sequence|path|trajectory|row)s? (no\. ?)?0\b", re.IGNORECASE)
"""What only a count from 0 says."""


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dashboard was started on three sequences, and on samples and a data set of two rows."""
    sequences = [sample_path(PROGRAM, seed=5, path_index=path) for path in range(3)]
    samples = [
        {"task_id": "T", "sample_id": n, "verdict": verdict, "solution": f"x = {n}\n"}
        for n, verdict in enumerate(("passed", "wrong_answer"))
    ]
    rows = [
        {**one.to_record(), "source_file": "made.jsonl", "index": 0, "instruction": "Do it."}
        for one in sequences
    ]
    for name, found in (
        ("rows.jsonl", [one.to_record() for one in sequences]),
        ("samples.jsonl", samples),
        ("set.jsonl", rows),
    ):
        text = "".join(json.dumps(row) + "\n" for row in found)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(loaders, "TESTS", str(TRACES / "problems.jsonl"))
    traces = [str(path) for path in sorted(TRACES.glob("count_vowels.*.jsonl"))]
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path), *traces]))
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "cache"))
    forget_files()
    yield tmp_path
    forget_files()


def open_page(page: str, parameters: Mapping[str, str]) -> AppTest:
    app = open_overview().switch_page(f"app_pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    return check(app.run())


def shown(app: AppTest) -> str:
    """Every text on a page: labels, notes, tables, what players, lists and charts were given."""
    found: list[str] = []

    def walk(value: object) -> None:
        match value:
            case dict():
                for inner in value.values():
                    walk(inner)
            case list():
                for inner in value:
                    walk(inner)
            case str():
                try:
                    read = json.loads(value) if value[:1] in "{[" and value else None
                except ValueError:
                    read = None
                found.append(value) if read is None else walk(read)

    for element in app.main:
        proto = getattr(element, "proto", None)
        if proto is not None:
            walk(MessageToDict(proto))
    found += [one.value.to_string() for one in (*app.dataframe, *app.table)]
    return "\n".join(found)


PAGES: list[tuple[str, dict[str, str], str]] = [
    ("overview", {}, "Programs, written edit by edit"),
    ("trajectories", {"file": "{}/rows.jsonl"}, "Row, 1 to 3"),
    ("trajectories", {"file": "{}/rows.jsonl", "lab": "Predict"}, "rows.jsonl, row 1"),
    ("trajectories", {"program": "matrix_sum"}, "seed 0, sequence 1"),
    ("trajectories", {"program": "matrix_sum", "method": "randseq"}, "seed 0, sequence 1"),
    (
        "trajectories",
        {"program": "matrix_sum", "lab": "Many sequences", "n": "10"},
        "Line 9 needs lines 1 and 8",
    ),
    (
        "trajectories",
        {"program": "matrix_sum", "lab": "Many sequences", "many_tab": "When each line comes"},
        "sequence %{x}",
    ),
    (
        "trajectories",
        {"program": "matrix_sum", "lab": "Many sequences", "many_tab": "Two of them"},
        "sequence 1 against sequence 2",
    ),
    ("trajectories", {"program": "matrix_sum", "lab": "Compare linters"}, "First broken"),
    ("trajectories", {"program": "matrix_sum", "lab": "Predict"}, "matrix_sum.py"),
    ("generations", {"from": "Given files", "task": "count_vowels"}, "sample 1)"),
    (
        "generations",
        {"from": "Given files", "task": "count_vowels", "see": "All samples"},
        "Sample 1",
    ),
    (
        "generations",
        {"from": "Given files", "task": "count_vowels", "see": "Prefix tree"},
        "samples 1, 2",
    ),
    ("generations", {"from": "Given files", "see": "All problems"}, "count_vowels, sample 1"),
    (
        "generations",
        {"from": "Given files", "task": "count_vowels", "see": "Two models"},
        "sample 1)",
    ),
    (
        "generations",
        {"from": "Given files", "task": "count_vowels", "see": "Malformed edits"},
        "Sample 1, edit 4",
    ),
    (
        "pass_at_k",
        {"passk_view": "Problem by problem", "problem": "T", "problem_run": "samples.jsonl"},
        "✓ Sample 1, passed",
    ),
    ("diversity", {"div_view": "One problem", "run": "samples.jsonl"}, "Sample 1, ✓ passes"),
    ("data", {"data": "samples.jsonl"}, "T, sample 1"),
    ("data", {"data": "samples.jsonl", "row": "1"}, "T, sample 1"),
    ("data", {"data": "set.jsonl"}, "made.jsonl, source row 1, sequence 1"),
    ("data", {"data": "set.jsonl", "row": "3"}, "made.jsonl, source row 1, sequence 3"),
    ("data", {"data": "set.jsonl", "data_view": "Statistics"}, "Edits"),
]


@pytest.mark.parametrize(("page", "parameters", "said"), PAGES, ids=range(len(PAGES)))
def test_nothing_on_a_page_is_counted_from_nought(
    given: Path, page: str, parameters: dict[str, str], said: str
) -> None:
    asked = {name: value.format(given) for name, value in parameters.items()}

    told = shown(open_page(page, asked))

    assert said in told
    assert [found.group(0) for found in ZEROTH.finditer(told)] == []


def test_the_columns_of_a_chart_of_many_sequences_are_numbered_from_1() -> None:
    link = {"program": "matrix_sum", "lab": "Many sequences", "n": "10"}
    app = open_trajectories(link | {"many_tab": "When each line comes"})

    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert chart["data"][0]["x"] == list(range(1, 11))
    lines = [int(label.split()[0]) for label in chart["layout"]["yaxis"]["ticktext"]]
    assert lines == [line for line, text in enumerate(MATRIX.lines, start=1) if text]


OLD_LINKS: list[tuple[dict[str, str], list[int]]] = [
    ({"program": "matrix_sum", "seed": "0"}, [0]),
    ({"program": "matrix_sum", "seed": "3", "path": "0"}, [0]),
    ({"program": "matrix_sum", "seed": "3", "path": "2"}, [2]),
    ({"program": "matrix_sum", "lab": "One trajectory", "path": "2"}, [2]),
    (
        {
            "program": "matrix_sum", "lab": "Many trajectories", "n": "10",
            "many_tab": "Two of them", "one": "3", "other": "7",
        },
        [3, 7],
    ),
    (
        {"program": "matrix_sum", "lab": "Many trajectories", "many_tab": "Two of them"},
        [0, 1],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("link", "paths"), OLD_LINKS, ids=range(len(OLD_LINKS)))
def test_an_old_link_shows_the_same_sequences(link: dict[str, str], paths: list[int]) -> None:
    app = open_trajectories(link)

    seed = int(link.get("seed", "0"))
    assert [each["births"] for each in data(app)["payloads"]] == [
        list(sample_path(MATRIX, seed=seed, path_index=path).birth_steps) for path in paths
    ]
    assert says(app, "warning") == []


@pytest.mark.parametrize("row", [0, 1, 2])
def test_an_old_link_shows_the_same_row(given: Path, row: int) -> None:
    app = open_trajectories({"file": f"{given}/rows.jsonl", "row": str(row)})

    assert payload(app)["meta"]["path_index"] == row
    assert payload(app)["title"] == f"rows.jsonl, row {row + 1}"
    assert app.number_input(key="row").value == row + 1


def test_the_address_keeps_counting_from_0_what_the_page_counts_from_1() -> None:
    app = open_trajectories({"program": "matrix_sum", "seed": "3"})

    check(app.number_input(key="path").set_value(3).run())

    assert payload(app)["meta"]["path_index"] == 2
    assert app.query_params["path"] == "2"
    app.query_params["path"] = "6"  # the browser's back button, or a link to the same page
    assert payload(check(app.run()))["meta"]["path_index"] == 6
    check(app.number_input(key="path").set_value(1).run())
    assert "path" not in app.query_params


def test_a_sequence_is_remembered_while_another_page_is_looked_at() -> None:
    app = open_trajectories({"program": "matrix_sum", "path": "2"})

    app.switch_page("app_pages/overview.py").run()
    check(app.switch_page("app_pages/trajectories.py").run())

    assert app.number_input(key="path").value == 3
    assert app.query_params["path"] == "2"


@pytest.mark.parametrize(
    ("page", "link", "index"),
    [
        ("generations", {"from": "Given files", "task": "running_max", "sample": "4"}, 3),
        ("generations", {"from": "Given files", "task": "running_max", "sample": "1"}, 0),
    ],
)
def test_an_old_link_shows_the_same_sample(
    traces: Path, page: str, link: dict[str, str], index: int
) -> None:
    assert payload(open_page(page, link))["meta"]["sample_index"] == index


def test_a_data_set_is_asked_for_by_its_own_words_and_shown_from_1(given: Path) -> None:
    app = open_page("data", {"data": "set.jsonl", "in_task": "made.jsonl#0"})

    assert "3 rows** of 3" in shown(app)
    assert "No row is like that" not in shown(app)


def rows_of(app: AppTest) -> list[dict[str, Any]]:
    lists = [json.loads(one.proto.json) for one in app.get("bidi_component")]
    (found,) = [one["rows"] for one in lists if "rows" in one]
    return found  # type: ignore[no-any-return]


def test_each_row_of_a_list_says_which_sample_or_sequence_it_is(given: Path) -> None:
    samples = rows_of(open_page("data", {"data": "samples.jsonl"}))
    sequences = rows_of(open_page("data", {"data": "set.jsonl"}))

    assert [row["task"] for row in samples] == ["T, sample 1", "T, sample 2"]
    assert [row["task"] for row in sequences] == [
        f"made.jsonl, source row 1, sequence {number}" for number in (1, 2, 3)
    ]
