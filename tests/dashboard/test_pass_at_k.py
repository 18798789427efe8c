"""The pass@k page: simulated runs, results of every kind, what is wrong with a file, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from dashboard.pass_at_k.metric import ON_THE_PAGE
from dashboard.pass_at_k.runs import SIMULATED
from lintseq_core.cli import app as lintseq
from lintseq_core.metrics.forecast import MODEL_NAMES
from lintseq_core.results.scores.family import Metric
from tests.dashboard.apps import bring, check, forget_files, open_overview
from tests.dashboard.axe_ledger import findings_on
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("pass@k")

PAGE = "app_pages/pass_at_k.py"
FORMATS = ROOT / "tests" / "data" / "formats"
VIEWS = (
    "Curves",
    "Difference of two",
    "Problem by problem",
    "Forecast",
    "How many samples?",
    "The estimator",
)
HOSTILE = "</code><img src=x onerror=window.P=1><script>window.P=1</script>"


def open_page(**parameters: str | list[str]) -> AppTest:
    app = open_overview().switch_page(PAGE)
    for name, value in parameters.items():
        app.query_params[name] = value
    return check(app.run())


def words(app: AppTest) -> str:
    """All that stands on the page as text, without the backslashes Markdown needs."""
    shown = [*app.markdown, *app.error, *app.warning, *app.info]
    return " ".join(element.value for element in shown).replace("\\", "")


def rows(path: Path, counts: dict[str, tuple[int, int]]) -> Path:
    """A file of results: by task, how many samples and how many pass."""
    with path.open("w", encoding="utf-8") as file:
        for task, (n, c) in counts.items():
            for sample in range(n):
                verdict = "passed" if sample < c else "wrong_answer"
                row = {"task_id": task, "sample_id": sample, "verdict": verdict}
                row |= {"passed": sample < c, "isolation": "L3", "integrity": "I2", "flags": []}
                file.write(json.dumps(row) + "\n")
    return path


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dashboard was started on two runs of ten problems, a damaged file, and undecided ones."""
    rows(tmp_path / "edits.jsonl", {f"T/{n}": (10, n) for n in range(10)})
    rows(tmp_path / "whole.jsonl", {f"T/{n}": (10, n // 3) for n in range(10)})
    (tmp_path / "samples.jsonl").write_text('{"task_id": "T/1", "completion": "x = 1"}\n')
    (tmp_path / "noise.json").write_text("[1, 2")
    damaged = rows(tmp_path / "damaged.jsonl", {"T/0": (2, 1)})
    damaged.write_text(damaged.read_text() + '{"task_id": 7}\n')
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    yield tmp_path
    forget_files()


@pytest.mark.parametrize("view", VIEWS)
def test_without_files_every_view_shows_runs_whose_truth_is_known(view: str) -> None:
    app = open_page(passk_view=view)
    assert [title.value for title in app.title] == ["pass@k"]
    assert "No results of yours are open: these are of models that ship" in words(app)
    assert not app.error and not app.warning


def test_every_metric_is_drawn_and_stands_in_the_table_and_the_link() -> None:
    for name in ON_THE_PAGE:
        app = open_page(metric=name, run=["smollm2-135m-lintseq (ships)"])
        (chart,) = (one for one in app.get("plotly_chart") if one.key == "curves")
        title = json.loads(chart.proto.spec)["layout"]["yaxis"]["title"]["text"]
        assert title.startswith(name)
        columns = list(app.dataframe[-1].value.columns)[2:]
        assert columns and all(Metric(name).at(7)[:4] == one[:4] for one in columns)
        assert not app.error
    app = open_page(metric="majority@k", run=list(SIMULATED))
    assert "its rows do not say how each test went" in words(app)
    app.selectbox(key="metric").set_value("g-pass@k").run()
    app.slider(key="tau").set_value(1.0).run()
    told = open_page(metric="pass^k", run=list(SIMULATED)).dataframe[-1].value
    assert check(app).dataframe[-1].value.iloc[0, -1] == told.iloc[0, -1]  # all of k


def test_a_forecast_shows_four_models_and_says_how_far_to_trust_them() -> None:
    name = "Simulated: edit sequences"
    app = open_page(passk_view="Forecast", run=list(SIMULATED), forecast_run=name)
    charts = {one.key: json.loads(one.proto.spec)["data"] for one in app.get("plotly_chart")}
    lines = [line["name"] for line in charts["forecast"] if line.get("name")]
    assert lines == ["measured", *MODEL_NAMES]
    (table,) = (one.value for one in app.dataframe if "what it takes for granted" in one.value)
    assert list(table["model"]) == list(MODEL_NAMES) and "pass@1,000" in table
    assert len(charts["rate_density"]) == 3
    told = words(app)
    assert "pass@1,000 by the beta-binomial model" in told and "docs/forecasts.md" in told
    app.number_input(key="forecast_k").set_value(50).run()
    (table,) = (
        one.value for one in check(app).dataframe if "what it takes for granted" in one.value
    )
    assert "pass@50" in table


def test_the_planner_says_where_to_draw_next() -> None:
    app = open_page(passk_view="How many samples?", run=list(SIMULATED), plan_next="300")
    (table,) = (one.value for one in app.dataframe if "draw for each" in one.value)
    assert (table["problems"] * table["draw for each"]).sum() == 300
    assert table["problems"].sum() == 164
    assert table.iloc[0]["passed so far"].startswith("0 of 50")


def test_simulated_runs_are_shown_to_those_who_choose_them_and_called_so() -> None:
    opened = open_page()
    shown = opened.button_group(key="runs")
    assert shown.value and all(name.endswith("(ships)") for name in shown.value)
    assert not set(shown.value) & set(SIMULATED)
    assert len(shown.options) >= len(shown.value) + len(SIMULATED)
    told = words(open_page(run=list(SIMULATED)))
    assert f"Simulated, with a truth that is known: {', '.join(SIMULATED)}." in told


def test_the_difference_of_two_simulated_runs_is_called_right() -> None:
    told = words(open_page(passk_view="Difference of two", run=list(SIMULATED)))
    assert "At k = 1 no difference can be told from chance" in told
    assert "At k = 50 the gap is real: Simulated: edit sequences is better than" in told


def test_the_numbers_are_those_of_the_command_line(given: Path) -> None:
    table = open_page().dataframe[-1].value.set_index("run")
    command = CliRunner().invoke(
        lintseq, ["passk", *map(str, sorted(given.glob("[ew]*.jsonl"))), "--k", "1,10"]
    )
    shares = re.findall(r"pass@(\d+) +([\d.]+) %   (\[[\d., ]+\])", command.output)
    for (k, value, interval), run in zip(
        shares, ("edits.jsonl",) * 2 + ("whole.jsonl",) * 2, strict=True
    ):
        assert table.loc[run, f"pass@{k}"] == f"{value} {interval}"


@pytest.fixture
def alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Two runs that solve every second of as many problems as asked for, with one sample each."""
    for name in ("edits.jsonl", "whole.jsonl"):
        rows(tmp_path / name, {f"T/{n}": (1, n % 2) for n in range(request.param)})
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    yield
    forget_files()


def test_one_pass_at_k_has_one_interval_in_chart_and_table(given: Path) -> None:
    app = open_page()
    table = app.dataframe[-1].value.set_index("run")
    (chart,) = (one for one in app.get("plotly_chart") if one.key == "curves")
    drawn = {
        (line["name"], k): re.findall(r"([\d.]+)%", ends)
        for line in json.loads(chart.proto.spec)["data"]
        for k, ends, _ in line.get("customdata") or ()
    }
    for run in ("edits.jsonl", "whole.jsonl"):
        for k in (1, 5, 10):
            low, high = drawn[run, k]
            assert table.loc[run, f"pass@{k}"].endswith(f"[{low}, {high}]")


@pytest.mark.parametrize("alike", [40], indirect=True)
def test_two_runs_that_score_alike_say_how_little_is_known(alike: None) -> None:
    assert (
        "At k = 1 no difference can be told from chance (+0.0 points, 95 % interval -6.4 to +6.4 "
        "points, p = 1; 0 of 40 shared problems are scored differently)."
    ) in words(open_page(passk_view="Difference of two"))


@pytest.mark.parametrize("alike", [4], indirect=True)
def test_of_too_few_problems_no_interval_is_shown(alike: None) -> None:
    app = open_page()
    (pass_at_1,) = set(app.dataframe[-1].value["pass@1"])
    assert pass_at_1 == "50.0 too few problems for an interval"
    told = " ".join(one.value for one in [*app.caption, *app.markdown])
    assert "no band, too few problems for an interval" in told
    assert "too few problems for an interval, p = 1" in words(
        open_page(passk_view="Difference of two")
    )


def test_given_results_are_runs_and_a_damaged_file_is_named(given: Path) -> None:
    app = open_page()
    assert app.button_group(key="runs").value == ["edits.jsonl", "whole.jsonl"]
    told = words(app)
    assert "damaged.jsonl, row 3" in told
    faults = " ".join(alert.value for alert in (*app.error, *app.warning, *app.info))
    assert r"samples\.jsonl" not in faults  # other pages' business
    assert "noise" not in told
    assert "no run record says how many rows to expect" in told


def test_results_are_no_fault_on_the_other_pages(given: Path) -> None:
    app = check(open_overview().switch_page("app_pages/trajectories.py").run())
    assert "Left out" not in words(app)


def test_the_problems_that_only_one_run_solves_are_listed(given: Path) -> None:
    page = open_page(passk_view="Problem by problem")
    table = page.dataframe[-1].value.set_index("run")
    assert table.loc["edits.jsonl"].tolist() == [10, 9, 2, "T/1, T/2"]
    assert table.loc["whole.jsonl"].tolist() == [10, 7, 0, ""]
    told = words(page)
    assert "All of these runs solve 7 problems" in told
    assert "No sample of any of these runs solves 1 problems: T/0." in told


def test_the_planner_says_what_more_samples_cannot_buy() -> None:
    told = words(open_page(passk_view="How many samples?", run=list(SIMULATED)))
    assert "samples a problem put pass@10 of these 164 problems within ±2 points" in told
    assert "no number of samples goes below" in told


def test_an_upload_is_a_run_and_a_broken_one_an_error_in_words() -> None:
    app = open_page()
    content = (FORMATS / "lintseq.jsonl").read_bytes()
    bring(app, "mine.jsonl", content)
    assert r"mine\.jsonl" in app.button_group(key="runs").options
    app = open_page()
    broken = b'{"task_id": "T/1", "sample_id": 0, "verdict": "passed"}\n{"task_id"'
    bring(app, "bad.jsonl", broken)
    (error,) = app.error
    assert error.value.replace("\\", "").startswith("bad.jsonl, row 2")


def curves(app: AppTest) -> dict[str, Any]:
    (chart,) = (one for one in app.get("plotly_chart") if one.key == "curves")
    return dict(json.loads(chart.proto.spec))


def published(app: AppTest) -> list[str]:
    return [one["name"] for one in curves(app)["data"] if "(published, " in one.get("name", "")]


def test_published_curves_come_with_their_evidence() -> None:
    app = open_page(published="HumanEval", beyond="500")
    assert len(app.button_group(key="models").options) >= 4
    assert not app.error
    told = words(app)
    assert "Published: arXiv 2410.02749 v3, score against test-time FLOPs; DIGITIZED: " in told
    assert "thin grey ones are published" in told


def test_published_curves_are_of_one_benchmark_and_one_version_at_a_time() -> None:
    app = open_page(published="HumanEval")  # a link of before there was a version
    assert len(published(app)) == 2 and all("published, v3" in name for name in published(app))
    check(app.selectbox(key="version").set_value("v1").run())
    assert len(published(app)) == 2 and all("published, v1" in name for name in published(app))
    check(app.selectbox(key="published").set_value("CodeContests").run())
    assert len(published(app)) == 2 and all("published, v3" in name for name in published(app))
    assert published(open_page(published="HumanEval", version="v1", models="Phi-3 14B"))


def test_published_curves_of_other_problems_are_not_to_be_compared() -> None:
    assert "do not compare heights" in words(open_page(published="HumanEval"))


@pytest.mark.parametrize(
    ("head", "benchmark"), [("HumanEval", "HumanEval"), ("Mbpp", "MBPP(+)"), ("T", "none")]
)
def test_the_published_curves_of_the_benchmark_of_the_runs_are_shown_beside_them(
    head: str, benchmark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(tmp_path / "mine.jsonl", {f"{head}/{n}": (4, n % 3) for n in range(12)})
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    app = open_page()
    assert app.selectbox(key="published").value == benchmark
    assert bool(published(app)) == (benchmark != "none")
    assert "do not compare heights" not in words(app)
    assert "published" not in app.query_params
    assert open_page(published="none").selectbox(key="published").value == "none"
    forget_files()


def test_published_curves_follow_the_runs_until_the_reader_chooses(given: Path) -> None:
    app = open_page()
    assert app.selectbox(key="published").value == "none"
    results = "".join(
        json.dumps({"task_id": f"HumanEval/{n}", "sample_id": 0, "verdict": "passed"}) + "\n"
        for n in range(9)
    )
    bring(app, "mine.jsonl", results.encode())
    check(app.button_group(key="runs").set_value(["mine.jsonl"]).run())
    assert app.selectbox(key="published").value == "HumanEval" and published(app)
    check(app.selectbox(key="published").set_value("none").run())
    check(app.button_group(key="runs").set_value(["edits.jsonl", "mine.jsonl"]).run())
    check(app.button_group(key="runs").set_value(["mine.jsonl"]).run())
    assert app.selectbox(key="published").value == "none"


@pytest.mark.parametrize("view", VIEWS)
def test_what_limits_the_runs_is_said_once_above_every_view(view: str) -> None:
    app = open_page(passk_view=view, run=["smollm2-135m-lintseq (ships)"])
    for remark in ("which could have forged the verdict: 3 at I1", "No results of yours are open"):
        assert words(app).count(remark) == 1
    (notes,) = (one for one in app.expander if one.label.startswith("**What limits these runs**"))
    assert "which could have forged the verdict" in " ".join(one.value for one in notes.markdown)


def test_what_colour_and_dash_mean_is_said_once() -> None:
    assert words(open_page()).count("Colour is the run. Full lines are measured. ") == 1
    assert "dashed ones go on by a model" in words(open_page(beyond="100"))


def test_the_plan_is_drawn_in_the_colour_of_its_run() -> None:
    first, second = SIMULATED
    where = {"passk_view": "How many samples?", "run": list(SIMULATED)}
    colours = []
    for pilot in (first, second):
        (chart,) = open_page(**where, pilot=pilot).get("plotly_chart")
        colours.append(json.loads(chart.proto.spec)["data"][0]["line"]["color"])
    drawn = curves(open_page(run=list(SIMULATED)))["data"]
    assert colours == [one["line"]["color"] for one in drawn if one["mode"] == "lines+markers"]


def test_tokens_and_flops_are_what_the_reader_says() -> None:
    app = open_page(axis="Test-time FLOPs")
    assert "Files of results do not say what a sample costs" in words(app)


def test_no_run_chosen_is_no_error() -> None:
    app = open_page()
    check(app.button_group(key="runs").set_value([]).run())
    assert "Choose a run." in words(app)


@pytest.mark.feature("Hostile files")
@pytest.mark.browser
def test_names_out_of_files_do_nothing(page: Page, tmp_path: Path, server_url: str) -> None:
    path = rows(tmp_path / "x.jsonl", {HOSTILE: (3, 1), "=1+1": (3, 2), "\u202eT": (3, 0)})
    page.goto(f"{server_url}/pass_at_k?passk_view=Problem+by+problem")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_text("x.jsonl solves 2 of 3 problems").wait_for()
    assert page.evaluate("window.P") is None


@pytest.mark.feature("Accessibility")
@pytest.mark.browser
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_of_ours_on_pass_at_k(page: Page, server_url: str, view: str) -> None:
    url = f"{server_url}/pass_at_k?passk_view={quote_plus(view)}"
    ready = "text=samples a problem put" if view == "How many samples?" else ".js-plotly-plot"
    assert findings_on(page, url, ready=ready) == []
