"""Who is looking: one browser session, known again after a reload."""

from __future__ import annotations

import binascii
import hashlib
import secrets

import streamlit as st

COOKIE = "_streamlit_xsrf"
"""Streamlit sets it with its first answer, before a page runs; it is random, one a browser, and
ends with the browser's session."""
KEPT = "visitor"


def visitor() -> str:
    """A name for this browser session; the cookie itself is neither kept nor shown.

    Where the browser takes no cookies, or the server sets none, it is good until the next reload.
    """
    if KEPT not in st.session_state:
        token = secret_of(st.context.cookies.get(COOKIE, "")) or secrets.token_bytes(16)
        st.session_state[KEPT] = hashlib.sha256(b"lintseq visitor\0" + token).hexdigest()
    return str(st.session_state[KEPT])


def secret_of(cookie: str) -> bytes | None:
    """What stays the same in a cookie that is masked anew with every answer; None if it is none.

    It is 2|mask|masked|time, in hexadecimal digits, as Tornado wrote it before.
    """
    parts = cookie.strip("\"'").split("|")
    if len(parts) != 4 or parts[0] != "2":
        return None
    try:
        mask, masked = binascii.a2b_hex(parts[1]), binascii.a2b_hex(parts[2])
    except ValueError:
        return None
    if not mask or len(masked) < 16:
        return None
    return bytes(byte ^ mask[at % len(mask)] for at, byte in enumerate(masked))
