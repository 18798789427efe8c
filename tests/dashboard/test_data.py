"""The page Data without a browser: rows, facets, patterns, conditions, numbers, imports, faults."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.files.shipped import shipped_models
from lintseq_core import LintSeqError
from lintseq_core.results.formats.recognise import FORMATS as ALL
from lintseq_core.results.samples import store as store_module
from tests.dashboard.apps import bring, check, forget_files, open_overview
from tests.dashboard.data_cases import (
    FORMATS,
    MADE,
    MADE_FILES,
    OTHERS,
    SCORES,
    TITLES,
    Other,
    Rows,
    broken_file,
    whole_file,
)
from tests.dashboard.data_cases import ROWS as ROW_CASES

pytestmark = pytest.mark.feature("Data")

PAGE = "app_pages/data.py"
EDITS = (
    "\n<|diff|>@@ -0,0 +1 @@\n+x = [1]\n"
    "<|diff|>@@ -1,0 +2,2 @@\n+for y in x:\n+    print(y)\n<|diff|>\n<|diff|>\n"
)
ROWS = [
    {"task_id": "T/0", "sample_id": 0, "verdict": "passed", "completion": EDITS},
    {"task_id": "T/0", "sample_id": 1, "verdict": "wrong_answer", "completion": "x = (\n"},
    {"task_id": "T/1", "sample_id": 0, "verdict": "passed", "completion": "import os\nos.sep\n"},
]


def listen(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    """As if the server had been started with this address."""
    monkeypatch.setattr(
        st, "get_option", lambda name: address if name == "server.address" else None
    )


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    listen(monkeypatch, "localhost")
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "cache"))
    forget_files()
    yield
    forget_files()


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The dashboard was started on a folder with this file of samples."""
    path = tmp_path / "given" / "samples.jsonl"
    path.parent.mkdir()
    write(path, ROWS)
    (path.parent / "noise.json").write_text("[1, 2")
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(path.parent)]))
    return path


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def open_page(**parameters: str | list[str]) -> AppTest:
    app = open_overview().switch_page(PAGE)
    for name, value in parameters.items():
        app.query_params[name] = value
    return check(app.run())


def words(app: AppTest) -> str:
    """All that stands on the page as text, without the backslashes Markdown needs."""
    kinds = (app.markdown, app.error, app.warning, app.info, app.success, app.header)
    return " ".join(element.value for shown in kinds for element in shown).replace("\\", "")


def component(app: AppTest, name: str) -> dict[str, Any]:
    """What the facets, the rows or the player were given."""
    for one in app.get("bidi_component"):
        data = json.loads(one.proto.json)
        if name in data:
            return data
    raise AssertionError(f"no component with {name}")


def facet(app: AppTest, name: str) -> dict[str, int]:
    (found,) = [one for one in component(app, "facets")["facets"] if one["name"] == name]
    return dict(zip(found["keys"], found["counts"], strict=True))


def shown_rows(app: AppTest) -> list[int]:
    return [row["index"] for row in component(app, "rows")["rows"]]


def ready(app: AppTest) -> AppTest:
    """The page when an import that it began has ended."""
    for _ in range(200):
        if not app.get("progress"):
            return app
        time.sleep(0.1)
        check(app.run())
    raise AssertionError("the import does not end")


def test_without_files_the_page_shows_data_sets_that_ship() -> None:
    app = ready(open_page())
    assert [title.value for title in app.title] == ["Data"]
    assert [name for name in app.selectbox(key="data").options] == [
        "examples_lintseq.jsonl (ships)",
        "examples_randseq.jsonl (ships)",
        *(f"{one.name} (ships)" for one in shipped_models()),
    ]
    assert "300 rows** of 300" in words(app)
    assert facet(app, "contains")["loop"] > 100
    assert not app.error and not app.warning


def test_a_data_set_that_ships_is_written_again_where_its_folder_was_emptied(
    tmp_path: Path,
) -> None:
    ready(open_page())
    shutil.rmtree(tmp_path / "cache")
    app = ready(open_page())
    assert [error.value for error in app.error] == []


def test_a_given_file_comes_first_and_what_is_no_data_is_other_pages_business(given: Path) -> None:
    app = open_page()
    assert app.selectbox(key="data").value == "samples.jsonl"
    assert "3 rows** of 3" in words(app)
    assert shown_rows(app) == [0, 1, 2]
    (first, second, _) = component(app, "rows")["rows"]
    assert (first["task"], first["verdict"], first["about"]) == (
        "T/0, sample 1",
        "✓ passed",
        "3 lines, 2 edits",
    )
    assert second["verdict"] == "✗ wrong_answer"
    assert first["lines"][0] == ["x = [1]", False]


