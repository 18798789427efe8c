"""Lessons: YAML files that lead a reader through the explorer's pages, with checked questions."""

from lintseq_core.lessons.lesson import Lesson, LessonError
from lintseq_core.lessons.reading import find_lessons, parse_lesson, read_lesson

__all__ = ["Lesson", "LessonError", "find_lessons", "parse_lesson", "read_lesson"]
