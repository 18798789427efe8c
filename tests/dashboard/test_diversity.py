"""The Diversity page: what ships, files of every kind, what is missing or wrong, in words."""

from __future__ import annotations

import doctest
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page
from streamlit.testing.v1 import AppTest

from dashboard.files.examples import opened_on
from dashboard.files.shipped import shipped_models
from lintseq_core.benchmarks import get_benchmark
from lintseq_core.data.files import file_sha256
from lintseq_core.results.record import RunRecord, record_path, write_record
from tests.dashboard.apps import bring, check, forget_files, open_overview
from tests.dashboard.axe_ledger import findings_on
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("Diversity")

PAGE = "app_pages/diversity.py"
VIEWS = ("Measures", "Quality and diversity", "One problem", "Does a gain go with it?")
HOSTILE = "</code><img src=x onerror=window.P=1><script>window.P=1</script>"


def open_page(**parameters: str) -> AppTest:
    app = open_overview().switch_page(PAGE)
    for name, value in parameters.items():
        app.query_params[name] = value
    return check(app.run())


def words(app: AppTest) -> str:
    """All that stands on the page as text, without the backslashes Markdown needs."""
    shown = [*app.markdown, *app.error, *app.warning, *app.info]
    return " ".join(element.value for element in shown).replace("\\", "")


def program(number: int, kind: int) -> str:
    """Programs of one `kind` differ in a number, those of different kinds in more."""
    return "".join(f"x{line} = {number}\n" for line in range(kind + 1))


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def samples(path: Path, n_kinds: int, *, n_tasks: int = 12, n: int = 6) -> Path:
    """`n` whole programs of each problem, of `n_kinds` kinds, with no verdicts."""
    return write(
        path,
        [
            {"task_id": f"T/{task}", "sample_id": one, "solution": program(task, one % n_kinds)}
            for task in range(n_tasks)
            for one in range(n)
        ],
    )


