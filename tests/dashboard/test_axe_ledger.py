"""The search for what axe-core objects to finds what only one theme has."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.dashboard.axe_ledger import our_findings_in_both_themes

GOOD = "color: #111; background: #fff"
POOR = "color: #999; background: #fff"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("light", "dark", "rules"),
    [(GOOD, GOOD, []), (POOR, GOOD, ["color-contrast"]), (GOOD, POOR, ["color-contrast"])],
    ids=["neither", "light", "dark"],
)
def test_poor_contrast_is_found_in_either_theme(
    page: Page, light: str, dark: str, rules: list[str]
) -> None:
    page.set_content(
        f"""<html lang="en"><title>t</title><style>p {{ {light} }}
        [data-testid=stApp] {{ background: #fff }}
        @media (prefers-color-scheme: dark) {{ p {{ {dark} }}
        [data-testid=stApp] {{ background: #fefefe }} }}</style>
        <main data-testid="stApp"><h1>Title</h1><p>Words</p></main></html>"""
    )
    assert [rule for rule, *_ in our_findings_in_both_themes(page)] == rules
