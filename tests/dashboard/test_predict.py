"""Predict the next edit, in a browser: choosing, the verdict with its reasons, the widget."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lintseq_core import LintSeqError, Program, sample_path
from lintseq_core.viewer import PredictWidget, build_predict_payload, predict_css, predict_js
from lintseq_core.viewer.predict_widget import Score, static_html
from tests.dashboard.axe_ledger import axe_findings
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("Predict the next edit")

PROGRAM = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
SEQUENCE = sample_path(PROGRAM, seed=0)  # the first edit of code inserts line 8, `grid = ...`


def in_script(value: object) -> str:
    return json.dumps(value).replace("<", "\\u003c")


def open_exercise(page: Page, **options: Any) -> Locator:
    """The exercise on an empty page; what it reports is in `window.said`."""
    payload = build_predict_payload(SEQUENCE, title="matrix_sum.py")
    page.set_content(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Exercise</title>
        <style>{predict_css()}</style></head><body><main><h1>Exercise</h1><div id="here"></div>
        </main><script type="module">{predict_js()}
        window.outside = [];
        document.addEventListener("keydown", (event) => window.outside.push(event.key));
        window.predict = createPredict(document.getElementById("here"), {in_script(payload)},
          {{ onChange: (said) => (window.said = said), ...{in_script(options)} }});
        </script></body></html>"""
    )
    exercise = page.locator(".lsp-predict")
    exercise.wait_for()
    return exercise


def choose(exercise: Locator, *numbers: int) -> None:
    for number in numbers:
        exercise.locator(f"[role=option]:has([data-line='{number}'])").click()


def check(exercise: Locator) -> str:
    exercise.get_by_role("button", name="Check").click()
    return exercise.locator(".lsp-said").inner_text()


@pytest.mark.browser
def test_the_edit_of_the_sequence_and_any_other_legal_one_are_right(page: Page) -> None:
    exercise = open_exercise(page)
    choose(exercise, 8)
    assert "✓ Legal: LintSeq could insert line 8 here.\n\nIt is also the edit" in check(exercise)
    assert page.evaluate("window.said.answers[0]") == {"lines": [7], "tries": 1, "verdict": "drawn"}

    exercise = open_exercise(page)
    choose(exercise, 1, 5)
    told = check(exercise)
    assert "✓ Legal: LintSeq could insert exactly lines 1 and 5 here." in told
    assert "This sequence has another: line 8." in told
    assert "Line 5 is inside the block of line 1." in told
    assert page.evaluate("window.said.answers[0].verdict") == "legal"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("numbers", "reasons"),
    [
        (
            (2, 10),
            [
                "Line 2 is inside the block of line 1; that is not there yet.",
                "Line 10 uses totals, which line 9 brings; that is not there yet.",
                "The nearest edit: lines 1-2. Left out: line 1. Too much: line 10.",
            ],
        ),
        ((1,), ["Line 1 would have nothing in its block.", "Left out: line 5."]),
        (
            (1, 5, 8),
            [
                "Lines 1 and 5 could come alone. No one line of your choice takes all the others "
                "along when it goes, so with line 8 it is more than one edit.",
            ],
        ),
    ],
    ids=["what they use is missing", "an empty block", "two edits"],
)
def test_a_wrong_choice_is_told_why_and_what_is_nearest(
    page: Page, numbers: tuple[int, ...], reasons: list[str]
) -> None:
    exercise = open_exercise(page)
    choose(exercise, *numbers)
    told = check(exercise)

    assert "✗ LintSeq would not insert exactly these." in told
    assert [reason for reason in reasons if reason not in told] == []
    expect(exercise.locator(".lsp-edits")).to_be_hidden()
    choose(exercise, numbers[0])  # another choice, no verdict yet
    expect(exercise.locator(".lsp-said")).to_be_hidden()


@pytest.mark.browser
def test_the_keys_choose_and_check_and_stay_inside(page: Page) -> None:
    exercise = open_exercise(page)
    exercise.get_by_role("listbox").focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")  # past blank lines, which are not chosen
    page.keyboard.press("Space")
    assert page.evaluate("window.said.chosen") == [7]
    page.keyboard.press("Enter")
    expect(exercise.locator(".lsp-said")).to_contain_text("Legal")
    assert page.evaluate("window.outside") == []


@pytest.mark.browser
def test_lines_that_are_there_and_blank_ones_cannot_be_chosen(page: Page) -> None:
    exercise = open_exercise(page, round=1)
    for number in (8, 6):  # line 8 came with the edit before, line 6 is blank
        exercise.locator(f"[role=option]:has([data-line='{number}'])").click(force=True)
    assert page.evaluate("window.predict.chosen") == []
    exercise.locator("[role=option]:has([data-line='1'])").click()
    exercise.locator("[role=option]:has([data-line='5'])").click(modifiers=["Shift"])
    assert page.evaluate("window.predict.chosen") == [0, 1, 2, 3, 4]