def test_rows_differ_at_a_glance_by_edit_sizes_length_and_faults(given: Path) -> None:
    broken = EDITS.replace("@@ -1,0 +2,2 @@", "@@ -1,0 +2,3 @@")
    large = "".join(f"\n<|diff|>@@ -{n},0 +{n + 1} @@\n+x = {n}" for n in range(200))
    rows = [
        *ROWS,
        {"task_id": "T/2", "completion": broken},
        {"task_id": "T/3", "completion": large},
    ]
    write(given, rows[:-1])
    app = ready(open_page())
    first, second, third, fourth = component(app, "rows")["rows"]
    assert (first["bars"], first["length"], first["faults"]) == ([0.5, 1], 1, "")
    assert (second["bars"], second["length"], second["faults"]) == ([], 1 / 3, "")
    assert (third["bars"], third["length"]) == ([], 2 / 3)
    assert fourth["faults"] == "✗ 1 fault"
    assert "Beside each row a bar an edit" in words(app)
    write(given, rows[-1:])
    (last,) = component(ready(open_page()), "rows")["rows"]
    assert last["about"] == "200 lines, 200 edits"
    assert last["bars"] == [1] * 67  # of three edits each: the place has room for 80


@pytest.mark.parametrize(
    ("parameters", "rows"),
    [
        ({"in_verdict": "passed"}, [0, 2]),
        ({"in_verdict": ["passed", "wrong_answer"], "in_task": "T/0"}, [0, 1]),
        ({"in_contains": "import"}, [2]),
        ({"in_lines": "2-3"}, [0, 2]),
        ({"where": "2.loop"}, [0]),
        ({"find": "^os"}, [2]),
        ({"find": "^OS", "case": "any"}, [2]),
        ({"order": "shortest"}, [1, 2, 0]),
    ],
)
def test_a_link_asks_for_rows(given: Path, parameters: dict[str, Any], rows: list[int]) -> None:
    assert shown_rows(open_page(**parameters)) == rows


def test_counts_follow_the_other_choices(given: Path) -> None:
    app = open_page(in_verdict="passed")
    assert facet(app, "verdict") == {"passed": 2, "wrong_answer": 1}
    assert facet(app, "task") == {"T/0": 1, "T/1": 1}


def test_a_pattern_that_is_typed_goes_to_the_link_and_its_line_is_marked(given: Path) -> None:
    app = open_page()
    check(app.text_input(key="data_find").set_value(r"os\.sep").run())
    assert app.query_params["find"] == r"os\.sep"
    (row,) = component(app, "rows")["rows"]
    assert row["lines"] == [["import os", False], ["os.sep", True]]
    check(app.button(key="data_clear").click().run())
    assert "find" not in app.query_params
    assert shown_rows(app) == [0, 1, 2]


def test_a_condition_is_added_and_taken_away(given: Path) -> None:
    app = open_page()
    app.selectbox(key="data_place").set_value("2")
    app.selectbox(key="data_feature").set_value("loop")
    check(app.button(key="data_add").click().run())
    assert app.query_params["where"] == "2.loop"
    assert shown_rows(app) == [0]
    check(app.button(key="condition_0").click().run())
    assert shown_rows(app) == [0, 1, 2]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"find": "(?=x)"}, "the pattern cannot be searched for"),
        ({"find": "("}, "the pattern cannot be searched for"),
        ({"where": "2.soup"}, "There is no condition '2.soup'."),
        ({"order": "sideways"}, "There is no order 'sideways'."),
        ({"row": "-1"}, "The row is not a whole number from 1 on."),
        ({"row": "9" * 400}, "The row is not a whole number from 1 on."),
        ({"page": "inf"}, "The page is not a whole number from 1 on."),
        ({"in_task": "T/9"}, "No row is like that."),
    ],
)
def test_a_link_that_cannot_be_followed_is_said(
    given: Path, parameters: dict[str, str], said: str
) -> None:
    assert said in words(open_page(**parameters))


def test_a_row_shows_its_verdict_its_edits_in_the_player_and_what_it_is_built_of(
    given: Path,
) -> None:
    app = open_page(row="1")
    told = words(app)
    assert "T/0, sample 1" in told
    assert "✓ passed · row 1 of samples.jsonl" in told
    assert "The program parses; it has: loop, assignment." in told
    (payload,) = component(app, "payloads")["payloads"]
    assert payload["births"] == [0, 1, 1]
    assert any(EDITS.strip() in code.value for code in app.code)


def test_a_row_leads_to_its_neighbours_among_those_chosen(given: Path) -> None:
    app = open_page(in_verdict="passed", row="1")
    assert "1 of 2" in words(app)
    check(app.button(key="row_after").click().run())
    assert app.query_params["row"] == "3"
    assert "import os" in app.code[0].value
    check(app.button(key="row_back").click().run())
    assert shown_rows(app) == [0, 2]


