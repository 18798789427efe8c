"""What goes with every chart: data, pictures, and code and commands that make the same again."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pandas import read_csv
from playwright.sync_api import Page
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from lintseq_core import EditSequence
from lintseq_core.cli import app as lintseq
from lintseq_core.viewer import build_payload
from tests.command_lines import parsed
from tests.dashboard.apps import check, forget_files, open_overview, payload
from tests.dashboard.conftest import ROOT
from tests.dashboard.test_data import ready
from tests.unit.test_public_api import STABLE, imported

pytestmark = pytest.mark.feature("Taking charts along")

PROGRAMS = ROOT / "assets" / "programs"
TEMPERATURES = (0.2, 0.8)
N_PROBLEMS, N_SAMPLES = 12, 6
CHARTS = [
    ("pass_at_k", {}, "curves"),
    ("pass_at_k", {"beyond": "40", "published": "HumanEval"}, "curves"),
    ("pass_at_k", {"axis": "Seconds", "panels": "A panel a temperature"}, "curves"),
    ("pass_at_k", {"metric": "g-pass@k", "tau": "0.75"}, "curves"),
    ("pass_at_k", {"passk_view": "Difference of two"}, "difference"),
    ("pass_at_k", {"passk_view": "Difference of two", "metric": "pass^k"}, "difference"),
    ("pass_at_k", {"passk_view": "Problem by problem", "problem": "T/3"}, "rates"),
    (
        "pass_at_k",
        {"passk_view": "Forecast", "forecast_axes": "−log pass@k, logarithmic"},
        "forecast",
    ),
    ("pass_at_k", {"passk_view": "How many samples?", "plan_points": "3.5"}, "plan"),
    ("pass_at_k", {"passk_view": "The estimator", "est_seed": "4"}, "estimators"),
    ("diversity", {"div_view": "Quality and diversity", "measure": "Vendi score"}, "plane"),
    ("diversity", {"div_view": "One problem", "alike": "Tree"}, "matrix"),
    ("diversity", {"div_view": "Does a gain go with it?"}, "gain"),
    (
        "trajectories",
        {"lab": "Many sequences", "n": "10", "many_tab": "When each line comes"},
        "heat",
    ),
    ("trajectories", {"lab": "Many trajectories", "many_tab": "Edit sizes"}, "sizes"),
    ("trajectories", {"lab": "Many trajectories", "many_tab": "What comes before what"}, "graph"),
    ("trajectories", {"lab": "Many trajectories", "many_tab": "Two of them"}, "alignment"),
    ("generations", {"see": "Prefix tree"}, "prefix_tree"),
]


def write(path: Path, shift: int) -> None:
    """Samples with verdicts, at two temperatures; the hotter, the more pass, and the more kinds."""
    with path.open("w", encoding="utf-8") as file:
        for temperature in TEMPERATURES:
            for task in range(N_PROBLEMS):
                for one in range(N_SAMPLES):
                    passed = one < (task + shift + round(5 * temperature)) % (N_SAMPLES + 1)
                    kind = one % (1 + round(5 * temperature) + task % 2)
                    text = "".join(f"x{line} = {task}\n" for line in range(kind + 1))
                    row = {"task_id": f"T/{task}", "sample_id": one, "solution": text}
                    row |= {"passed": passed, "verdict": "passed" if passed else "wrong_answer"}
                    file.write(json.dumps(row | {"temperature": temperature}) + "\n")


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dashboard was started on two runs at two temperatures."""
    write(tmp_path / "it's edits.jsonl", 1)
    write(tmp_path / "whole.jsonl", 0)
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    monkeypatch.chdir(PROGRAMS)  # scripts name programs as they stand there
    forget_files()
    yield tmp_path
    forget_files()


