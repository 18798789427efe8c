"""What a link asks for in vain is said; the documentation that ships is a page."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.data.link import NAMES
from dashboard.docs.texts import FIRST, documents, parts_of
from dashboard.generations.live import NUMBERS
from dashboard.shared.links import unknown, unknown_page
from dashboard.shared.parameters import PARAMETERS, unknown_parameters
from tests.dashboard.apps import check, open_overview, says
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("Pages")


def open_at(page: str, **parameters: str) -> AppTest:
    app = open_overview().switch_page(f"app_pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    return check(app.run())


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("trajectory", "There is no page 'trajectory'; did you mean Trajectories?"),
        ("PASS_AT_K", "There is no page 'PASS_AT_K'; did you mean pass@k?"),
        ("xyz", "There is no page 'xyz'."),
    ],
)
def test_the_nearest_name_is_told(asked: str, told: str) -> None:
    assert unknown("page", asked, ["Overview", "Trajectories", "pass@k"]) == told


def test_a_page_is_unknown_by_the_end_of_its_address() -> None:
    known = {"", "data"}
    assert unknown_page("http://host:8501/base/nosuchpage/", known) == "nosuchpage"
    assert unknown_page("http://host/a%20page", known) == "a page"
    assert [unknown_page(url, known) for url in (None, "http://host", "http://host/data")] == [
        ""
    ] * 3


@pytest.mark.parametrize("page", [name for name in PARAMETERS if name])
def test_an_unknown_parameter_is_said_and_nothing_else(page: str) -> None:
    name = PARAMETERS[page][0]
    app = open_at(page, **{f"{name}x": "1"})

    told = says(app, "warning")
    assert [one for one in told if f"'{name}x'; did you mean {name}?" in one] == told != []


@pytest.mark.parametrize(
    ("page", "parameter", "value", "nearest"),
    [
        ("trajectories", "program", "coin_chane", "coin_change"),
        ("trajectories", "lab", "Many sequence", "Many sequences"),
        ("generations", "see", "Prefix treee", "Prefix tree"),
        ("pass_at_k", "passk_view", "Curvs", "Curves"),
        ("diversity", "div_view", "one problem", "One problem"),
        ("data", "data_view", "Statistic", "Statistics"),
        ("docs", "text", "docs/tutoral.md", "docs/tutorial.md"),
        ("lessons", "lesson", "the_ide", "the_idea"),
    ],
)
def test_a_misspelt_value_is_said_with_the_nearest(
    page: str, parameter: str, value: str, nearest: str
) -> None:
    (told,) = says(open_at(page, **{parameter: value}), "warning")
    assert f"'{value}'; did you mean {nearest}?" in told


def test_the_table_knows_every_parameter_that_is_bound_or_read() -> None:
    known = {name for names in PARAMETERS.values() for name in names}
    sources = "\n".join(path.read_text() for path in (ROOT / "dashboard").rglob("*.py"))
    bound = set(
        re.findall(r'key="(\w+)",(?:(?!key=)[^()]|\([^()]*\))*?bind="query-params"', sources)
    )
    read = set(re.findall(r'query_params(?:\.(?:get|get_all|pop)\(|\[)"(\w+)"', sources))
    moved = set(re.findall(r'choose_(?:view|from_one)\((?:[^()]|\([^()]*\))*?key="(\w+)"', sources))
    assert len(bound) > 25 and len(moved) >= 7
    assert bound | read | moved | set(NUMBERS) <= known | {"files"}
    assert not unknown_parameters("data", NAMES)


def test_the_documents_that_ship_lead_to_each_other_with_their_pictures() -> None:
    found = documents(ROOT)
    assert next(iter(found)) == FIRST
    parts = parts_of("docs/explorer.md", found)
    pictures = [file for _, file in parts if file]
    text = "\n".join(text for text, file in parts if not file)
    assert len(pictures) >= 8 and all(file.suffix == ".png" for file in pictures)
    assert "[teaching.md](docs?text=docs/teaching.md)" in text
    assert not re.search(
        r"\]\((?!https?:|#|docs\?text=)", re.sub(r"```.*?```", "", text, flags=re.S)
    )


def test_docs_is_a_page_where_the_documents_are(tmp_path: object) -> None:
    app = open_at("docs", text="docs/glossary.md")
    assert any("# Glossary" in one.value for one in app.markdown)
    assert documents(ROOT / "lintseq_core") == {}
