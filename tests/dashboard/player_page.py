"""The player on a page of its own, as a notebook or a single-file export would hold it, and how
tests read a player wherever it is."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page

from lintseq_core import EditSequence
from lintseq_core.edits.reasons import Drawn
from lintseq_core.programs import Program
from lintseq_core.viewer import build_payload, player_css, player_js

SHOWN = ".lsp-row[data-state=old], .lsp-row[data-state=new]"


def sequence_of(lines: list[str], births: list[int]) -> EditSequence:
    """A sequence with these birth steps, all lines drawn; the text need not be a program."""
    text = "".join(f"{line}\n" for line in lines)
    return EditSequence(
        Program(text), tuple(births), (Drawn(),) * len(lines), "lintseq", seed=0, path_index=0
    )


def open_player(
    page: Page,
    sequence: EditSequence | dict[str, Any],
    *,
    title: str = "Test",
    payload_whatif: dict[str, Any] | None = None,
    payload_checks: dict[str, Any] | None = None,
    branches: bool = False,
    **options: Any,
) -> Locator:
    """Opens the player of `sequence`, or of a payload, on an empty page.

    Calls of onStep are in `window.steps`.
    With `branches`, the player may ask for closures (`window.asked`) and branch
    (`window.branched`).
    """
    built = sequence
    if isinstance(sequence, EditSequence):
        built = build_payload(sequence, title=title, whatif=payload_whatif, checks=payload_checks)
    payload = json.dumps(built).replace("<", "\\u003c")
    page.set_content(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Player</title>
        <style>{player_css()}</style></head><body><main><h1>Player</h1><div id="here"></div></main>
        <script type="module">{player_js()}
        window.steps = [];
        window.outside = [];
        document.addEventListener("keydown", (event) => window.outside.push(event.key));
        window.asked = [];
        window.branched = [];
        const hooks = {{
          onWhatIf: (step) => window.asked.push(step),
          onBranch: (...branch) => window.branched.push(branch),
        }};
        const options = {{ ...({json.dumps(branches)} ? hooks : {{}}), onStep: (step) => window.steps.push(step), ...{json.dumps(options)} }};
        window.player = createPlayer(document.getElementById("here"), {payload}, options);
        </script></body></html>"""
    )
    player = page.locator(".lsp")
    player.wait_for()
    return player


def shown_text(player: Locator) -> str:
    """The program at the step shown, as its rows say."""
    rows = player.locator(SHOWN).locator(".lsp-source")
    return "".join(rows.evaluate_all("rows => rows.map((row) => row.textContent)"))


def new_lines(player: Locator) -> list[str]:
    """The lines marked as inserted by the current edit."""
    rows = player.locator(".lsp-row[data-state=new] .lsp-source")
    return [text.removesuffix("\n") for text in rows.all_text_contents()]


def status(player: Locator) -> str:
    """What the live region says."""
    return player.locator(".lsp-status").inner_text()
