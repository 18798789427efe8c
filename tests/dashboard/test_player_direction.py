"""The player's two directions: lines that come, and lines that go, round by round."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Locator, Page, expect

from lintseq_core import sample_path
from lintseq_core.programs import Program
from tests.dashboard.axe_ledger import axe_findings
from tests.dashboard.player_page import new_lines, open_player, sequence_of
from tests.dashboard.test_player_lenses import chained, press

pytestmark = [pytest.mark.browser, pytest.mark.feature("Taking apart and writing")]


def lines(player: Locator, state: str) -> list[int]:
    """1-based numbers of the lines in `state`."""
    gutters = player.locator(f".lsp-rows .lsp-row[data-state={state}] .lsp-gutter")
    return [int(line) for line in gutters.evaluate_all("rows => rows.map(r => r.dataset.line)")]


def panel(player: Locator) -> str:
    return player.locator(".lsp-why").inner_text()


def status(player: Locator) -> str:
    return player.locator(".lsp-status").inner_text()


def test_writing_tells_why_lines_come_together(page: Page) -> None:
    sequence = chained()
    player = open_player(page, sequence, step=sequence.n_edits)
    assert player.locator(".lsp-label").inner_text() == "Why these lines"
    assert panel(player).splitlines()[0] == "Line 1 comes with what needs it."
    assert "Line 5 uses math, which line 1 brings." in panel(player)
    assert "drawn" not in panel(player) and "Round" not in panel(player)
    assert player.get_by_role("button", name="Writing").get_attribute("aria-pressed") == "true"


def test_taken_apart_the_lines_of_an_edit_go_round_by_round(page: Page) -> None:
    sequence = chained()
    last = sequence.n_edits
    edit = [line + 1 for line, birth in enumerate(sequence.birth_steps) if birth == last - 1]
    rounds = sequence.reasons
    first = [n for n in edit if getattr(rounds[n - 1], "kind", "") == "drawn"]
    player = open_player(page, sequence, step=last, direction="apart")
    assert lines(player, "going") == edit, "all of them at a step that was asked for"

    press(player, "Home")
    assert lines(player, "going") == first == [1]
    assert new_lines(player) == []
    assert status(player) == f"Edit {last} of {last} goes, 1 of 4: line 1 is drawn"
    assert panel(player) == "Line 1 was drawn at random."
    assert player.locator(".lsp-row[data-note]").count() == 1, "no arrow to what is still there"

    press(player, "ArrowRight")
    assert len(lines(player, "going")) > 1
    assert status(player).startswith(
        f"Edit {last} of {last} goes, 2 of 4: round 1, the linter names "
    )
    assert "Round 1: the linter names\nLine 5 uses math, which line 1 brings." in panel(player)

    press(player, "ArrowLeft")
    assert lines(player, "going") == [1]
    assert page.evaluate("window.steps") == [], "rounds are no steps"


def test_from_the_whole_program_to_nothing_and_back(page: Page) -> None:
    sequence = chained()
    player = open_player(page, sequence, direction="apart", step=sequence.n_edits)
    press(player, "Home")
    seen = []
    while player.get_by_role("button", name="Next step").get_attribute("aria-disabled") == "false":
        seen.append(sorted(lines(player, "going") + lines(player, "old")))
        press(player, "ArrowRight")
    assert len(seen[0]) == len(sequence.program.lines)
    assert all(set(after) <= set(before) for before, after in itertools.pairwise(seen))
    blank = [n for n, line in enumerate(sequence.program.lines, start=1) if not line]
    assert lines(player, "going") == [] and lines(player, "old") == blank
    assert status(player) == "4 lines left, which no draw takes"
    assert page.evaluate("window.steps") == [*range(sequence.n_edits - 1, 0, -1)]

    press(player, *["ArrowLeft"] * len(seen))
    assert sorted(lines(player, "going") + lines(player, "old")) == seen[0]
    press(player, "End")
    assert player.locator(".lsp-empty").inner_text() == "Only blank lines are left."
    press(player, "Home", "Space")
    expect(player.get_by_role("button", name="Pause")).to_be_visible()


def test_the_scrubber_runs_from_the_whole_program_on_the_left(page: Page) -> None:
    player = open_player(page, sequence_of(list("abcd"), [0, 1, 2, 3]), step=4, direction="apart")
    slider = player.get_by_role("slider")
    box = slider.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert slider.input_value() == "0"
    page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    assert slider.input_value() == "4"
    press(player, "1")
    assert slider.input_value() == "4"
    press(player, "9")
    assert slider.input_value() == "0"


def test_the_switch_and_its_key_turn_round_and_keep_the_step(page: Page) -> None:
    sequence = chained()
    player = open_player(page, sequence, step=2)
    come = lines(player, "new")
    player.get_by_role("button", name="Taking apart").click()
    assert lines(player, "going") == come and lines(player, "new") == []
    press(player, "t")
    assert lines(player, "new") == come and lines(player, "going") == []
    press(player, "t")
    assert player.get_by_role("button", name="Taking apart").get_attribute("aria-pressed") == "true"


def test_words_are_explained_where_they_stand(page: Page) -> None:
    sequence = chained()
    player = open_player(page, sequence, step=sequence.n_edits, direction="apart")
    word = player.locator(".lsp-term").first
    meaning = player.locator(".lsp-meaning").first
    assert word.inner_text() == "Round 1" and meaning.is_hidden()
    word.focus()
    page.keyboard.press("Enter")
    assert "Rounds go on until it names none." in meaning.inner_text()
    assert axe_findings(page) == []


def test_what_is_never_drawn_stands_there_from_the_start(page: Page) -> None:
    sequence = sample_path(Program.from_text("import os\n\n# Why.\nprint(os.name)\n"), seed=0)
    player = open_player(page, sequence)
    assert status(player) == f"Step 1 of {sequence.n_edits}: 2 lines stand there from the start"
    assert lines(player, "old") == [2, 3] and new_lines(player) == []
    assert player.get_by_role("slider").get_attribute("min") == "1"
    assert player.get_by_role("button", name="First step").get_attribute("aria-disabled") == "true"
    press(player, "ArrowRight")
    assert new_lines(player) != [], "the first edit that one sees has code in it"
    press(player, "ArrowLeft", "ArrowLeft")
    assert status(player).startswith("Step 1 of ")


def test_a_first_edit_with_code_begins_at_nothing(page: Page) -> None:
    player = open_player(page, sample_path(Program.from_text("a = 1\nb = 2\n"), seed=0))
    assert status(player).startswith("Step 0 of 2: empty program")


def test_randseq_and_blank_lines_are_told_too(page: Page) -> None:
    program = Program.from_text("a = 1\n\nb = 2\n\nc = 3\n")
    player = open_player(page, sample_path(program, method="randseq", seed=1), direction="apart")
    press(player, "Home")
    assert "drawn" in status(player)
    sequence = sample_path(program, seed=1)
    player = open_player(page, sequence, direction="apart", step=1)
    assert status(player) == "2 lines left, which no draw takes"
