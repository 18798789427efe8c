"""What a link to the page pass@k holds, runs at several temperatures, and the samples of a problem."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from dashboard.pass_at_k.runs import SIMULATED
from lintseq_core.data.files import file_sha256
from tests.dashboard.apps import check, forget_files
from tests.dashboard.conftest import ROOT
from tests.dashboard.test_pass_at_k import open_page, words

pytestmark = pytest.mark.feature("pass@k")

PROBLEMS = "Problem by problem"
EDITS = "edits, all.jsonl"


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def sample(task: int, one: int, passed: bool | None, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"task_id": f"T/{task}", "sample_id": one}
    if passed is not None:
        row |= {"verdict": "passed" if passed else "wrong_answer"}
    return row | more


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dashboard was started on a run of two temperatures, one of one, and one that says none."""
    for name, temperatures in ((EDITS, (0.2, 0.8)), ("whole.jsonl", (0.2,))):
        write(
            tmp_path / name,
            [
                sample(t, n, n <= t, temperature=hot, solution=f"x = {t} + {n} # at {hot}\n")
                for hot in temperatures
                for t in range(4)
                for n in range(5)
            ],
        )
    write(tmp_path / "old.jsonl", [sample(t, n, n < t) for t in range(4) for n in range(5)])
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    yield tmp_path
    forget_files()


def test_a_file_of_two_temperatures_is_two_runs_and_unequal_ones_are_said(given: Path) -> None:
    app = open_page()
    assert app.dataframe[-1].value["run"].tolist() == [
        f"{EDITS}, temperature 0.2",
        f"{EDITS}, temperature 0.8",
        "old.jsonl",
        "whole.jsonl",
    ]
    assert f"Unequal temperatures ({EDITS}: 0.2, 0.8; whole.jsonl: 0.2)" in words(app)


def test_runs_at_one_temperature_are_compared_without_a_warning(given: Path) -> None:
    app = open_page(temperature="0.2")
    assert app.button_group(key="temperatures").value == ["0.2"]
    assert app.dataframe[-1].value["run"].tolist() == [f"{EDITS}, temperature 0.2", "whole.jsonl"]
    assert not app.warning


def test_two_runs_at_unequal_temperatures_are_not_compared_in_silence(given: Path) -> None:
    where = {"run_a": f"{EDITS}, temperature 0.8", "run_b": "whole.jsonl"}
    app = open_page(passk_view="Difference of two", **where)
    assert f"Unequal temperatures ({EDITS}, temperature 0.8: 0.8; whole.jsonl: 0.2)" in words(app)
    app = open_page(passk_view="Difference of two", run_a="whole.jsonl", run_b="whole.jsonl")
    assert "Choose two different runs." in words(app)


def test_a_choice_of_runs_and_temperatures_stands_in_the_link(given: Path) -> None:
    app = open_page()
    assert "run" not in app.query_params and "temperature" not in app.query_params
    check(app.button_group(key="runs").set_value([EDITS]).run())
    check(app.button_group(key="temperatures").set_value(["0.8"]).run())
    assert app.query_params["run"] == EDITS
    assert app.query_params["temperature"] == "0.8"
    again = open_page(run=EDITS, temperature="0.8")
    assert again.dataframe[-1].value["run"].tolist() == [f"{EDITS}, temperature 0.8"]
    check(app.button_group(key="runs").set_value([]).run())
    assert app.query_params["run"] == "none"
    assert "Choose a run." in words(open_page(run="none"))


def test_a_run_of_a_link_that_is_not_here_is_named(given: Path) -> None:
    app = open_page(run="![x](http://x.invalid).jsonl")
    assert "Not here: “![x](http://x.invalid).jsonl”" in words(app)
    assert "give the page the file too" in words(app)
    assert len(app.button_group(key="runs").value) == 3


@pytest.mark.feature("Links")
@pytest.mark.parametrize(
    ("view", "key", "number"),
    [
        ("Curves", "beyond", "inf"),
        ("How many samples?", "plan_k", "9" * 400),
        ("How many samples?", "plan_points", "nan"),
        ("The estimator", "est_p", "abc"),
        ("The estimator", "est_seed", "1e99"),
    ],
    ids=["inf", "long", "nan", "word", "large"],
)
def test_a_number_that_is_none_is_left_out_of_the_link(view: str, key: str, number: str) -> None:
    app = open_page(**{"passk_view": view, key: number})
    assert f"The link does not hold a number as {key}" in words(app)
    assert key not in app.query_params


@pytest.mark.feature("Links")
def test_what_a_sample_costs_stands_in_the_link() -> None:
    app = open_page(axis="Test-time FLOPs", cost="100,2,3", run=list(SIMULATED))
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert chart["layout"]["xaxis"]["title"]["text"] == "test-time FLOPs a problem"
    assert app.query_params["cost"] == ["100,2,3", "200,135,1"]
    assert not open_page(axis="Seconds", cost="inf,x,-1").error


