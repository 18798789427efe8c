"""What a visitor uploads, in real browsers: after a reload, on another page, and for somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboard.axe_ledger import our_findings_in_both_themes
from tests.dashboard.test_workbench import RESULTS, TRACE

pytestmark = [pytest.mark.browser, pytest.mark.feature("Files of visitors")]

PAGES = ("pass_at_k", "diversity", "generations", "data")
LINE = "[data-testid=stExpander] summary"
RUNS = re.compile("Runs")
"""The list; not \"What limits these runs\"."""


@pytest.fixture
def somebody_else(browser: Browser) -> Iterator[Page]:
    """A page of another browser session."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def upload(page: Page, url: str, name: str, content: bytes) -> None:
    page.goto(url)
    page.locator(LINE).filter(has_text=RUNS).wait_for()
    page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/jsonl", "buffer": content}
    )


def runs(page: Page, text: str) -> None:
    """Waits until the closed list says `text`."""
    page.locator(LINE).filter(has_text=RUNS).filter(has_text=text).first.wait_for()


def test_an_upload_outlives_a_reload_and_other_pages_and_no_other_browser_opens_its_link(
    page: Page, somebody_else: Page, server_url: str
) -> None:
    upload(page, f"{server_url}/pass_at_k", "my run.jsonl", RESULTS)
    runs(page, "my run.jsonl")
    page.wait_for_url(re.compile(r"files=[0-9a-f]{12}\b"))
    page.reload()
    runs(page, "my run.jsonl")
    page.get_by_role("link", name="Overview").first.click()
    page.get_by_text("Programs, written edit by edit").first.wait_for()
    page.wait_for_url(re.compile(r"files=[0-9a-f]{12}\b"))
    page.reload()
    page.get_by_role("link", name="Diversity").first.click()
    runs(page, "my run.jsonl")
    link = page.url

    for name in PAGES:
        somebody_else.goto(re.sub(r"/diversity\?", f"/{name}?", link))
        somebody_else.get_by_text("ask them for the file, and upload it here").wait_for()
        assert somebody_else.get_by_text("my run").count() == 0
        assert "files=" not in somebody_else.url


def test_the_list_stays_open_while_files_come_and_are_renamed_and_go(
    page: Page, server_url: str
) -> None:
    page.goto(f"{server_url}/pass_at_k")
    page.locator(LINE).filter(has_text=RUNS).click()
    page.locator("input[type=file]").set_input_files(
        {"name": "a.jsonl", "mimeType": "application/jsonl", "buffer": RESULTS}
    )
    runs(page, "a.jsonl")
    box = page.get_by_label("Its name")
    expect(box).to_be_visible()
    box.fill("Edits")
    box.press("Enter")
    runs(page, "Edits")
    expect(box).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    page.locator(LINE).filter(has_text="(ships)").first.wait_for()
    assert "files=" not in page.url


def test_a_trace_on_the_wrong_page_leads_to_the_right_one(page: Page, server_url: str) -> None:
    upload(page, f"{server_url}/pass_at_k", "trace.jsonl", TRACE)
    page.get_by_text("it is stepped through on the page Generations").wait_for()
    page.get_by_role("link", name="Go to Generations").click()
    runs(page, "trace.jsonl")


@pytest.mark.parametrize("name", PAGES)
def test_the_list_is_one_line_before_the_page_and_its_text_stays_on_a_phone(
    somebody_else: Page, server_url: str, name: str
) -> None:
    upload(somebody_else, f"{server_url}/{name}", f"{'long name ' * 6}.jsonl", RESULTS)
    line = somebody_else.locator(LINE).filter(has_text=RUNS)
    if name != "generations":
        runs(somebody_else, "long name")
    box = line.bounding_box()
    assert box is not None and box["height"] < 80
    if name != "generations":  # there the player comes first
        assert box["y"] < 500
    wide = somebody_else.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    line.click()
    somebody_else.get_by_label("Its name").wait_for()
    assert somebody_else.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.feature("Accessibility")
def test_axe_finds_nothing_of_ours_in_the_open_list(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1200, "height": 1200})
    page.set_default_timeout(60_000)
    upload(page, f"{server_url}/pass_at_k", "mine.jsonl", RESULTS)
    runs(page, "mine.jsonl")
    page.locator(LINE).filter(has_text=RUNS).click()
    page.get_by_label("Its name").wait_for()
    page.wait_for_timeout(900)
    ours = our_findings_in_both_themes(page)
    assert ours == []
