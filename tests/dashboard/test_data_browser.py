"""The page Data in a real Chromium: clicks on bars and rows, an import, hostile text, axe."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.dashboard.axe_ledger import our_findings_in_both_themes
from tests.dashboard.data_cases import (
    MADE,
    MADE_FILES,
    OTHERS,
    ROWS,
    SCORES,
    TITLES,
    Other,
    broken_file,
)

pytestmark = [pytest.mark.feature("Data"), pytest.mark.browser]

HOSTILE = "</code><img src=x onerror=window.P=1><script>window.P=1</script>"
SMOLLM2 = "data?data=smollm2-135m-whole+(ships)"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with names, verdicts and programs that would be markup, and a row that does not fit."""
    path = tmp_path_factory.mktemp("data") / "hostile.jsonl"
    rows = [
        {"task_id": HOSTILE, "sample_id": 0, "passed": True, "completion": HOSTILE},
        {"task_id": "=1+1", "sample_id": 0, "passed": False, "completion": "x = 1\n"},
        {"task_id": "\u202eT", "sample_id": 0, "tool_verdict": HOSTILE, "completion": "\x00\x1b[2J\n"},
        {"task_id": "T", "sample_id": 0, "model": HOSTILE, "completion": "for x in y:\n    z = 2\n"},
    ]  # fmt: skip
    bad = {"task_id": "T", "sample_id": HOSTILE}
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, bad]))
    return path


@pytest.fixture(autouse=True)
def patient(page: Page) -> None:
    """The first look at an example imports it."""
    page.set_default_timeout(60_000)


def found(page: Page, words: str) -> None:
    page.get_by_text(re.compile(f"^{words}")).first.wait_for()


def open_hostile(page: Page, url: str, samples: Path) -> None:
    """Types the path, looks at the preview, imports, goes to the rows."""
    page.goto(f"{url}/data?data_view=Import")
    box = page.get_by_label("File or folder")
    box.fill(str(samples))
    box.press("Enter")
    page.get_by_text("samples or results of lintseq").wait_for()
    page.get_by_text("1 of the first 5 rows do not fit").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("4 rows imported; 1 do not fit and are left out").wait_for()
    page.get_by_role("button", name="Look at the rows").click()
    found(page, "4 rows of 4")


