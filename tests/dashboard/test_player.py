"""The player on its own, in a real browser: each promise of its keys, its marks and its text."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page

from lintseq_core import EditSequence, Program, sample_path
from lintseq_core.edits.words import describe_writing
from lintseq_core.viewer import build_payload
from tests.dashboard.axe_ledger import axe_findings
from tests.dashboard.conftest import ROOT
from tests.dashboard.player_page import (
    SHOWN,
    new_lines,
    open_player,
    sequence_of,
    shown_text,
    status,
)

pytestmark = [pytest.mark.browser, pytest.mark.feature("Player")]

FEW = sequence_of(["a = 1", "", "def f():", "    return a", "f()"], [1, 0, 2, 2, 3])


def example(name: str, seed: int = 0) -> EditSequence:
    return sample_path(Program.from_file(ROOT / "assets" / "programs" / f"{name}.py"), seed=seed)


def press(player: Locator, keys: Sequence[str]) -> None:
    """Presses `keys` without a pause between them."""
    player.focus()
    for key in keys:
        player.page.keyboard.press(key)


def test_every_step_shows_the_state_and_marks_its_edit(page: Page) -> None:
    sequence = example("inventory_report", seed=2)
    player = open_player(page, sequence)

    # The first edit is all that is never drawn: it stands there from the start.
    for step, state in list(enumerate(sequence.states()))[1:]:
        inserted = [
            line
            for line, birth in zip(sequence.program.lines, sequence.birth_steps, strict=True)
            if birth == step - 1 and step > 1
        ]
        assert shown_text(player) == state
        assert new_lines(player) == inserted
        press(player, ["ArrowRight"])


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        (["ArrowRight"], 1),
        (["ArrowRight"] * 3 + ["ArrowLeft"], 2),
        (["ArrowLeft"], 0),
        (["End"], 4),
        (["End", "ArrowRight"], 4),
        (["End", "Home"], 0),
        (["End"] + ["ArrowLeft"] * 2, 2),
        (["ArrowRight"] * 3, 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_keys_move_the_step(page: Page, keys: list[str], step: int) -> None:
    player = open_player(page, FEW)

    press(player, keys)

    assert page.evaluate("window.player.step") == step
    assert shown_text(player) == list(FEW.states())[step]
    assert player.locator("input[type=range]").input_value() == str(step)


def test_the_status_line_reads_as_a_sentence(page: Page) -> None:
    player = open_player(page, FEW)
    said = [status(player)]

    for _ in range(4):
        press(player, ["ArrowRight"])
        said.append(status(player))

    assert said == [
        "Step 0 of 4: empty program",
        "Step 1 of 4: inserts 1 line",
        "Step 2 of 4: inserts 1 line",
        "Step 3 of 4: inserts 2 lines",
        "Step 4 of 4: inserts 1 line",
    ]
    assert player.locator(".lsp-status").get_attribute("aria-live") == "polite"


def test_keys_act_only_in_the_player_and_do_not_leave_it(page: Page) -> None:
    player = open_player(page, FEW)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("window.player.step") == 0
    assert page.evaluate("window.outside") == ["ArrowRight"]

    page.evaluate("window.outside.length = 0")
    press(player, ["ArrowRight", "End", "Home", "ArrowLeft", "Space", "Space"])
    assert page.evaluate("window.outside") == []

    press(player, ["q", "Control+ArrowRight", "Alt+ArrowUp"])
    assert page.evaluate("window.player.step") == 0
    assert "q" in page.evaluate("window.outside")


def test_keys_work_from_every_control_of_the_player(page: Page) -> None:
    player = open_player(page, FEW)

    for step, part in enumerate([".lsp-next", "input[type=range]", ".lsp-code", ".lsp-panel"], 1):
        player.locator(part).focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("window.player.step") == step, part
    assert player.locator(".lsp-code").get_attribute("tabindex") == "0"  # long lines: it scrolls


def test_a_button_keeps_the_focus_when_it_has_nothing_left_to_do(page: Page) -> None:
    player = open_player(page, FEW)

    player.get_by_role("button", name="Last step").click()
    page.keyboard.press("ArrowLeft")

    assert page.evaluate("window.player.step") == 3
    assert player.get_by_role("button", name="First step").get_attribute("aria-disabled") == "false"


def test_space_plays_to_the_end_and_pauses(page: Page) -> None:
    player = open_player(page, FEW)
    player.get_by_label("Speed").select_option("8×")

    press(player, ["Space"])
    player.get_by_role("button", name="Pause").wait_for()
    assert player.locator(".lsp-status").get_attribute("aria-live") == "off"
    player.get_by_role("button", name="Play", exact=True).wait_for()

    assert status(player) == "Step 4 of 4: inserts 1 line"
    assert player.locator(".lsp-status").get_attribute("aria-live") == "polite"
    assert page.evaluate("window.steps") == [1, 2, 3, 4, 4]

    player.get_by_label("Speed").select_option("0.25×")
    press(player, ["Space"])
    player.get_by_role("button", name="Pause").wait_for()
    press(player, ["Space"])
    player.get_by_role("button", name="Play", exact=True).wait_for()
    assert page.evaluate("window.player.step") == 0


def test_it_starts_by_itself_only_where_motion_is_welcome(browser: Browser) -> None:
    for motion, label in (("no-preference", "Pause"), ("reduce", "Play")):
        page = browser.new_page(reduced_motion=motion)
        player = open_player(page, FEW, autoplay=True)
        page.wait_for_timeout(300)
        assert player.locator(".lsp-play").get_attribute("aria-label") == label
        page.close()


def test_a_step_back_shows_what_goes_and_then_takes_it_away(browser: Browser) -> None:
    page = browser.new_page(reduced_motion="no-preference")
    player = open_player(page, FEW, step=3)

    press(player, ["ArrowLeft"])

    going = player.locator(".lsp-row[data-state=going] .lsp-source")
    assert going.all_text_contents() == ["def f():\n", "    return a\n"]
    assert shown_text(player) == list(FEW.states())[2]
    player.locator(".lsp-row[data-state=going]").first.wait_for(state="detached")
    assert player.locator(".lsp-row[data-state=absent]").count() == 3
    page.close()


def test_reasons_stand_beside_the_edit_and_follow_the_line(page: Page) -> None:
    sequence = example("prime_search", seed=3)
    player = open_player(page, sequence)
    press(player, ["ArrowRight"])
    line = sequence.birth_steps.index(1)

    assert player.locator(".lsp-why li").all_inner_texts() == [
        sentence.replace("`", "") for sentence in describe_writing(sequence, 1)
    ]
    row = player.locator(f".lsp-row:has([data-line='{line + 1}'])")
    now = sum(birth < 2 for birth in sequence.birth_steps[:line]) + 1
    told = f"Line {line + 1} (line {now} of the program so far), edit 2: "
    assert now < line + 1
    row.hover()
    assert player.locator(".lsp-line").inner_text().startswith(told)
    row.click()
    page.mouse.move(0, 0)
    assert player.locator(".lsp-line").inner_text().startswith(told)
    press(player, ["Escape"])
    assert player.locator(".lsp-line").inner_text().startswith("Point at a line")


def test_lines_can_be_chosen_by_keys_and_are_read_out(page: Page) -> None:
    player = open_player(page, FEW, step=2)
    player.locator(".lsp-code").focus()

    said = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
        said.append(player.locator(".lsp-line").inner_text().split(":")[0])

    assert said == ["Line 1, edit 2", "Line 2, edit 1", "Line 2, edit 1", "Line 1, edit 2"]
    assert player.locator(".lsp-line").get_attribute("aria-live") == "polite"
    assert page.evaluate("window.player.step") == 2


def test_copying_gives_the_code_and_nothing_else(browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.route("http://localhost/", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto("http://localhost/")  # only a secure origin may read the clipboard
    sequence = example("matrix_sum", seed=3)
    player = open_player(page, sequence)
    press(player, ["End"])

    page.evaluate(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.querySelector(".lsp-rows"));
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.keyboard.press("Control+c")

    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert copied.rstrip("\n") == sequence.program.text.rstrip("\n")


STRANGE = [
    "s = '<img src=x onerror=alert(1)><!--</script>'",
    "t = 'a\u202eb\u2066c\u200bd'",
    "u = '\u05e9\u05dc\u05d5\u05dd' + 'x'",
    "\tv = 1\x0c",
    "w = '\U0001f600\U0001f600' + \"\U00020000\"",
    "x = '" + "long " * 2_000 + "'",
]


def test_strange_text_is_shown_and_nothing_of_it_acts(page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    sequence = sequence_of(STRANGE, [0, 1, 2, 3, 4, 5])
    player = open_player(page, sequence, title="<b>title</b>", step=6)

    assert shown_text(player) == sequence.program.text
    assert player.locator("img, script, b").count() == 0
    assert dialogs == []
    assert player.locator(".lsp-title").inner_text() == "<b>title</b>"
    marks = player.locator(".lsp-invisible").evaluate_all("nodes => nodes.map(n => n.dataset.name)")
    assert marks == ["U+202E", "U+2066", "U+200B", "U+000C"]
    heights = player.locator(SHOWN).evaluate_all("rows => rows.map(r => r.offsetHeight)")
    assert len(set(heights)) == 1


def test_right_to_left_text_keeps_the_order_of_the_code(page: Page) -> None:
    line = "u = '\u05e9\u05dc\u05d5\u05dd' + '\u05d0\u05d1' # \u05d2"
    player = open_player(page, sequence_of([line], [0]), step=1)

    lefts = player.locator(".lsp-source span").evaluate_all(
        "spans => spans.map((span) => span.getBoundingClientRect().left)"
    )

    assert len(lefts) >= 5
    assert lefts == sorted(lefts)


def test_new_lines_come_into_view_and_the_page_stays_where_it_is(page: Page) -> None:
    lines = [f"x{i} = {i}" for i in range(200)]
    births = [i // 100 if i < 199 else 2 for i in range(200)]
    player = open_player(page, sequence_of(lines, births))
    page.evaluate("document.body.style.padding = '2000px 0'")
    player.focus()  # moves the page, once
    scrolled = page.evaluate("scrollY")

    for step, line in ((1, 1), (2, 101), (3, 200), (1, 1)):
        press(player, ["Home"] + ["ArrowRight"] * step)
        inside = player.evaluate(
            """(player, line) => {
              const row = player.querySelector(`[data-line='${line}']`).getBoundingClientRect();
              const code = player.querySelector(".lsp-code").getBoundingClientRect();
              return row.top >= code.top - 1 && row.bottom <= code.bottom + 1;
            }""",
            line,
        )
        assert inside, (step, line)
        assert page.evaluate("scrollY") == scrolled > 0


def test_new_lines_out_of_view_are_announced_and_reached(page: Page) -> None:
    births = [0] * 200
    births[0] = births[190] = births[199] = 1
    player = open_player(page, sequence_of([f"x{i} = {i}" for i in range(200)], births), step=2)

    player.get_by_role("button", name="2 new lines below").click()

    player.get_by_role("button", name="1 new line above").wait_for()
    assert player.get_by_role("button", name="new lines below").count() == 0
    press(player, ["ArrowLeft"])
    assert page.evaluate("window.player.step") == 1


@pytest.mark.parametrize("width", [320, 360, 768, 1200])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    player = open_player(page, example("log_summary"), title="a_long_name_" * 8, step=12)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert player.locator(".lsp-next").bounding_box()["width"] >= 24  # type: ignore[index]


def test_the_same_payload_again_leaves_the_player_as_it_is(page: Page) -> None:
    player = open_player(page, FEW)
    press(player, ["ArrowRight", "ArrowRight"])

    page.evaluate("window.player.update(structuredClone(window.player.payload))")
    assert status(player) == "Step 2 of 4: inserts 1 line"

    page.evaluate("window.player.update({...window.player.payload, id: 'other'})")
    assert status(player) == "Step 0 of 4: empty program"
    assert player.get_by_text("Nothing yet: press → for the first edit.").is_visible()


def test_setting_the_step_clamps_and_is_not_reported(page: Page) -> None:
    player = open_player(page, FEW, step=99)
    assert status(player) == "Step 4 of 4: inserts 1 line"

    for wanted, step in ((-3, 0), (2.9, 2), (1e9, 4), ("3", 3), ("x", 0), (None, 0)):
        page.evaluate("step => window.player.setStep(step)", wanted)
        assert page.evaluate("window.player.step") == step
    assert page.evaluate("window.steps") == []


def test_destroying_the_player_leaves_nothing_behind(page: Page) -> None:
    player = open_player(page, FEW)
    press(player, ["Space"])

    page.evaluate("window.player.destroy()")

    assert page.evaluate("document.getElementById('here').childElementCount") == 0
    page.wait_for_timeout(1500)
    assert page.evaluate("window.steps.length") <= 1


def test_another_version_of_the_payload_is_refused_in_words(browser: Browser) -> None:
    page = browser.new_page()
    open_player(page, FEW)

    for version in (1, 5):
        said = page.evaluate(
            """(version) => { try { window.player.update({...window.player.payload, id: "z", version}); }
                       catch (error) { return error.message; } }""",
            version,
        )
        assert said == (
            f"player: payload lintseq-player version {version}, this player reads lintseq-player "
            "versions 3 and 4"
        )

    page.close()


def test_a_payload_of_version_3_is_played_as_ever(page: Page) -> None:
    older = json.loads((ROOT / "tests" / "data" / "older" / "player.v3.json").read_text("utf-8"))
    assert older["version"] == 3
    player = open_player(page, older, step=older["n_edits"])
    shown = player.locator(SHOWN)
    assert shown.count() == len(older["lines"])


def test_a_player_says_in_which_format_edits_are(page: Page) -> None:
    older = json.loads((ROOT / "tests" / "data" / "older" / "player.v3.json").read_text("utf-8"))
    player = open_player(page, older | {"version": 4})
    assert "edits" not in player.locator(".lsp-meta").inner_text()
    meta = older["meta"] | {"edit_format": "search_replace"}
    player = open_player(page, older | {"version": 4, "meta": meta})
    assert player.locator(".lsp-meta").inner_text().endswith(" · edits search and replace")


@pytest.mark.feature("Accessibility")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("step", [0, 4])
def test_axe_finds_nothing(page: Page, theme: str, step: int) -> None:
    player = open_player(page, example("inventory_report"), step=step, theme=theme)
    if step:
        player.locator(SHOWN).first.hover()

    assert axe_findings(page) == []


def test_forced_colours_keep_the_marks(browser: Browser) -> None:
    page = browser.new_page(forced_colors="active", reduced_motion="reduce")
    player = open_player(page, FEW, step=3)

    sign = "row => getComputedStyle(row.querySelector('.lsp-source'), '::before').content"
    assert "+" in player.locator(".lsp-row[data-state=new]").first.evaluate(sign)
    edges = [
        player.locator(f".lsp-row[data-state={state}]").first.evaluate(
            "row => getComputedStyle(row).borderInlineStartColor"
        )
        for state in ("new", "old")
    ]
    assert edges[0] != edges[1]
    page.close()


STEP_MS = 50


def test_a_browser_reads_the_modules_as_they_stand(page: Page) -> None:
    payload = build_payload(sequence_of(["a = 1", "b = a"], [0, 1]), title="T")
    start = '<!doctype html><div id="here"></div>'
    page.route(
        "http://here.test/", lambda route: route.fulfill(body=start, content_type="text/html")
    )
    page.route(
        "http://here.test/*/**",
        lambda route: route.fulfill(path=ROOT / urlsplit(route.request.url).path[1:]),
    )
    page.goto("http://here.test/")
    page.evaluate(
        """async (payload) => {
          for (const path of ["viewer/widget", "viewer/predict_widget", "lessons/lesson"]) await import(`/lintseq_core/${path}.js`);
          for (const name of ["facets", "lesson", "player", "predict", "rows", "take_along", "tokens"]) {
            const { default: mount } = await import(`/dashboard/components/${name}.js`);
            if (typeof mount !== "function") throw new Error(name);
          }
          const { createPlayer } = await import("/lintseq_core/viewer/player.js");
          for (let i = 0; i < 2; i++) createPlayer(document.getElementById("here"), payload);
        }""",
        payload,
    )
    one, other = page.locator(".lsp").all()
    press(one, ["End"])
    assert (shown_text(one), shown_text(other)) == ("a = 1\nb = a\n", "")


@pytest.mark.timing
def test_a_step_in_5000_lines_is_fast(page: Page) -> None:
    """Script, style and layout of a step; a key pressed and painted takes a frame or two more."""
    draw = random.Random(0)
    text = (ROOT / "assets" / "programs" / "log_summary.py").read_text(encoding="utf-8")
    lines = [line for _ in range(36) for line in text.split("\n")][:5_000]
    births = [draw.randrange(1_200) for _ in lines]
    births = [sorted(set(births)).index(birth) for birth in births]
    open_player(page, sequence_of(lines, births))

    times = page.evaluate(
        """async () => {
          const root = document.querySelector(".lsp");
          const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          const times = {};
          const last = window.player.payload.n_edits;
          for (const [name, from, key] of [["forward", last >> 1, "ArrowRight"],
              ["back", last, "ArrowLeft"], ["end", 0, "End"], ["home", last, "Home"]]) {
            window.player.setStep(from);
            await frame();
            times[name] = [];
            for (let i = 0; i < 9; i++) {
              if (name === "end" || name === "home") { window.player.setStep(from); await frame(); }
              const start = performance.now();
              root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
              root.offsetHeight;
              times[name].push(performance.now() - start);
              await frame();
            }
          }
          return times;
        }"""
    )

    medians = {name: round(statistics.median(values), 1) for name, values in times.items()}
    print(f"median ms for a step in {len(lines)} lines: {medians}")
    assert all(median < STEP_MS for median in medians.values()), medians
