"""CONTRIBUTING.md says how the project is."""

from __future__ import annotations

import re
import tomllib

from tests.docs.pages import ROOT, text_of

TEXT = text_of(ROOT / "CONTRIBUTING.md")


def test_the_direction_of_imports_is_that_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    stages = [layer.strip("()") for layer in reversed(layers)]
    (chain,) = re.findall(r"`(programs →[^`]+)`", TEXT)
    assert (
        chain.split() == " → ".join(stages[3:-1]).split()
    )  # without errors, json_text, seeds, __main__


def test_every_folder_of_tests_is_explained() -> None:
    folders = {
        path.name
        for path in (ROOT / "tests").iterdir()
        if path.is_dir() and path.name[0] not in "_."
    }
    assert set(re.findall(r"^\| `tests/(\w+)/` \|", TEXT, re.MULTILINE)) == folders


def test_the_commands_are_made_by_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make ([a-z-]+) ", TEXT, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_map_names_every_folder_of_code() -> None:
    (tree,) = re.findall(r"^## Where things are\n+```\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    folders = {
        path.parent.name
        for top in ("lintseq_core", "dashboard")
        for path in (ROOT / top).rglob("*.py")
    }
    missing = folders - set(re.findall(r"\w+", tree))
    assert missing == set(), "folders that the map of CONTRIBUTING.md lacks"


def test_what_is_looked_for_is_where_the_table_says() -> None:
    (table,) = re.findall(r"^\| Looking for .*?\n\n", TEXT, re.DOTALL | re.MULTILINE)
    named = re.findall(r"`([\w/]+\.py)` \(`(\w+)`\)", table)
    assert len(named) > 10
    for path, name in named:
        assert re.search(rf"^(def|class) {name}\b", text_of(ROOT / path), re.MULTILINE), name
