"""The dashboard in a real browser: stepping, links, errors, accessibility, first paint."""

from __future__ import annotations

import random
import re
import time
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.shared.links import MAX_CODE_CHARACTERS, pack_code
from lintseq_core import EditSequence, Program, sample_path
from lintseq_core.viewer.opening import opening_step
from tests.dashboard.axe_ledger import LEDGER, axe_findings, excuse_of
from tests.dashboard.conftest import ROOT
from tests.dashboard.player_page import new_lines, shown_text

pytestmark = [pytest.mark.browser, pytest.mark.feature("Trajectories")]

FIRST_PAINT_S = 3.0


def example(name: str, *, seed: int = 0, path: int = 0) -> EditSequence:
    program = Program.from_file(ROOT / "assets" / "programs" / f"{name}.py")
    return sample_path(program, seed=seed, path_index=path)


def open_page(page: Page, url: str) -> Locator:
    page.goto(url)
    player = page.locator(".lsp:not(.lsl)")
    player.wait_for()
    return player


def open_controls(page: Page) -> None:
    """The line that says what made the sequence, opened."""
    page.locator(".st-key-made_of button").click()


def check_step(player: Locator, sequence: EditSequence, step: int) -> None:
    """The player is at `step` of `sequence`, with exactly these lines, and these marked."""
    expect(player.locator(".lsp-status")).to_have_text(
        re.compile(rf"^Step {step} of {sequence.n_edits}: ")
    )
    assert shown_text(player) == list(sequence.states())[step]
    assert new_lines(player) == [
        line
        for line, birth in zip(sequence.program.lines, sequence.birth_steps, strict=True)
        if birth == step - 1 and (step > 1 or sequence.n_edits == 1)  # what is never drawn stands
    ]


