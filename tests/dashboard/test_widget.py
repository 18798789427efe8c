"""The player in a notebook: the same player, with the kernel behind what-if and samples."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from lintseq_core import LintSeqError, Program, sample_path
from lintseq_core.viewer.widget import PlayerWidget
from tests.dashboard.conftest import ROOT
from tests.dashboard.player_page import shown_text

pytestmark = pytest.mark.feature("Notebook widget")

PROGRAM = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
SEQUENCES = [sample_path(PROGRAM, seed=0, path_index=path) for path in range(3)]


class Heard(PlayerWidget):
    """A widget whose messages to the browser can be read."""

    def send(self, content: dict[str, Any], buffers: Any = None) -> None:
        self.__dict__.setdefault("sent", []).append(content)


def ask(widget: PlayerWidget, **message: Any) -> None:
    """What the browser's `model.send` does."""
    widget._handle_custom_msg(message, [])


def in_script(value: object) -> str:
    return json.dumps(value).replace("<", "\\u003c")


def test_keys_go_through_the_samples_and_stop_at_the_ends() -> None:
    widget = Heard(SEQUENCES, title="matrix_sum.py", step=2)
    assert (widget.step, widget.payload["title"]) == (2, "matrix_sum.py · 1 of 3")
    for delta, index in ((1, 1), (5, 2), (-9, 0)):
        ask(widget, kind="sample", delta=delta)
        assert (widget.index, widget.step, widget.sequence) == (index, 0, SEQUENCES[index])
        assert widget.payload["meta"]["path_index"] == index


def test_a_step_beyond_the_end_is_the_end() -> None:
    widget = Heard(SEQUENCES[0])
    widget.step = 1000
    assert widget.step == SEQUENCES[0].n_edits


def test_what_if_is_answered_and_a_branch_becomes_the_next_sample() -> None:
    widget = Heard(SEQUENCES[0])
    last = SEQUENCES[0].n_edits
    ask(widget, kind="whatif", step=last)
    (message,) = widget.__dict__["sent"]
    assert (message["kind"], message["id"], message["step"]) == (
        "closures",
        widget.payload["id"],
        last,
    )
    assert message["state"]["closures"].keys() == {str(n) for n in range(len(PROGRAM.lines))}
    ask(widget, kind="branch", step=last, line=0)
    assert (len(widget.sequences), widget.index) == (2, 1)
    assert widget.sequence.program == PROGRAM and widget.sequence != SEQUENCES[0]
    assert widget.sequence.birth_steps[0] == widget.step - 1  # the edit that the branch made


def test_messages_that_mean_nothing_change_nothing() -> None:
    widget = Heard(SEQUENCES)
    before = widget.payload["id"], widget.index, widget.step
    for message in ({}, {"kind": "sample"}, {"kind": "branch", "step": "1", "line": None}):
        ask(widget, **message)
    assert (widget.payload["id"], widget.index, widget.step) == before


def test_no_sequence_is_an_error_in_words() -> None:
    with pytest.raises(LintSeqError, match="no edit sequence to play: give at least one"):
        PlayerWidget([])


@pytest.mark.browser
def test_the_module_plays_in_a_page_with_a_model(page: Page) -> None:
    """As a notebook loads it: the module's default export renders a model into an element."""
    widget = PlayerWidget(SEQUENCES)
    state = {"payload": widget.payload, "step": 1, "can_branch": True}
    module = in_script(PlayerWidget._esm)
    page.set_content(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Widget</title>
        <style>{PlayerWidget._css}</style></head><body><div id="here"></div>
        <script type="module">
        const state = {in_script(state)};
        const handlers = {{}};
        window.sent = [];
        window.model = {{
          get: (name) => state[name],
          set: (name, value) => {{ state[name] = value; handlers["change:" + name]?.(); }},
          save_changes: () => {{ window.saved = state.step; }},
          send: (message) => window.sent.push(message),
          on: (name, call) => {{ handlers[name] = call; }},
          off: (name) => {{ delete handlers[name]; }},
        }};
        window.handlers = handlers;
        const url = URL.createObjectURL(new Blob([{module}], {{ type: "text/javascript" }}));
        const {{ default: widget }} = await import(url);
        window.end = widget.render({{ model: window.model, el: document.getElementById("here") }});
        </script></body></html>"""
    )
    player = page.locator(".lsp")
    player.wait_for()
    player.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("window.saved === 2")
    assert shown_text(player).count("\n") == sum(b < 2 for b in SEQUENCES[0].birth_steps)
    page.evaluate("window.model.set('step', 0)")
    assert shown_text(player).strip() == "", "blank lines stand there from the start"
    page.keyboard.press("n")
    page.wait_for_function("window.sent.some((message) => message.kind === 'sample')")
    page.evaluate("window.end()")
    assert page.locator(".lsp").count() == 0
    assert page.evaluate("Object.keys(window.handlers)") == []
