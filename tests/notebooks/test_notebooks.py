"""Every notebook runs on the smoke profile, says what the committed one says, and needs no kernel
to be read."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"notebooks_{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make = _load("make")
NAMES = make.names()
WITH_PICTURES = "01_algorithm"
"""Pictures of figures are not compared: drawing them takes a browser and 2 s, so one notebook does."""


def committed(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


@pytest.fixture(autouse=True)
def package_of_this_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels start elsewhere and still import the package that is tested."""
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(ROOT), before))))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_on_smoke_and_says_what_is_committed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name != WITH_PICTURES:
        (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['kaleido'] = None")
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
    ran = make.run(make.read(name), profile="smoke", folder=tmp_path)
    assert make.faults(ran.notebook) == []
    fresh, known = make.kept(ran.notebook), committed(name)
    for cell, other in zip(fresh.cells, known.cells, strict=True):
        if cell.cell_type == "code" and "varies" not in cell.metadata.get("tags", []):
            assert said(cell) == said(other), f"{cell['id']}; does `make notebooks` change it?"


def said(cell: Any) -> list[Any]:
    """What an output says, without pictures and without the last digits of a figure."""
    return [
        output.text
        if output.output_type == "stream"
        else {
            kind: drawn(value) if kind == make.PLOTLY else value
            for kind, value in output.data.items()
            if kind != "image/png" and not (kind == "text/html" and make.PLOTLY in output.data)
        }
        for output in cell.outputs
    ]


def drawn(figure: dict[str, Any]) -> list[tuple[str, str]]:
    return [(trace["type"], trace.get("name", "")) for trace in figure["data"]]


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_notebook_reads_without_a_kernel(name: str) -> None:
    notebook = committed(name)
    nbformat.validate(notebook)
    assert make.faults(notebook) == []
    assert notebook.metadata == make.METADATA
    kinds = {
        kind
        for cell in notebook.cells
        for o in cell.get("outputs", [])
        for kind in o.get("data", {})
    }
    assert make.WIDGET_VIEW not in kinds
    assert any(cell.get("outputs") for cell in notebook.cells), "it was never run"
    text = (FOLDER / f"{name}.ipynb").read_text()
    assert not re.search(r"/(home|tmp|root|Users)/\w", text), "an absolute path of some machine"


@pytest.mark.parametrize("name", NAMES)
def test_both_files_of_a_pair_are_the_same_notebook(name: str) -> None:
    text, notebook = make.read(name), committed(name)
    assert [(c.cell_type, c.source) for c in text.cells] == [
        (c.cell_type, c.source) for c in notebook.cells
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_holds_no_function_no_path_and_no_try(name: str) -> None:
    code = "\n".join(c.source for c in make.read(name).cells if c.cell_type == "code")
    assert not re.search(r"^\s*(def|class|try|lambda)\b|\bPath\(|sys\.path", code, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_notebook_names_its_claim_its_verdict_and_its_limits(name: str) -> None:
    cells = make.read(name).cells
    headings = [line for c in cells if c.cell_type == "markdown" for line in c.source.split("\n")]
    assert "## Does it hold?" in headings
    assert "## Limits and cost" in headings
    assert sum("parameters" in c.metadata.get("tags", []) for c in cells) == 1


def test_the_table_says_at_which_size_a_notebook_was_run() -> None:
    readme = _load("readme")
    timings = {"11_pocket": {"seconds": 120, "hardware": "2 CPU cores", "profile": "cpu"}}
    (row,) = (
        r for r in readme.table(FOLDER, timings).splitlines() if r.startswith("| [11_pocket]")
    )
    assert "| 2 min, the whole notebook at cpu | 2 CPU cores |" in row
    assert make.profile_of(make.read("00_quickstart")) == "smoke"


def output(**fields: Any) -> Any:
    return nbformat.from_dict(fields)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (
            output(output_type="error", ename="ValueError", evalue="no", traceback=[]),
            "cell-00: ValueError: no",
        ),
        (
            output(
                output_type="display_data",
                metadata={},
                data={make.WIDGET_VIEW: {}, "text/plain": "x"},
            ),
            f"cell-00: {make.WIDGET_VIEW} has no static twin",
        ),
        (
            output(
                output_type="display_data", metadata={}, data={make.PLOTLY: {}, "text/plain": "x"}
            ),
            f"cell-00: {make.PLOTLY} has no static twin",
        ),
        (
            output(
                output_type="display_data",
                metadata={},
                data={"text/html": "<script src='//cdn.x.org'>"},
            ),
            "cell-00: fetches from a CDN",
        ),
    ],
    ids=["error", "widget", "figure", "cdn"],
)
def test_what_a_reader_must_not_meet_is_found(wrong: Any, fault: str) -> None:
    cell = nbformat.v4.new_code_cell("1", outputs=[wrong])
    cell["id"] = "cell-00"
    assert make.faults(nbformat.v4.new_notebook(cells=[cell])) == [fault]


def test_stored_widget_state_is_found() -> None:
    notebook = nbformat.v4.new_notebook(metadata={"widgets": {}})
    assert make.faults(notebook) == ["widget state is stored"]


def test_an_error_in_a_cell_ends_the_run(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="ZeroDivisionError"):
        make.run(notebook, folder=tmp_path)


def test_what_is_kept_does_not_change_from_run_to_run() -> None:
    notebook = committed(NAMES[0])
    again = copy.deepcopy(notebook)
    for cell in again.cells:
        if cell.cell_type == "code":
            cell.metadata["execution"] = {"iopub.execute_input": "now"}
    assert json.dumps(make.kept(again), sort_keys=True) == json.dumps(notebook, sort_keys=True)


TEXT = """# %% [markdown]
# # Title
#
# Words.

# %%
get_ipython().run_line_magic("pip", "install -q 'lintseq-core[notebooks]'")
"""


def test_the_colab_badge_follows_the_repository() -> None:
    url = "https://github.com/some/where"
    fitted = make.with_repository(TEXT, "01_algorithm", url)
    link = (
        "https://colab.research.google.com/github/some/where/blob/main/notebooks/01_algorithm.ipynb"
    )
    assert f"# # Title\n#\n# {make.BADGE}({link})\n#\n# Words." in fitted
    assert f"install -q 'lintseq-core[notebooks] @ git+{url}'" in fitted
    assert make.with_repository(fitted, "01_algorithm", url) == fitted
    assert make.with_repository(fitted, "01_algorithm", None) == TEXT


def test_without_a_repository_there_is_no_badge() -> None:
    if make.repository() is None:
        assert not any("Open in Colab" in (FOLDER / f"{name}.py").read_text() for name in NAMES)
