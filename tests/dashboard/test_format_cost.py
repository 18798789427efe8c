"""What the formats cost, on the page Generations: from the recorded study, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from lintseq_core.edits.formats.parts import PARTS
from lintseq_core.experiments import experiment
from lintseq_core.experiments.claims import Claim, untold
from lintseq_core.experiments.experiment import Result, make_record, write_result
from lintseq_core.experiments.pocket.recorded import format_words, recorded_formats, recorded_study
from lintseq_core.experiments.pocket.study import PROFILES
from lintseq_core.results.frames import Frame
from tests.dashboard.test_generations import open_generations, texts
from tests.dashboard.test_take_along import drawn, every_code, run_script

pytestmark = pytest.mark.feature("Generations")

NATS = {
    "content": [30.0, 29.0], "position": [7.5, 5.0], "count": [4.0, 0.0], "marker": [2.5, 1.0],
}  # fmt: skip
FORMATS = Frame({
    "edit_format": ["unified", "placed"], "learning_rate": [0.016, 0.008],
    "well_formed": [0.57, 0.85], "tokens_a_sample": [225.0, 180.0],
    "pass@1": [0.05, 0.06], "low@1": [0.03, 0.04], "high@1": [0.08, 0.09],
    "strict pass@1": [0.04, 0.05],
    **{f"nats of {part}": values for part, values in NATS.items()},
    **{f"tokens of {part}": [2 * one for one in values] for part, values in NATS.items()},
    "tasks": [100, 100], "samples": [5_000, 5_000],
})  # fmt: skip
WORDS = (
    "The same edits in the same order were taught in 2 formats to one small model, a training "
    "each, from the same start. Of programs held out, all that is not code (where lines go, how "
    "many, where an edit ends) costs from 6.0 nats a program (placed) to 14.0 (unified). Of 100 "
    "tasks asked 50 times each, placed has the highest pass@1: 6.0%, with a 95 % interval over "
    "tasks alone of 4.0% to 9.0%. Another training could order the formats anew."
)


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where recorded results are looked for: a folder without any."""
    monkeypatch.setattr(experiment, "asset_folder", lambda _: tmp_path)
    return tmp_path


def record(results: Path) -> None:
    """A small study that nobody ran."""
    judged = (untold(Claim("A is above B", "ours"), "nothing was run"),)
    made = make_record("pocket", "cpu", PROFILES["cpu"])
    write_result(Result("pocket", "cpu", {"formats": FORMATS}, judged, made), results / "pocket/a")


def test_without_a_recorded_study_the_page_says_nothing_of_formats(results: Path) -> None:
    app = open_generations()
    assert "What the format costs" not in [one.value for one in app.header]
    assert app.get("plotly_chart") == []
    assert recorded_study() is None and len(recorded_formats()) == 0


def test_the_page_draws_the_formats_of_the_recorded_study(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(results)
    app = open_generations({"see": "All samples"})
    assert "What the format costs" in [one.value for one in app.header]
    assert WORDS in texts(app)
    chart = drawn(app, "format_cost")
    bars = {trace["name"]: trace["x"] for trace in chart["data"] if trace["type"] == "bar"}
    assert bars == {part: NATS[part] for part in PARTS}
    (script,) = (text for text in every_code(app)[0] if "recorded_formats" in text)
    again = run_script(script, monkeypatch)
    assert again["data"] == chart["data"]
    assert again["layout"] == chart["layout"]


def test_words_follow_the_numbers_and_claim_no_interval_that_there_is_none_of() -> None:
    assert format_words(FORMATS) == WORDS
    few = Frame(dict(FORMATS.columns) | {"low@1": [None, None], "high@1": [None, None],
                                         "samples": [100, 100]})  # fmt: skip
    assert "tasks asked once each, placed has the highest pass@1: 6.0%. " in format_words(few)
