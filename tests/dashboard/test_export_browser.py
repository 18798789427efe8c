"""The exported file, opened from disk without a network, plays what `lintseq sample` wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lintseq_core import EditSequence, Program, sample_path
from tests.dashboard.axe_ledger import axe_findings
from tests.dashboard.conftest import ROOT
from tests.dashboard.test_browser import check_step

pytestmark = [pytest.mark.browser, pytest.mark.feature("One-file export")]

PROGRAM = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
SEQUENCES = [sample_path(PROGRAM, seed=3, path_index=path) for path in range(3)]
HOSTILE = Program.from_text(
    "s = '</script><script>document.title=1</script><img src=x onerror=alert(1)>\u202e'\nt = s\n"
)


def export(folder: Path, sequences: list[EditSequence], title: str = "") -> Path:
    rows = folder / "rows.jsonl"
    rows.write_text("".join(f"{each.to_json()}\n" for each in sequences), encoding="utf-8")
    command = [sys.executable, "-m", "lintseq_core", "export", str(rows), "-o", "out.html"]
    subprocess.run([*command, "--title", title], cwd=folder, check=True, capture_output=True)
    return folder / "out.html"


def test_it_plays_from_disk_with_the_network_off(offline: Page, tmp_path: Path) -> None:
    offline.goto(export(tmp_path, SEQUENCES).as_uri())
    player = offline.locator(".lsp")
    player.focus()

    offline.keyboard.press("ArrowRight")
    check_step(player, SEQUENCES[0], 2)
    offline.keyboard.press("n")
    offline.keyboard.press("End")
    check_step(player, SEQUENCES[1], SEQUENCES[1].n_edits)
    offline.get_by_role("button", name="Next sequence").click()
    check_step(player, SEQUENCES[2], 1)
    offline.get_by_role("button", name="Keys").click()
    expect(offline.locator(".lsp-help")).to_contain_text("next, previous sequence")
    assert offline.get_by_label("Sequence", exact=True).input_value() == "2"
    expect(offline.locator("footer")).to_contain_text(PROGRAM.id[:16])


def test_a_page_of_before_there_were_edit_formats_plays_as_ever(offline: Page) -> None:
    older = ROOT / "tests" / "data" / "older"
    sequence = EditSequence.from_json((older / "sequence.v1.json").read_text("utf-8"))
    offline.goto((older / "page.html").as_uri())
    player = offline.locator(".lsp")
    player.focus()
    offline.keyboard.press("End")
    check_step(player, sequence, sequence.n_edits)


def test_its_address_holds_the_sequence_and_the_step(offline: Page, tmp_path: Path) -> None:
    offline.goto(f"{export(tmp_path, SEQUENCES).as_uri()}#1.4")

    check_step(offline.locator(".lsp"), SEQUENCES[1], 4)
    offline.locator(".lsp").focus()
    offline.keyboard.press("ArrowRight")
    assert offline.evaluate("location.hash") == "#1.5"


def test_it_answers_what_if_by_itself(offline: Page, tmp_path: Path) -> None:
    offline.goto(f"{export(tmp_path, SEQUENCES).as_uri()}#0.{SEQUENCES[0].n_edits}")
    offline.locator(".lsp").focus()
    offline.keyboard.press("w")

    offline.locator(".lsp-row:has([data-line='1'])").hover()

    assert offline.locator(".lsp-row[data-whatif=goes]").count() > 0
    assert offline.locator(".lsp-branch").is_hidden()


@pytest.mark.feature("Hostile files")
def test_hostile_data_is_shown_and_does_nothing(offline: Page, tmp_path: Path) -> None:
    sequence = sample_path(HOSTILE, seed=0)
    file = export(tmp_path, [sequence, sequence], title="</title><script>alert(2)</script>")
    offline.goto(f"{file.as_uri()}#0.2")

    check_step(offline.locator(".lsp"), sequence, sequence.n_edits)
    assert offline.title() == "</title><script>alert(2)</script>"
    assert offline.locator("img, [onerror]").count() == 0


@pytest.mark.feature("Accessibility")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_file(browser: Browser, tmp_path: Path, theme: str) -> None:
    # Axe is put into the page as a script, which the file's own policy forbids.
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    page.goto(f"{export(tmp_path, SEQUENCES).as_uri()}#0.3")
    page.locator(".lsp").wait_for()

    found = axe_findings(page)
    context.close()

    assert found == []
