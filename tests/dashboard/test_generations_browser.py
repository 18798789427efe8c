"""The Generations page in a real browser: stepping, links, tiles, hostile traces, axe, export."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote_plus, urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lintseq_core.benchmarks import basics
from lintseq_core.generation.trace import TracedSample
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.viewer.outcomes import read_tasks
from lintseq_core.viewer.traces import short
from tests.dashboard.axe_ledger import our_findings_in_both_themes
from tests.dashboard.conftest import TRACES
from tests.dashboard.player_page import shown_text
from tests.dashboard.test_browser import (
    count_messages,
    open_controls,
    open_page,
    parameters,
    wait_for_parameter,
)
from tests.dashboard.test_generations import VIEWS, hostile_trace

pytestmark = [pytest.mark.browser, pytest.mark.feature("Generations")]

GIVEN = "from=Given+files"


def asked(task: str) -> str:
    """What the page calls a task of the test model, in an address."""
    problems = read_tasks((TRACES / "problems.jsonl").read_text("utf-8"), "problems.jsonl")
    return quote_plus(short(next(one.instruction for one in problems if one.task_id == task), 60))


def samples(name: str) -> tuple[TracedSample, ...]:
    return read_trace(TRACES / f"{name}.jsonl").samples


def check_step(player: Locator, sample: TracedSample, step: int) -> None:
    states = list(sample.states())
    expect(player.locator(".lsp-status")).to_contain_text(
        re.compile(rf"^Step {step} of {len(states) - 1}: ")
    )
    assert shown_text(player) == states[step]


def test_a_sample_is_stepped_through_without_the_server(page: Page, traces_url: str) -> None:
    sample = samples("count_vowels.tiny-short")[2]
    player = open_page(page, f"{traces_url}/generations?{GIVEN}&model=tiny-short&sample=3&step=0")
    count_messages(page)
    player.focus()

    for step in range(1, len(sample.kept_steps) + 1):
        page.keyboard.press("ArrowRight")
        check_step(player, sample, step)
        told = player.locator(".lsp-status").inner_text()
        assert ("does not parse" in told) is not sample.kept_steps[step - 1].compiles
        faults = player.locator(".lsp-wrong").filter(has_text="fault")
        assert faults.count() == len(sample.kept_steps[step - 1].faults)
        assert "log-probability" in player.locator(".lsp-why").inner_text()
        guilty = {fault.line_number for fault in sample.kept_steps[step - 1].faults}
        expect(player.locator(".lsp-guilty")).to_have_count(len(guilty))
    wait_for_parameter(page, "step", str(len(sample.kept_steps)))
    assert page.evaluate("window.sent") == 0


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_what_the_model_wrote_is_shown_whole_with_its_fault_marked_and_its_signs_explained(
    page: Page, traces_url: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    player = open_page(page, f"{traces_url}/generations?{GIVEN}&model=tiny-short&sample=1&step=3")
    guilty = player.locator(".lsp-guilty")
    expect(guilty).to_have_attribute("data-line", "1")
    expect(guilty).to_have_text("@@ -4,0 +4,3 @@✗ position out of range")
    player.locator(".lsp-key-to .lsp-rare-3").wait_for()
    panel, written = (player.locator(f".lsp-{name}").bounding_box() for name in ("panel", "raw"))
    assert panel and written
    assert written["y"] + written["height"] <= panel["y"] + panel["height"]
    assert panel["height"] <= 0.6 * height + 1
    if width > height:  # and the whole player still fits the window
        box = player.bounding_box()
        assert box and box["y"] + box["height"] <= height


def test_first_bad_edits_are_marked_with_a_sign(page: Page, traces_url: str) -> None:
    player = open_page(
        page, f"{traces_url}/generations?{GIVEN}&task={asked('count_vowels')}&model=tiny-short"
    )
    expect(player.locator(".lsp-bars i[data-marks~=bad]")).to_have_count(1)
    sign = player.locator(".lsp-bars i[data-marks~=bad]").evaluate(
        "bar => getComputedStyle(bar, '::before').content"
    )
    assert sign == '"✗"'
    expect(player.get_by_role("button", name="X-ray")).to_be_hidden()


def test_an_edit_that_is_bad_and_passes_all_tests_is_marked_as_both(
    page: Page, server_url: str
) -> None:
    asked = basics.problems().named("Basics/13").instruction
    where = {"from": "SmolLM2-135M", "task": short(asked, 60), "model": "smollm2-135m-lintseq"}
    where |= {"sample": "4", "step": "1"}
    player = open_page(page, f"{server_url}/generations?{urlencode(where)}")
    (marked,) = player.locator(".lsp-bars i[data-marks~=bad]").all()
    assert marked.evaluate(
        "bar => ['::before', '::after'].map((sign) => getComputedStyle(bar, sign).content)"
    ) == ['"✗"', '"✓"']
    expect(player.locator(".lsp-status")).to_contain_text(
        "✗ the first bad edit: breaks the grammar of edits · ✓ the first to pass all tests"
    )

    page.goto(f"{server_url}/generations?{urlencode(where | {'see': 'All samples'})}")
    tile = page.locator("[data-testid=stVerticalBlock]").filter(
        has=page.get_by_role("button", name=re.compile(r"Sample 4$"))
    )
    expect(tile.last).to_contain_text("the first bad edit is 1: breaks the grammar of edits")


def test_n_and_the_link_lead_to_the_same_sample(
    page: Page, browser: Browser, traces_url: str
) -> None:
    player = open_page(page, f"{traces_url}/generations?{GIVEN}&task={asked('running_max')}")
    player.focus()
    for _ in range(4):
        page.keyboard.press("n")
    expect(player.locator(".lsp-meta")).to_contain_text("sample 5 of 10")
    page.get_by_role("button", name="Keys").click()
    expect(player.locator(".lsp-help")).to_contain_text("next, previous sample")
    player.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    sample = samples("running_max.tiny-long")[4]
    check_step(player, sample, 1)
    wait_for_parameter(page, "step", "1")
    assert parameters(page)["sample"] == "5"

    other = browser.new_page()
    check_step(open_page(other, page.url), sample, 1)
    other.close()


def test_a_tile_opens_its_sample(page: Page, traces_url: str) -> None:
    page.goto(f"{traces_url}/generations?{GIVEN}&see=All+samples&task={asked('longest_word')}")
    page.get_by_role("button", name="Sample 6", exact=False).first.click()

    expect(page.locator(".lsp-meta")).to_contain_text("sample 6 of 10")
    wait_for_parameter(page, "sample", "6")


def test_a_bar_over_all_problems_leads_to_its_samples_and_a_sample_to_its_edit(
    page: Page, traces_url: str
) -> None:
    page.goto(f"{traces_url}/generations?{GIVEN}&see=All+problems&model=tiny-short")
    page.locator('[data-place="fault_edit 3"]').click()
    page.get_by_text(re.compile(r"^\d samples of 40$")).wait_for()
    assert parameters(page)["in_fault_edit"] == "3"
    row = page.locator("[data-row]").last
    expect(row.locator(".lsd-faults")).to_contain_text("✗ edit 3: ")
    task, number = re.fullmatch(
        r"(.+), sample (\d+)", row.locator(".lsd-task").inner_text()
    ).groups()  # type: ignore[union-attr]
    row.click()
    player = page.locator(".lsp")
    expect(player.locator(".lsp-status")).to_contain_text("Step 3 of")
    expect(player.locator(".lsp-meta")).to_contain_text(f"sample {number} of 10")
    told = page.locator(".st-key-made_of button")
    expect(told).to_contain_text(task[:20])
    expect(told).to_contain_text(f"tiny-short · sample {number}")
    page.get_by_text("All problems", exact=True).click()
    page.locator('[data-place="fault_edit 3"][aria-pressed=true]').wait_for()


def test_two_models_step_together(page: Page, traces_url: str) -> None:
    page.goto(f"{traces_url}/generations?{GIVEN}&see=Two+models&task={asked('count_vowels')}")
    players = page.locator(".lsp")
    expect(players).to_have_count(2)
    players.first.focus()
    page.keyboard.press("ArrowRight")

    check_step(players.first, samples("count_vowels.tiny-long")[0], 2)
    check_step(players.last, samples("count_vowels.tiny-short")[0], 2)


@pytest.mark.skipif(find_spec("torch") is None, reason="needs the extra train")
def test_writing_can_be_stopped_and_what_there_is_stays(page: Page, server_url: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(f"{server_url}/generations?from=Write+now")
    page.get_by_label("What to write").wait_for()
    page.get_by_label("Samples", exact=True).fill("16")
    page.get_by_label("Tokens a sample").fill("900")
    page.get_by_label("Temperature").fill("5")  # it does not come to an end by itself
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Write", exact=True).click()

    page.get_by_text(re.compile(r"^[\d,]+ tokens drawn")).wait_for()
    page.get_by_role("button", name="Stop", exact=True).last.click()

    # Where something was written the form is folded.
    page.get_by_role("button", name=re.compile("^Write( more)?$")).first.wait_for()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)


def watch(page: Page) -> list[str]:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    return dialogs


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_of_a_hostile_trace_acts(page: Page, server_url: str, view: str) -> None:
    dialogs = watch(page)
    page.goto(f"{server_url}/generations?from=Upload&see={view.replace(' ', '+')}")
    page.get_by_text("lintseq generate INSTRUCTION").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "<img src=x onerror=alert(4)>.jsonl", "mimeType": "application/jsonl", "buffer": hostile_trace()}
    )  # fmt: skip
    if view == "All problems":
        page.locator("[data-row]").wait_for()
    else:
        page.locator(".st-key-made_of").get_by_text("sample 1").wait_for()
    open_controls(page)
    page.get_by_text("Asked:").wait_for()
    page.keyboard.press("Escape")
    if view == "One sample":
        player = page.locator(".lsp")
        player.focus()
        page.keyboard.press("End")
        expect(player.locator(".lsp-raw")).to_contain_text("</script>")
    page.wait_for_timeout(800)

    assert dialogs == []
    assert page.title().endswith(" · Generations · LintSeq")
    attack = "img[src=x], [onerror], [onmouseover], a[href^=javascript]"
    assert page.locator(f"main :is({attack}), .lsp :is({attack})").count() == 0


def test_a_trace_too_large_is_refused_in_words(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/generations?from=Upload")
    page.get_by_text("lintseq generate INSTRUCTION").wait_for()
    header = (TRACES / "longest_word.tiny-long.jsonl").read_bytes().split(b"\n")[0]
    page.locator("input[type=file]").set_input_files(
        {
            "name": "big.jsonl",
            "mimeType": "application/jsonl",
            "buffer": header + b"\n" * 10_600_000,
        }
    )

    expect(
        page.get_by_text("big.jsonl: a trace of 10.6 MB; the explorer takes 10 MB")
    ).to_be_visible()


@pytest.mark.parametrize("view", [*VIEWS, "Write now"])
def test_axe_finds_nothing_of_ours(page: Page, traces_url: str, view: str) -> None:
    page.set_viewport_size({"width": 1200, "height": 900})
    query = f"{GIVEN}&see={view.replace(' ', '+')}" if view in VIEWS else "from=Write+now"
    page.goto(
        f"{traces_url}/generations?task={asked('longest_word')}&model=tiny-short&step=2&{query}"
    )
    ready = ".lsp, .js-plotly-plot, [data-testid=stForm], .st-key-group_1, .st-key-case, [data-row]"
    page.locator(ready).first.wait_for()
    page.wait_for_timeout(900)

    ours = our_findings_in_both_themes(page)

    assert ours == []


def test_samples_can_be_downloaded_as_one_page(page: Page, traces_url: str) -> None:
    open_page(page, f"{traces_url}/generations?{GIVEN}&task={asked('longest_word')}")

    with page.expect_download() as downloading:
        page.get_by_role("button", name="All samples as a page").click()

    text = downloading.value.path().read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and "default-src 'none'" in text


def export(folder: Path, data: bytes) -> Path:
    (folder / "trace.jsonl").write_bytes(data)
    command = [sys.executable, "-m", "lintseq_core", "export", "trace.jsonl", "-o", "out.html"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "out.html"


def test_an_exported_trace_plays_from_disk_with_the_network_off(
    offline: Page, tmp_path: Path
) -> None:
    data = (TRACES / "longest_word.tiny-short.jsonl").read_bytes()
    offline.goto(f"{export(tmp_path, data).as_uri()}#3.2")

    player = offline.locator(".lsp")
    check_step(player, samples("longest_word.tiny-short")[3], 2)
    assert offline.get_by_label("Sample", exact=True).locator("option").count() == 10
    expect(player.locator(".lsp-why")).to_contain_text("As written")


def test_a_hostile_trace_exported_does_nothing(offline: Page, tmp_path: Path) -> None:
    offline.goto(f"{export(tmp_path, hostile_trace()).as_uri()}#0.1")

    expect(offline.locator(".lsp-raw")).to_contain_text("</script>")
    assert offline.locator("img, [onerror]").count() == 0
