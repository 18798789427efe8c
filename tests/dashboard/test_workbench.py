"""What a visitor brings is on every page, outlives a reload, and is opened by nobody else."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.files import workbench
from dashboard.files.loaders import load_results
from dashboard.files.programs import compare_runs
from dashboard.files.results import count_runs
from dashboard.files.samples import MAX_FILES
from lintseq_core import Program, sample_path
from lintseq_core.charts.theme import LIGHT, series_colour
from tests.dashboard.apps import bring, check, forget_files, open_overview, payload
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("Files of visitors")

PAGES = ("pass_at_k", "diversity", "generations", "data")
TRACE = (ROOT / "tests" / "data" / "traces" / "longest_word.tiny-long.jsonl").read_bytes()


def jsonl(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


RESULTS = jsonl(
    *({"task_id": f"T/{t}", "sample_id": n, "solution": f"x = {n}\n", "passed": n > t}
      for t in range(3) for n in range(4))
)  # fmt: skip
SAMPLES = jsonl(*({"task_id": "T/0", "sample_id": n, "solution": f"x = {n}\n"} for n in range(3)))
DATA_SET = jsonl({"prompt": "Write x.", "completion": "x = 1\n"})


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LINTSEQ_DASHBOARD_FILES", raising=False)
    forget_files()
    yield
    forget_files()


def be(monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    """Every session from now on is of this visitor's browser."""
    monkeypatch.setattr(workbench, "visitor", lambda: who)


