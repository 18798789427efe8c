"""Many sequences, linters compared and branches, without a browser."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lintseq_core import LinterUnavailable, Program, get_linter, sample_path
from lintseq_core.viewer.checks import broken_states
from tests.dashboard.apps import check, data, open_overview, open_trajectories, payload, says
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("Pages")


@pytest.fixture
def no_pylint(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pages find no pylint, whether it is installed or not."""
    open_overview()  # imports the loaders as the pages do

    def get(name: str) -> Any:
        if name == "pylint":
            raise LinterUnavailable("pylint is not installed: pip install 'lintseq-core[pylint]'")
        return get_linter(name)

    monkeypatch.setattr(sys.modules["dashboard.files.loaders"], "get_linter", get)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.usefixtures("no_pylint")
def test_a_linter_that_is_not_installed_is_named_with_its_remedy() -> None:
    app = open_trajectories({"linter": "pylint"})

    (warning,) = says(app, "warning")
    assert "pip install 'lintseq-core[pylint]'" in warning
    assert "pylint" not in app.selectbox(key="linter").options
    assert payload(app)["meta"]["linter"] == "pyflakes"


def tab(app: AppTest, name: str) -> AppTest:
    app.session_state["many_tab"] = name
    return check(app.run())


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_many_trajectories_are_counted_and_drawn() -> None:
    link = {"program": "matrix_sum", "lab": "Many trajectories", "n": "20"}
    app = open_trajectories(link | {"many_tab": "When each line comes"})

    program = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
    births = {sample_path(program, seed=0, path_index=path).birth_steps for path in range(20)}
    assert metrics(app)["Different sequences"] == f"{len(births)} of 20"
    assert len(app.get("plotly_chart")) == 1
    for name in ("As a graph", "Edit sizes", "Two of them"):
        assert len(tab(app, name).get("plotly_chart")) == 1, name


def dependencies(app: AppTest) -> dict[str, Any]:
    """What the list of lines was given."""
    (lines,) = (
        one
        for one in app.get("bidi_component")
        if one.proto.component_name == "lintseq_dependencies"
    )
    return dict(json.loads(lines.proto.json))


def test_many_sequences_open_on_what_each_line_needs() -> None:
    app = open_trajectories({"program": "matrix_sum", "lab": "Many sequences", "n": "20"})

    shown = dependencies(app)
    program = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
    births = [sample_path(program, seed=0, path_index=path).birth_steps for path in range(20)]
    for line, signs in enumerate(shown["signs"]):
        assert (signs is None) == (not program.lines[line])
        for other, sign in enumerate(signs or ""):
            if other != line and program.lines[other]:
                before = all(one[other] <= one[line] for one in births)
                after = all(one[other] >= one[line] for one in births)
                kinds = {(1, 0): "n", (1, 1): "t", (0, 1): "d", (0, 0): "f"}
                assert sign == kinds[before, after], (line, other)
    assert shown["sentences"][8].startswith("Line 9 needs lines 1 and 8; lines 10-11 need it;")
    assert any("in all 20 sequences sampled" in note for note in shown["notes"])
    assert app.get("plotly_chart") == []


def test_randseq_leaves_every_line_free() -> None:
    link = {"program": "matrix_sum", "lab": "Many sequences", "method": "randseq"}

    sentences = dependencies(open_trajectories(link))["sentences"]
    assert all(told.endswith("it is free of all other 8 lines.") for told in sentences if told)


def test_how_many_stands_in_the_first_line_and_among_its_controls() -> None:
    app = open_trajectories({"program": "matrix_sum", "lab": "Many sequences", "n": "20"})
    (first_line,) = (one.proto.popover.label for one in app.get("popover"))
    assert first_line.replace("\\", "").endswith("seed 0 · 20 sequences")

    check(app.segmented_control(key="n").set_value(100).run())
    assert any("in all 100 sequences sampled" in note for note in dependencies(app)["notes"])


def test_a_link_to_the_graph_of_earlier_versions_opens_it() -> None:
    link = {"program": "matrix_sum", "lab": "Many trajectories", "n": "10"}
    app = open_trajectories(link | {"many_tab": "What comes before what"})

    (graph,) = app.get("plotly_chart")
    assert graph.key == "graph" and says(app, "warning") == []
    points = json.loads(graph.proto.spec)["data"][1]["text"]
    assert "6-7" not in points  # blank lines are no part of the order


def test_two_of_many_play_side_by_side() -> None:
    app = open_trajectories({"lab": "Many trajectories", "n": "10", "one": "3", "other": "7"})

    shown = data(tab(app, "Two of them"))["payloads"]

    assert [each["meta"]["path_index"] for each in shown] == [3, 7]