def parameters(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def count_messages(page: Page) -> None:
    """From now on `window.sent` counts what the page sends to the server."""
    page.evaluate(
        """() => {
          window.sent = 0;
          const send = WebSocket.prototype.send;
          WebSocket.prototype.send = function (data) { window.sent++; send.call(this, data); };
        }"""
    )


def wait_for_parameter(page: Page, name: str, value: str | None) -> None:
    page.wait_for_function(
        "([name, value]) => new URL(location.href).searchParams.get(name) === value",
        arg=[name, value],
    )


@pytest.mark.feature("Speed")
def test_keys_pressed_fast_land_on_the_right_step(page: Page, server_url: str) -> None:
    sequence = example("log_summary", seed=1)
    player = open_page(page, f"{server_url}/trajectories?program=log_summary&seed=1&step=1")
    player.focus()

    for _ in range(4):
        page.keyboard.press("ArrowRight")
    check_step(player, sequence, 5)

    page.keyboard.press("End")
    check_step(player, sequence, sequence.n_edits)
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    check_step(player, sequence, sequence.n_edits - 5)
    page.keyboard.press("Home")
    check_step(player, sequence, 1)

    page.keyboard.press("Space")
    player.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press("Space")
    player.get_by_role("button", name="Play", exact=True).wait_for()


def test_the_address_follows_the_step_without_a_rerun(page: Page, server_url: str) -> None:
    player = open_page(page, f"{server_url}/trajectories?program=log_summary&seed=1&step=0")
    entries = page.evaluate("history.length")
    count_messages(page)
    player.focus()

    for _ in range(7):
        page.keyboard.press("ArrowRight")
    wait_for_parameter(page, "step", "8")
    page.keyboard.press("Home")
    wait_for_parameter(page, "step", "1")
    for _ in range(opening_step(example("log_summary", seed=1)) - 1):
        page.keyboard.press("ArrowRight")
    wait_for_parameter(page, "step", None)  # the step that the player opens at

    assert page.evaluate("window.sent") == 0
    assert page.evaluate("history.length") == entries
    assert parameters(page) == {"program": "log_summary", "seed": "1"}


def test_a_link_shows_the_same_trajectory_at_the_same_step(page: Page, server_url: str) -> None:
    link = f"{server_url}/trajectories?program=bank_accounts&seed=7&path=2&step=6"

    player = open_page(page, link)

    check_step(player, example("bank_accounts", seed=7, path=2), 6)
    assert player.locator(".lsp-title").inner_text() == "bank_accounts.py"
    assert "seed 7 · sequence 3" in player.locator(".lsp-meta").inner_text()


def test_a_copied_address_opens_the_same_view(
    page: Page, browser: Browser, server_url: str
) -> None:
    player = open_page(page, f"{server_url}/trajectories?program=coin_change&step=0")
    open_controls(page)
    page.get_by_label("Seed", exact=True).fill("4")
    page.keyboard.press("Enter")
    expect(player.locator(".lsp-meta")).to_contain_text("seed 4")
    page.keyboard.press("Escape")
    player.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    wait_for_parameter(page, "step", "3")

    other = browser.new_page()
    reopened = open_page(other, page.url)
    check_step(reopened, example("coin_change", seed=4), 3)
    other.close()


def test_another_seed_keeps_the_step_that_was_chosen_and_no_other(
    page: Page, server_url: str
) -> None:
    player = open_page(page, f"{server_url}/trajectories?program=coin_change&step=5")
    check_step(player, example("coin_change"), 5)

    open_controls(page)
    page.get_by_label("Seed", exact=True).fill("9")
    page.keyboard.press("Enter")

    expect(player.locator(".lsp-meta")).to_contain_text("seed 9")
    check_step(player, example("coin_change", seed=9), 5)
    assert parameters(page) | {"program": ""} == {"program": "", "seed": "9", "step": "5"}

    open_page(page, f"{server_url}/trajectories?program=bank_accounts")
    check_step(player, example("bank_accounts"), opening_step(example("bank_accounts")))
    open_controls(page)
    page.get_by_label("Seed", exact=True).fill("9")
    page.keyboard.press("Enter")
    expect(player.locator(".lsp-meta")).to_contain_text("seed 9")
    other = example("bank_accounts", seed=9)
    check_step(player, other, opening_step(other))
    assert "step" not in parameters(page)


def test_a_rerun_of_the_page_leaves_the_step_alone(page: Page, server_url: str) -> None:
    sequence = example("log_summary")
    player = open_page(page, f"{server_url}/trajectories?program=log_summary&step=1")
    player.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")

    count_messages(page)
    page.keyboard.press("r")  # Streamlit's key for a rerun: steps go on while it runs
    for _ in range(4):
        page.keyboard.press("ArrowRight")

    page.wait_for_function("window.sent > 0")
    check_step(player, sequence, 8)
    page.wait_for_timeout(1500)
    check_step(player, sequence, 8)
    wait_for_parameter(page, "step", "8")


FIRST_LINE_Y = {(1440, 900): 220, (1024, 768): 260, (390, 844): 420}


@pytest.mark.feature("Speed")
@pytest.mark.parametrize("place", ["trajectories", "generations"])
@pytest.mark.parametrize("size", FIRST_LINE_Y, ids=str)
def test_the_code_comes_before_what_controls_it(
    page: Page, server_url: str, place: str, size: tuple[int, int]
) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    player = open_page(page, f"{server_url}/{place}")
    line = player.locator(".lsp-rows .lsp-row:not([data-state=absent])").first
    line.wait_for()
    expect(page.locator(".st-key-made_of button")).to_be_visible()
    page.wait_for_timeout(300)
    box, whole = line.bounding_box(), player.locator(".lsp-code").bounding_box()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert box is not None and whole is not None
    assert box["y"] <= FIRST_LINE_Y[size]
    assert whole["y"] + whole["height"] <= height + (0 if width > 600 else 100)
    assert wide <= width


@pytest.mark.feature("Pages")
@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("", "Overview"),
        ("trajectories?program=matrix_sum", "matrix_sum · Trajectories"),
        ("trajectories?source=Own+program", "Own program · Trajectories"),
        ("lessons?lesson=the_idea", "The idea · Lessons"),
        ("pass_at_k", "pass@k"),
    ],
)
def test_the_window_is_named_after_what_it_shows(
    page: Page, server_url: str, place: str, title: str
) -> None:
    page.goto(f"{server_url}/{place}")
    expect(page).to_have_title(f"{title} · LintSeq")


def test_the_box_of_a_program_stands_open_until_there_is_a_program(
    page: Page, server_url: str
) -> None:
    open_page(page, f"{server_url}/trajectories")
    open_controls(page)
    page.get_by_text("Own program", exact=True).click()
    box = page.get_by_label("Python program")
    box.click(timeout=10_000)  # nothing lies over it
    paste(page, "a = 1\nb = a\n")
    page.locator(".lsp:not(.lsl)").wait_for()
    expect(box).not_to_be_visible()
    line = page.locator(".st-key-made_of button")
    expect(line).to_contain_text("Own program · LintSeq · pyflakes · seed 0 · sequence 1")
    open_controls(page)
    expect(box).to_have_value("a = 1\nb = a\n")


CODE = pack_code("def f(:\n    pass\n")
BROKEN = (
    "import math\n\n\ndef area(radius):\n    return math.pi * (radius ** 2\n\n\nprint(area(2))\n"
)


def paste(page: Page, text: str) -> None:
    area = page.get_by_label("Python program")
    area.fill(text)
    area.press("Control+Enter")