def results(path: Path, *, n_tasks: int = 12, n: int = 6, tests: bool = True) -> Path:
    """Verdicts of those samples: of problem t the first t // 2 pass."""
    rows = []
    for task in range(n_tasks):
        for one in range(n):
            passed = one < task // 2
            row = {"task_id": f"T/{task}", "sample_id": one, "passed": passed}
            row["verdict"] = "passed" if passed else "wrong_answer"
            rows.append(row | ({"tests": "11" if passed else "10"} if tests else {}))
    return write(path, rows)


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dashboard was started on a folder, which the test fills."""
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    yield tmp_path
    forget_files()


@pytest.mark.parametrize("view", VIEWS)
def test_what_ships_is_shown_in_every_view(view: str) -> None:
    app = open_page(div_view=view)
    assert [title.value for title in app.title] == ["Diversity"]
    assert app.button_group(key="div_runs").value == opened_on()[:2]
    assert not app.error and not app.warning


def test_every_measure_has_its_meaning_and_a_value_for_each_run(traces: Path) -> None:
    table = open_page().dataframe[0].value.set_index("measure")
    assert table.loc["Different texts"].tolist()[:2] == ["5.25", "10.00"]
    assert table.loc["Tree similarity", "tiny-short"] == "–"  # 39 of 40 do not parse
    assert (table["what it is"].str.len() > 20).all()
    assert len(table) == 11


def test_a_run_of_broken_programs_is_not_praised(traces: Path) -> None:
    told = words(open_page())
    assert "tiny-short: 4 problems, 10 programs each on average. Most do not parse" in told


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("Different texts", "Here: 1."),
        ("Different trees", "Here: 1."),
        ("Edit distance", "Here: 0.143."),
        ("Vendi score", "Here: 2."),
        ("Tree similarity", "Here: 0.167."),
        ("CodeBLEU", "Here: 0.702."),
        ("Behaviours", "Here: 1."),
        ("Effective behaviours", "Here: 2."),
        ("Do not parse", "Here: 1."),
    ],
)
def test_every_measure_has_a_worked_pair(title: str, value: str) -> None:
    app = open_page(pair=title)
    assert value in words(app)
    assert len(app.code) >= 2


def test_samples_continue_the_prompts_that_their_run_record_names(given: Path) -> None:
    (problem, *_) = get_benchmark("basics").problems(None)
    body = "    return 1\n"
    rows = [
        {"task_id": problem.task_id, "sample_id": n, "completion": body if n else "    pass\n"}
        for n in range(2)
    ]
    samples = write(given / "samples.jsonl", rows)
    verdicts = [
        {"task_id": problem.task_id, "sample_id": n, "passed": False, "verdict": "wrong_answer"}
        for n in range(2)
    ]
    judged = write(given / "judged.jsonl", verdicts)
    alone = open_page(div_view="Measures")
    assert "Most do not parse" in words(alone)
    record = RunRecord(
        kind="evaluate", name="basics", created="2026-01-01T00:00:00Z", command="lintseq evaluate",
        config={"benchmark": "basics"},
        hashes={path.name: file_sha256(path) for path in (samples, judged)},
    )  # fmt: skip
    write_record(record, record_path(judged))

    known = open_page(div_view="Measures")
    assert "Most do not parse" not in words(known)
    assert any(" -b basics" in code.value for code in known.code)
    write(given / "whole.jsonl", [{"task_id": "T/0", "solution": f"x = {n}\n"} for n in range(2)])
    mixed = open_page(div_view="Measures", run=["samples.jsonl", "whole.jsonl"])
    commands = "\n".join(code.value for code in mixed.code).splitlines()
    assert {
        ("whole.jsonl" in line, " -b basics" in line)
        for line in commands
        if line.startswith("lintseq diversity ")
    } == {(True, False), (False, True)}
    whole = open_page(div_view="Measures", bench="none: programs are whole")
    assert "Most do not parse" in words(whole)


def test_the_numbers_are_those_of_the_library(given: Path) -> None:
    samples(given / "edits.jsonl", 3)
    table = open_page().dataframe[0].value.set_index("measure")
    assert table.loc["Different texts", "edits.jsonl"] == "3.00"
    assert table.loc["Behaviours", "edits.jsonl"] == "–"


def test_given_samples_are_the_runs_and_what_ships_can_be_added(given: Path) -> None:
    samples(given / "edits.jsonl", 3)
    (given / "noise.json").write_text("[1, 2")
    app = open_page()
    pills = app.button_group(key="div_runs")
    assert pills.value == ["edits.jsonl"]
    assert len(pills.options) == 1 + len(shipped_models())
    assert not app.warning


def test_without_verdicts_the_plane_says_what_is_missing(given: Path) -> None:
    samples(given / "edits.jsonl", 3)
    for view in (VIEWS[1], VIEWS[3]):
        told = words(open_page(div_view=view))
        assert "edits.jsonl: which samples pass is not known. Run `lintseq evaluate" in told


def test_results_named_after_their_samples_give_verdicts_and_behaviour(given: Path) -> None:
    samples(given / "edits.jsonl", 3)
    samples(given / "whole.jsonl", 1)
    results(given / "edits_results.jsonl")
    results(given / "whole_results.jsonl")
    app = open_page()
    assert "edits.jsonl: verdicts from edits_results.jsonl" in words(app)
    table = app.dataframe[0].value.set_index("measure")
    assert table.loc["Behaviours", "edits.jsonl"] == "1.83"  # two, but one for T/0 and T/1


def test_results_whose_record_names_the_samples_are_theirs(given: Path) -> None:
    edits, whole = samples(given / "a.jsonl", 3), samples(given / "b.jsonl", 1)
    for file, of in (("x.jsonl", edits), ("y.jsonl", whole)):
        made = results(given / file)
        record = {
            "kind": "evaluate",
            "name": "t",
            "created": "",
            "command": "",
            "schema_version": 1,
        }
        record["hashes"] = {"samples": file_sha256(of), file: file_sha256(made)}
        Path(f"{made}.record.json").write_text(json.dumps(record))
    told = words(open_page())
    assert "a.jsonl: verdicts from x.jsonl" in told and "b.jsonl: verdicts from y.jsonl" in told


def test_results_that_may_be_of_several_samples_are_used_for_none(given: Path) -> None:
    samples(given / "a.jsonl", 3)
    results(given / "x.jsonl")
    results(given / "y.jsonl")
    app = open_page()
    assert "verdicts from" not in words(app)
    assert "x.jsonl has verdicts only" in words(app) and len(app.warning) == 2


def test_the_only_results_are_used_for_the_only_samples_and_for_no_two(given: Path) -> None:
    samples(given / "a.jsonl", 3)
    results(given / "verdicts.jsonl")
    assert "a.jsonl: verdicts from verdicts.jsonl" in words(open_page())
    samples(given / "ab.jsonl", 1)
    assert "verdicts from" not in words(open_page())
    (given / "verdicts.jsonl").rename(given / "ab_verdicts.jsonl")
    told = words(open_page())
    assert "ab.jsonl: verdicts from ab_verdicts.jsonl" in told
    assert told.count("verdicts from") == 1


def test_a_gain_that_goes_with_diversity_is_called_so(given: Path) -> None:
    """By construction: run b has one kind more on every problem that it solves more often."""
    rows: dict[str, list[dict[str, Any]]] = {"a": [], "b": []}
    for task in range(16):
        for one in range(8):
            row = {"task_id": f"T/{task}", "sample_id": one}
            rows["a"].append(row | {"solution": program(1, 0), "verdict": "wrong_answer"})
            verdict = "passed" if one < task // 2 else "wrong_answer"
            rows["b"].append(
                row | {"solution": program(1, one % (task // 2 + 1)), "verdict": verdict}
            )
    for name, each in rows.items():
        write(given / f"{name}.jsonl", each)
    told = words(open_page(div_view=VIEWS[3]))
    assert "Where the first run is more diverse it gains more pass@1" in told
    assert "16 problems" in told


def test_the_code_of_the_measures_runs(given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples(given / "it's.jsonl", 3)
    (code,) = [c.value for c in open_page().code if "read_run(" in c.value]
    exec(compile(code, "offered", "exec"), {})
    assert capsys.readouterr().out.startswith("it's.jsonl ProblemDiversity(")


def test_a_model_at_two_temperatures_is_two_runs(traces: Path, given: Path) -> None:
    trace = (ROOT / "tests" / "data" / "traces" / "count_vowels.tiny-long.jsonl").read_text()
    (given / "hot.jsonl").write_text(trace)
    (given / "cold.jsonl").write_text(trace.replace('"temperature": 1.1', '"temperature": 0.2', 1))
    app = open_page(div_view=VIEWS[1])
    assert app.button_group(key="div_runs").value == [
        "tiny-long, temperature 0.2",
        "tiny-long, temperature 1.1",
    ]
    app.session_state["open_quality_diversity"] = True
    check(app.run())
    assert app.dataframe[0].value["temperature"].tolist() == [0.2, 1.1]


def test_four_problems_are_too_few_to_speak_of_a_link(traces: Path) -> None:
    assert "Nothing can be said from 4 shared problems" in words(open_page(div_view=VIEWS[3]))


def test_a_pair_is_chosen_by_link_and_shown_side_by_side(traces: Path) -> None:
    app = open_page(div_view="One problem", div_task="running_max", first="1", second="4")
    assert [box.value for box in app.number_input] == [1, 4]
    assert "Sample 4, " in words(app)
    left, right = (code.value.split("\n") for code in app.code[:2])
    assert len(left) == len(right)
    check(next(b for b in app.button if b.label == "Least alike").click().run())
    assert [box.value for box in app.number_input] != [1, 4]
    assert "Similarity: " in words(app)


@pytest.mark.parametrize(
    "parameters",
    [
        {"div_task": "no such", "first": "999", "second": "-3"},
        {"alike": "x", "same": "y", "div_run": "z", "first": "a"},
        {"div_view": "none of them", "measure": "?", "k": "7", "bench": "mbpp"},
    ],
)
def test_a_link_that_cannot_be_followed_shows_the_page_of_its_own_choice(
    parameters: dict[str, str],
) -> None:
    assert not open_page(**({"div_view": "One problem"} | parameters)).error


def test_a_sample_is_called_by_its_number_in_the_file_as_on_the_page_pass_at_k(
    given: Path,
) -> None:
    rows = [{"task_id": "T/0", "sample_id": n, "solution": program(n, 1)} for n in (0, 4, 9)]
    write(given / "edits.jsonl", rows)
    app = open_page(div_view="One problem", first="2", second="3")
    assert [(box.label, box.value) for box in app.number_input] == [
        ("Place in the file", 2),
        ("beside", 3),
    ]
    assert "Sample 5" in words(app) and "Sample 10" in words(app)
    app.session_state["open_similarity"] = True
    check(app.run())
    found = app.dataframe[0].value
    assert set(found["one"]) | set(found["other"]) == {1, 5, 10}


def test_fewer_samples_in_the_next_problem_are_no_fault(given: Path) -> None:
    rows = [{"task_id": "T/0", "sample_id": n, "solution": program(n, 1)} for n in range(9)]
    rows += [{"task_id": "T/1", "sample_id": n, "solution": program(n, 1)} for n in range(3)]
    rows += [{"task_id": "T/2", "sample_id": 0, "solution": "x = 1\n"}]
    write(given / "edits.jsonl", rows)
    app = open_page(div_view="One problem", first="9", second="8")
    check(app.selectbox(key="div_task").set_value("T/1").run())
    assert [box.value for box in app.number_input] == [3, 3]
    assert "Choose two different samples." in words(app)
    check(app.selectbox(key="div_task").set_value("T/2").run())
    assert "One program: nothing to compare." in words(app)
    assert "Unequal numbers of programs, 1 to 9 a problem" in words(app)


def test_behaviour_without_test_outcomes_is_said_to_be_unknown(given: Path) -> None:
    samples(given / "edits.jsonl", 2)
    told = words(open_page(div_view="One problem", same="Behaviour"))
    assert "Which tests each sample passes is not known" in told


def test_completions_become_programs_of_a_benchmark_on_this_machine(given: Path) -> None:
    write(
        given / "c.jsonl",
        [{"task_id": "Basics/0", "completion": f"    return {n}\n"} for n in range(4)],
    )
    bare = open_page().dataframe[0].value.set_index("measure")
    whole = open_page(bench="basics").dataframe[0].value.set_index("measure")
    assert bare.loc["Do not parse", "c.jsonl"] == "4.00"
    assert whole.loc["Do not parse", "c.jsonl"] == "0.00"
    assert "name it above" in words(open_page())


def test_answers_are_compared_by_their_code_and_mixed_files_are_a_fault(given: Path) -> None:
    answer = "Sure:\n```python\nx = {}\n```"
    rows = [{"task_id": "HumanEval/0", "completion": answer.format(n)} for n in range(4)]
    write(given / "answers.jsonl", rows)
    write(
        given / "mixed.jsonl", [*rows, {"task_id": "HumanEval/0", "completion": "    return 1\n"}]
    )
    shown = words(open_page())
    assert "read in style instruction: 4 of 4 samples look like answers with code fences" in shown
    assert "mixed.jsonl: of 5 samples 4 look like answers with code fences, 1 like" in shown
    record = RunRecord(
        kind="evaluate",
        name="humaneval",
        created="",
        command="",
        config={
            "style": "instruction",
            "style_from": {"detected": False, "votes": {"instruction": 4, "completion": 1}},
        },
        hashes={"samples": file_sha256(given / "mixed.jsonl")},
    )
    write(given / "judged.jsonl", [{"task_id": "HumanEval/0", "sample_id": 0, "passed": True}])
    write_record(record, record_path(given / "judged.jsonl"))
    app = open_page()
    assert "mixed.jsonl" not in " ".join(error.value for error in (*app.error, *app.warning))
    assert any("--style instruction" in one.value for one in app.code)


def test_completions_of_another_benchmark_are_a_fault_in_words(given: Path) -> None:
    write(given / "c.jsonl", [{"task_id": "T/0", "completion": "    return 1\n"}])
    told = words(open_page(bench="basics"))
    assert "Left out: c.jsonl: basics has no task 'T/0'" in told


def test_large_runs_are_cut_alike_for_every_problem(given: Path) -> None:
    samples(given / "many.jsonl", 4, n_tasks=100, n=40)
    told = words(open_page(div_view="One problem"))
    assert "2,000 of 4,000 samples are compared, the first 20 of each problem" in told


def test_an_upload_is_a_run_and_a_broken_one_an_error_in_words(tmp_path: Path) -> None:
    app = open_page()
    content = samples(tmp_path / "x", 2).read_bytes()
    bring(app, "mine.jsonl", content)
    assert app.button_group(key="div_runs").value == ["mine.jsonl"]
    app = open_page()
    broken = content + b'{"task_id"'
    bring(app, "bad.jsonl", broken)
    (error,) = app.error
    assert error.value.replace("\\", "").startswith("bad.jsonl, row 73")


@pytest.mark.feature("Hostile files")
def test_the_name_of_a_model_is_no_markdown() -> None:
    """An image in it would be fetched from wherever it says."""
    trace = (ROOT / "tests" / "data" / "traces" / "count_vowels.tiny-long.jsonl").read_text()
    hostile = "![x](http://x.invalid/x.png)"
    content = trace.replace('"model": "tiny-long"', f'"model": "{hostile}"', 1).encode()
    app = open_page()
    bring(app, "t.jsonl", content)
    assert app.button_group(key="div_runs").value == [hostile]
    shown = [*app.button_group(key="div_runs").options, *(text.value for text in app.markdown)]
    assert not any(hostile in text for text in shown)
    assert any(r"\!\[x\]" in text for text in shown)


def test_no_run_chosen_is_no_error() -> None:
    app = open_page()
    check(app.button_group(key="div_runs").set_value([]).run())
    assert "Choose a run." in words(app)


def test_the_sides_of_a_pair_are_of_one_height() -> None:
    open_page()  # puts the dashboard's modules on the path
    pair = importlib.import_module("dashboard.diversity.pair")
    assert doctest.testmod(pair).failed == 0
    assert pair.side_by_side("", "a\n").right == ("+ a",)
    assert pair.shown("\ud800a\u202e\x1b") == "?a\ufffd\ufffd"


@pytest.mark.browser
def test_a_click_on_a_cell_shows_its_two_programs(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/diversity?div_view=One+problem")
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_text("Sample 2, ✓ passes").wait_for()
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # the chart is sized anew
    *cell, across, down = page.evaluate(
        """() => {
          const plot = document.querySelector(".js-plotly-plot");
          const {xaxis, yaxis} = plot._fullLayout;
          const box = plot.getBoundingClientRect();
          return [box.x + xaxis._offset + xaxis.d2p(xaxis._categories[8]),
                  box.y + yaxis._offset + yaxis.d2p(yaxis._categories[9]),
                  xaxis._categories[8], yaxis._categories[9]];
        }"""
    )
    page.mouse.move(*cell)
    page.mouse.click(*cell)
    first, second = re.findall(r"\d+", f"{down} {across}")
    page.get_by_text(re.compile(rf"^Sample {first}, [✓✗]")).wait_for()
    page.get_by_text(re.compile(rf"^Sample {second}, [✓✗]")).wait_for()
    assert f"first={first}" in page.url and f"second={second}" in page.url


@pytest.mark.feature("Hostile files")
@pytest.mark.browser
def test_names_and_programs_out_of_files_do_nothing(
    page: Page, tmp_path: Path, server_url: str
) -> None:
    names = (HOSTILE, "=1+1", "\u202eT", "![x](http://x.invalid/x.png)")
    rows = [
        {"task_id": name, "sample_id": n, "solution": f"# {HOSTILE}\nx = '{name}'\n" * (n + 1)}
        for name in names
        for n in range(2)
    ]
    path = write(tmp_path / "![x](http:x.invalid) **b**.jsonl", rows)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "invalid" in sent.url else None)
    page.goto(f"{server_url}/diversity?div_view=One+problem")
    page.locator("input[type=file]").set_input_files(path)
    pills = page.get_by_test_id("stButtonGroup")
    pills.get_by_text("**b**.jsonl").wait_for(state="attached")
    page.get_by_text("lines only in the left one").wait_for()
    page.get_by_text("onerror=window.P=1").first.wait_for()
    assert page.evaluate("window.P") is None
    assert asked == []


@pytest.mark.feature("Accessibility")
@pytest.mark.browser
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_of_ours_on_diversity(page: Page, server_url: str, view: str) -> None:
    url = f"{server_url}/diversity?div_view={quote_plus(view)}"
    ready = "text=A worked pair" if view == "Measures" else ".js-plotly-plot"
    assert findings_on(page, url, ready=ready) == []
