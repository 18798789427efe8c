"""Which lessons there are: those that ship, and given ones."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.files.loaders import PROGRAMS
from lintseq_core import LintSeqError
from lintseq_core.cli.dashboard import FILES_VARIABLE
from lintseq_core.lessons import Lesson, find_lessons, read_lesson
from lintseq_core.lessons.payload import build_lesson_payload

ASSETS = PROGRAMS.parent
ORDER = (
    "the_idea",
    "the_closure",
    "reading_an_edit_sequence",
    "why_pass_at_k",
    "where_generations_fail",
    "linter_or_chance",
)
"""Of the lessons that ship: each builds on those before it."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """The lessons by name, those given first, and a sentence for each file that is none."""

    found: dict[str, Lesson]
    faults: tuple[str, ...]


def load_lessons() -> Lessons:
    """The lessons as their files are now: a teacher who saves one sees it at the next rerun."""
    given = find_lessons(map(Path, json.loads(os.environ.get(FILES_VARIABLE) or "[]")))
    shipped = find_lessons([ASSETS / "lessons"])
    shipped.sort(key=lambda path: ORDER.index(path.stem) if path.stem in ORDER else len(ORDER))
    found: dict[str, Lesson] = {}
    faults = []
    for path in [*given, *shipped]:
        try:
            lesson = _read(path, path.stat().st_mtime_ns)
        except (LintSeqError, OSError) as error:
            faults.append(str(error))
        else:
            found.setdefault(lesson.name, lesson)
    return Lessons(found, tuple(faults))


def load_story() -> dict[str, Any]:
    """The passages of the page Overview, as the browser receives them."""
    path = ASSETS / "lessons" / "story" / "overview.yaml"
    return load_lesson_payload(_read(path, path.stat().st_mtime_ns))


@st.cache_resource(max_entries=32, show_spinner=False)
def _read(path: Path, changed_ns: int) -> Lesson:
    return read_lesson(path)


@st.cache_resource(max_entries=16, show_spinner="Preparing the lesson")
def load_lesson_payload(lesson: Lesson) -> dict[str, Any]:
    """What the browser is given of `lesson`; not to be changed. Raises LintSeqError."""
    return build_lesson_payload(lesson, ASSETS)
