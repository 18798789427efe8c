"""One edit sequence written in several formats, each piece marked by what it is for."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lintseq_core.edits.formats import FORMAT_NAMES, EditFormatName
from lintseq_core.edits.formats.parts import Part, parts_of
from lintseq_core.edits.sequence import EditSequence

_TAGS: dict[Part, tuple[str, str]] = {
    "content": ("span", "color:#17212b"),
    "position": ("b", "color:#7a3b00;background:#ffe3c2"),
    "count": ("u", "color:#0b5c30;background:#d3f2df"),
    "marker": ("i", "color:#556270"),
}
"""Element and style: bold, underlined or slanted where no style comes through, and no colour
alone."""
_WORDS: dict[Part, str] = {
    "content": "new code",
    "position": "position: where it goes",
    "count": "count: how many lines",
    "marker": "marker: the same in every edit",
}


@dataclass(frozen=True, slots=True)
class FormatTexts:
    """Shows in a notebook the texts of `sequence` side by side."""

    sequence: EditSequence
    formats: Sequence[EditFormatName] = FORMAT_NAMES

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        texts = {
            name: self.sequence.to_model_text(edit_format=name).removeprefix("\n")
            for name in self.formats
        }
        return {
            "text/html": self._html(texts),
            "text/plain": "\n\n".join(f"{name}\n{text}" for name, text in texts.items()),
        }

    def _html(self, texts: dict[EditFormatName, str]) -> str:
        words = " · ".join(_piece(part, text) for part, text in _WORDS.items())
        head = "".join(f"<th style='text-align:left'>{name}</th>" for name in texts)
        cells = "".join(
            "<td style='vertical-align:top;text-align:left'>"
            f"<pre>{''.join(_piece(*one) for one in parts_of(text, name))}</pre></td>"
            for name, text in texts.items()
        )
        return (
            "<div style='background:#ffffff;color:#17212b;overflow-x:auto;padding:8px'>"
            f"<p>{words}</p><table><thead><tr>{head}</tr></thead>"
            f"<tbody><tr>{cells}</tr></tbody></table></div>"
        )


def _piece(part: Part, text: str) -> str:
    tag, style = _TAGS[part]
    return f'<{tag} style="{style}">{html.escape(text)}</{tag}>'