def go(app: AppTest, page: str, **parameters: str) -> AppTest:
    app = app.switch_page(f"app_pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    return check(app.run())


def open_page(page: str, **parameters: str) -> AppTest:
    return go(open_overview(), page, **parameters)


def line(app: AppTest) -> str:
    """What the list says while it is closed."""
    (found,) = [one for one in app.expander if one.label.startswith("**Runs**")]
    return found.label.replace("\\", "")


def listed(app: AppTest) -> str:
    """The files in the list, with what they are."""
    return "\n".join(
        one.value.replace("\\", "") for one in app.markdown if one.value.startswith("- **")
    )


def alerts(app: AppTest) -> list[str]:
    return [one.value.replace("\\", "") for one in (*app.error, *app.warning, *app.info)]


def linked(app: AppTest) -> str:
    """What the address holds of files."""
    value = app.query_params.get("files", [""])
    return value if isinstance(value, str) else value[0]


def names_on(app: AppTest, page: str) -> list[str]:
    """The runs, or the data sets, that a page offers."""
    if page == "data":
        return list(app.selectbox(key="data").options)
    key = {"pass_at_k": "runs", "diversity": "div_runs"}[page]
    return [name.replace("\\", "") for name in app.button_group(key=key).options]


@pytest.mark.parametrize("first", PAGES)
def test_what_is_uploaded_on_one_page_is_on_every_page(first: str) -> None:
    app = bring(open_page(first), "mine.jsonl", RESULTS)
    for page in (*PAGES, first):
        app = go(app, page)
        assert "- **mine.jsonl**: samples or results of lintseq, uploaded by you" in listed(app)
        if page != "generations":
            assert "mine.jsonl" in names_on(app, page)
            assert "mine.jsonl" in line(app)


def test_a_trace_that_is_uploaded_on_any_page_is_stepped_through_on_generations() -> None:
    app = bring(open_page("pass_at_k"), "trace.jsonl", TRACE)
    assert alerts(app) == [
        "trace.jsonl: a trace of lintseq generate: it is stepped through on the page Generations, "
        "and its programs are compared under Diversity."
    ]
    app = go(app, "generations", **{"from": "Upload"})
    assert "Write longest_word" in " ".join(one.value.replace("\\", "") for one in app.markdown)
    assert alerts(app) == []
    assert "tiny-long" in names_on(go(app, "diversity"), "diversity")


def test_an_upload_on_generations_is_shown_at_once() -> None:
    app = bring(open_page("generations"), "trace.jsonl", TRACE)
    assert app.button_group(key="from").value == "Upload"
    assert "Write longest_word" in " ".join(one.value.replace("\\", "") for one in app.markdown)


@pytest.mark.parametrize(
    ("page", "name", "content", "said"),
    [
        ("generations", "r.jsonl", RESULTS, "r.jsonl: results (samples or results of lintseq): open them under pass@k"),
        ("pass_at_k", "s.jsonl", SAMPLES, "s.jsonl: samples without verdicts (samples or results of lintseq): their programs are compared under Diversity"),
        ("pass_at_k", "d.jsonl", DATA_SET, "d.jsonl: a data set of prompts and completions: its rows are on the page Data"),
        ("diversity", "d.jsonl", DATA_SET, "its rows are on the page Data"),
        ("data", "t.jsonl", TRACE, "stepped through on the page Generations"),
        ("data", "p.jsonl", b"import os\nprint(os.sep)\n", "p.jsonl: a Python program: it is on the page Trajectories, under Given file"),
        ("data", "n.jsonl", b"\0\xff", "n.jsonl: starts with"),
        ("pass_at_k", "b.jsonl", RESULTS + b'{"task_id"', "b.jsonl, row 13"),
        ("diversity", "b.jsonl", RESULTS + b'{"task_id": "T/0", }', "b.jsonl, row 13, character 20: not JSON"),
    ],
)  # fmt: skip
def test_what_a_page_cannot_use_is_named_with_its_place_and_where_it_belongs(
    page: str, name: str, content: bytes, said: str
) -> None:
    (alert,) = alerts(bring(open_page(page), name, content))
    assert said in alert
    assert "/tmp" not in alert


def test_programs_and_edit_sequences_that_are_brought_are_stepped_through() -> None:
    sequence = sample_path(Program.from_text("a = 1\nb = a\n"), seed=3)
    app = bring(open_page("pass_at_k"), "rows.jsonl", sequence.to_json().encode() + b"\n{}\n")
    assert "step through them on the page Trajectories" in alerts(app)[0]
    app = go(bring(app, "mine.py", b"x = 1\ny = x\n"), "trajectories")
    assert app.selectbox(key="file").options == ["rows.jsonl", "mine.py"]
    assert payload(app)["births"] == list(sequence.birth_steps)
    assert "Left out: rows.jsonl, row 2" in " ".join(
        one.value.replace("\\", "") for one in app.markdown
    )
    check(app.selectbox(key="file").set_value("mine.py").run())
    assert payload(app)["lines"] == ["x = 1", "y = x"]
    assert "rows.jsonl" in names_on(go(app, "data"), "data")


def test_what_is_no_file_of_ours_is_not_kept() -> None:
    app = bring(open_page("pass_at_k"), "noise.jsonl", b"\0\xff")
    assert linked(app) == "" and listed(app) == ""


def test_a_reload_brings_back_what_the_address_names(monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, "me")
    app = bring(open_page("pass_at_k"), "mine.jsonl", RESULTS)
    address = linked(app)
    assert len(address) == 12
    assert linked(go(app, "lessons")) == linked(go(app, "data")) == address

    for page in PAGES:
        again = open_page(page, files=address)
        assert "- **mine.jsonl**" in listed(again) and alerts(again) == []
    again = open_page("pass_at_k", files=address, run="mine.jsonl")
    assert again.button_group(key="runs").value == ["mine.jsonl"]
    assert listed(open_page("pass_at_k")) == ""  # a new tab begins anew


def test_a_link_opens_nothing_that_somebody_else_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, "somebody")
    address = linked(bring(open_page("pass_at_k"), "secret.jsonl", RESULTS))
    be(monkeypatch, "another")
    for page in PAGES:
        app = open_page(page, files=address)
        assert alerts(app) == [workbench.ANOTHER]
        assert linked(app) == "" and "secret" not in listed(app) + line(app)

    app = bring(open_page("pass_at_k", files=address), "mine.jsonl", RESULTS)
    assert alerts(app) == [] and linked(app) == address


