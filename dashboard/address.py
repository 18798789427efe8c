"""What the address bar holds of a page beyond its bound widgets: names out of files, and numbers.

A bound widget keeps the label that it shows; names out of files are shown with Markdown's signs
escaped, so they are kept from here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import streamlit as st
from components import as_markdown

NOTHING = "none"
MAX_NUMBER = 1e9


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
    # Pills: the tags of st.multiselect are too pale to read in the dark.
    chosen = st.pills(
        label, list(names), selection_mode="multi", key=key, format_func=shown, help=help
    )
    if set(chosen) == set(default):
        st.query_params.pop(parameter, None)
    else:
        st.query_params[parameter] = chosen or [NOTHING]
    return [name for name in names if name in chosen]


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
