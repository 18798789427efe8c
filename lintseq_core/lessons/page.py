"""A lesson as one HTML file: no server, no network, nothing but the file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lintseq_core.viewer import predict_css
from lintseq_core.viewer.html import build_document
from lintseq_core.viewer.modules import join_modules

_HERE = Path(__file__).parent


def lesson_js() -> str:
    """The lesson as the text of an ES module, with player and exercise; exports `createLesson`."""
    return _script("lesson.js")


def lesson_css() -> str:
    """The style sheet of a lesson, player's and exercise's in it."""
    return predict_css() + _part("lesson.css")


def build_lesson_page(payload: dict[str, Any], *, explorer: str = "", footer: str = "") -> str:
    """A page with the lesson `payload` (payload.py); progress stays in the reader's browser.

    `explorer` is the address of an explorer that its links lead to; without one they are told in
    words. The part of the address behind "#" is the step, as in "#3" or "#3.instructor".
    """
    return build_document(
        title=payload["title"],
        css=lesson_css() + _part("page.css"),
        body='<p class="lesson-about"></p><div id="lesson"></div>',
        data={"lesson": payload, "explorer": f"{explorer.rstrip('/')}/" if explorer else None},
        script=_script("page.js"),
        footer=footer,
    )


@cache  # these files do not change while it runs
def _script(name: str) -> str:
    return join_modules(_HERE / name)


def _part(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
