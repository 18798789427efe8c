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


def write(path: Path, n: int) -> tuple[str, int, int]:
    rows = [
        {"task_id": "a", "sample_id": index, "solution": f"x = {index}", "passed": index == 0}
        for index in range(n)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    about = path.stat()
    return str(path), about.st_mtime_ns, about.st_size


def test_results_that_have_grown_are_counted_anew(tmp_path: Path) -> None:
    from dashboard.files.samples import load_counted  # type: ignore[import-not-found]

    path = tmp_path / "results.jsonl"
    counted = []
    for n in (2, 5):
        runs = load_counted(*write(path, n))
        assert runs is not None
        counted += [run.tally.n for run in runs.values()]
    assert counted == [(2,), (5,)]


def test_samples_that_have_grown_are_compared_anew(tmp_path: Path) -> None:
    from dashboard.files.samples import load_samples  # type: ignore[import-not-found]

    path = tmp_path / "samples.jsonl"
    first = load_samples(*write(path, 2), None)
    assert load_samples(*write(path, 5), None) != first
