"""What axe-core finds in Streamlit's own markup, which is not ours to mend.

A finding is excused only by a row with its rule and an element inside `scope`, which is never
the player nor anything we wrote. A row that no longer excuses anything fails the test: remove it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Excuse:
    """A rule of axe-core, the part of Streamlit that breaks it, and how."""

    rule: str
    scope: str
    reason: str


LEDGER = (
    Excuse(
        rule="presentation-role-conflict",
        scope="[data-testid=stFileUploaderDropzone]",
        reason="st.file_uploader gives its drop zone role=presentation, a label and a tabindex",
    ),
)