def test_a_pasted_syntax_error_is_explained_with_its_line(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/trajectories?source=Own+program")

    paste(page, BROKEN)

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("line 5")
    expect(alert).to_contain_text("'(' was never closed")
    expect(page.get_by_test_id("stCode")).to_have_text("5 |     return math.pi * (radius ** 2")
    expect(page.get_by_label("Python program")).to_have_value(BROKEN)

    fixed = BROKEN.replace("2\n\n", "2)\n\n", 1)
    paste(page, fixed)
    player = page.locator(".lsp:not(.lsl)")
    player.wait_for()
    sequence = sample_path(Program.from_text(fixed), seed=0)
    check_step(player, sequence, opening_step(sequence))
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_link_of_a_pasted_program_reproduces_it(
    page: Page, browser: Browser, server_url: str
) -> None:
    text = "# caf\u00e9 \U0001f600\ntotal = 0\nfor n in range(3):\n\ttotal += n\nprint(total)\n"
    page.goto(f"{server_url}/trajectories?source=Own+program&seed=2&step=1")
    paste(page, text)
    player = page.locator(".lsp:not(.lsl)")
    player.wait_for()
    player.focus()
    page.keyboard.press("ArrowRight")
    wait_for_parameter(page, "step", "2")

    other = browser.new_page()
    reopened = open_page(other, page.url)
    check_step(reopened, sample_path(Program.from_text(text), seed=2), 2)
    open_controls(other)
    expect(other.get_by_label("Python program")).to_have_value(text)
    other.close()


def test_a_link_as_long_as_allowed_opens(page: Page, server_url: str) -> None:
    draw = random.Random(0)
    lines = [f"x{i} = {draw.getrandbits(320)}" for i in range(160)]
    code = pack_code("\n".join(lines))
    assert code is not None and len(code) > 0.9 * MAX_CODE_CHARACTERS

    player = open_page(page, f"{server_url}/trajectories?code={quote(code)}&step=0")

    expect(player.locator(".lsp-status")).to_have_text("Step 0 of 160: empty program")


@pytest.mark.feature("Overview")
def test_the_overview_tells_how_it_works_beside_a_player_and_hands_over(
    page: Page, server_url: str
) -> None:
    player = open_page(page, server_url)
    line = player.locator(".lsp-rows .lsp-row:not([data-state=absent])").first.bounding_box()
    assert line is not None and line["y"] < 500
    story = page.locator(".lsl")
    assert story.get_by_text("Instructor view").is_hidden()
    n_steps = 6
    for number, told in enumerate((10, 9, 2, 3, 3, 4), start=1):
        expect(story.locator("h2")).to_contain_text(f"{number}. ")
        expect(player.locator(".lsp-status")).to_contain_text(
            f"Edit {told} of 10 goes" if number <= 3 else f"Step {told} of "
        )
        if number < n_steps:
            story.get_by_role("button", name="Next →").click()

    story.get_by_role("link", name="Paste a program of your own").click()
    page.wait_for_url("**/trajectories?source=Own+program")
    page.get_by_label("Python program").wait_for()
    page.go_back()
    page.locator(".lsl").wait_for()

    page.get_by_role("link", name="Step through this program").click()
    page.wait_for_url("**/trajectories?**")
    expect(page.locator(".lsp-meta")).to_contain_text("seed 3")
    sequence = example("prime_search", seed=3)
    check_step(page.locator(".lsp:not(.lsl)"), sequence, opening_step(sequence))


def test_back_and_forward_follow_the_reader(page: Page, server_url: str) -> None:
    open_page(page, f"{server_url}/trajectories?program=bank_accounts&seed=5&step=4")
    page.get_by_role("link", name="Overview").first.click()
    expect(page.get_by_role("heading", name="Programs, written edit by edit")).to_be_visible()

    page.go_back()

    expect(page.locator(".lsp-meta")).to_contain_text("seed 5")
    check_step(page.locator(".lsp:not(.lsl)"), example("bank_accounts", seed=5), 4)


def test_coming_back_by_the_menu_finds_the_same_trajectory(page: Page, server_url: str) -> None:
    open_page(page, f"{server_url}/trajectories?program=bank_accounts&seed=5")
    page.get_by_role("link", name="Overview").first.click()
    expect(page.get_by_role("heading", name="Programs, written edit by edit")).to_be_visible()

    page.get_by_role("link", name="Trajectories").first.click()

    expect(page.locator(".lsp-meta")).to_contain_text("seed 5")
    sequence = example("bank_accounts", seed=5)
    check_step(page.locator(".lsp:not(.lsl)"), sequence, opening_step(sequence))


def test_a_malformed_link_still_gives_a_page_that_works(page: Page, server_url: str) -> None:
    player = open_page(page, f"{server_url}/trajectories?program=zz&linter=no&seed=inf&step=-2")

    alert = page.get_by_role("alert")
    for name in ("program 'zz'", "linter 'no'", "seed 'inf'", "step '-2'"):
        expect(alert).to_contain_text(name)
    check_step(player, example("coin_change"), opening_step(example("coin_change")))
    open_controls(page)
    page.get_by_label("Seed", exact=True).fill("6")
    page.keyboard.press("Enter")
    expect(player.locator(".lsp-meta")).to_contain_text("seed 6")
    expect(alert).to_have_count(0)
    wait_for_parameter(page, "seed", "6")


def test_a_step_beyond_the_end_shows_the_end(page: Page, server_url: str) -> None:
    sequence = example("coin_change")

    player = open_page(page, f"{server_url}/trajectories?step=999")

    check_step(player, sequence, sequence.n_edits)
    wait_for_parameter(page, "step", str(sequence.n_edits))


@pytest.mark.feature("Accessibility")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["/", "/trajectories?program=bank_accounts&step=5", f"/trajectories?program=zz&code={CODE}"],
    ids=["overview", "trajectories", "error"],
)
def test_axe_finds_nothing_of_ours(page: Page, server_url: str, path: str, theme: str) -> None:
    page.set_viewport_size({"width": 1200, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto(server_url + path)
    if "code=" in path:
        page.get_by_role("alert").filter(has_text="line 1").wait_for()
        page.get_by_test_id("stFileUploaderDropzone").wait_for()  # fetched last; the ledger's
    else:
        player = page.locator(".lsp:not(.lsl)")
        player.wait_for()
        assert player.get_attribute("data-theme") == theme
    page.wait_for_timeout(500)

    found = axe_findings(page)
    used = [excuse_of(page, *finding[:2]) for finding in found]
    ours = [finding for finding, excuse in zip(found, used, strict=True) if excuse is None]

    assert ours == []
    if "code=" in path:  # the only page with all of Streamlit's elements that break a rule
        assert set(used) == set(LEDGER), "a row of the ledger excuses nothing: remove it"


@pytest.mark.feature("Speed")
@pytest.mark.timing
@pytest.mark.parametrize(
    "path",
    ["/", "/trajectories?program=bank_accounts&seed=2&step=3", "/generations"],
)
def test_the_first_paint_comes_soon(browser: Browser, server_url: str, path: str) -> None:
    """From the first request to a server that serves, nothing cached in the browser."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    start = time.monotonic()
    open_page(page, server_url + path)
    player_s = time.monotonic() - start
    paint_s = (
        page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    )
    page.close()

    print(f"{path}: first paint {paint_s:.2f} s, player {player_s:.2f} s")
    assert paint_s < FIRST_PAINT_S


ROW = ".lsp-rows .lsp-row:not([data-state=absent])"
PLOT = ".js-plotly-plot .main-svg"
CONTENT = {
    "": ROW,
    "lessons": ".lsl-card",
    "lessons?lesson=the_idea&at=2": ROW,
    "trajectories": ROW,
    "trajectories?lab=Predict": ".lsp-code",
    "trajectories?lab=Many+sequences": ".lsn-row",
    "generations": ROW,
    "pass_at_k": PLOT,
    "diversity": "[data-testid=stDataFrame]",
    "data": ".lsd-list li",
}
"""What a page is opened for, by its address."""
MOST_SHIFT = 0.1
WATCH_SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.feature("Speed")
@pytest.mark.timing
@pytest.mark.parametrize("size", FIRST_LINE_Y, ids=str)
def test_nothing_jumps_while_a_page_loads(
    browser: Browser, server_url: str, size: tuple[int, int]
) -> None:
    """All shifts of a page are added up, of the calmest of three loads at most.

    A page that jumps does so each time; a machine that is slow for a moment draws otherwise.
    """
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    shifts = {}
    for path, content in CONTENT.items():
        if size[0] < 600 and path.startswith(("trajectories", "generations")):
            continue  # their first line is laid out again when its style sheet has come
        for _ in range(3):
            page = context.new_page()
            page.add_init_script(WATCH_SHIFTS)
            page.goto(f"{server_url}/{path}")
            page.locator(content).first.wait_for()
            page.wait_for_timeout(800)
            shift = round(page.evaluate("window.shift"), 3)
            shifts[path] = min(shift, shifts.get(path, shift))
            page.close()
            if shift < MOST_SHIFT:
                break
    context.close()

    print(size, shifts)
    assert {path: shift for path, shift in shifts.items() if shift >= MOST_SHIFT} == {}
