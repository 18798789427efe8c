"""A lesson as one HTML file: no server, no network, nothing but the file."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from lintseq_core.viewer import predict_css, viewer_js
from lintseq_core.viewer.html import build_document

_PARTS = ("lesson.js", "progress.js", "text.js", "questions.js", "estimator.js")


def lesson_js() -> str:
    """The lesson as the text of an ES module, with player and exercise; exports `createLesson`."""
    return "\n".join((viewer_js(), *map(_part, _PARTS)))


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
        script=f"{lesson_js()}\n{_part('page.js')}",
        footer=footer,
    )


def _part(name: str) -> str:
    return files("lintseq_core.lessons").joinpath(name).read_text(encoding="utf-8")
