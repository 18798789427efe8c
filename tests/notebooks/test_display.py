"""What a cell shows: each thing with a twin that needs no kernel and no script."""

from __future__ import annotations

import base64

import ipywidgets
import plotly.graph_objects as go
import pytest

from lintseq_core import LintSeqError, Program, sample_paths
from lintseq_core.experiments.claims import Claim, Effect, judge
from lintseq_core.experiments.places import example_programs
from lintseq_core.results.frames import Frame
from lintseq_core.results.paper import published
from lintseq_core.viewer import notebook
from lintseq_core.viewer.estimating import PassAtKWidget
from lintseq_core.viewer.lab import TrajectoryLab
from lintseq_core.viewer.notebook import PLOTLY_MIME, WIDGET_MIME, bundle_of
from lintseq_core.viewer.static import sequence_html
from lintseq_core.viewer.widget import PlayerWidget

PROGRAMS = example_programs(("matrix_sum", "prime_search", "log_summary"))
FIGURE = go.Figure(go.Scatter(x=[1, 2], y=[0.5, 0.75], name="a"))


def test_a_figure_brings_a_png() -> None:
    bundle = bundle_of(FIGURE)
    if "image/png" not in bundle:
        pytest.skip("no Chromium that kaleido can use")
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle[PLOTLY_MIME]["data"][0]["type"] == "scatter"


def test_where_no_png_can_be_made_a_figure_brings_its_numbers(monkeypatch) -> None:
    monkeypatch.setattr(notebook, "_png", lambda _: None)
    bundle = bundle_of(FIGURE)
    assert "image/png" not in bundle
    assert '<td>a</td><td align="right">2</td><td align="right">0.75</td>' in bundle["text/html"]


def test_a_table_writes_shares_as_percent_and_missing_as_a_dash() -> None:
    frame = Frame({"name": ["<b>"], "broken_share": [0.125], "n": [1234], "other": [None]})
    assert bundle_of(frame)["text/html"] == (
        "<table><thead><tr><th>name</th><th>broken share</th><th>n</th><th>other</th></tr></thead>"
        '<tbody><tr><td>&lt;b&gt;</td><td align="right">12.5%</td><td align="right">1,234</td>'
        "<td>–</td></tr></tbody></table>"
    )


def test_what_has_no_numbers_says_so() -> None:
    assert "Nothing to draw" in bundle_of(go.Figure(go.Bar(x=[], y=[])))["text/html"]
    assert bundle_of(Frame({"n": []}))["text/html"].endswith("<p>No rows.</p>")


def test_a_long_table_says_how_many_rows_it_leaves_out() -> None:
    assert "<p>5 more rows.</p>" in bundle_of(Frame({"n": list(range(35))}))["text/html"]


def test_a_claim_shows_its_published_numbers_with_their_evidence() -> None:
    claim = Claim("more", "Table 1", published("pass@k", model="PolyCoder 160M"))
    shown = bundle_of((claim,))["text/html"]
    assert "<b>more</b> (Table 1)" in shown and "<td>2.1 percent</td><td>SEEN</td>" in shown


def test_a_verdict_stands_before_its_reason() -> None:
    found = judge(Claim("more", "here"), Effect("gain", 1.0, 0.5, 2.0, "points", n=3))
    assert bundle_of(found)["text/html"].startswith("<ul><li><b>holds</b>: more<br>gain: 1 points")


@pytest.mark.parametrize(
    "widget",
    [
        PlayerWidget(sample_paths(PROGRAMS["matrix_sum"], seed=0, n_paths=2)),
        TrajectoryLab(PROGRAMS),
        PassAtKWidget(),
    ],
    ids=["player", "lab", "pass@k"],
)
def test_a_widget_brings_html_of_its_own(widget) -> None:
    bundle = bundle_of(widget)
    assert WIDGET_MIME in bundle
    assert "<script" not in bundle["text/html"] and "style=" not in bundle["text/html"]
    assert "0x" not in bundle["text/plain"]


def test_a_thing_without_a_twin_is_refused() -> None:
    with pytest.raises(LintSeqError, match="IntSlider says nothing without a kernel"):
        bundle_of(ipywidgets.IntSlider())
    with pytest.raises(LintSeqError, match="a set cannot be shown"):
        bundle_of({1})


def test_the_static_player_holds_every_edit_and_no_markup_of_the_program() -> None:
    program = Program.from_text('text = "<img src=x>"\nprint(text)\n')
    (sequence,) = sample_paths(program, seed=0, n_paths=1)
    shown = sequence_html(sequence, title="<x>")
    assert shown.count("<pre>") == sequence.n_edits
    assert "<img" not in shown and "&lt;img src=x&gt;" in shown and "&lt;x&gt;" in shown


def test_a_long_sequence_says_how_many_edits_it_leaves_out() -> None:
    program = Program.from_text("".join(f"v{n} = {n}\n" for n in range(50)))
    (sequence,) = sample_paths(program, seed=0, n_paths=1)
    assert sequence_html(sequence).endswith("<p>10 more edits.</p>")


def test_the_controls_of_the_lab_choose_what_is_played() -> None:
    lab = TrajectoryLab(PROGRAMS, s=2)
    assert lab.player.payload["title"] == "matrix_sum · 1 of 2"
    lab.player.step = 3
    lab.program.value = "prime_search"
    assert (lab.sequence.program, lab.player.step) == (PROGRAMS["prime_search"], 0)
    lab.s.value, lab.seed.value = 3, 7
    assert [one.seed for one in lab.player.sequences] == [7, 7, 7]
    lab.linter.value = "randseq"
    assert lab.sequence.method == "randseq"
    assert lab.player.can_branch is False


def test_the_lab_refuses_what_would_take_long_and_keeps_what_it_shows() -> None:
    lab = TrajectoryLab(PROGRAMS, program="log_summary", s=1)
    before = lab.sequence
    lab.linter.value = "pylint"
    assert lab.sequence is before
    assert "pylint would take long on 142 lines: here up to 25" in lab.said.value


def test_an_unknown_program_is_named() -> None:
    with pytest.raises(LintSeqError, match="no program 'x'; there are matrix_sum"):
        TrajectoryLab(PROGRAMS, program="x")


def test_the_unbiased_estimator_meets_the_truth_and_the_naive_one_does_not() -> None:
    widget = PassAtKWidget(n=20, k=10, chance=0.1)
    assert widget.truth == pytest.approx(1 - 0.9**10)
    assert widget.estimates.mean() == pytest.approx(widget.truth, abs=0.05)
    before = widget.estimates.tolist()
    widget.resample.click()
    assert widget.estimates.tolist() != before
    widget.estimator.value = "naive"
    assert widget.estimates.mean() < widget.truth - 0.05
    widget.estimator.value = "unbiased"
    widget.k.value = 30
    assert "k = 30 is more than n = 20" in widget.view.value
