"""What decides in a file of results is named beside its numbers, chosen on the page, kept in the link."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.files.given import read_given
from dashboard.files.results import count_runs
from dashboard.files.workbench import given_files
from tests.dashboard import test_data, test_diversity
from tests.dashboard.apps import check, forget_files
from tests.dashboard.test_pass_at_k import FORMATS, open_page, words

pytestmark = pytest.mark.feature("pass@k")

PLUS, BASE = "both.json, base and plus tests", "both.json, base tests"
ONLY_BASE = "base.json, base tests"


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dashboard was started on results of EvalPlus, with and without plus tests, and a log."""
    shutil.copy(FORMATS / "made" / "evalplus_eval_results.json", tmp_path / "both.json")
    shutil.copy(FORMATS / "made" / "evalplus_base_eval_results.json", tmp_path / "base.json")
    shutil.copy(FORMATS / "odd" / "in_missing_scorer.json", tmp_path / "log.json")
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    yield tmp_path
    forget_files()


def test_base_or_plus_is_named_in_every_view(given: Path) -> None:
    app = open_page()
    table = app.dataframe[-1].value
    assert table["run"].tolist() == [ONLY_BASE, PLUS]
    assert table["pass@1"].tolist()[0].startswith("55.6") and table["pass@1"].tolist()[1] < "55"
    assert PLUS in words(open_page(passk_view="Problem by problem")) + str(
        open_page(passk_view="Problem by problem").dataframe[0].value
    )
    app = open_page(passk_view="Difference of two", run_a=PLUS, run_b=ONLY_BASE)
    assert "Different tests of EvalPlus decide these two runs" in words(app)


def test_the_base_tests_are_chosen_and_the_link_holds_it(given: Path) -> None:
    app = open_page()
    check(app.button_group(key="tests").set_value("base alone").run())
    again = open_page(tests="base alone")
    for one in (app, again):
        assert one.dataframe[-1].value["run"].tolist() == [ONLY_BASE, BASE]
    commands = [code.value for code in again.code if "lintseq passk" in code.value]
    assert any("--tests base" in command for command in commands)
    assert any("tests='base'" in code.value for code in again.code)


@pytest.mark.feature("Links")
def test_what_a_link_compares_follows_the_tests_and_old_links_still_open(given: Path) -> None:
    view = "Difference of two"
    app = open_page(passk_view=view, tests="base alone", run_a="both.json", run_b="base.json")
    assert (app.selectbox(key="run_a").value, app.selectbox(key="run_b").value) == (BASE, ONLY_BASE)
    check(app.button_group(key="tests").set_value("base and plus").run())
    assert (app.selectbox(key="run_a").value, app.selectbox(key="run_b").value) == (PLUS, ONLY_BASE)


def test_the_scorer_of_a_log_is_chosen_and_the_link_holds_it(given: Path) -> None:
    app = open_page()
    assert "Left out: " in words(app) and "1 of 3 samples have no verdict" in words(app)
    check(app.selectbox(key="scorer").set_value("verify").run())
    for one in (app, open_page(scorer="verify")):
        assert "log.json" in one.dataframe[-1].value["run"].tolist()
        assert "the scorer 'verify' decides, one of 2" in words(one) + " ".join(
            note.value for note in one.caption
        )
        assert any("--scorer verify" in code.value for code in one.code)


def test_without_such_files_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(FORMATS / "human_eval_results.jsonl", tmp_path)
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    app = open_page()
    assert not [one for one in app.selectbox if one.key == "scorer"]
    assert not [one for one in app.button_group if one.key == "tests"]


@pytest.mark.feature("Diversity")
def test_the_page_diversity_names_and_chooses_them_too(given: Path) -> None:
    plane = "Quality and diversity"
    app = test_diversity.open_page(div_view=plane)
    assert [one for one in app.selectbox if one.key == "scorer"]
    notes = " ".join(element.value for element in [*app.markdown, *app.caption]).replace("\\", "")
    assert "both.json, base and plus tests" in notes + str([c.value for c in app.code])
    again = test_diversity.open_page(div_view=plane, tests="base alone", scorer="verify")
    (code,) = [one.value for one in again.code if "read_run(" in one.value]
    assert "'both.json, base tests': read_run(" in code and "tests='base'" in code
    assert "scorer='verify'" in code