@pytest.mark.browser
def test_the_score_counts_first_tries_and_leaves_out_what_was_shown(page: Page) -> None:
    exercise = open_exercise(page)
    choose(exercise, 9)
    check(exercise)
    choose(exercise, 9, 8)
    check(exercise)
    exercise.get_by_role("button", name="Next round").click()
    choose(exercise, 1, 5)
    check(exercise)
    exercise.get_by_role("button", name="Next round").click()
    exercise.get_by_role("button", name="Show the edits").click()

    expect(exercise.locator(".lsp-meta")).to_have_text("Round 3 of 6 · 1 of 2 right at once")
    expect(exercise.locator(".lsp-said")).to_have_text("Shown, not counted.")
    assert exercise.locator(".lsp-edit").count() > 0
    assert exercise.get_by_role("button", name="Check").is_disabled()


@pytest.mark.browser
def test_all_edits_are_listed_with_their_shares_and_can_be_pointed_at(page: Page) -> None:
    exercise = open_exercise(page, reveal=True)
    edits = exercise.locator(".lsp-edit")
    rounds = build_predict_payload(SEQUENCE)["rounds"]
    assert edits.count() == len(rounds[0]["edits"])
    assert re.match(r"Line 8 · this sequence's\s*58 %", edits.first.inner_text())
    edits.nth(1).get_by_role("button").focus()
    pointed = exercise.locator(".lsp-pointed .lsp-gutter")
    assert pointed.evaluate_all("all => all.map((one) => one.dataset.line)") == ["1", "5"]


@pytest.mark.browser
@pytest.mark.feature("Accessibility")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_exercise(browser: Browser, theme: str) -> None:
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    exercise = open_exercise(page, theme=theme)
    choose(exercise, 2, 10)
    check(exercise)
    found = axe_findings(page)
    exercise.get_by_role("button", name="Show the edits").click()
    found += axe_findings(page)
    context.close()
    assert found == []


def test_the_widget_counts_the_score() -> None:
    widget = PredictWidget(SEQUENCE, title="matrix_sum.py")
    assert widget.score == Score(0, 0, 0, 6) and widget.step == 1
    widget.answers = [
        {"lines": [7], "tries": 1, "verdict": "drawn"},
        {"lines": [0, 4], "tries": 2, "verdict": "legal"},
        {"lines": [9], "tries": 1, "verdict": "wrong"},
        {"lines": [], "tries": 0, "verdict": "shown"},
        None,
        None,
    ]
    assert widget.score == Score(right_at_once=1, right=2, answered=3, rounds=6)
    widget.round = 99
    assert (widget.round, widget.step) == (5, SEQUENCE.n_edits - 1)


def test_the_widget_leaves_plain_html_behind() -> None:
    hostile = Program.from_text("s = '<script>alert(1)</script>'\nprint(s)\n")
    widget = PredictWidget(sample_path(hostile, seed=0), title="<b>")
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    data, metadata = bundle
    assert "application/vnd.jupyter.widget-view+json" in data and metadata is not None
    twin = data["text/html"]
    assert "&lt;script&gt;" in twin and "<script" not in twin and "http" not in twin
    assert twin == static_html(widget.payload, 0)
    assert "<li>Lines 1-2: 50%" in twin or "<li>Line 1: 50%" in twin


def test_a_sequence_without_an_exercise_is_an_error_in_words() -> None:
    with pytest.raises(LintSeqError, match="a RandSeq sequence may go on with any lines"):
        PredictWidget(sample_path(PROGRAM, seed=0, method="randseq"))


@pytest.mark.browser
def test_the_module_tells_the_kernel_what_is_chosen(page: Page) -> None:
    """As a notebook loads it: the module's default export renders a model into an element."""
    widget = PredictWidget(SEQUENCE)
    state = {"payload": widget.payload, "round": 0, "chosen": [], "answers": widget.answers}
    page.set_content(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Widget</title>
        <style>{PredictWidget._css}</style></head><body><div id="here"></div>
        <script type="module">
        const state = {in_script(state)};
        const handlers = {{}};
        window.saved = 0;
        window.model = {{
          get: (name) => state[name],
          set: (name, value) => {{ state[name] = value; handlers["change:" + name]?.(); }},
          save_changes: () => window.saved++,
          on: (name, call) => {{ handlers[name] = call; }},
          off: (name) => {{ delete handlers[name]; }},
        }};
        window.handlers = handlers;
        const url = URL.createObjectURL(new Blob([{in_script(PredictWidget._esm)}], {{ type: "text/javascript" }}));
        const {{ default: widget }} = await import(url);
        window.end = widget.render({{ model: window.model, el: document.getElementById("here") }});
        </script></body></html>"""
    )
    exercise = page.locator(".lsp-predict")
    choose(exercise, 8)
    assert page.evaluate("window.model.get('chosen')") == [7]
    check(exercise)
    assert page.evaluate("window.model.get('answers')[0].verdict") == "drawn"
    page.evaluate("window.model.set('round', 1)")
    expect(exercise.locator(".lsp-meta")).to_contain_text("Round 2 of 6")
    page.evaluate("window.end()")
    assert page.locator(".lsp").count() == 0
    assert page.evaluate("Object.keys(window.handlers)") == []
