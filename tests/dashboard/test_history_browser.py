"""The browser's Back undoes what one sees as a move; steps of the player are none."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

pytestmark = [pytest.mark.browser, pytest.mark.feature("Links")]


def open_at(page: Page, url: str, ready: str) -> None:
    page.goto(url)
    page.locator(ready).first.wait_for()


@pytest.mark.parametrize(
    ("place", "ready", "view", "first"),
    [
        ("trajectories", ".lsp-code", "Predict", "One sequence"),
        ("generations", ".lsp-code", "All samples", "One sample"),
        ("data", ".lsd-list li", "Import", "Rows"),
    ],
)
def test_back_leads_to_the_view_before(
    page: Page, server_url: str, place: str, ready: str, view: str, first: str
) -> None:
    open_at(page, f"{server_url}/{place}", ready)
    page.get_by_text(view, exact=True).first.click()
    expect(page).to_have_url(re.compile("=" + view.replace(" ", ".")))

    page.go_back()

    expect(page).to_have_url(f"{server_url}/{place}")
    active = page.locator("button[aria-checked=true]").first
    expect(active).to_have_text(first)
    page.go_forward()
    expect(active).to_have_text(view)


@pytest.mark.parametrize(
    ("place", "word"), [("trajectories", "sequence"), ("generations", "sample")]
)
def test_back_leads_to_the_sample_before_not_to_the_step(
    page: Page, server_url: str, place: str, word: str
) -> None:
    open_at(page, f"{server_url}/{place}", ".lsp-code")
    line = page.locator(".st-key-made_of button")
    page.locator(".lsp").first.focus()
    page.keyboard.press("n")
    expect(line).to_contain_text(f"{word} 2")
    page.locator(".lsp").first.focus()
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile("step=[01]"))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("step=1"))

    page.go_back()

    expect(line).to_contain_text(f"{word} 1")


def test_back_leads_to_the_step_of_a_lesson_before_and_then_to_all_lessons(
    page: Page, server_url: str
) -> None:
    open_at(page, f"{server_url}/lessons", ".lsl-card")
    page.locator(".lsl-card button").first.click()
    place = page.locator(".lsl-pager [data-part=place], .lsl-pager .lsp-muted")
    expect(place).to_contain_text("Step 1 of")
    # The server's own word on the address has come, too.
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page).to_have_url(re.compile("lesson="))
    for step in (2, 3):
        page.get_by_role("button", name="Next →").click()
        expect(place).to_contain_text(f"Step {step} of")

    page.go_back()
    expect(place).to_contain_text("Step 2 of")
    page.go_back()
    expect(place).to_contain_text("Step 1 of")
    page.go_back()
    expect(page.locator(".lsl-card").first).to_be_visible()


def test_back_leads_from_a_row_to_the_rows(page: Page, server_url: str) -> None:
    open_at(page, f"{server_url}/data", ".lsd-list li")
    page.locator(".lsd-list button").nth(1).click()
    expect(page).to_have_url(re.compile("row=2"))

    page.go_back()

    expect(page.locator(".lsd-list li").nth(1)).to_be_visible()


def test_a_page_that_is_not_there_is_said(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/trajectory")

    alert = page.get_by_role("alert")
    expect(alert).to_have_text(
        re.compile("There is no page 'trajectory'; did you mean Trajectories?")
    )
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_test_id("stPageLink-NavLink").filter(has_text="Trajectories").first.click()
    page.locator(".lsp-code").wait_for()


def test_quick_moves_there_and_back_lose_nothing_the_browser_still_needs(
    page: Page, server_url: str
) -> None:
    sides: list[WebSocketRoute] = []
    held: list[str | bytes] = []
    is_held = False

    def between(side: WebSocketRoute) -> None:
        sides.append(side)
        side.connect_to_server().on_message(lambda m: held.append(m) if is_held else side.send(m))

    page.route_web_socket(re.compile("_stcore/stream"), between)
    open_at(page, f"{server_url}/lessons", ".lsl-card")
    page.locator(".lsl-card button").first.click()
    onward = page.get_by_role("button", name="Next →")
    onward.wait_for()
    expect(page).to_have_url(re.compile("lesson="))

    is_held = True  # the server answers each move; the page hears of all of them at once, later
    for move in [onward.click] * 3 + [lambda: page.evaluate("history.back()")] * 4:
        move()
        page.wait_for_timeout(250)
    is_held = False
    for message in held:
        sides[-1].send(message)

    expect(page.locator(".lsl-card").first).to_be_visible()
    expect(page.get_by_text("Connection error")).to_have_count(0)