@pytest.fixture
def cached(given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path.with_name(f"{tmp_path.name}-cache")))


@pytest.mark.feature("Data")
def test_the_page_data_names_base_or_plus_in_lists_facets_and_numbers(cached: None) -> None:
    app = test_data.open_page(data="both.json")
    row = test_data.component(app, "rows")["rows"][0]
    assert row["verdict"].endswith(", base and plus tests")
    titles = {one["title"] for one in test_data.component(app, "facets")["facets"]}
    assert {"Result, base and plus tests", "Verdict, base and plus tests"} <= titles
    opened = test_data.open_page(data="both.json", row="1")
    assert "base and plus tests" in test_data.words(opened)
    numbers = test_data.open_page(data="base.json", data_view="Statistics")
    assert "share of decided rows that pass, base tests" in _measures(numbers)
    two = test_data.open_page(data="both.json", beside="base.json", data_view="Two data sets")
    share = (
        "share of decided rows that pass (both.json: base and plus tests; base.json: base tests)"
    )
    assert _measures(two)[share]["difference"] == "–"
    assert "no difference is shown" in test_data.words(two)


@pytest.mark.feature("Data")
def test_the_page_data_says_which_scorer_decides_lets_it_be_chosen_and_the_link_holds_it(
    cached: None,
) -> None:
    app = test_data.open_page(data="log.json")
    first = app.selectbox(key="scorer").value
    assert f"the scorer '{first}' decides, one of 2" in test_data.words(app)
    assert test_data.facet(app, "result") == {"passed": 1, "not passed": 1, "not decided": 1}
    check(app.selectbox(key="scorer").set_value("verify").run())
    for one in (app, test_data.open_page(data="log.json", scorer="verify")):
        assert "the scorer 'verify' decides, one of 2" in test_data.words(one)
        assert "not decided" not in test_data.facet(one, "result")
        assert any("scorer='verify'" in code.value for code in one.code)


@pytest.mark.feature("Data")
def test_a_log_whose_first_scorer_gives_several_values_opens_by_a_choice(
    cached: None, given: Path
) -> None:
    scores = {"both": {"value": {"one": 1, "other": 0}}}
    document = json.loads((given / "log.json").read_text())
    document["samples"] = [{"id": "a", "epoch": 1, "scores": scores}]
    (given / "log.json").write_text(json.dumps(document))
    app = test_data.open_page(data="log.json")
    assert app.selectbox(key="scorer").options == ["both/one", "both/other"]
    assert not app.error
    check(app.selectbox(key="scorer").set_value("both/other").run())
    assert test_data.component(app, "rows")["rows"][0]["verdict"] == "✗ 0"


def _measures(app: AppTest) -> dict[str, dict[str, str]]:
    rows = app.dataframe[0].value.to_dict("records")
    return {row["measure"]: row for row in rows}


@pytest.mark.feature("pass@k")
def test_results_are_known_by_what_they_hold_whatever_they_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(FORMATS / "human_eval_results.jsonl", folder / "edits.txt")
    shutil.copy(FORMATS / "made" / "evalplus_eval_results.json", tmp_path / "both.out")
    shutil.copy(FORMATS / "made" / "inspect.eval", tmp_path / "log")
    (folder / "program.jsonl").write_text("x = 1\n")
    (folder / "notes.json").write_text("[1, 2")
    given = [folder, tmp_path / "both.out", tmp_path / "log"]
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(one) for one in given]))
    forget_files()
    assert [one.name for one in given_files()] == ["edits.txt", "both.out", "log"]
    assert set(count_runs(given_files()).runs) >= {"edits.txt", "both.out"}
    assert not read_given(json.dumps([str(tmp_path / "both.out"), str(tmp_path / "log")])).faults