@pytest.mark.parametrize("ref", ["0" * 12, "0", "x" * 400, "../../etc/passwd", ",,", "%00"])
def test_a_link_to_what_the_server_does_not_hold_says_so(ref: str) -> None:
    app = open_page("diversity", files=ref)
    assert alerts(app) == ([] if ref == ",," else [workbench.GONE])
    assert linked(app) == ""


def test_an_upload_that_had_to_go_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    app = bring(open_page("pass_at_k"), "mine.jsonl", RESULTS)
    st.cache_resource.clear()  # as when the server is started anew
    (alert,) = alerts(check(app.run()))
    assert alert.startswith("mine.jsonl is no longer on this server")
    assert linked(app) == "" and listed(app) == ""


def test_what_is_removed_is_gone_from_every_page_and_from_the_disk() -> None:
    app = bring(open_page("pass_at_k"), "mine.jsonl", RESULTS)
    folder = workbench.load_shelf().folder
    assert [path.name for path in folder.rglob("*.jsonl")] == ["mine.jsonl"]
    (button,) = [one for one in app.button if one.label == "Remove"]
    check(button.click().run())

    assert linked(app) == "" and list(folder.rglob("*.jsonl")) == []
    assert "mine.jsonl" not in names_on(go(app, "data"), "data")


def test_a_new_name_and_colour_hold_on_every_page_and_after_a_reload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    be(monkeypatch, "me")
    app = bring(open_page("pass_at_k"), "mine.jsonl", RESULTS)
    (box,) = [one for one in app.text_input if one.label == "Its name"]
    check(box.set_value("Run *7*").run())
    (colours,) = [one for one in app.selectbox if one.label == "Its colour"]
    check(colours.set_value("green").run())

    assert app.dataframe[-1].value["run"].tolist() == ["Run *7*"]
    for each in (app, open_page("pass_at_k", files=linked(app))):
        assert series_colour(LIGHT, 2) in line(each)
        (chart,) = (one for one in each.get("plotly_chart") if one.key == "curves")
        assert json.loads(chart.proto.spec)["data"][1]["line"]["color"] == series_colour(LIGHT, 2)
        assert "count_results('mine.jsonl')" in " ".join(code.value for code in each.code)
    for page in ("diversity", "data"):
        assert "Run *7*" in names_on(go(app, page), page)


def test_a_name_that_another_file_has_is_refused() -> None:
    app = bring(open_page("pass_at_k"), "a.jsonl", RESULTS)
    app = bring(app, "b.jsonl", SAMPLES)
    (box,) = [one for one in app.text_input if one.label == "Its name"]
    check(box.set_value("b.jsonl").run())
    assert alerts(app) == ["b.jsonl: another file is called so; choose another name"]
    assert "- **a.jsonl**" in listed(app)


def test_two_uploads_of_one_name_are_both_there() -> None:
    app = bring(open_page("pass_at_k"), "a.jsonl", RESULTS)
    app = bring(app, "a.jsonl", RESULTS.replace(b"x = ", b"y = "))
    assert names_on(app, "pass_at_k")[:2] == ["a.jsonl", "a.jsonl (2)"]


def test_a_given_file_keeps_its_name_beside_an_upload_and_a_link_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_bytes(RESULTS)
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path / "a.jsonl")]))
    app = bring(open_page("pass_at_k"), "a.jsonl", RESULTS.replace(b"x = ", b"y = "))
    assert names_on(app, "pass_at_k")[:2] == ["a.jsonl", "a.jsonl (2)"]
    assert "- **a.jsonl**: samples or results of lintseq, named when the server was started" in (
        listed(app)
    )
    (given,) = workbench.given_files()
    for ref in (given.key[:12], given.key, given.ref):
        assert alerts(open_page("data", files=ref)) == []


