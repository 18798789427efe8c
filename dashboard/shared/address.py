"""What the address bar holds of a page beyond its bound widgets: names out of files, and numbers.

A bound widget keeps in the address what it shows. Names out of files are shown with Markdown's
signs escaped, and numbers that the address counts from 0 are shown from 1, so both are kept from
here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dashboard.shared.links import read_number, unknown
from dashboard.shared.show import as_markdown, show_link_faults

NOTHING = "none"
MAX_NUMBER = 1e9


def chosen_names(
    names: Sequence[str], default: Sequence[str], *, key: str, parameter: str, missing: str
) -> list[str]:
    """Those of `names` that `choose` will show as chosen: by the reader, or by the link.

    When `default` changes, because a file came or went, it is what is shown. What a link names
    and is not there is said, with `missing`.
    """
    state = st.session_state
    seen = f"{key}_default"
    if key not in state:
        linked = st.query_params.get_all(parameter)
        known = [name for name in names if name in linked]
        if strange := [one for one in linked if one not in names and one != NOTHING]:
            listed = ", ".join(f"\u201c{one[:60]}\u201d" for one in strange[:5])
            st.warning(as_markdown(f"Not here: {listed}. {missing}"), icon=":material/link_off:")
        state[key] = known if known or linked == [NOTHING] else list(default)
    elif state.get(seen) != list(default):
        state[key] = list(default)
    else:
        state[key] = [name for name in state[key] if name in names]
    state[seen] = list(default)
    return [name for name in names if name in state[key]]


def choose(
    label: str,
    names: Sequence[str],
    default: Sequence[str],
    *,
    key: str,
    parameter: str,
    missing: str,
    shown: Callable[[str], str] = as_markdown,
    help: str | None = None,
) -> list[str]:
    """Those of `names` that the reader chose, or that the link names; kept as `parameter`.

    See `chosen_names`, which tells them before they are drawn.
    """
    chosen_names(names, default, key=key, parameter=parameter, missing=missing)
    # Pills: the tags of st.multiselect are too pale to read in the dark.
    chosen = st.pills(
        label, list(names), selection_mode="multi", key=key, format_func=shown, help=help
    )
    if set(chosen) == set(default):
        st.query_params.pop(parameter, None)
    else:
        st.query_params[parameter] = chosen or [NOTHING]
    return [name for name in names if name in chosen]


def value_of(key: str, options: Sequence[str]) -> str:
    """What the widget `key`, bound to the address, will show of `options`; by default the first."""
    place = st.session_state if key in st.session_state else st.query_params
    value = place.get(key)
    return value if value in options else options[0]


def choose_view(
    label: str,
    views: Sequence[str],
    *,
    key: str,
    default: str | None = None,
    says_unknown: bool = True,
) -> str:
    """Which of `views` is looked at; the address names it as `key`, unless it is `default`.

    Without a default it is the first. A view that is not there is said, unless the page does so.
    Going from one view to another is a move: the browser's Back undoes it. A widget bound to the
    address leaves no trace in the history, so the address is written here.
    """
    asked = st.query_params.get(key)
    state, default = st.session_state, default or views[0]
    if says_unknown and key not in state and asked is not None and asked not in views:
        show_link_faults([unknown("view", asked, views)])
    _follow(key, asked if asked in views else None, default)
    view = st.segmented_control(label, views, key=key, required=True, label_visibility="collapsed")
    _write(key, view, default)
    return str(view)


def number_shown(key: str, n: int | None = None, default: int = 1, *, counted_from: int = 0) -> int:
    """What `choose_from_one` will show for `key` of `n`, counted from 1."""
    linked = read_number(st.query_params.get(key))
    _follow(key, None if linked is None else max(1, linked + 1 - counted_from), default)
    number = max(1, int(st.session_state[key] or 1))
    return number if n is None else min(number, n)


def choose_from_one(
    label: str,
    n: int,
    *,
    key: str,
    default: int = 0,
    counted_from: int = 0,
    width: int = 130,
    help: str | None = None,
) -> int:
    """Which of `n` the reader chose, 0-based; shown from 1.

    The session keeps under `key` what is shown; the address keeps under the same name the result,
    counted from 0 as it always was, or from `counted_from`. It is remembered while other pages are
    looked at, as the values of bound widgets are; the browser's Back undoes a choice.
    """
    first = min(default, n - 1) + 1
    st.session_state[key] = number_shown(key, n, first, counted_from=counted_from)
    number = int(st.number_input(label, 1, n, key=key, width=width, help=help))
    _write(key, number, first, str(number - 1 + counted_from))
    return number - 1


def _follow(key: str, linked: Any, default: Any) -> None:
    """Let the widget `key` show what a link or a move through the history asks for.

    Only `_write` writes `key` into the address: if it holds something else while the widget is
    there, the reader went back or forward. Where the page was left, the session knows the value.
    """
    state = st.session_state
    asked = st.query_params.get(key)
    if key not in state:
        state[key] = state.get(f"{key}_kept", default) if linked is None else linked
    elif f"{key}_written" in state and asked != state[f"{key}_written"]:
        state[key] = default if linked is None else linked
    state[f"{key}_written"] = asked


def _write(key: str, value: Any, default: Any, told: str | None = None) -> None:
    written = None if value == default else told or str(value)
    if written is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != written:
        st.query_params[key] = written
    st.session_state[f"{key}_kept"] = value
    st.session_state[f"{key}_written"] = written


def forget_unreadable_numbers(*keys: str) -> None:
    """Take numbers out of the link that no widget can hold: one bound to "inf" raises."""
    strange = [key for key in keys if not _is_number(st.query_params.get(key, "0"))]
    for key in strange:
        del st.query_params[key]
    if strange:
        st.session_state.number_faults = strange
        st.rerun()
    if strange := st.session_state.pop("number_faults", []):
        st.warning(
            as_markdown(
                f"The link does not hold a number as {', '.join(strange)}. "
                "The page shows its own choice instead."
            ),
            icon=":material/link_off:",
        )


def _is_number(text: str) -> bool:
    if not text.isascii() or len(text) > 20:
        return False
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value) and abs(value) <= MAX_NUMBER
