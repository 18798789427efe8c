"""A browser session is known again by a cookie that is masked anew with every answer."""

from __future__ import annotations

import pytest
from streamlit.web.server.starlette.starlette_app_utils import (
    decode_xsrf_token_string,
    generate_xsrf_token_string,
)
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from dashboard.files.visitor import COOKIE, secret_of

pytestmark = pytest.mark.feature("Files of visitors")


def test_the_cookie_of_this_streamlit_is_read_as_streamlit_reads_it() -> None:
    assert COOKIE == XSRF_COOKIE_NAME
    first = generate_xsrf_token_string()
    token, time = decode_xsrf_token_string(first)
    again = generate_xsrf_token_string(token, time)

    assert first != again
    assert secret_of(first) == secret_of(again) == token
    assert secret_of(generate_xsrf_token_string()) != token


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "2|||", "2|zz|00|1", "1|00|00|1", "2|00|00|1", "2|00000000|" + "0" * 30 + "|1", "é|é|é|é"],
)  # fmt: skip
def test_a_cookie_that_is_none_tells_nothing(cookie: str) -> None:
    assert secret_of(cookie) is None