@pytest.mark.feature("Links")
def test_the_pilot_and_its_numbers_stand_in_the_link(given: Path) -> None:
    where = {"pilot": "whole.jsonl", "plan_k": "3", "plan_points": "4.5"}
    app = open_page(passk_view="How many samples?", **where)
    assert app.selectbox(key="pilot").value == "whole.jsonl"
    assert "pass@3 of these 4 problems within ±4.5 points" in words(app)


def test_the_samples_of_a_problem_are_shown_with_their_verdicts(given: Path) -> None:
    where = {"problem": "T/1", "problem_run": f"{EDITS}, temperature 0.8"}
    app = open_page(passk_view=PROBLEMS, **where)
    assert f"{EDITS}, temperature 0.8, T/1: 2 of 5 samples pass." in words(app)
    shown = [one.value for one in app.code if "# at" in one.value]
    assert shown == [f"x = 1 + {n} # at 0.8" for n in range(5)]
    assert "✗ Sample 5, wrong answer" in words(app)
    check(app.button_group(key="which").set_value("Passing").run())
    assert len([one for one in app.code if "# at" in one.value]) == 2


def test_results_without_programs_take_them_from_their_samples(given: Path) -> None:
    (given / "old.jsonl").rename(given / "ol-judged.jsonl")
    where = {"passk_view": PROBLEMS, "problem": "T/2", "problem_run": "ol-judged.jsonl"}
    assert "ol-judged.jsonl has verdicts only" in words(open_page(**where))
    texts = [sample(t, n, None, completion=f"y = {t}, {n}") for t in range(4) for n in range(5)]
    samples = write(given / "ol.jsonl", texts)  # whose name it begins with
    app = open_page(**where)
    assert "Programs from ol.jsonl." in words(app)
    assert "y = 2, 4" in [one.value for one in app.code]
    other = write(given / "named.jsonl", [row | {"completion": "by hash"} for row in texts])
    record = {"kind": "evaluate", "name": "t", "created": "", "command": "", "schema_version": 1}
    record["hashes"] = {"samples": file_sha256(other)}
    (given / "ol-judged.jsonl.record.json").write_text(json.dumps(record))
    forget_files()
    assert "Programs from named.jsonl." in words(open_page(**where))
    assert samples.exists()


def test_the_code_of_answers_is_shown_in_the_style_of_their_file(given: Path) -> None:
    (given / "old.jsonl").rename(given / "ol-judged.jsonl")
    where = {"passk_view": PROBLEMS, "problem": "T/2", "problem_run": "ol-judged.jsonl"}
    answer = "Sure:\n```python\ny = {}, {}\n```\nDone."
    texts = [sample(t, n, None, completion=answer.format(t, n)) for t in range(4) for n in range(5)]
    write(given / "ol.jsonl", texts)
    assert "y = 2, 4" in [one.value for one in open_page(**where).code]


def test_simulated_samples_are_no_programs() -> None:
    app = open_page(passk_view=PROBLEMS, problem="Simulated/3", run=list(SIMULATED))
    assert "no programs behind them" in words(app)


def test_a_problem_leads_to_its_traces(given: Path) -> None:
    trace = (ROOT / "tests" / "data" / "traces" / "count_vowels.tiny-long.jsonl").read_text()
    named = trace.replace('"problem": "examples count_vowels"', '"problem": "mine T/1"', 1)
    assert named != trace
    (given / "trace.jsonl").write_text(named)
    app = open_page(passk_view=PROBLEMS, problem="T/1")
    (link,) = app.get("page_link")
    assert link.proto.page == "generations"
    assert "model=tiny-long" in link.proto.query_string
    assert not open_page(passk_view=PROBLEMS, problem="T/2").get("page_link")


@pytest.mark.browser
def test_a_click_on_a_cell_chooses_its_problem_and_the_link_leads_back(
    page: Page, server_url: str
) -> None:
    runs = urlencode({"run": list(SIMULATED)}, doseq=True)
    page.goto(f"{server_url}/pass_at_k?passk_view=Problem+by+problem&order=As+numbered&{runs}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.locator(".js-plotly-plot").scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # the chart is sized anew
    cell = page.evaluate(
        """() => {
          const plot = document.querySelector(".js-plotly-plot");
          const {xaxis, yaxis} = plot._fullLayout;
          const box = plot.getBoundingClientRect();
          return [box.x + xaxis._offset + xaxis.d2p(100), box.y + yaxis._offset + yaxis.d2p(1)];
        }"""
    )
    page.mouse.move(*cell)
    page.mouse.click(*cell)
    told = page.get_by_text(re.compile(r"^Simulated: edit sequences, Simulated/100: \d+ of 50"))
    told.wait_for()
    assert "problem=Simulated%2F100" in page.url and "problem_run=Simulated" in page.url
    page.reload()
    told.wait_for()
