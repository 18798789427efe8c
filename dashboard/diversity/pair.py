"""Two programs side by side, line by line; their text is never markup."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

import streamlit as st

from dashboard.shared.show import show_note, shown

MAX_LINES = 400
MAX_WIDTH = 300
_GAP = "·"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Both programs with a sign before each line, of one length: − only here, + only there."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    n_left_only: int
    n_right_only: int


def side_by_side(one: str, other: str) -> SideBySide:
    """The lines of both, those in common at the same height.

    >>> side_by_side("a\\nb\\n", "a\\nc\\nd\\n")
    SideBySide(left=('  a', '− b', '·'), right=('  a', '+ c', '+ d'), n_left_only=1, n_right_only=2)
    """
    a, b = _lines(one), _lines(other)
    left: list[str] = []
    right: list[str] = []
    n_left = n_right = 0
    for kind, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, False).get_opcodes():
        if kind == "equal":
            left += [f"  {line}" for line in a[a_from:a_to]]
            right += [f"  {line}" for line in b[b_from:b_to]]
            continue
        height = max(a_to - a_from, b_to - b_from)
        left += _column("−", a[a_from:a_to], height)
        right += _column("+", b[b_from:b_to], height)
        n_left += a_to - a_from
        n_right += b_to - b_from
    return SideBySide(tuple(left), tuple(right), n_left, n_right)


def show_side_by_side(one: str, other: str, titles: tuple[str, str]) -> None:
    """Both programs under their titles."""
    found = side_by_side(one, other)
    if not found.n_left_only and not found.n_right_only:
        show_note("The same lines.")
    else:
        show_note(
            f"− {found.n_left_only} lines only in the left one, + {found.n_right_only} only in the "
            f"right one; {_GAP} stands for a line that is not there."
        )
    for column, title, lines in zip(st.columns(2), titles, (found.left, found.right), strict=True):
        with column:
            show_note(title)
            st.code(shown("\n".join(lines)) or "(empty)", language=None, wrap_lines=True)


def _column(sign: str, lines: list[str], height: int) -> list[str]:
    return [f"{sign} {line}" for line in lines] + [_GAP] * (height - len(lines))


def _lines(program: str) -> list[str]:
    lines = program.removesuffix("\n").split("\n") if program else []
    kept = [line[:MAX_WIDTH] for line in lines[:MAX_LINES]]
    return kept + ([f"… {len(lines) - MAX_LINES:,} lines more"] if len(lines) > MAX_LINES else [])
