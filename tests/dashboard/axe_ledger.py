"""What axe-core finds in Streamlit's own markup, which is not ours to mend.

A finding is excused only by a row with its rule and an element inside `scope`, which is never
the player nor anything we wrote. A row that no longer excuses anything fails the test: remove it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Finding = tuple[str, list[object], str]


@dataclass(frozen=True, slots=True)
class Excuse:
    """A rule of axe-core, the part of Streamlit that breaks it, and how."""

    rule: str
    scope: str
    reason: str


COLOUR_RULES = ("color-contrast", "link-in-text-block")
"""All others find the same in every theme."""
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"

LEDGER = (
    Excuse(
        rule="presentation-role-conflict",
        scope="[data-testid=stFileUploaderDropzone]",
        reason="st.file_uploader gives its drop zone role=presentation, a label and a tabindex",
    ),
)


def axe_findings(page: Page, rules: Sequence[str] = ()) -> list[Finding]:
    """Rule, target and element of everything that axe-core objects to, by these rules or by all."""
    # Without a list of what is good it takes half the time.
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    return [
        (violation["id"], node["target"], node["html"][:160])
        for violation in Axe().run(page, options=options).response["violations"]
        for node in violation["nodes"]
    ]


def our_findings(page: Page, rules: Sequence[str] = ()) -> list[Finding]:
    """Those that no row of the ledger excuses."""
    found = axe_findings(page, rules)
    return [finding for finding in found if excuse_of(page, *finding[:2]) is None]


def our_findings_in_both_themes(page: Page) -> list[Finding]:
    """`our_findings` of a page in the light theme; in the dark, what rules about colours find."""
    found = our_findings(page)
    light = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{BACKGROUND} != {light!r}")
    page.wait_for_timeout(500)
    found += our_findings(page, COLOUR_RULES)
    page.emulate_media(color_scheme="light")
    return found


def findings_on(page: Page, url: str, *, ready: str = ".js-plotly-plot") -> list[Finding]:
    """Of the page at `url`, once `ready` is there, in both themes."""
    page.set_viewport_size({"width": 1200, "height": 1600})
    page.goto(url)
    page.locator(ready).first.wait_for()
    page.wait_for_timeout(500)
    return our_findings_in_both_themes(page)


def excuse_of(page: Page, rule: str, target: list[object]) -> Excuse | None:
    """The row of the ledger that excuses `rule` for the element axe-core names by `target`."""
    if len(target) != 1 or not isinstance(target[0], str):
        return None  # inside a shadow root: ours
    for excuse in LEDGER:
        if rule == excuse.rule and page.evaluate(
            """([selector, scope]) => {
              const node = document.querySelector(selector);
              return Boolean(node && node.closest(scope) && !node.closest(".lsp"));
            }""",
            [target[0], excuse.scope],
        ):
            return excuse
    return None
