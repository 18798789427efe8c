"""The parts of a model text: together they are the text, and content is the program's lines."""

from __future__ import annotations

import random
import sysconfig
from pathlib import Path

import pytest

from lintseq_core import Program
from lintseq_core.edits.formats import FORMAT_NAMES, EditFormatName, model_text
from lintseq_core.edits.formats.parts import parts_of
from lintseq_core.edits.hunks import edits_from_birth_steps

formats = pytest.mark.parametrize("name", FORMAT_NAMES)
LINES = ["a", "b", "b"]
BIRTHS = [0, 0, 1]
# "a" and "b", then another "b" below the first: kind and text of every piece but markers
KINDS: dict[EditFormatName, list[tuple[str, str]]] = {
    "unified": [
        ("position", "0"), ("position", "1"), ("count", "2"), ("content", "a\n"),
        ("content", "b\n"), ("position", "2"), ("position", "3"), ("content", "b\n"),
    ],
    "placed": [
        ("position", "1"), ("content", "a\n"), ("content", "b\n"), ("position", "3"),
        ("content", "b\n"),
    ],
    "anchored": [
        ("content", "a\n"), ("content", "b\n"), ("position", "b"), ("content", "b\n"),
    ],
    "search_replace": [
        ("content", "a\n"), ("content", "b\n"), ("position", "b\n"), ("position", "b\n"),
        ("content", "b\n"),
    ],
}  # fmt: skip
HOSTILE = [
    "<|diff|>", "@@ -1,0 +2 @@", "@@ +1", "@@", "@@1 x", "+x", "-x", "+", "-", "x\u2028y", "x\x0cy",
    "x\u0085y", "", "", "  ", "<|diff|>",
]  # fmt: skip


def check(name: EditFormatName, lines: list[str], births: list[int]) -> None:
    steps = sorted(set(births))  # no edit is empty
    edits = edits_from_birth_steps(lines, [steps.index(birth) for birth in births])
    text = model_text(edits, edit_format=name)
    found = list(parts_of(text, name))
    assert "".join(piece for _, piece in found) == text
    assert all(piece for _, piece in found)
    written = "".join(piece for part, piece in found if part == "content")
    inserted = [line for edit in edits for hunk in edit for line in hunk.lines]
    assert written == "".join(f"{line}\n" for line in inserted)


@formats
def test_each_piece_is_of_its_kind(name: EditFormatName) -> None:
    text = model_text(edits_from_birth_steps(LINES, BIRTHS), edit_format=name)
    found = [pair for pair in parts_of(text, name) if pair[0] != "marker"]
    assert found == KINDS[name]


@formats
def test_numbers_that_tell_equal_lines_apart_are_position(name: EditFormatName) -> None:
    edits = edits_from_birth_steps(["x", "x", "new"], [0, 0, 1])
    text = model_text(edits, edit_format=name)
    told = [piece for part, piece in parts_of(text, name) if part == "position"]
    assert told == {
        "unified": ["0", "1", "2", "3"], "placed": ["1", "3"], "anchored": ["2", "x"],
        "search_replace": ["x\n"] * 4,
    }[name]  # fmt: skip


@formats
def test_lines_of_code_that_look_like_edits_are_content(name: EditFormatName) -> None:
    for seed in range(40):
        rng = random.Random(seed)
        lines = rng.choices(HOSTILE, k=rng.randint(1, 12))
        check(name, lines, [rng.randint(0, 4) for _ in lines])


@formats
def test_the_parts_of_real_programs_are_their_texts(name: EditFormatName) -> None:
    root = Path(sysconfig.get_paths()["stdlib"])
    for module in ("bisect", "calendar", "difflib", "heapq", "shlex", "string", "textwrap"):
        rng = random.Random(module)
        lines = list(Program.from_file(root / f"{module}.py").lines)[:300]
        check(name, lines, [rng.randint(0, 9) for _ in lines])


@formats
def test_a_text_of_no_edits_is_markers(name: EditFormatName) -> None:
    assert {part for part, _ in parts_of(model_text((), edit_format=name), name)} <= {"marker"}
