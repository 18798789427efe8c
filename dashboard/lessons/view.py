"""Lessons on the screen: the catalogue, and one lesson with all it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from dashboard.shared.show import PLAYER_HEIGHT, read_script, room
from lintseq_core.lessons import Lesson
from lintseq_core.lessons.page import lesson_css

KEY = "lessons"
STORY_HEIGHT = 700
_FONTS = ".lsl-mount { --lsp-font: var(--st-font); --lsp-code-font: var(--st-code-font); }"

# Registered once, here: registering under one name twice confuses mounted instances.
_LESSONS = st.components.v2.component(
    "lintseq_lessons",
    html='<div class="lsl-mount"></div>',
    css=lesson_css() + _FONTS,
    js=read_script("lesson.js"),
)


def show_catalogue(lessons: Iterable[Lesson], on_open: Callable[[], None]) -> None:
    """A card for each lesson; `on_open` is called when one is chosen (`chosen_lesson`)."""
    cards = [
        {
            "name": lesson.name,
            "title": lesson.title,
            "summary": lesson.summary,
            "minutes": lesson.minutes,
            "steps": len(lesson.steps),
            "questions": sum(step.question is not None for step in lesson.steps),
        }
        for lesson in lessons
    ]
    with room(PLAYER_HEIGHT):
        _LESSONS(key=KEY, data={"catalogue": cards, "lesson": None}, on_open_change=on_open)


def show_lesson(payload: dict[str, Any], on_open: Callable[[], None]) -> None:
    """The lesson, at the step that the address names or where this browser was."""
    with room(PLAYER_HEIGHT):
        _LESSONS(key=KEY, data={"catalogue": [], "lesson": payload}, on_open_change=on_open)


def show_story(payload: dict[str, Any]) -> None:
    """The steps of a lesson as passages beside a player, with nothing to answer."""
    with room(STORY_HEIGHT):
        _LESSONS(key="story", data={"catalogue": [], "lesson": payload, "story": True})


def chosen_lesson() -> str:
    """What was chosen when `on_open` is called; "" for all lessons."""
    chosen = getattr(st.session_state.get(KEY), "open", None)
    return chosen if isinstance(chosen, str) else ""
