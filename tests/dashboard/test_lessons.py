"""The page Lessons without a browser: catalogue, links, broken files, and where the lessons lead."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lintseq_core.lessons import find_lessons, read_lesson
from tests.dashboard.apps import ENTRY, check, says
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("Lessons")

PAGE = "app_pages/lessons.py"
LESSONS = {path.stem: read_lesson(path) for path in find_lessons([ROOT / "assets" / "lessons"])}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Lets the dashboard be started on files."""

    def start(*paths: Path) -> None:
        monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(path) for path in paths]))
        st.cache_resource.clear()

    yield start
    st.cache_resource.clear()


def open_lessons(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=60).run().switch_page(PAGE)
    for name, value in parameters.items():
        app.query_params[name] = value
    return check(app.run())


def data(app: AppTest) -> dict[str, Any]:
    (component,) = app.get("bidi_component")
    return dict(json.loads(component.proto.json))


def test_the_catalogue_names_every_lesson_in_the_order_to_read_them() -> None:
    app = open_lessons()

    cards = data(app)["catalogue"]
    assert cards[0]["name"] == "the_idea" and cards[1]["name"] == "the_closure"
    assert {card["name"] for card in cards} == set(LESSONS)
    assert [title.value for title in app.title] == ["Lessons"]
    assert says(app, "warning") == says(app, "error") == []


@pytest.mark.parametrize("name", sorted(LESSONS))
def test_a_link_opens_its_lesson(name: str) -> None:
    app = open_lessons(lesson=name, at="3")

    assert data(app)["lesson"]["title"] == LESSONS[name].title
    assert [title.value for title in app.title] == [LESSONS[name].title]
    assert says(app, "warning") == says(app, "error") == []


def test_a_link_to_no_lesson_is_explained_and_the_catalogue_shown() -> None:
    app = open_lessons(lesson="the_end")

    (warning,) = says(app, "warning")
    assert warning.startswith(
        "There is no lesson 'the_end'; did you mean the_idea? There are the_idea, the_closure"
    )
    assert len(data(app)["catalogue"]) == len(LESSONS)


def test_a_broken_lesson_is_named_and_the_others_work(given: Any, tmp_path: Path) -> None:
    shutil.copy(ROOT / "assets" / "lessons" / "the_idea.yaml", tmp_path / "mine.yaml")
    (tmp_path / "bad.yaml").write_text("title: T\nsummary: S\nminutes: 2\nsteps:\n  - {title: O}\n")
    (tmp_path / "asks.yaml").write_text(
        "title: Asks\nsummary: S\nminutes: 2\nsteps:\n"
        "  - {title: O, text: L, show: {player: {program: nowhere}}}\n"
    )
    given(tmp_path)

    app = open_lessons()
    (warning,) = says(app, "warning")
    assert "bad.yaml, step 1 (O), text: is missing: write a text" in warning
    assert "The other lessons are not affected." in warning
    assert [card["name"] for card in data(app)["catalogue"]][:2] == ["asks", "mine"]

    assert data(open_lessons(lesson="mine"))["lesson"]["title"] == "The idea"
    app = open_lessons(lesson="asks")
    (error,) = says(app, "error")
    assert error.startswith(
        "asks.yaml, step 1 (O), show, player, program: there is no example program 'nowhere'"
    )
    assert len(data(app)["catalogue"]) == len(LESSONS) + 2


def test_a_lesson_is_no_fault_on_the_other_pages(given: Any) -> None:
    given(ROOT / "assets" / "lessons" / "the_idea.yaml")
    app = AppTest.from_file(str(ENTRY), default_timeout=60).run()
    app = check(app.switch_page("app_pages/trajectories.py").run())
    assert not any("Left out" in text.value for text in app.markdown)


@pytest.mark.feature("Predict the next edit")
def test_the_exercise_is_there_for_any_trajectory() -> None:
    app = open_predict(program="matrix_sum", seed="3")
    payload = data(app)["payload"]
    assert (payload["format"], payload["title"]) == ("lintseq-predict", "matrix_sum.py")
    assert [one["step"] for one in payload["rounds"]] == [1, 2, 3, 4, 5, 6, 7]
    assert says(app, "info") == []

    app = open_predict(program="coin_change", seed="1")
    assert any("Rounds begin after edit" in text.value for text in app.markdown)


@pytest.mark.feature("Predict the next edit")
@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ({"method": "randseq"}, "a RandSeq sequence may go on with any lines"),
        ({"linter": "pylint"}, "pylint would have to judge thousands of states; choose pyflakes"),
    ],
    ids=["randseq", "pylint"],
)
def test_where_nothing_can_be_predicted_it_says_so(choice: dict[str, str], why: str) -> None:
    app = open_predict(program="matrix_sum", **choice)
    (told,) = says(app, "info")
    assert told.startswith(f"There is nothing to predict here: {why}")
    assert app.get("bidi_component") == []


def open_predict(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=60).switch_page("app_pages/trajectories.py")
    for name, value in {**parameters, "lab": "Predict"}.items():
        app.query_params[name] = value
    return check(app.run())


# Each address once; parameters that the browser keeps make no other page.
KEYS = {"run": "runs"}
"""What a page calls a parameter of its address, where that is another name."""
PLAYERS = ("step", "whatif", "xray", "look", "line")
LINKS = sorted(
    {
        (link.page, tuple(pair for pair in link.parameters if pair[0] not in PLAYERS))
        for lesson in LESSONS.values()
        for step in lesson.steps
        for link in step.links
    }
)


@pytest.mark.parametrize(("page", "parameters"), LINKS, ids=range(len(LINKS)))
def test_every_link_of_a_lesson_leads_to_what_it_names(
    page: str, parameters: tuple[tuple[str, str], ...]
) -> None:
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app = app.switch_page(f"app_pages/{page or 'overview'}.py")
    for key in dict(parameters):
        values = [value for name, value in parameters if name == key]
        app.query_params[key] = values if len(values) > 1 else values[0]
    app = check(app.run())

    assert says(app, "warning") == []
    if ("see", "Malformed edits") not in parameters:  # where refusing is the subject
        assert says(app, "error") == []
    for key, value in parameters:
        key = KEYS.get(key, key)
        assert key in app.session_state, key
        held = app.session_state[key]
        assert value in map(str, held if isinstance(held, list) else [held]), (key, value)