def test_the_reasons_of_a_stored_sequence_are_shown() -> None:
    app = ready(open_page(data="examples_lintseq.jsonl (ships)"))
    app = open_page(data="examples_lintseq.jsonl (ships)", row="1")
    (payload,) = component(app, "payloads")["payloads"]
    assert payload["meta"]["linter"] == "pyflakes"
    assert payload["edits"][0]


def test_the_statistics_are_those_of_the_rows_chosen(given: Path) -> None:
    app = open_page(data_view="Statistics", in_verdict="passed")
    table = app.dataframe[0].value
    shown = dict(zip(table["measure"], table["samples.jsonl"], strict=True))
    assert shown["rows"] == "2"
    assert shown["lines a program, mean"] == "2.50"
    assert shown["share of decided rows that pass"] == "100.0%"
    assert "Of the 2 rows chosen" in words(app)


def test_two_data_sets_stand_side_by_side_with_their_differences(given: Path) -> None:
    write(given.parent / "other.jsonl", [*ROWS[:1], {"task_id": "T/5", "sample_id": 0, "verdict": "passed", "completion": "y = 1\n"}])  # fmt: skip
    app = open_page(data_view="Two data sets", data="samples.jsonl", beside="other.jsonl")
    table = app.dataframe[0].value
    shown = {row["measure"]: row for row in table.to_dict("records")}
    assert shown["rows"] == {
        "measure": "rows", "samples.jsonl": "3", "other.jsonl": "2", "difference": "-1",
    }  # fmt: skip
    assert "1 program in both, of 3 different ones in samples.jsonl and 2 in other.jsonl" in words(
        app
    )


def import_path(path: Path) -> AppTest:
    """The page after `path` was typed."""
    app = open_page(data_view="Import")
    return check(app.text_input(key="data_path").set_value(str(path)).run())


def said_of(app: AppTest) -> str:
    """What stands on the page, in its tables too."""
    return words(app) + " ".join(str(frame.value.to_dict()) for frame in app.dataframe)


def import_and_look(app: AppTest) -> AppTest:
    check(app.button(key="data_import").click().run())
    assert "imported" in words(app)
    return check(app.button(key="data_look").click().run())


@pytest.mark.feature("Import")
def test_every_format_has_a_whole_and_a_broken_file_here() -> None:
    assert {case.format for case in (*ROW_CASES, *OTHERS, SCORES)} == {one.name for one in ALL}
    titles = {one.name: one.title for one in ALL}
    for name, title in TITLES.items():
        assert title in titles[name], name


@pytest.mark.feature("Import")
@pytest.mark.parametrize("case", [*ROW_CASES, *OTHERS], ids=lambda case: case.file)
def test_a_file_of_every_format_is_recognised_previewed_and_imported(
    tmp_path: Path, case: Rows | Other
) -> None:
    path = whole_file(case, tmp_path)
    app = import_path(path)
    assert case.title in words(app) and "Recognised by:" in words(app)
    preview = app.dataframe[0].value
    assert len(preview) and ((preview["lines"] > 0) == (preview["program"] != "")).all()
    app = import_and_look(app)
    assert app.selectbox(key="data").value == path.name
    assert shown_rows(app)


@pytest.mark.feature("Import")
@pytest.mark.parametrize("file", MADE_FILES)
def test_a_file_that_a_tool_wrote_itself_is_imported_wholly(file: str) -> None:
    name, n_rows = MADE_FILES[file]
    app = import_path(MADE / file)
    assert TITLES[name] in words(app)
    assert "do not fit" not in words(app)
    app = import_and_look(app)
    assert f"{n_rows} rows** of {n_rows}" in words(app)


@pytest.mark.feature("Import")
@pytest.mark.parametrize("case", ROW_CASES, ids=lambda case: case.file)
def test_a_broken_row_of_every_format_is_named_with_field_and_remedy_and_left_out(
    tmp_path: Path, case: Rows
) -> None:
    path = broken_file(case, tmp_path)
    n_good = len((FORMATS / case.file).read_text().splitlines())
    app = import_path(path)
    for step in ("preview", "import"):
        (problem,) = app.dataframe[-1].value.to_dict("records")
        assert problem["where"] == f"row {n_good + 1}", step
        assert problem["field"] == case.field
        assert problem["what"] and problem["what to do"]
        if step == "preview":
            check(app.button(key="data_import").click().run())
    assert "; 1 do not fit and are left out" in words(app)