def test_many_trajectories_of_a_slow_linter_are_left_to_the_command_line() -> None:
    app = open_trajectories({"lab": "Many trajectories", "linter": "ruff"})

    (told,) = says(app, "info")
    assert "too slow for many sequences" in told
    assert [code.value for code in app.code] == [
        "lintseq sample coin_change.py --linter ruff --seed 0 -s 200 -f json"
    ]


def rows(app: AppTest) -> dict[str, dict[str, str]]:
    (table,) = app.table
    return {row["Made with"]: row for row in table.value.to_dict("records")}


WAYS = [
    "LintSeq, pyflakes", "LintSeq, pylint", "LintSeq, ruff", "LintSeq, syntax only", "RandSeq",
]  # fmt: skip


@pytest.mark.parametrize("name", ["Compare linters", "Linter race"])
def test_every_linter_judges_what_every_linter_lets_through(name: str) -> None:
    """The second is what earlier versions called it."""
    app = open_trajectories({"program": "matrix_sum", "lab": name, "seed": "1"})

    assert app.segmented_control(key="lab").value == "Compare linters"
    shown = {each["title"]: each for each in data(app)["payloads"]}
    told = rows(app)
    assert list(shown) == list(told) == WAYS
    program = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
    half = sample_path(program, seed=1, linter=get_linter("syntax"))
    found = {
        judge: set(broken_states(half, get_linter(judge))["broken"])
        for judge in ("syntax", "pyflakes", "ruff", "pylint")
    }
    any_of_them = set().union(*found.values())
    row = told["LintSeq, syntax only"]
    assert row["Broken states"] == f"{len(any_of_them)} of {half.n_edits}"
    assert row["Syntax errors"] == "0" and int(row["pylint finds"]) > 0
    assert [row[f"{judge} finds"] for judge in ("pyflakes", "ruff", "pylint")] == [
        f"{len(found[judge])}" for judge in ("pyflakes", "ruff", "pylint")
    ]
    assert set(shown["LintSeq, syntax only"]["checks"]["broken"]) == any_of_them
    assert any("RandSeq first breaks after edit" in text.value for text in app.markdown)


def test_a_long_program_is_not_given_to_pylint_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_overview()
    limits = sys.modules["dashboard.files.loaders"].MAX_COMPARE_LINES
    monkeypatch.setitem(limits, "pylint", 5)
    app = open_trajectories({"program": "matrix_sum", "lab": "Compare linters"})

    told = rows(app)
    assert told["LintSeq, pylint"]["Broken states"] == "not run"
    assert "pylint finds" not in told["LintSeq, ruff"]
    notes = [one.value.replace("\\", "") for one in app.markdown]
    assert any("pylint does not judge here: the program has 11 lines" in note for note in notes)
    assert len(data(app)["payloads"]) == 4


@pytest.mark.usefixtures("no_pylint")
def test_a_linter_that_is_not_installed_stands_in_the_table_with_its_command() -> None:
    app = open_trajectories({"program": "matrix_sum", "lab": "Compare linters"})

    assert len(data(app)["payloads"]) == 4
    assert list(rows(app)) == WAYS
    assert rows(app)["LintSeq, pylint"]["Broken states"] == "not installed"
    assert "pip install 'lintseq-core[pylint]'" in [code.value for code in app.code]


def test_a_branch_in_the_link_is_followed_and_can_be_taken_back() -> None:
    app = open_trajectories({"program": "matrix_sum", "seed": "3", "branch": "3.0"})
    program = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
    straight = list(sample_path(program, seed=3).birth_steps)

    branched = payload(app)
    assert branched["births"] != straight
    assert branched["meta"]["seed"] is None
    assert any("line 1 was let go after step 3" in text.value for text in app.markdown)

    check(next(b for b in app.button if b.label.startswith("Take the last")).click().run())
    assert payload(app)["births"] == straight
    assert "branch" not in app.query_params


def test_another_seed_drops_the_branch() -> None:
    app = open_trajectories({"program": "matrix_sum", "seed": "3", "branch": "3.0"})

    check(app.number_input(key="seed").set_value(4).run())

    assert payload(app)["meta"]["seed"] == 4
    assert "branch" not in app.query_params


@pytest.mark.parametrize("branch", ["x", "1.2.3", "9999.0", "3.999", ",", "-1.0", "1.1," * 30])
def test_a_damaged_branch_is_said_and_the_page_works(branch: str) -> None:
    app = open_trajectories({"program": "matrix_sum", "branch": branch})

    assert says(app, "warning") or says(app, "error")
    check(app.number_input(key="seed").set_value(4).run())
    assert payload(app)["meta"]["seed"] == 4
