"""A page of a test remembers nothing of the test before."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

STATE = "[localStorage.length, sessionStorage.length, document.cookie.includes('mine')]"


@pytest.mark.browser
@pytest.mark.parametrize("time", ["first", "again"])
def test_nothing_is_left_of_another_test(page: Page, server_url: str, time: str) -> None:
    page.goto(f"{server_url}/_stcore/health")
    assert page.evaluate(STATE) == [0, 0, False]
    page.evaluate(
        "localStorage.a = 1; sessionStorage.a = 1; document.cookie = 'mine=1'; window.open('about:blank')"
    )
    page.context.grant_permissions(["clipboard-read"])
    assert page.evaluate(STATE) == [1, 1, True]