def test_a_click_on_a_bar_chooses_and_the_link_holds_it(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/{SMOLLM2}")
    found(page, r"[\d,]+ rows of")
    bar = page.locator('[data-place="contains loop"]')
    n_loops = int(bar.locator(".lsd-n").inner_text())
    bar.click()
    found(page, f"{n_loops} rows? of")
    assert "in_contains=loop" in page.url
    assert bar.get_attribute("aria-pressed") == "true"
    page.reload()
    found(page, f"{n_loops} rows? of")
    page.get_by_role("button", name="The program contains: clear").click()
    found(page, r"[\d,]+ rows of [\d,]+, 100.0%")
    assert "in_contains" not in page.url


def test_a_histogram_is_worked_by_keys_and_shift_takes_what_lies_between(
    page: Page, server_url: str
) -> None:
    page.goto(f"{server_url}/{SMOLLM2}")
    bars = page.locator('.lsd-bar[data-place^="lines "]')
    bars.first.wait_for()
    words = [bars.nth(at).get_attribute("aria-label") or "" for at in range(3)]
    counts = [int(word.rsplit(": ", 1)[1].split()[0].replace(",", "")) for word in words]
    bars.first.focus()
    page.keyboard.press("Enter")
    found(page, f"{counts[0]} rows? of")
    bars.nth(2).click(modifiers=["Shift"])
    found(page, f"{sum(counts)} rows? of")


def test_a_row_opens_with_its_player_and_the_way_back(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/data?data=examples_lintseq.jsonl+(ships)&find=def+first_primes")
    page.locator(".lsd-hit").first.wait_for()
    assert page.locator(".lsd-hit").first.inner_text() == "def first_primes(count):"
    sizes = page.locator("[data-row]").first.locator(".lsd-sizes i")
    words = page.locator("[data-row] .lsd-about").first.inner_text()
    assert words.endswith(f", {sizes.count()} edits")
    heights = sizes.evaluate_all("bars => bars.map((bar) => bar.getBoundingClientRect().height)")
    assert min(heights) >= 2 and max(heights) > 2 * min(heights)
    page.locator("[data-row]").first.click()
    page.locator(".lsp").wait_for()
    assert "row=" in page.url and "find=" in page.url
    page.get_by_role("button", name="All rows").click()
    page.locator("[data-row]").first.wait_for()


@pytest.mark.feature("Hostile files")
def test_text_out_of_a_file_does_nothing_on_the_page_data(
    page: Page, server_url: str, samples: Path
) -> None:
    open_hostile(page, server_url, samples)
    page.locator('[data-row="3"]').wait_for()
    assert page.locator("[data-row]").count() == 4
    page.locator('[data-row="0"]').click()
    page.get_by_role("button", name="Next row").wait_for()
    for view in ("Statistics", "Two data sets"):
        page.get_by_role("radio", name=view).click()
        page.locator(".js-plotly-plot").first.wait_for()
    assert page.evaluate("window.P") is None


@pytest.mark.feature("Import")
def test_an_imported_file_can_be_opened_on_the_page_pass_at_k(
    page: Page, server_url: str, tmp_path: Path
) -> None:
    rows = [{"task_id": "T/0", "sample_id": n, "verdict": "passed"} for n in range(3)]
    path = tmp_path / "imported.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    page.goto(f"{server_url}/data?data_view=Import")
    box = page.get_by_label("File or folder")
    box.fill(str(path))
    box.press("Enter")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Open in pass@k").click()
    page.locator("[data-testid=stExpander] summary").get_by_text("imported.jsonl").wait_for()


@pytest.mark.feature("Accessibility")
def test_axe_finds_nothing_of_ours_on_the_page_data(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1200, "height": 1600})
    page.set_default_timeout(60_000)
    shown = {
        f"{SMOLLM2}&in_contains=loop&where=program.loop&find=for": ".lsd-hit",
        f"{SMOLLM2}&row=2": "[data-testid=stCode]",
        f"{SMOLLM2}&data_view=Statistics": ".js-plotly-plot",
        f"{SMOLLM2}&data_view=Two+data+sets": ".js-plotly-plot",
        "data?data_view=Import": "input[aria-label='File or folder']",
    }
    ours = {}
    for address, sign in shown.items():
        page.goto(f"{server_url}/{address}")
        page.locator(sign).first.wait_for()
        page.wait_for_timeout(500)
        ours[address] = our_findings_in_both_themes(page)
    assert ours == {address: [] for address in shown}


def type_path(page: Page, path: Path) -> None:
    box = page.get_by_label("File or folder")
    box.fill(str(path))
    box.press("Enter")


def recognised(page: Page, name: str, title: str) -> None:
    page.get_by_text(re.compile(rf"^{re.escape(name)}: .*{re.escape(title)}")).first.wait_for()


@pytest.mark.feature("Import")
def test_the_import_takes_what_the_tools_wrote_and_says_what_is_broken(
    page: Page, server_url: str, tmp_path: Path
) -> None:
    """One of each kind, rows, a document, an archive, a folder; test_data.py has them all."""
    page.goto(f"{server_url}/data?data_view=Import")
    folder = next(case for case in OTHERS if case.format == "evalplus-folder")
    for case in (ROWS[0], *OTHERS[:2], folder, SCORES):
        broken = broken_file(case, tmp_path)
        type_path(page, broken)
        recognised(page, broken.name, "unknown format" if case is SCORES else case.title)
        said = case.said if isinstance(case, Other) else case.field
        cells = page.locator("td[role=gridcell], [role=alert]").filter(has_text=said)
        cells.first.wait_for(state="attached")
    for file in ("human_eval.jsonl", "evalplus_folder", "inspect.eval"):
        name, n_rows = MADE_FILES[file]
        type_path(page, MADE / file)
        recognised(page, file, TITLES[name])
        page.get_by_role("button", name="Import", exact=True).click()
        found(page, f"{n_rows} rows imported")
        page.get_by_role("button", name="Look at the rows").click()
        found(page, f"{n_rows} rows of {n_rows}")
        page.locator("[data-row]").nth(n_rows - 1).wait_for()
        page.get_by_role("radio", name="Import").click()
