"""Writing now in a real browser, on a server without torch: edits as they come, and the verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from lintseq_core.benchmarks.pocket import held_out
from tests.dashboard.axe_ledger import our_findings_in_both_themes
from tests.dashboard.conftest import ROOT, SOLVED, WRITER, served
from tests.dashboard.player_page import shown_text
from tests.dashboard.test_generations import EXECUTION
from tests.dashboard.test_live import boxes  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.feature("Generations")]

NO_TORCH = "import sys\nfor name in ('torch', 'transformers', 'tokenizers'):\n    sys.modules[name] = None\n"
WATCH = """() => {
    window.seen = [];
    const look = () => {
        const pane = document.querySelector(".st-key-writing")?.innerText;
        if (pane && pane !== window.seen.at(-1)) window.seen.push(pane);
    };
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


@pytest.fixture(scope="module")
def live_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The form of a server that may run programs and has no torch, the model chosen."""
    path = tmp_path_factory.mktemp("site")
    (path / "sitecustomize.py").write_text(NO_TORCH, encoding="utf-8")
    environment = {
        "PYTHONPATH": f"{path}:{ROOT}",
        EXECUTION: "1",
    }
    chosen = {"from": "Write now", "writer": WRITER.name, "ask": SOLVED, "temperature": "0"}
    with served(**environment) as url:
        yield f"{url}/generations?{urlencode(chosen)}"


def write(page: Page, url: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(url)
    page.get_by_label("What to write").wait_for()
    page.evaluate(WATCH)
    page.get_by_role("button", name="Write", exact=True).click()
    page.locator(".lsp").wait_for()


@pytest.mark.usefixtures("boxes")
def test_a_sample_is_seen_edit_by_edit_and_passes_its_tests_without_torch(
    page: Page, live_url: str
) -> None:
    write(page, live_url)

    seen = page.evaluate("window.seen")
    assert any(re.search(r"Sample \d: \d edits? so far, parses", pane) for pane in seen)
    expect(page.get_by_text("4 of 4 pass the tests of this task:")).to_be_visible()
    expect(page.get_by_role("button", name="✓ 4", exact=True)).to_be_visible()
    player = page.locator(".lsp")
    player.focus()
    page.keyboard.press("End")
    expect(player.locator(".lsp-status")).to_contain_text("1 of 1 test pass")
    assert "def sum_stock(stock: dict[str, int]) -> int:" in shown_text(player)
    expect(page.get_by_text("torch and transformers are not installed here")).to_be_hidden()

    page.get_by_role("button", name="✓ 3", exact=True).click()
    expect(page.get_by_role("spinbutton", name="Sample, 1 to 4")).to_have_value("3")


@pytest.mark.usefixtures("boxes")
def test_words_and_settings_are_there_again_when_the_form_is_opened(
    page: Page, live_url: str
) -> None:
    write(page, f"{live_url}&draws=2&guard=format")
    page.get_by_text("Ask a model").click()

    words = page.get_by_label("What to write")
    expect(words).to_have_value(held_out.problems().named(SOLVED).instruction)
    expect(page.get_by_label("Samples", exact=True)).to_have_value("2")

    words.fill("Greet the world.")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.get_by_text("These words are of no task, so there are no tests.")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Generations").click()
    page.get_by_text("Write now", exact=True).click()
    page.get_by_text("Ask a model").wait_for()
    expect(words).to_have_value("Greet the world.")


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_of_ours_where_a_model_has_written(
    page: Page, live_url: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    write(page, f"{live_url}&draws=2")
    page.get_by_text("Ask a model").click()
    page.get_by_label("What to write").wait_for()
    page.wait_for_timeout(900)

    ours = our_findings_in_both_themes(page)
    is_wider = page.evaluate("document.scrollingElement.scrollWidth > innerWidth")

    assert ours == []
    assert not is_wider
