"""What ships of models is what lies in assets: on every page, in one order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from typer.testing import CliRunner

from assets.make.pocket import make_all
from dashboard.files import samples, shipped
from dashboard.files.shipped import place_of, shipped_models, shipped_path
from dashboard.generations import source
from lintseq_core.benchmarks import get_benchmark
from lintseq_core.cli import app as lintseq
from lintseq_core.models.pocket import folder
from tests.dashboard.apps import check, data, open_overview, payload
from tests.dashboard.conftest import ROOT
from tests.dashboard.test_generations import VIEWS
from tests.integration.pocket_study import FORMATS, N_SAMPLES, make_study

pytestmark = pytest.mark.feature("Generations")

NAMES = list(FORMATS)


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as assets, with pocket models that were made of a small study."""
    folder = tmp_path_factory.mktemp("made")
    problems = get_benchmark("pocket").problems().spread(3)
    study = make_study(folder / "study", problems)
    make_all(
        study, folder / "assets" / "pocket", problems,
        n_samples=N_SAMPLES, n_traced_tasks=2, allow_execution=True, workers=2,
    )  # fmt: skip
    shutil.copytree(ROOT / "assets" / "generations", folder / "assets" / "generations")
    return folder / "assets"


@pytest.fixture
def with_pocket(assets: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for module in (shipped, samples):
        monkeypatch.setattr(module, "ASSETS", assets)
    st.cache_resource.clear()
    yield assets
    st.cache_resource.clear()


def test_the_order_of_models_is_that_of_one_list_and_unknown_ones_have_a_place(
    with_pocket: Path,
) -> None:
    ours = ["pocket-whole", "pocket-lintseq", "pocket-placed", "pocket-randseq"]
    assert [model.name for model in shipped_models()] == [
        *ours, "smollm2-135m-lintseq", "smollm2-135m-whole",
    ]  # fmt: skip
    assert sorted([*ours[::-1], "pocket-anchored"], key=place_of)[2] == "pocket-anchored"


def test_without_pocket_models_pages_show_the_others(
    with_pocket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(with_pocket / "generations", tmp_path / "generations")
    monkeypatch.setattr(shipped, "ASSETS", tmp_path)
    assert [model.name[:7] for model in shipped_models()] == ["smollm2", "smollm2"]
    assert "Pocket models" not in source.sources()
    app = check(open_overview().switch_page("app_pages/pass_at_k.py").run())
    assert all(name.startswith("smollm2") for name in app.button_group(key="runs").value)


def test_generations_opens_on_pocket_models_and_knows_their_verdicts(with_pocket: Path) -> None:
    app = check(open_overview().switch_page("app_pages/generations.py").run())
    assert app.button_group(key="from").value == "Pocket models"
    assert app.selectbox(key="task").options == ["Pocket/0", "Pocket/66"]
    assert app.selectbox(key="model").options == [*NAMES[1:], NAMES[0]]  # edits first
    assert payload(app)["meta"]["model"] == "pocket-lintseq"
    check(app.selectbox(key="model").set_value("pocket-whole").run())
    shown = payload(app)
    assert (shown["meta"]["model"], shown["meta"]["n_samples"]) == ("pocket-whole", 4)
    assert shown["tests"]["names"] == ["all tests"]
    told = " ".join(one.value.replace("\\", "") for one in app.markdown)
    assert "The tests were run when the trace was made, in boxes." in told
    copies = {copy["label"]: copy["text"] for copy in data(app)["copies"]}
    assert "--model pocket-whole" in copies["Copy as command"]
    exec(copies["Copy as Python"], {})


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_what_a_pocket_model_wrote_is_shown(with_pocket: Path, view: str) -> None:
    app = open_overview().switch_page("app_pages/generations.py")
    app.query_params["see"] = view
    app.query_params["model"] = "pocket-lintseq"
    check(app.run())


def test_runs_that_ship_open_pass_at_k_and_lead_to_their_programs_and_traces(
    with_pocket: Path,
) -> None:
    app = open_overview().switch_page("app_pages/pass_at_k.py")
    app.query_params["passk_view"] = "Problem by problem"
    app.query_params["problem"] = "Pocket/66"
    app = check(app.run())
    assert app.button_group(key="runs").value == [f"{name} (ships)" for name in NAMES]
    (link,) = (one.proto for one in app.get("page_link"))
    assert link.page == "generations"
    assert "task=Pocket%2F66" in link.query_string and "model=pocket-whole" in link.query_string
    assert len(app.code) >= N_SAMPLES


@pytest.mark.parametrize("page", ["diversity", "data"])
def test_diversity_and_data_have_the_programs_of_pocket_models(
    with_pocket: Path, page: str
) -> None:
    app = open_overview().switch_page(f"app_pages/{page}.py")
    name = "pocket-randseq (ships)"
    app.query_params["run" if page == "diversity" else "data"] = name
    app = check(app.run())
    if page == "diversity":
        assert app.button_group(key="div_runs").value == [name]
        assert list(app.dataframe[0].value.columns) == ["measure", name, "what it is"]
    else:
        assert app.selectbox(key="data").value == name
    assert not app.error


def test_a_trace_that_is_called_as_one_that_ships_is_not_taken_for_it(with_pocket: Path) -> None:
    (ours, *_) = shipped.PocketTasks()["Pocket/0"]
    path = with_pocket / "pocket" / "traces" / "pocket-whole" / "Pocket_0.jsonl"
    assert shipped_path(ours) == path
    assert shipped_path(replace(ours, sha256="0" * 64)) is None
    assert shipped_path(replace(ours, name="Pocket_0.jsonl")) is None


def test_a_link_to_a_model_that_ships_no_more_says_what_replaced_it(with_pocket: Path) -> None:
    assert source.replaced_model("pocket-whole") == source.replaced_model("") == ""
    app = open_overview().switch_page("app_pages/generations.py")
    app.query_params["model"] = "tiny-long"
    app.query_params["task"] = "longest_word"
    app = check(app.run())
    (told,) = app.info
    assert told.value == (
        "This link is to tiny-long, a test model that had learned a few tasks by heart. What it "
        "wrote ships no more: pocket models, which write tasks that they were not trained on, took "
        "its place."
    )
    assert app.button_group(key="from").value == "Pocket models"


def test_the_command_lists_pocket_models_that_ship(
    assets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "SHIPPED", (assets / "none", assets / "pocket"))
    done = CliRunner().invoke(lintseq, ["models", "list", "--json"])
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert list(rows)[-4:] == ["pocket-lintseq", "pocket-whole", "pocket-placed", "pocket-randseq"]
    assert rows["pocket-placed"] == {
        "name": "pocket-placed",
        "parameters": 836_736,
        "origin": "shipped",
        "hub_id": "",
        "summary": "writes edits, placed; needs no torch",
    }
    assert rows["pocket-whole"]["summary"] == "writes whole programs; needs no torch"
