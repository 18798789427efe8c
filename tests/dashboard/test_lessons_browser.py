"""Lessons in a real browser: walked from the first step to the last, as a page and in the explorer."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lintseq_core.lessons import find_lessons, read_lesson
from lintseq_core.lessons.page import build_lesson_page
from lintseq_core.lessons.payload import build_lesson_payload
from tests.dashboard.axe_ledger import axe_findings, our_findings_in_both_themes
from tests.dashboard.conftest import ROOT
from tests.dashboard.test_browser import parameters, wait_for_parameter

pytestmark = [pytest.mark.browser, pytest.mark.feature("Lessons")]

ASSETS = ROOT / "assets"
FILES = {path.stem: path for path in find_lessons([ASSETS / "lessons"])}
HOSTILE = """
title: "</title><script>alert(1)</script>"
summary: "<img src=x onerror=alert(1)>"
minutes: 1
steps:
  - title: "<b>One</b>"
    text: "`</script><script>alert(2)</script>` and <img src=x onerror=alert(3)>"
    question: {kind: number, ask: "<i>?</i>", answer: 1, because: "<u>so</u>"}
"""


def payload_of(name: str) -> dict[str, Any]:
    return build_lesson_payload(read_lesson(FILES[name]), ASSETS)


def write_page(folder: Path, name: str, **options: Any) -> Path:
    file = folder / f"{name}.html"
    file.write_text(build_lesson_page(payload_of(name), **options), encoding="utf-8")
    return file


def answer_rightly(lesson: Locator, question: dict[str, Any]) -> None:
    """Answers the question of the step that is shown as its file says is right."""
    match question["kind"]:
        case "choice":
            for at, option in enumerate(question["options"]):
                if option["right"]:
                    lesson.locator(".lsl-option input").nth(at).check()
        case "number":
            lesson.locator(".lsl-number input").fill(f"{question['answer']:g}")
        case "lines":
            for line in question["answer"]:
                lesson.locator(f".lsl-lines [data-line='{line + 1}']").click()
        case "predict":
            rounds = question["payload"]["rounds"]
            for number, one in enumerate(rounds):
                for line in one["edits"][-1][0]:  # the unlikeliest is as right as the likeliest
                    lesson.locator(f".lsp-predict [data-line='{line + 1}']").click()
                lesson.get_by_role("button", name="Check").click()
                expect(lesson.locator(".lsp-verdict")).to_contain_text("✓ Legal")
                if number < len(rounds) - 1:
                    lesson.get_by_role("button", name="Next round").click()
            return
    lesson.get_by_role("button", name="Check").click()
    expect(lesson.locator(".lsl-told")).to_contain_text("✓ Right.")


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_lesson_can_be_walked_from_its_first_step_to_its_last(
    offline: Page, tmp_path: Path, name: str
) -> None:
    offline.goto(write_page(tmp_path, name).as_uri())
    lesson = offline.locator(".lsl")
    steps = payload_of(name)["steps"]
    for number, step in enumerate(steps, start=1):
        expect(lesson.locator("h2")).to_have_text(f"{number}. {step['title']}")
        assert offline.evaluate("document.documentElement.scrollWidth <= innerWidth")
        answer_rightly(lesson, step["question"])
        if number < len(steps):
            lesson.get_by_role("button", name="Next →").click()
            assert offline.evaluate("location.hash") == f"#{number + 1}"

    n = len(steps)
    expect(lesson.locator(".lsl-tally")).to_have_text(
        f"{n} of {n} questions right · {n} of {n} steps seen"
    )
    expect(lesson.locator(".lsl-end-tally")).to_have_text(
        f"{n} of {n} questions right, {n} of them at once."
    )
    assert lesson.locator(".lsl-item[data-mark=right]").count() == n


@pytest.mark.parametrize("width", [1280, 390])
def test_a_question_stands_beside_what_it_is_about(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{write_page(tmp_path, 'the_idea').as_uri()}#1")
    seen, asked = page.locator(".lsl-sees"), page.locator(".lsl-asks")
    asked.scroll_into_view_if_needed()
    places = seen.bounding_box(), asked.bounding_box()
    page.evaluate("window.scrollBy(0, 150)")
    page.wait_for_timeout(100)
    player = page.locator(".lsp-rows").bounding_box()
    assert places[0] is not None and places[1] is not None and player is not None
    if width == 390:
        assert places[0]["x"] == places[1]["x"] and places[0]["y"] < places[1]["y"]
    else:
        assert places[0]["x"] > places[1]["x"] + places[1]["width"]
        assert places[1]["y"] < places[0]["y"] + places[0]["height"]
        assert 0 <= player["y"] < 900, "always in view"


def test_wrong_answers_are_told_why_and_can_be_mended(offline: Page, tmp_path: Path) -> None:
    offline.goto(f"{write_page(tmp_path, 'the_idea').as_uri()}#1")
    lesson = offline.locator(".lsl")
    told = lesson.locator(".lsl-told")
    lesson.get_by_role("button", name="Check").click()
    expect(told).to_have_text("✗ Choose an answer first.")
    lesson.locator(".lsl-option input").nth(2).check()
    lesson.get_by_role("button", name="Check").click()
    expect(told).to_contain_text("✗ Not quite.It happens often. Line 1, the docstring")
    assert lesson.locator(".lsl-item").first.get_attribute("data-mark") == "wrong"
    lesson.locator(".lsl-option input").nth(0).check()
    expect(told).to_be_empty()
    lesson.get_by_role("button", name="Check").click()
    assert lesson.locator(".lsl-item").first.get_attribute("data-mark") == "right"

    lesson.get_by_role("button", name=re.compile("The trick is to go")).click()
    number = lesson.get_by_label("Your answer, draws")
    for said, heard in (
        ("seven", "Write a number first"),
        ("8", "Less than that."),
        ("7,0", "✓ Right."),
    ):
        number.fill(said)
        number.press("Enter")
        expect(told).to_contain_text(heard)

    lesson.get_by_role("button", name=re.compile("What has to wait")).click()
    lesson.locator(".lsl-lines [data-line='9']").click()
    lesson.locator(".lsl-lines [data-line='1']").click()
    lesson.get_by_role("button", name="Check").click()
    expect(told).to_contain_text("1 line too much, 2 lines left out.")


def test_progress_is_kept_in_the_browser_and_can_be_dropped(
    browser: Browser, tmp_path: Path
) -> None:
    file = write_page(tmp_path, "linter_or_chance").as_uri()
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(file)
    answer_rightly(page.locator(".lsl"), payload_of("linter_or_chance")["steps"][0]["question"])
    page.get_by_role("button", name="Next →").click()
    page.close()

    again = context.new_page()
    again.goto(file)  # without a step: where the reader was
    expect(again.locator("h2")).to_have_text("2. Linters compared")
    expect(again.locator(".lsl-tally")).to_have_text("1 of 7 questions right · 2 of 7 steps seen")
    again.goto(f"{file}#7")
    again.reload()
    again.get_by_role("button", name="Start again").click()
    expect(again.locator(".lsl-tally")).to_have_text("0 of 7 questions right · 1 of 7 steps seen")
    context.close()


def test_the_instructor_sees_all_steps_with_answers_and_notes(
    offline: Page, tmp_path: Path
) -> None:
    offline.goto(f"{write_page(tmp_path, 'the_closure').as_uri()}#2.instructor")
    lesson = offline.locator(".lsl")
    steps = payload_of("the_closure")["steps"]
    assert lesson.locator(".lsl-step").count() == len(steps)
    assert lesson.locator(".lsl-note").count() == 1 + len(steps)
    assert lesson.locator(".lsl-solution").count() == 3  # the right options of three choices
    assert lesson.locator(".lsl-number input").input_value() == "3"
    assert lesson.locator(".lsp-edit").count() > 0
    assert lesson.get_by_role("button", name="Next →").is_hidden()
    expect(lesson.get_by_role("button", name="Print")).to_be_visible()
    lesson.get_by_role("button", name="Instructor view").click()
    assert lesson.locator(".lsl-step").count() == 1 and lesson.locator(".lsl-note").count() == 0
    assert offline.evaluate("location.hash") == "#2"


def test_links_lead_to_an_explorer_if_there_is_one(offline: Page, tmp_path: Path) -> None:
    offline.goto(write_page(tmp_path, "the_idea", explorer="http://localhost:8501").as_uri())
    link = offline.get_by_role("link", name="The same program on the page Trajectories")
    assert link.get_attribute("href") == (
        "http://localhost:8501/trajectories?program=prime_search&seed=3"
    )
    offline.goto(write_page(tmp_path, "the_idea").as_uri())
    expect(offline.locator(".lsl-links")).to_contain_text(
        "in the explorer, /trajectories?program=prime_search&seed=3"
    )


@pytest.mark.feature("Hostile files")
def test_a_hostile_lesson_is_shown_and_does_nothing(offline: Page, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(HOSTILE)
    command = [sys.executable, "-m", "lintseq_core", "lesson", "bad.yaml", "-o", "bad.html"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    offline.goto((tmp_path / "bad.html").as_uri())
    expect(offline.locator("h2")).to_have_text("1. <b>One</b>")
    offline.get_by_label("Your answer").fill("1")
    offline.get_by_role("button", name="Check").click()
    expect(offline.locator(".lsl-told")).to_contain_text("<u>so</u>")
    assert offline.locator("main img, main b, main u, main script").count() == 0


@pytest.mark.feature("Accessibility")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_lesson(browser: Browser, tmp_path: Path, theme: str) -> None:
    # Axe is put into the page as a script, which the file's own policy forbids.
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    found = []
    for name, place in (("why_pass_at_k", "#6"), ("the_closure", "#1"), ("why_pass_at_k", "#6.instructor")):  # fmt: skip
        page.goto(f"{write_page(tmp_path, name).as_uri()}{place}")
        page.locator(".lsl").wait_for()
        found += axe_findings(page)
    context.close()
    assert found == []


def test_the_explorer_leads_through_a_lesson_and_keeps_it_in_the_address(
    browser: Browser, server_url: str
) -> None:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{server_url}/lessons")
    page.get_by_role("button", name="Start: Why lines go together").click()
    lesson = page.locator(".lsl")
    lesson.wait_for()
    wait_for_parameter(page, "at", "1")
    assert parameters(page) == {"lesson": "the_closure", "at": "1"}
    answer_rightly(lesson, payload_of("the_closure")["steps"][0]["question"])
    link = lesson.get_by_role("link", name="What-if on the page Trajectories")
    assert link.evaluate("node => node.href") == (
        f"{server_url}/trajectories?program=matrix_sum&step=7&whatif=on"
    )
    link.click()  # in this window: one Back leads to the step again
    page.wait_for_url("**/trajectories?**")
    page.locator(".lsp-rows").wait_for()
    page.go_back()
    lesson.wait_for()
    wait_for_parameter(page, "at", "1")
    lesson.get_by_role("button", name="Next →").click()
    wait_for_parameter(page, "at", "2")
    assert our_findings_in_both_themes(page) == []

    page.goto(f"{server_url}/lessons?lesson=the_closure&at=8&instructor=on")
    expect(page.locator(".lsl-step")).to_have_count(8, timeout=60_000)
    page.get_by_role("button", name="Instructor view").click()
    expect(lesson.locator("h2")).to_have_text("8. Put it together")
    page.get_by_role("button", name="← All lessons").click()
    card = page.locator(".lsl-card").nth(1)
    expect(card).to_contain_text(
        "8 steps, 25 minutes, 3 seen, 1 of 8 questions right", timeout=60_000
    )
    assert our_findings_in_both_themes(page) == []
    page.wait_for_function("!new URL(location.href).searchParams.has('lesson')")
    context.close()
