"""Choices of widgets that come and go: while they are away, and in the address.

Streamlit forgets what a widget showed once it is not drawn. A value that is set in the session when
the widget comes back is lost as well where the page runs twice in a row: the browser then sees the
second run alone. So a widget is given what it begins with each time it is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

MAX_DIGITS = 20


def current(key: str) -> Any:
    """What the widget `key` shows, or showed last; None if it was never there."""
    return st.session_state.get(key, st.session_state.get(_kept(key)))


def change(key: str, value: Any) -> None:
    """Let the widget `key` show `value`, when it is drawn again."""
    st.session_state.pop(key, None)
    st.query_params.pop(key, None)
    st.session_state[_kept(key)] = value


def first_index(key: str, options: Sequence[str]) -> int:
    """Where in `options` the widget begins: at what the link names, or it showed last."""
    state = st.session_state
    if key not in state:
        places = (st.query_params.get(key), state.get(_kept(key)))
        state[_begin(key)] = next((one for one in places if one in options), options[0])
    return options.index(state[_begin(key)]) if state[_begin(key)] in options else 0


def keep(key: str, chosen: Any, default: Any) -> None:
    """Remember what the widget shows; the address has it too, unless it is the default."""
    st.session_state[_kept(key)] = chosen
    if chosen == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = f"{chosen:g}" if isinstance(chosen, float) else str(chosen)


def choose_number(
    label: str,
    low: float,
    high: float,
    default: float,
    *,
    key: str,
    width: int,
    help: str | None = None,
) -> None:
    """A field for a number from `low` to `high`, whole if these are."""
    state = st.session_state
    if key not in state:
        linked = read_within(st.query_params.get(key), low, high)
        state[_begin(key)] = state.get(_kept(key), default) if linked is None else linked
    step = 0.1 if isinstance(low, float) else 1
    number = st.number_input(
        label, low, high, state[_begin(key)], step, key=key, width=width, help=help
    )
    keep(key, number, default)


def read_within(text: str | None, low: float, high: float) -> float | None:
    """The number that a link holds, whole if `low` is; None if it is none from `low` to `high`."""
    if text is None or not text.isascii() or len(text) > MAX_DIGITS:
        return None
    try:
        number = type(low)(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and low <= number <= high else None


def _kept(key: str) -> str:
    return f"{key}_kept"


def _begin(key: str) -> str:
    return f"{key}_begin"
