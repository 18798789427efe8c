"""A store belongs to a file as it is now, is made once, and goes when it was not used for long."""

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
from lintseq_core.results.samples.cache import note_use, prune_stores, store_folder, stores_folder
from lintseq_core.results.samples.importing import ABOUT
from lintseq_core.results.samples.structure import STRUCTURE
from tests.unit.results.samples.files import SAMPLES, write_rows

pytest.importorskip("pyarrow", reason="stores need pyarrow, which comes with the extra dashboard")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "cache"))


def test_a_store_belongs_to_what_a_file_holds_and_is_called(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "f.jsonl", SAMPLES)
    before = store_folder(path)
    assert before == store_folder(path)
    assert before.parent == stores_folder() == tmp_path / "cache" / "samples"
    (tmp_path / "elsewhere").mkdir()
    assert store_folder(write_rows(tmp_path / "elsewhere" / "f.jsonl", SAMPLES)) == before
    assert store_folder(path, "g.jsonl") != before
    write_rows(path, SAMPLES[:2])
    assert store_folder(path) != before
    inside = tmp_path / "folder" / "T_0" / "0.py"
    inside.parent.mkdir(parents=True)
    inside.write_text("x = 1\n")
    before = store_folder(tmp_path / "folder")
    inside.write_text("x = 10\n")
    assert store_folder(tmp_path / "folder") != before


def test_the_stores_used_longest_ago_go_first_and_young_ones_stay(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cache, "MAX_STORES", 1)
    folders = {}
    for name, age_s in (("old", 9_000), ("older", 99_000), ("new", 0)):
        folders[name] = stores_folder() / name
        folders[name].mkdir(parents=True)
        (folders[name] / ABOUT).write_text("{}")
        os.utime(folders[name] / ABOUT, (time.time() - age_s,) * 2)
    note_use(folders["old"])
    assert prune_stores(stores_folder()) == 1
    assert sorted(one.name for one in stores_folder().iterdir()) == ["new", "old"]


def test_what_is_no_store_is_never_removed_but_what_a_killed_import_left_is(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cache, "MAX_STORES", 0)
    for name in ("shipped", ".partial-abc"):
        folder = stores_folder() / name
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - 99_000,) * 2)
    assert prune_stores(stores_folder()) == 1
    assert [one.name for one in stores_folder().iterdir()] == ["shipped"]


def test_an_import_in_a_process_of_its_own_says_how_far_it_is(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "f.jsonl", [*SAMPLES, "{"])
    folder = store_folder(path)
    command = [sys.executable, "-m", "lintseq_core.results.samples", str(path), str(folder), "mine"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = [json.loads(line)["stage"] for line in done.stdout.splitlines()]
    assert [stage for stage in said if stage not in ("rows", "programs")] == ["imported", "done"]
    assert (folder / STRUCTURE).is_file()
    assert json.loads((folder / ABOUT).read_text())["bad_rows"][0]["row"].startswith("row 5")
    (tmp_path / "none.jsonl").write_text("")
    command[3:5] = [str(tmp_path / "none.jsonl"), str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "stage": "error",
        "said": "mine: empty; expected samples or results",
    }
