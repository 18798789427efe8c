"""A table belongs to a file as it is now, is made once, and goes when it was not used for long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.results.samples import cache
from lintseq_core.results.samples.cache import note_use, prune_tables, table_folder, tables_folder
from lintseq_core.results.samples.importing import ABOUT
from lintseq_core.results.samples.structure import STRUCTURE
from tests.unit.results.samples.files import SAMPLES, write_rows

pytest.importorskip("pyarrow", reason="tables need pyarrow, which comes with the extra dashboard")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "cache"))


def test_a_changed_file_has_another_table(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "f.jsonl", SAMPLES)
    before = table_folder(path)
    assert before == table_folder(path)
    assert before.parent == tables_folder() == tmp_path / "cache" / "tables"
    write_rows(path, SAMPLES[:2])
    assert table_folder(path) != before
    inside = tmp_path / "folder" / "T_0" / "0.py"
    inside.parent.mkdir(parents=True)
    inside.write_text("x = 1\n")
    before = table_folder(tmp_path / "folder")
    inside.write_text("x = 10\n")
    assert table_folder(tmp_path / "folder") != before


def test_the_tables_used_longest_ago_go_first_and_young_ones_stay(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cache, "MAX_TABLES", 1)
    folders = {}
    for name, age_s in (("old", 9_000), ("older", 99_000), ("new", 0)):
        folders[name] = tables_folder() / name
        folders[name].mkdir(parents=True)
        (folders[name] / ABOUT).write_text("{}")
        os.utime(folders[name] / ABOUT, (time.time() - age_s,) * 2)
    note_use(folders["old"])
    assert prune_tables(tables_folder()) == 1
    assert sorted(one.name for one in tables_folder().iterdir()) == ["new", "old"]


def test_what_is_no_table_is_never_removed_but_what_a_killed_import_left_is(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cache, "MAX_TABLES", 0)
    for name in ("shipped", ".partial-abc"):
        folder = tables_folder() / name
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - 99_000,) * 2)
    assert prune_tables(tables_folder()) == 1
    assert [one.name for one in tables_folder().iterdir()] == ["shipped"]


def test_an_import_in_a_process_of_its_own_says_how_far_it_is(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "f.jsonl", [*SAMPLES, "{"])
    folder = table_folder(path)
    command = [sys.executable, "-m", "lintseq_core.results.samples", str(path), str(folder), "mine"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = [json.loads(line)["stage"] for line in done.stdout.splitlines()]
    assert [stage for stage in said if stage not in ("rows", "programs")] == ["imported", "done"]
    assert (folder / STRUCTURE).is_file()
    assert json.loads((folder / ABOUT).read_text())["problems"][0]["row"].startswith("row 5")
    (tmp_path / "none.jsonl").write_text("")
    command[3:5] = [str(tmp_path / "none.jsonl"), str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "stage": "error",
        "said": "mine: empty; expected samples or results",
    }