def open_page(page: str, parameters: dict[str, str]) -> AppTest:
    app = open_overview().switch_page(f"app_pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    return check(app.run())


def drawn(app: AppTest, key: str) -> Any:
    """The chart that the page shows, as JSON."""
    (chart,) = (one for one in app.get("plotly_chart") if one.key == key)
    assert len(chart.proto.alt) > 20
    return json.loads(chart.proto.spec)


def every_code(app: AppTest) -> tuple[list[str], list[str]]:
    """The scripts and commands that the page shows or copies, each of names and options we have."""
    shown = [one.value for one in app.code]
    for player in app.get("bidi_component"):
        copies = json.loads(player.proto.json).get("copies", ())
        shown += [one["text"] for one in copies if one["text"]]
    shown = list(
        dict.fromkeys(one.strip() for one in shown)
    )  # what is copied stands on the page as well
    scripts = [one for one in shown if re.match(r"(from|import) ", one)]
    commands = [one for one in shown if one.startswith("lintseq ")]
    for one in scripts:
        unlisted = imported(one) - set(STABLE)
        assert unlisted == set(), "add them to HANDED_OUT of tests/unit/test_public_api.py"
    for line in "\n".join(commands).splitlines():
        parsed(line)
    return scripts, commands


def codes(app: AppTest) -> tuple[str, str]:
    """The first script and command; "" where there is none."""
    scripts, commands = every_code(app)
    return (scripts or [""])[0], (commands or [""])[0]


def run_script(script: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The figure that a script shows, as JSON."""
    plotly = pytest.importorskip("plotly.graph_objects")
    shown: list[str] = []
    monkeypatch.setattr(plotly.Figure, "show", lambda figure: shown.append(figure.to_json()))
    exec(compile(script, "offered", "exec"), {})
    (figure,) = shown
    return json.loads(figure)


@pytest.mark.parametrize(
    ("page", "parameters", "key"),
    CHARTS,
    ids=[f"{key}-{number}" for number, (_, _, key) in enumerate(CHARTS)],
)
def test_the_script_draws_the_chart_that_the_page_shows(
    given: Path,
    page: str,
    parameters: dict[str, str],
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = open_page(page, parameters)
    script, _ = codes(app)
    again = run_script(script, monkeypatch)
    chart = drawn(app, key)
    assert again["data"] == chart["data"]
    assert again["layout"] == chart["layout"]
    assert {one.label for one in app.get("download_button")} >= {"CSV"}
    charts = app.get("plotly_chart")
    assert [one.label for one in app.expander].count("Take along") == len(charts)
    assert len(app.get("download_button")) == 2 * len(charts)  # CSV and Parquet


def test_the_script_of_what_ships_draws_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("diversity", {"div_view": "Quality and diversity"})
    script, command = codes(app)
    assert run_script(script, monkeypatch)["data"] == drawn(app, "plane")["data"]
    assert [line.split()[:2] for line in command.splitlines()] == [["lintseq", "diversity"]] * 2


def run_command(line: str) -> Any:
    result = CliRunner().invoke(lintseq, [*shlex.split(line)[1:], "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_commands_of_the_curves_give_the_numbers_of_the_table(given: Path) -> None:
    app = open_page("pass_at_k", {})
    table = app.dataframe[-1].value.set_index("run")
    for temperature, line in zip(TEMPERATURES, codes(app)[1].splitlines(), strict=True):
        for path, report in run_command(line)["runs"].items():
            low, high = (100 * end for end in report["intervals"]["pass@5"])
            said = f"{100 * report['pass@5']:.1f} [{low:.1f}, {high:.1f}]"
            assert table.loc[f"{Path(path).name}, temperature {temperature}", "pass@5"] == said


def test_the_command_of_a_difference_gives_its_sentences(given: Path) -> None:
    where = {"passk_view": "Difference of two"}
    where |= {
        "run_a": "whole.jsonl, temperature 0.8",
        "run_b": "it's edits.jsonl, temperature 0.8",
    }
    app = open_page("pass_at_k", where)
    report = run_command(codes(app)[1])["compare"]
    sentences = [one.value.replace("\\", "") for one in app.markdown]
    for k in (1, N_SAMPLES):
        gap = 100 * report[f"pass@{k}"]["difference"]
        assert any(s.startswith(f"At k = {k} ") and f"({gap:+.1f} points" in s for s in sentences)


def test_the_command_of_the_problems_counts_them(given: Path) -> None:
    command = codes(open_page("pass_at_k", {"passk_view": "Problem by problem"}))[1]
    report = run_command(command.splitlines()[0])["runs"]
    assert report[str(given / "whole.jsonl")]["by_problem"]["T/2"] == {"samples": 6, "passed": 3}


def test_the_commands_of_the_measures_give_the_numbers_of_the_table(given: Path) -> None:
    app = open_page("diversity", {})
    table = app.dataframe[0].value.set_index("measure")
    lines = codes(app)[1].splitlines()
    assert len(lines) == 4
    for run, line in zip(table.columns, lines, strict=False):
        mean = run_command(line)["mean"]
        for title, field in (("Vendi score", "vendi"), ("CodeBLEU", "code_bleu")):
            assert table.loc[title, run] == f"{mean[field]:.2f}"


def test_the_commands_of_many_sequences_and_of_the_linters_sample_them(given: Path) -> None:
    line = codes(open_page("trajectories", {"lab": "Many trajectories", "n": "10"}))[1]
    result = CliRunner().invoke(lintseq, shlex.split(line)[1:])
    assert len(result.stdout.splitlines()) == 10
    app = open_page("trajectories", {"lab": "Compare linters", "program": "matrix_sum"})
    script, commands = codes(app)
    assert len(commands.splitlines()) == 5
    for one in commands.splitlines():
        assert CliRunner().invoke(lintseq, shlex.split(one)[1:]).exit_code == 0
    exec(compile(script, "offered", "exec"), {})


def test_the_script_that_compares_linters_counts_what_the_table_counts(
    given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = open_page("trajectories", {"lab": "Compare linters", "program": "matrix_sum"})
    exec(compile(codes(app)[0], "offered", "exec"), {})
    told = capsys.readouterr().out.splitlines()
    rows = app.table[0].value.to_dict("records")
    assert told == [
        f"{row['Made with']}: {row['Edits']} edits, {row['Broken states'].split(' of ')[0]} broken states"
        for row in rows
    ]


def test_the_script_of_dependencies_tells_what_the_lines_tell(
    given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = open_page("trajectories", {"lab": "Many sequences", "program": "matrix_sum", "n": "10"})
    (shown,) = (
        json.loads(one.proto.json)
        for one in app.get("bidi_component")
        if one.proto.component_name == "lintseq_dependencies"
    )
    exec(compile(codes(app)[0], "offered", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [one for one in shown["sentences"] if one]


def run_for_output(script: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    exec(compile(script, "offered", "exec"), {})
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "parameters",
    [
        {"seed": "4", "path": "2"},
        {"seed": "4", "method": "randseq"},
        {"linter": "syntax"},
        {"seed": "3", "branch": "3.0,5.1"},
        {"linter": "syntax", "branch": "3.0"},
    ],
    ids=str,
)
def test_what_the_player_copies_makes_the_sequence_that_it_plays(
    given: Path, parameters: dict[str, str]
) -> None:
    app = open_page("trajectories", {"program": "matrix_sum"} | parameters)
    (script,), commands = every_code(app)
    names: dict[str, Any] = {}
    exec(compile(script, "offered", "exec"), names)
    assert build_payload(names["sequence"], title="")["births"] == payload(app)["births"]
    assert len(commands) == ("branch" not in parameters)
    for line in commands:
        done = CliRunner().invoke(lintseq, [*shlex.split(line)[1:], "--format", "json"])
        again = EditSequence.from_json(done.stdout)
        assert build_payload(again, title="")["births"] == payload(app)["births"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "SmolLM2-135M", "model": "smollm2-135m-lintseq", "sample": "2"},
        {"from": "SmolLM2-135M", "model": "smollm2-135m-whole"},
        {"from": "Given files", "task": "running_max"},
    ],
    ids=str,
)
def test_the_script_of_a_sample_prints_the_states_that_its_player_shows(
    tmp_path: Path,
    parameters: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also of whole programs, of a file in any folder, and of one that holds several traces."""
    traces = [
        ROOT / "tests/data/traces" / f"{one}.tiny-long.jsonl"
        for one in ("is_palindrome", "running_max")
    ]
    (tmp_path / "two.jsonl").write_bytes(b"".join(path.read_bytes() for path in traces))
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    app = open_page("generations", parameters)
    (script,) = (one for one in every_code(app)[0] if "recorded_formats" not in one)
    out = run_for_output(script, capsys)
    shown = payload(app)
    assert out.endswith("\n".join([*shown["lines"], "\n"])) or "".join(shown["lines"]) == ""
    assert shown["meta"]["model"] == parameters.get("model", "tiny-long")


ROW_QUERIES = [{}, {"find": "x2"}, {"find": "X2", "case": "any"}, {"in_verdict": "passed"}]


@pytest.mark.parametrize("query", ROW_QUERIES, ids=str)
def test_the_scripts_of_data_find_and_count_the_rows_that_the_page_shows(
    given: Path,
    query: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(given / "cache"))
    where = {"data": "whole.jsonl"} | query
    app = ready(open_page("data", where))
    (script,), _ = every_code(app)
    told = run_for_output(script, capsys).strip()
    n_found, n_all = told.removesuffix(" rows").split(" of ")
    assert any(f"**{n_found} rows** of {n_all}" in one.value for one in app.markdown)

    app = ready(open_page("data", where | {"data_view": "Statistics"}))
    app.session_state["open_statistics"] = True
    check(app.run())
    scripts, _ = every_code(app)
    _, shown = [one.value for one in app.dataframe if "measure" in one.value.columns]
    printed = read_csv(StringIO(run_for_output(scripts[0], capsys)))
    assert printed["measure"].tolist() == shown["measure"].tolist()
    assert printed.iloc[:, 1].to_numpy() == pytest.approx(shown["whole.jsonl"], nan_ok=True)
    for script in scripts:
        assert run_for_output(script, capsys).count("\n") > 1


def test_the_command_of_a_data_set_is_offered_where_it_counts_the_same_rows(
    given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(given / "cache"))
    where = {"data": "examples_lintseq.jsonl (ships)", "data_view": "Statistics"}
    app = ready(open_page("data", where))
    ((command,), shown) = every_code(app)[1], app.dataframe[0].value
    counted = CliRunner().invoke(lintseq, [*shlex.split(command)[1:], "--json", "--lint", "none"])
    rows = shown.set_index("measure").iloc[:, 0]
    assert f"{json.loads(counted.stdout)['rows']:,}" == rows["rows"]
    assert every_code(ready(open_page("data", where | {"find": "while"})))[1] == []


@pytest.mark.browser
def test_a_chart_is_saved_as_a_picture_and_as_a_drawing(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/pass_at_k")
    page.locator(".st-key-curves .js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_timeout(500)
    page.get_by_text("Take along").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Download the chart as SVG").click()
    assert saving.value.suggested_filename == "pass_at_k.svg"
    svg = Path(saving.value.path()).read_text(encoding="utf-8")
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert "(ships)" in "".join(root.itertext())
    with page.expect_download() as saving:
        page.get_by_role("button", name="Download the chart as PNG").click()
    assert saving.value.suggested_filename == "pass_at_k.png"
    png = Path(saving.value.path()).read_bytes()
    assert png.startswith(b"\x89PNG")
    shown = page.locator(".st-key-curves .js-plotly-plot").bounding_box()
    assert shown is not None
    assert int.from_bytes(png[16:20]) == pytest.approx(2 * shown["width"], abs=4)


@pytest.mark.browser
def test_code_and_data_of_a_chart_are_behind_one_line(page: Page, server_url: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server_url}/diversity?div_view=Quality+and+diversity")
    page.locator(".st-key-plane .js-plotly-plot").first.wait_for()
    page.get_by_text("Take along").click()
    page.get_by_role("button", name="Copy as Python").click()
    page.get_by_text("Copied.").wait_for()
    assert "plane_figure(" in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as saving:
        page.get_by_role("button", name="CSV", exact=True).click()
    table = Path(saving.value.path()).read_text(encoding="utf-8")
    assert table.startswith("run,temperature,edit_distance,pass_at_1,low,high\n")
    page.get_by_text("The data, 2 rows").wait_for()
    page.locator("[data-testid=stDataFrame]").first.wait_for()
