"""Many trajectories, the race of linters and branches, without a browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lintseq_core import LinterUnavailable, Program, get_linter, sample_path
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
    app = open_trajectories({"program": "matrix_sum", "lab": "Many trajectories", "n": "20"})

    program = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
    births = {sample_path(program, seed=0, path_index=path).birth_steps for path in range(20)}
    assert metrics(app)["Different sequences"] == f"{len(births)} of 20"
    assert len(app.get("plotly_chart")) == 1
    for name in ("What comes before what", "Edit sizes", "Two of them"):
        assert len(tab(app, name).get("plotly_chart")) == 1, name


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


def test_the_race_judges_every_racer_by_pyflakes() -> None:
    app = open_trajectories({"program": "matrix_sum", "lab": "Linter race", "seed": "1"})

    racers = data(app)["payloads"]
    assert [each["title"] for each in racers] == [
        "LintSeq, pyflakes", "LintSeq, pylint", "LintSeq, syntax only", "RandSeq",
    ]  # fmt: skip
    assert racers[0]["checks"]["broken"] == {}
    assert racers[3]["checks"]["broken"] != {}
    assert any("RandSeq first breaks after edit" in text.value for text in app.markdown)


@pytest.mark.usefixtures("no_pylint")
def test_a_racer_that_is_not_installed_is_named_and_the_others_race() -> None:
    app = open_trajectories({"program": "matrix_sum", "lab": "Linter race"})

    assert len(data(app)["payloads"]) == 3
    assert any("LintSeq, pylint does not run here" in text.value for text in app.markdown)


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
