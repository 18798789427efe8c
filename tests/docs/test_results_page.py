"""The committed page of results is the one that the records give."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.make.results_page import page
from lintseq_core.experiments import experiment
from lintseq_core.experiments.claims import untold
from lintseq_core.experiments.experiment import Result, make_record, write_result
from lintseq_core.experiments.pocket.claims import LINTER_HELPS
from lintseq_core.experiments.pocket.study import PROFILES
from lintseq_core.results.frames import Frame

PAGE = Path(__file__).parents[2] / "assets" / "results" / "README.md"


def test_the_page_of_results_says_what_the_records_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python assets/make/results_page.py"


def test_the_page_tells_the_pocket_study_where_it_is_recorded_and_how_to_make_it_where_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "asset_folder", lambda _: tmp_path)
    assert "The study of pocket models is not recorded here; this makes it: `python -m" in page()
    judged = (untold(LINTER_HELPS, "nothing was run"),)
    made = make_record("pocket", "cpu", PROFILES["cpu"])
    tables = {"scores": Frame({"arm": ["whole"]})}
    result = Result("pocket", "cpu", tables, judged, made, ("Three seeds.",), 36_000.0)
    write_result(result, tmp_path / "pocket" / "cpu")
    told = page()
    assert "not recorded here" not in told
    assert "## Pocket models: edits against whole programs, and formats: `cpu`" in told
    assert "10.0 hours." in told
    assert "[Record](pocket/cpu/record.json); tables: [scores](pocket/cpu/scores.csv)." in told
    assert f"| {LINTER_HELPS.statement} | linter ablation (v1 Figure 4): HumanEval" in told
    assert "- Three seeds.\n\nHow to read its tables: an *arm* is what was taught" in told
    assert "**What it says of large models: nothing by itself.**" in told
