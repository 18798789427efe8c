"""The player's lenses and views: arrows, what-if, side by side, birth steps, and their keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from lintseq_core import EditSequence, LintSeqError, Program, closure, get_linter, sample_path
from lintseq_core.edits.branch import lines_at
from lintseq_core.viewer.whatif import closures_of_state
from tests.dashboard.axe_ledger import axe_findings
from tests.dashboard.conftest import ROOT
from tests.dashboard.player_page import new_lines, open_player, sequence_of, shown_text

pytestmark = [pytest.mark.browser, pytest.mark.feature("Lint X-ray, what-if and the other lenses")]

PYFLAKES = get_linter("pyflakes")
TEXT = "import math\n\n\ndef area(r):\n    return math.pi * r\n\n\nprint(area(2))\n"
HUNKS = sequence_of(["a", "b", "c", "d", "e"], [1, 0, 1, 0, 1])


def chained() -> EditSequence:
    """Its last edit is `import math`, with the line that uses it in round 1."""
    for seed in range(100):
        found = sample_path(Program.from_text(TEXT), seed=seed)
        if found.n_edits > 1 and found.birth_steps[0] == found.birth_steps[4] == found.n_edits - 1:
            return found
    raise AssertionError("no seed draws the import first")


def whatif(sequence: EditSequence) -> dict[str, Any]:
    return {
        str(step): closures_of_state(sequence.program, lines_at(sequence, step), PYFLAKES)
        for step in range(1, sequence.n_edits + 1)
    }


def press(player: Locator, *keys: str) -> None:
    player.focus()
    for key in keys:
        player.page.keyboard.press(key)


def marked(player: Locator, kind: str) -> list[int]:
    rows = player.locator(f".lsp-rows .lsp-row[data-whatif={kind}] .lsp-gutter")
    return [int(line) for line in rows.evaluate_all("rows => rows.map(r => r.dataset.line)")]


def test_the_xray_draws_an_arrow_from_the_missing_line_to_what_breaks(page: Page) -> None:
    sequence = chained()
    player = open_player(page, sequence, step=sequence.n_edits)

    notes = player.locator(".lsp-rows .lsp-row[data-note]").evaluate_all(
        "rows => rows.map(r => [Number(r.firstChild.dataset.line), r.dataset.note])"
    )
    assert [1, "needed by the others"] in notes
    assert [5, "uses math, which line 1 brings"] in notes
    ends = player.evaluate(
        """(player) => {
          const box = player.querySelector(".lsp-arrow-finding").getBoundingClientRect();
          const middle = (line) => {
            const row = player.querySelector(`.lsp-rows [data-line='${line}']`).getBoundingClientRect();
            return (row.top + row.bottom) / 2;
          };
          return [box.top - middle(1), box.bottom - middle(8)];  // the last arrow ends at area(2)
        }"""
    )
    assert all(abs(off) < 8 for off in ends), ends
    press(player, "x")
    assert player.locator(".lsp-arrows path, .lsp-row[data-note]").count() == 0
    assert player.get_by_role("button", name="X-ray").get_attribute("aria-pressed") == "false"


def test_arrows_leave_no_trace_at_the_next_step(page: Page) -> None:
    sequence = chained()
    player = open_player(page, sequence, step=sequence.n_edits)

    press(player, "Home")

    assert player.locator(".lsp-arrows path, .lsp-row[data-note]").count() == 0


def test_what_if_answers_hover_and_click_by_itself(page: Page) -> None:
    sequence = sample_path(Program.from_text(TEXT), seed=0)
    last = sequence.n_edits
    player = open_player(page, sequence, step=last, whatif=True, payload_whatif=whatif(sequence))

    for line in (0, 3, 7):
        player.locator(f".lsp-rows .lsp-row:has([data-line='{line + 1}'])").hover()
        gone = closure(sequence.program, line).lines
        assert marked(player, "chosen") == [line + 1]
        assert marked(player, "goes") == [other + 1 for other in gone if other != line]
    assert player.locator(".lsp-branch").is_hidden()  # pointing is not choosing, nor can this page

    player.locator(".lsp-title").hover()
    assert marked(player, "chosen") == []
    press(player, "w")
    assert player.get_by_role("button", name="What if").get_attribute("aria-pressed") == "false"


def test_a_chosen_line_can_be_let_go(page: Page) -> None:
    sequence = sample_path(Program.from_text(TEXT), seed=0)
    last = sequence.n_edits
    player = open_player(
        page, sequence, step=last, whatif=True, payload_whatif=whatif(sequence), branches=True
    )

    player.locator(".lsp-rows .lsp-row:has([data-line='1'])").click()
    assert player.locator(".lsp-line").inner_text().startswith("If line 1 goes, ")
    player.get_by_role("button", name="Let it go").click()

    assert page.evaluate("window.branched") == [[last, 0]]


def test_what_if_is_reached_by_keys_alone(page: Page) -> None:
    sequence = sample_path(Program.from_text(TEXT), seed=0)
    player = open_player(
        page, sequence, step=sequence.n_edits, payload_whatif=whatif(sequence), branches=True
    )
    press(player, "w")
    player.locator(".lsp-code").focus()

    page.keyboard.press("ArrowDown")

    assert marked(player, "chosen") == [1]
    assert player.get_by_role("button", name="Let it go").is_visible()


def test_a_state_without_closures_is_asked_for_once(page: Page) -> None:
    sequence = sample_path(Program.from_text(TEXT), seed=0)
    last = sequence.n_edits
    player = open_player(page, sequence, step=last, whatif=True, branches=True)
    row = player.locator(".lsp-rows .lsp-row:has([data-line='1'])")
    row.hover()
    player.locator(".lsp-title").hover()
    row.hover()

    assert page.evaluate("window.asked") == [last]
    assert "Working out" in player.locator(".lsp-line").inner_text()
    state = closures_of_state(sequence.program, range(len(sequence.program.lines)), PYFLAKES)
    page.evaluate(
        "([step, state]) => window.player.addWhatIf(window.player.payload.id, step, state)",
        [last, json.loads(json.dumps(state))],
    )
    player.locator(".lsp-title").hover()
    row.hover()
    assert marked(player, "chosen") == [1]


def test_side_by_side_shows_the_state_before_and_after(page: Page) -> None:
    sequence = sample_path(Program.from_file(ROOT / "assets/programs/matrix_sum.py"), seed=3)
    player = open_player(page, sequence, step=3, view="split")
    states = list(sequence.states())

    assert shown_text(player.locator(".lsp-code")) == states[3]
    old = player.locator(".lsp-before .lsp-row[data-state=old] .lsp-source")
    assert "".join(old.evaluate_all("rows => rows.map(r => r.textContent)")) == states[2]
    tops = player.evaluate(
        """(player) => ["before", "code"].map((name) =>
          [...player.querySelectorAll(`.lsp-${name} .lsp-row`)].filter((r) => r.offsetHeight)
            .map((r) => Math.round(r.getBoundingClientRect().top)))"""
    )
    assert tops[0] == tops[1]  # what is new has an empty place of the same height on the left


def test_birth_steps_show_the_whole_program_at_every_step(page: Page) -> None:
    sequence = sample_path(Program.from_file(ROOT / "assets/programs/matrix_sum.py"), seed=3)
    player = open_player(page, sequence, step=0, view="births")

    for step in range(1, 4):
        visible = player.locator(".lsp-rows .lsp-row").evaluate_all(
            "rows => rows.filter((r) => r.offsetHeight).length"
        )
        assert visible == len(sequence.program.lines)
        assert len(new_lines(player)) == (sequence.birth_steps.count(step - 1) if step > 1 else 0)
        press(player, "ArrowRight")
    colours = player.locator(".lsp-rows .lsp-row").evaluate_all(
        "rows => rows.map(r => getComputedStyle(r).backgroundColor)"
    )
    assert len(set(colours)) == sequence.n_edits


@pytest.mark.parametrize(
    ("keys", "step", "line"),
    [
        (["2"], 0, ""),
        (["End", "j"], 2, "Line 1, edit 2"),
        (["End", "j", "j"], 2, "Line 3, edit 2"),
        (["End", "j", "j", "j", "k"], 2, "Line 3, edit 2"),
        (["j"], 1, "Line 2 (line 1 of the program so far), edit 1"),
        (["j", "j"], 2, "Line 1, edit 2"),
        (["9"], 2, ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_j_and_k_go_from_hunk_to_hunk_and_digits_to_tenths(
    page: Page, keys: list[str], step: int, line: str
) -> None:
    player = open_player(page, HUNKS)

    press(player, *keys)

    assert page.evaluate("window.player.step") == step
    assert player.locator(".lsp-line").inner_text().startswith(line)


def test_the_keys_are_explained_where_they_work(page: Page) -> None:
    player = open_player(page, HUNKS)

    press(player, "?")
    assert "next, previous hunk" in player.locator(".lsp-help").inner_text()
    assert "sample" not in player.locator(".lsp-help").inner_text()  # here is one sample alone
    press(player, "Escape")
    assert player.locator(".lsp-help").is_hidden()


def test_v_goes_round_the_views(page: Page) -> None:
    player = open_player(page, HUNKS)

    seen = []
    for _ in range(4):
        seen.append(player.get_attribute("data-view"))
        press(player, "v")

    assert seen == ["inline", "split", "births", "inline"]


def test_the_rail_marks_the_edit_and_leads_to_it(page: Page) -> None:
    births = [0] * 300
    births[150] = births[290] = 1
    player = open_player(page, sequence_of([f"x{i} = {i}" for i in range(300)], births), step=2)

    assert player.locator(".lsp-rail i").count() == 2
    box = player.locator(".lsp-rail").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 5, box["y"] + box["height"] * 290 / 300)
    inside = player.evaluate(
        """(player) => {
          const row = player.querySelector("[data-line='291']").getBoundingClientRect();
          const code = player.querySelector(".lsp-code").getBoundingClientRect();
          return row.top >= code.top && row.bottom <= code.bottom;
        }"""
    )
    assert inside


def test_a_broken_state_says_so(page: Page) -> None:
    checks = {"judge": "pyflakes", "broken": {"1": "line 2 uses `<b>a</b>`"}}
    player = open_player(page, HUNKS, step=1, payload_checks=checks)

    assert player.locator(".lsp-broken").inner_text() == "✗ broken: line 2 uses <b>a</b>"
    assert player.locator(".lsp-bars i[data-marks=broken]").count() == 1
    press(player, "ArrowRight")
    assert player.locator(".lsp-broken").count() == 0


@pytest.mark.feature("Accessibility")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", ["inline", "split", "births"])
def test_axe_finds_nothing_in_any_view(page: Page, theme: str, view: str) -> None:
    sequence = sample_path(Program.from_file(ROOT / "assets/programs/inventory_report.py"), seed=2)
    player = open_player(
        page, sequence, step=12, theme=theme, view=view, whatif=view == "inline",
        payload_whatif=whatif(sequence), branches=True,
    )  # fmt: skip
    player.locator(".lsp-rows .lsp-row:has([data-line='15'])").click()
    press(player, "?")

    found = axe_findings(page)

    assert found == []


FRAME_MS = 16


def long_sequence(n_lines: int) -> EditSequence:
    """A program of `n_lines` lines from several of the examples, sampled with pyflakes."""
    texts = [
        (ROOT / "assets" / "programs" / f"{name}.py").read_text(encoding="utf-8")
        for name in ("log_summary", "route_planner", "ascii_canvas", "symbolic_derivative")
    ]
    lines = [line for _ in range(9) for text in texts for line in text.split("\n")]
    text = "\n".join(lines[:n_lines])
    while True:  # to the end of a statement
        try:
            return sample_path(Program.from_text(text), seed=0)
        except LintSeqError:
            text = text.rpartition("\n")[0]


@pytest.mark.timing
def test_thirty_presses_a_second_lose_none_and_each_fits_a_frame(page: Page) -> None:
    sequence = long_sequence(2_000)
    open_player(page, sequence)

    found = page.evaluate(
        """async () => {
          const root = document.querySelector(".lsp");
          const press = (key) => root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
          const times = [];
          let pressed = 0;
          await new Promise((done) => {
            const timer = setInterval(() => {
              const start = performance.now();
              press("ArrowRight");
              root.offsetHeight; // style and layout of the step
              times.push(performance.now() - start);
              if (++pressed === 90) { clearInterval(timer); done(); }
            }, 1000 / 30);
          });
          return { step: window.player.step, times };
        }"""
    )

    times = sorted(found["times"])
    print(
        f"{len(sequence.program.lines)} lines, {sequence.n_edits} edits, 90 presses at 30 a second: "
        f"median {times[45]:.1f} ms, 95th percentile {times[85]:.1f} ms"
    )
    assert found["step"] == 91, "from what is never drawn on"
    assert times[45] < FRAME_MS


@pytest.mark.timing
def test_pointing_at_a_line_is_answered_within_a_frame(page: Page) -> None:
    program = Program.from_file(ROOT / "assets" / "programs" / "log_summary.py")
    sequence = sample_path(program, seed=0)
    last = sequence.n_edits
    states = {str(last): closures_of_state(program, range(len(program.lines)), PYFLAKES)}
    open_player(page, sequence, step=last, whatif=True, payload_whatif=states)

    times = page.evaluate(
        """() => [...document.querySelectorAll(".lsp-rows .lsp-row")].map((row) => {
          const start = performance.now();
          row.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
          document.querySelector(".lsp").offsetHeight;
          return performance.now() - start;
        })"""
    )

    times = sorted(times)
    print(
        f"what-if in {len(times)} lines: median {times[len(times) // 2]:.1f} ms, "
        f"largest {times[-1]:.1f} ms"
    )
    assert times[len(times) // 2] < FRAME_MS
