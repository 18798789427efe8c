"""A results file that grows while the explorer runs is read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("pass@k")


@pytest.fixture(autouse=True)
def _as_pages_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "dashboard"))


def write(path: Path, n: int) -> Path:
    rows = [
        {"task_id": "a", "sample_id": index, "solution": f"x = {index}", "passed": index == 0}
        for index in range(n)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_results_that_have_grown_are_counted_anew(tmp_path: Path) -> None:
    from dashboard.files.samples import counted  # type: ignore[import-not-found]

    path = tmp_path / "results.jsonl"
    found = []
    for n in (2, 5):
        runs = counted(write(path, n))
        assert runs is not None
        found += [run.tally.n for run in runs.values()]
    assert found == [(2,), (5,)]


def test_samples_that_have_grown_are_compared_anew(tmp_path: Path) -> None:
    from dashboard.files.samples import sampled  # type: ignore[import-not-found]

    path = tmp_path / "samples.jsonl"
    found = []
    for n in (2, 5):
        read = sampled(write(path, n), None)
        assert read is not None
        found += [problem.n for run in read.runs.values() for problem in run.problems.values()]
    assert found == [2, 5]


def test_results_are_counted_where_the_cache_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.files.samples import counted  # type: ignore[import-not-found]

    (tmp_path / "no_folder").write_text("")
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "no_folder" / "cache"))
    runs = counted(write(tmp_path / "results.jsonl", 3))
    assert runs is not None
    assert [run.tally.n for run in runs.values()] == [(3,)]


def test_copies_of_a_file_are_read_once_and_each_says_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.files.samples import store_place  # type: ignore[import-not-found]

    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "cache"))
    places = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        place = store_place(write(tmp_path / folder / "results.jsonl", 3), "results.jsonl")
        place.make()
        places.append(place)
    assert places[0].folder == places[1].folder
    stores = [place.open() for place in places]
    assert [Path(store.about.path).parent.name for store in stores] == ["a", "b"]


def test_a_packed_file_is_read_apart_from_a_size_on_at_which_a_plain_one_is_not(
    tmp_path: Path,
) -> None:
    from dashboard.files.samples import is_small  # type: ignore[import-not-found]

    for name, start, n_bytes, small in (
        ("plain", b"{", 1_000_000, True),
        ("packed", b"\x1f\x8b", 1_000_000, False),
        ("few", b"\x1f\x8b", 1_000, True),
        ("large", b"{", 9_000_000, False),
    ):
        (tmp_path / name).write_bytes(start.ljust(n_bytes))
        assert is_small(tmp_path / name) is small, name
