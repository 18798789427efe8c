"""Where rows come from, and what is said when they cannot be had."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest
from pyarrow import parquet

from lintseq_core.benchmarks import BenchmarkError
from lintseq_core.benchmarks.dataset import HubFiles, load_rows, read_rows
from lintseq_core.benchmarks.problem import DatasetSource

ROWS = [{"a": 1}, {"a": "é"}]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
HUB = HubFiles("someone/something", "data/test-*.jsonl", "main")


@pytest.fixture(autouse=True)
def _no_data_folder(monkeypatch):
    monkeypatch.delenv("LINTSEQ_DATA", raising=False)


def load(path=None, **places):
    return load_rows("toy", path, **{"file_names": ("toy.jsonl",), "hub": HUB} | places)


def write(path: Path) -> Path:
    if path.name.endswith(".parquet"):
        parquet.write_table(pa.table({"a": ["1", "é"]}), path)
    elif path.name.endswith(".gz"):
        path.write_bytes(gzip.compress(LINES.encode()))
    elif path.name.endswith(".json"):
        path.write_text(json.dumps(ROWS))
    else:
        path.write_text(f"\ufeff{LINES}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz", "r.json"])
def test_rows_of_every_kind_of_file_are_the_same(tmp_path, name):
    assert read_rows(write(tmp_path / name)) == ROWS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.jsonl", gzip.compress(LINES.encode(), mtime=0)),
        ("r.jsonl.gz", LINES.encode()),
        ("r.parquet", LINES.encode()),
        ("r.jsonl", json.dumps(ROWS).encode()),
        ("r.jsonl", LINES.encode("utf-16")),
    ],
)
def test_what_a_file_holds_goes_before_its_name(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert read_rows(path) == ROWS


def test_rows_of_parquet_are_its_records(tmp_path):
    assert read_rows(write(tmp_path / "r.parquet")) == [{"a": "1"}, {"a": "é"}]


def test_a_path_comes_before_every_other_place(tmp_path, monkeypatch):
    monkeypatch.setenv("LINTSEQ_DATA", str(tmp_path))
    write(tmp_path / "toy.jsonl")
    mine = write(tmp_path / "mine.jsonl")
    digest = hashlib.sha256(mine.read_bytes()).hexdigest()
    assert load(mine).source == DatasetSource("toy", "path mine.jsonl", "", digest, 2)
    assert load().source.origin == "path toy.jsonl"


def test_a_package_comes_before_the_hub(tmp_path):
    file = write(tmp_path / "inside.jsonl")
    source = load(package=lambda: (file, "toys", "2.1")).source
    assert (source.origin, source.version) == ("package toys", "2.1")


def test_the_hub_is_asked_for_the_files_of_a_revision(tmp_path, monkeypatch):
    asked = {}
    folder = tmp_path / "snapshots" / "0123abcd"
    (folder / "data").mkdir(parents=True)
    write(folder / "data" / "test-00001.jsonl")
    write(folder / "data" / "test-00000.jsonl")
    write(folder / "data" / "train-00000.jsonl")

    def snapshot_download(repo, **options):
        asked.update(repo=repo, **options)
        return str(folder)

    stub = ModuleType("huggingface_hub")
    stub.snapshot_download = snapshot_download
    monkeypatch.setitem(sys.modules, "huggingface_hub", stub)
    rows = load()
    assert asked == {
        "repo": "someone/something",
        "repo_type": "dataset",
        "revision": "main",
        "allow_patterns": ["data/test-*.jsonl"],
    }
    assert rows.rows == (*ROWS, *ROWS)
    assert (rows.source.origin, rows.source.version) == ("hub someone/something", "0123abcd")


def test_a_hub_without_such_a_file_is_no_empty_benchmark(tmp_path, monkeypatch):
    stub = ModuleType("huggingface_hub")
    stub.snapshot_download = lambda repo, **options: str(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", stub)
    with pytest.raises(BenchmarkError) as caught:
        load()
    assert str(caught.value) == "toy: someone/something holds no file like data/test-*.jsonl"


def test_a_hub_out_of_reach_is_said_in_one_line(monkeypatch):
    def snapshot_download(repo, **options):
        raise OSError("no network\nand more")

    stub = ModuleType("huggingface_hub")
    stub.snapshot_download = snapshot_download
    monkeypatch.setitem(sys.modules, "huggingface_hub", stub)
    with pytest.raises(BenchmarkError) as caught:
        load()
    assert str(caught.value) == (
        "toy: the Hub did not give someone/something (OSError: no network); "
        "give a path, or put the file into $LINTSEQ_DATA"
    )


def test_without_huggingface_hub_the_package_and_the_other_ways_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(BenchmarkError, match=r"--data FILE.*: pip install huggingface_hub$"):
        load()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("no.jsonl", None, "no.jsonl: no such file"),
        ("e.jsonl", b"\n", "toy (path e.jsonl): e.jsonl holds no rows"),
        ("b.jsonl", b'{"a": 1}\n{', "b.jsonl, line 2: not JSON: Expecting property name"),
        ("l.jsonl", b"{}\n[1]\n", "l.jsonl, line 2: a list, where an object is expected"),
        ("l.jsonl", b"[1]\n", "l.jsonl: not a list of objects"),
        ("g.jsonl.gz", b"\x1f\x8bxx", "g.jsonl.gz: damaged"),
        ("u.jsonl", b"\xff{}", "u.jsonl: damaged"),
        ("u.jsonl", b"\xff\xfe{", "u.jsonl: damaged"),
        ("o.json", b"{}", "o.json: not a list of objects"),
        ("p.parquet", b"PAR", "p.parquet: no Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BenchmarkError) as caught:
        load(path)
    assert message in str(caught.value).replace(f"{tmp_path}/", "")


def test_a_data_folder_that_is_none_is_named(monkeypatch):
    monkeypatch.setenv("LINTSEQ_DATA", "/no/such/folder")
    with pytest.raises(BenchmarkError) as caught:
        load()
    assert str(caught.value) == (
        "LINTSEQ_DATA='/no/such/folder' is no folder: correct it or unset it"
    )