def test_of_very_many_given_files_so_many_are_read_and_the_others_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MAX_FILES + 2):
        (tmp_path / f"{number:03}.jsonl").write_bytes(RESULTS)
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    files = workbench.given_files()
    assert len(files) == MAX_FILES + 2
    counted, compared = count_runs(files), compare_runs(files, load_results())
    assert len(counted.runs) == len(compared.runs) == MAX_FILES
    assert counted.faults == compared.faults == (f"2 files after the first {MAX_FILES}",)


def test_results_that_are_uploaded_belong_to_samples_that_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s.jsonl").write_bytes(SAMPLES)
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path / "s.jsonl")]))
    verdicts = jsonl(*({"task_id": "T/0", "sample_id": n, "passed": n > 0} for n in range(3)))
    app = bring(open_page("diversity"), "verdicts.jsonl", verdicts)
    told = " ".join(one.value.replace("\\", "") for one in app.markdown)
    assert "s.jsonl: verdicts from verdicts.jsonl" in told

    app = go(
        app,
        "pass_at_k",
        passk_view="Problem by problem",
        problem="T/0",
        problem_run="verdicts.jsonl",
    )
    assert "Programs from s.jsonl." in " ".join(one.value.replace("\\", "") for one in app.markdown)


def test_the_samples_of_an_upload_are_shown_problem_by_problem() -> None:
    app = bring(open_page("pass_at_k"), "mine.jsonl", RESULTS)
    check(app.button_group(key="passk_view").set_value("Problem by problem").run())
    check(app.selectbox(key="problem").set_value("T/1").run())
    assert [one.value for one in app.code if one.value.startswith("x = ")] == [
        f"x = {n}" for n in range(4)
    ]


def test_a_path_that_was_opened_comes_back_for_its_reader_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_option = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda name: "localhost" if name == "server.address" else get_option(name)
    )
    path = tmp_path / "opened.jsonl"
    path.write_bytes(RESULTS)
    be(monkeypatch, "me")
    app = open_page("data", data_view="Import")
    check(app.text_input(key="data_path").set_value(str(path)).run())
    check(app.button(key="data_import").click().run())
    address = linked(app)
    assert "opened.jsonl" in names_on(open_page("pass_at_k", files=address), "pass_at_k")
    be(monkeypatch, "another")
    other = open_page("pass_at_k", files=address)
    assert alerts(other) == [workbench.ANOTHER]
    assert "opened.jsonl" not in names_on(other, "pass_at_k")
    be(monkeypatch, "me")
    (button,) = [one for one in check(app.run()).button if one.label == "Remove"]
    check(button.click().run())
    assert linked(app) == "" and path.exists()


def test_pages_open_files_through_one_module_alone() -> None:
    opening = {
        "recognise": {"recognise", "identify"}, "reading": {"open_input", "Input"},
        "counting": {"count_file", "scorers_of"}, "importing": {"preview"},
        "cache": {"store_folder"}, "tally": {"find_record"}, "record": {"read_record"},
    }  # fmt: skip
    found = set()
    for path in sorted((ROOT / "dashboard").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lintseq_core"):
                names = opening.get(str(node.module).rpartition(".")[2], set())
                if names & {name.name for name in node.names}:
                    found.add(str(path.relative_to(ROOT / "dashboard")))
    assert found == {"files/samples.py"}


def test_what_is_made_of_an_upload_goes_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "cache"))
    rows = [{"task_id": "a", "sample_id": n, "verdict": "passed"} for n in range(3)]
    be(monkeypatch, "me")
    app = bring(open_page("pass_at_k"), "mine.jsonl", jsonl(*rows))
    place = workbench.load_shelf().folder
    (about,) = place.rglob("about.json")
    kept = [one.read_text() for one in (tmp_path / "cache").rglob("about.json")]
    assert not any("mine.jsonl" in text for text in kept)
    (button,) = [one for one in app.button if one.label == "Remove"]
    check(button.click().run())
    assert not about.exists()