@pytest.mark.feature("Import")
@pytest.mark.parametrize("case", OTHERS, ids=lambda case: case.file)
def test_a_broken_document_archive_or_folder_says_what_does_not_fit(
    tmp_path: Path, case: Other
) -> None:
    app = import_path(broken_file(case, tmp_path))
    assert case.title in words(app)
    assert case.said in said_of(app)
    check(app.button(key="data_import").click().run())
    assert case.said in said_of(app)
    assert ("; 1 do not fit and are left out" in words(app)) is not case.is_refused


@pytest.mark.feature("Import")
def test_scores_are_known_and_refused_and_broken_ones_are_nothing_known(tmp_path: Path) -> None:
    app = import_path(whole_file(SCORES, tmp_path))
    assert SCORES.title in words(app)
    assert "no samples; take the generations file of the same run" in words(app)
    assert SCORES.said in words(import_path(broken_file(SCORES, tmp_path)))


@pytest.mark.feature("Import")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", b'[["x"], 3, ["y"]]', "item 2"),
        ("x.json", b'{"eval": {"HumanEval/0": [{"base_status": 1}, {"base_status": "pass"}]}}', "HumanEval/0, sample 1"),
        ("x.jsonl", b"", "empty; expected samples or results"),
        ("x.jsonl", b"\x80\x04\x95 a pickle", "neither JSON nor a known archive"),
        ("x.jsonl.gz", b"\x1f\x8b nothing", "gzip data is damaged"),
        ("x.eval", b"PK\x03\x04 nothing", "the archive is damaged"),
        ("x.parquet", b"PAR1 nothing", "not a Parquet file that can be read"),
        ("x.jsonl", b'{"kind": "trace"}\n', "the page Generations steps through it"),
        ("x.jsonl", b'{"a": 1}\n', "unknown format"),
    ],
)  # fmt: skip
def test_a_broken_file_says_where_and_what_to_do(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    app = import_path(tmp_path / name)
    tables = " ".join(str(frame.value.to_dict()) for frame in app.dataframe)
    assert said in words(app) + tables


@pytest.mark.feature("Import")
def test_an_upload_is_imported_too() -> None:
    app = open_page(data_view="Import", data_way="Upload")
    content = (FORMATS / "lintseq.jsonl").read_bytes()
    bring(app, "mine.jsonl", content)
    check(app.button(key="data_import").click().run())
    check(app.button(key="data_look").click().run())
    assert app.selectbox(key="data").value == "mine.jsonl"
    assert "4 rows** of 4" in words(app)


@pytest.mark.feature("Import")
@pytest.mark.parametrize("typed", ["/nowhere/x.jsonl", "/dev/zero", "\0", "x" * 5_000, "~nobody/x"])
def test_a_path_that_is_no_file_is_an_error_in_words(typed: str) -> None:
    app = open_page(data_view="Import")
    check(app.text_input(key="data_path").set_value(typed).run())
    assert len(app.error) == 1


@pytest.mark.feature("Import")
@pytest.mark.parametrize("address", ["0.0.0.0", None])
def test_a_server_that_others_may_reach_opens_no_path(
    monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    listen(monkeypatch, address)
    app = open_page(data_view="Import")
    assert "may be reached from other machines" in words(app)
    assert not [one for one in app.text_input if one.key == "data_path"]


def test_a_given_file_with_a_bad_row_says_so_above_its_rows(given: Path) -> None:
    write(given, [*ROWS, {"task_id": "T/0", "verdict": "solved"}])
    app = open_page()
    (warning,) = app.warning
    told = warning.value.replace("\\", "")
    assert "1 rows do not fit samples or results of lintseq and are left out" in told
    assert "row 4" in told
    assert shown_rows(app) == [0, 1, 2]


def test_a_file_that_changes_is_read_again(given: Path) -> None:
    assert shown_rows(open_page()) == [0, 1, 2]
    write(given, ROWS[:2])
    assert shown_rows(open_page()) == [0, 1]


@pytest.mark.parametrize("view", ["Rows", "Statistics"])
def test_what_takes_too_much_memory_is_said_on_the_page(
    given: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    ready(open_page(data="samples.jsonl"))
    monkeypatch.setattr(store_module, "_memory_bytes", lambda n_rows: 200_000)
    forget_files()
    app = open_page(data="samples.jsonl", data_view=view)
    (said,) = app.error
    assert "samples.jsonl: this takes more than the 0 MB of memory that its" in said.value.replace(
        "\\", ""
    )


@pytest.mark.parametrize("view", ["Rows", "Statistics"])
def test_a_question_that_is_refused_leaves_the_page_in_use(
    given: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    ready(open_page(data="samples.jsonl"))

    def refuse(*_: object, **__: object) -> None:
        raise LintSeqError("f: this takes more")

    monkeypatch.setattr(store_module.Store, "ask", refuse)
    app = open_page(data="samples.jsonl", data_view=view)
    assert [one.value.replace("\\", "") for one in app.error] == ["f: this takes more"]
