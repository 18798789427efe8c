"""What SmolLM2 wrote with the adapters that ship, on the page Generations."""

from __future__ import annotations

import pytest

from lintseq_core.benchmarks import basics
from lintseq_core.viewer.generated import build_generation_payload
from lintseq_core.viewer.trace_runs import final_outcomes, find_task
from lintseq_core.viewer.traces import read_traces
from tests.dashboard.apps import check, data, open_overview
from tests.dashboard.conftest import ROOT
from tests.dashboard.test_generations import VIEWS, open_generations, texts

pytestmark = pytest.mark.feature("generations")


@pytest.mark.parametrize("view", VIEWS)
def test_what_the_shipped_adapters_wrote_is_shown_in_every_view(view: str) -> None:
    chosen = {"from": "SmolLM2-135M"} | ({"see": view})
    app = open_generations(chosen)
    assert not app.exception
    assert not app.error or view == "Malformed edits"  # there an error is what is shown
    assert "Written by SmolLM2-135M with the two adapters that ship" in texts(app)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("lintseq", "87 of 96 samples break the format of edits somewhere"),
        ("whole", "It writes whole programs: no edit can break the format."),
    ],
)
def test_over_all_problems_the_recorded_verdicts_are_known(way: str, said: str) -> None:
    model = f"smollm2-135m-{way}"
    app = open_generations({"from": "SmolLM2-135M", "see": "All problems", "model": model})
    assert said in texts(app)
    assert "1 of 96 samples pass all tests, at least one sample for 1 of 24 problems" in texts(app)
    assert "1.0% (95 % interval 0.0% to 7.8%)" in texts(app)
    assert "not run" not in texts(app)


def test_what_writes_edits_stands_beside_what_writes_whole_programs() -> None:
    app = open_generations({"from": "SmolLM2-135M", "see": "Two models"})
    assert app.selectbox(key="beside").value == "smollm2-135m-whole"
    assert [p["meta"]["mode"] for p in data(app)["payloads"]] == ["stepwise", "whole"]
    assert "smollm2-135m-whole, sample 1: ✗ exception · whole program" in texts(app)
    assert "Over the 24 problems of both" in texts(app)
    assert "that they differ cannot be told (95 % interval of the difference " in texts(app)


@pytest.mark.parametrize("view", ["Curves", "Difference of two", "Problem by problem"])
def test_its_samples_are_runs_of_pass_at_k(view: str) -> None:
    app = open_overview().switch_page("app_pages/pass_at_k.py")
    names = [f"smollm2-135m-{way} (ships)" for way in ("lintseq", "whole")]
    app.query_params["run"] = names
    app.query_params["passk_view"] = view
    app = check(app.run())
    assert app.button_group(key="runs").value == names


def test_a_problem_of_it_leads_to_the_programs_that_were_written() -> None:
    app = open_overview().switch_page("app_pages/pass_at_k.py")
    name = "smollm2-135m-whole (ships)"
    app.query_params["run"] = name
    app.query_params["passk_view"] = "Problem by problem"
    app.query_params["problem"] = "Basics/1"
    app = check(app.run())
    asked = basics.problems().named("Basics/1").entry_point
    assert any(f"def {asked}(" in code.value for code in app.code)


def test_the_verdicts_in_a_trace_are_known_where_nothing_was_run_anew() -> None:
    path = ROOT / "assets" / "generations" / "traces" / "smollm2-135m-lintseq" / "Basics_13.jsonl"
    ((read,), _) = read_traces(path.read_bytes(), path.name)
    task = find_task(read.trace.header, ())
    fourth = read.trace.samples[3]
    shown = build_generation_payload(read.trace.header, fourth, title="T", task=task)
    assert shown["tests"]["outcomes"] == [["not written"], ["passed"]]
    assert shown["tests"]["first_passing"] == 1
    assert shown["tests"]["made"] == "run when the trace was made, in boxes"
    told = [end.verdict for sample in read.trace.samples if (end := sample.end)]
    assert final_outcomes(read, task, None) == [(verdict,) for verdict in told]
