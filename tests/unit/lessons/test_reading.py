"""Lesson files: what they hold is read whole, what is wrong is named with file, step and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from lintseq_core.lessons import LessonError, find_lessons, parse_lesson, read_lesson
from lintseq_core.lessons.lesson import (
    Choice,
    Estimator,
    Lesson,
    Lines,
    Link,
    Number,
    Option,
    Player,
    Predict,
    SequenceRef,
    Step,
    Trace,
)
from lintseq_core.lessons.payload import build_lesson_payload
from tests.conftest import PROJECT

ASSETS = PROJECT / "assets"
HEAD = "title: T\nsummary: S\nminutes: 5\n"
WHOLE = """
title: All there is
summary: One of each.
minutes: 12
note: For you.
steps:
  - title: A choice
    text: Look.
    do: Do it.
    links:
      - {page: trajectories, label: There, with: {program: matrix_sum, seed: 3, whatif: "on"}}
      - {page: overview, label: Home}
    show:
      player: {program: matrix_sum, seed: 2, path: 1, step: 3, look: split, direction: apart,
               xray: false, whatif: true}
    question:
      kind: choice
      ask: Which?
      options:
        - {text: "`a`", right: true, because: Yes.}
        - {text: b, because: No.}
    note: Both.
  - title: A number
    text: Think.
    show:
      estimator: {n: 10, c: 3, k: 5}
    question: {kind: number, ask: "How many?", answer: 1.5, tolerance: 0.1, unit: "%", because: So.}
  - title: Lines
    text: Click.
    show:
      trace: {task: Pocket/0, model: pocket-lintseq, sample: 2, step: 1}
    question: {kind: lines, ask: "Which?", code: "a = 1\\nb = a\\n", answer: [2], because: It uses a.}
  - title: Predict
    text: Now you.
    show:
      player: {code: "a = 1\\nb = a\\n", step: last}
    question: {kind: predict, program: matrix_sum, seed: 3, steps: [2, 5]}
"""


def test_a_link_holds_a_list_as_the_same_name_again() -> None:
    text = WHOLE.replace('whatif: "on"', 'run: ["a: b", c]')
    (link, *_) = parse_lesson(text, "all.yaml").steps[0].links
    assert link.parameters == (
        ("program", "matrix_sum"),
        ("seed", "3"),
        ("run", "a: b"),
        ("run", "c"),
    )


def test_a_lesson_is_read_whole() -> None:
    code = "a = 1\nb = a"
    assert parse_lesson(WHOLE, "all.yaml", folder="/x") == Lesson(
        name="all",
        title="All there is",
        summary="One of each.",
        minutes=12,
        note="For you.",
        folder="/x",
        steps=(
            Step(
                title="A choice",
                text="Look.",
                do="Do it.",
                links=(
                    Link(
                        "trajectories",
                        "There",
                        (("program", "matrix_sum"), ("seed", "3"), ("whatif", "on")),
                    ),
                    Link("", "Home", ()),
                ),
                show=Player(
                    SequenceRef("matrix_sum", seed=2, path=1), 3, "split", "apart", False, True
                ),
                question=Choice("Which?", (Option("`a`", True, "Yes."), Option("b", False, "No."))),
                note="Both.",
            ),
            Step(
                title="A number",
                text="Think.",
                show=Estimator(10, 3, 5),
                question=Number("How many?", 1.5, 0.1, "%", "So."),
            ),
            Step(
                title="Lines",
                text="Click.",
                show=Trace("Pocket/0", "pocket-lintseq", 2, 1),
                question=Lines("Which?", SequenceRef("", code), (2,), "It uses a."),
            ),
            Step(
                title="Predict",
                text="Now you.",
                show=Player(SequenceRef("", code), None),
                question=Predict(SequenceRef("matrix_sum", seed=3), (2, 5)),
            ),
        ),
    )


def step(body: str) -> str:
    return f"{HEAD}steps:\n  - title: One\n    text: Look.\n{body}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "bad.yaml: expected fields, as in `title: ...`, found nothing"),
        ("- a", "bad.yaml: expected fields, as in `title: ...`, found ['a']"),
        ("title: [", "bad.yaml, line 1: no YAML: "),
        ("title: a: b", "bad.yaml, line 1: no YAML: mapping values are not allowed here"),
        ("title: a\ntitle: b", "bad.yaml, line 2: 'title' is there twice; keep one"),
        ("title: &a x\nsummary: *a", "bad.yaml, line 2: write it out instead of an alias"),
        ("!!python/object:os.system {}", "bad.yaml, line 1: no YAML: could not determine"),
        (HEAD, "bad.yaml, steps: expected 1 or more steps, found 0"),
        (HEAD + "steps: no", "bad.yaml, steps: expected a list of steps, found False"),
        ("titel: T", "bad.yaml: there is no field 'titel'; did you mean 'title'?"),
        (
            "title: T\nsummary: S\nminutes: soon\nsteps:\n  - {title: O, text: L}",
            "bad.yaml, minutes: expected a whole number from 1 on, found 'soon'",
        ),
        (
            "title: 1984\nsummary: S\nminutes: 3\nsteps:\n  - {title: O, text: L}",
            "bad.yaml, title: expected a text, found 1984; put it in quotes",
        ),
        (HEAD + "steps:\n  - title: One", "bad.yaml, step 1 (One), text: is missing: write a text"),
        (step("    txet: x"), "bad.yaml, step 1: there is no field 'txet'; did you mean 'text'?"),
        (
            step("    links:\n      - {page: home, label: x}"),
            "bad.yaml, step 1 (One), links 1, page: 'home' is none of overview, trajectories",
        ),
        (
            step("    links:\n      - {page: lessons, label: x, with: {at: on}}"),
            "bad.yaml, step 1 (One), links 1, with: 'at' is True: put it in quotes",
        ),
        (
            step("    show: {}"),
            "bad.yaml, step 1 (One), show: give one of player, trace and estimator, not 0",
        ),
        (
            step("    show: {player: {seed: 1}}"),
            "step 1 (One), show, player, program: give either a program by its name or its code",
        ),
        (
            step("    show: {player: {program: a, step: soon}}"),
            "show, player, step: expected a whole number from 0 on, found 'soon'",
        ),
        (step("    show: {estimator: {n: 5, c: 6, k: 1}}"), "c and k are at most n"),
        (
            step("    question: {kind: riddle}"),
            "step 1 (One), question, kind: 'riddle' is none of choice, number, lines, predict",
        ),
        (
            step(
                "    question: {kind: choice, ask: a, options: "
                "[{text: x, because: y}, {text: z, because: y}]}"
            ),
            "step 1 (One), question, options: none is right: mark one with `right: true`",
        ),
        (
            step("    question: {kind: choice, ask: a, options: [{text: x}]}"),
            "question, options: expected 2 or more options, found 1",
        ),
        (
            step("    question: {kind: choice, ask: a, options: [{text: x}, {text: z}]}"),
            "question, options 1, because: is missing: write a text",
        ),
        (
            step("    question: {kind: number, ask: a, answer: .nan, because: b}"),
            "question, answer: expected a number, found nan",
        ),
        (
            step("    question: {kind: number, ask: a, answer: 1, tolerance: -1, because: b}"),
            "question, tolerance: expected 0 or more, found -1",
        ),
        (
            step("    question: {kind: lines, ask: a, program: p, answer: [0], because: b}"),
            "question, answer 1: expected a whole number from 1 on, found 0",
        ),
        (
            step("    question: {kind: lines, ask: a, program: p, because: b}"),
            "question, answer: is missing: list the lines that are right, counted from 1",
        ),
    ],
    ids=range(28),
)
def test_what_is_wrong_is_named_with_its_place_and_a_remedy(text: str, message: str) -> None:
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, "bad.yaml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("bad.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "    show: {player: {program: matrix}}",
            "show, player, program: there is no example program 'matrix': choose one of",
        ),
        (
            "    show: {player: {program: ../secret.py}}",
            "show, player, program: there is no file '../secret.py' beside the lesson",
        ),
        (
            "    show: {player: {code: 'def f(:'}}",
            "show, player: the code, line 1",
        ),
        (
            "    show: {player: {program: matrix_sum, step: 99}}",
            "show, step: 99 is too high: the sequence has 7 edits",
        ),
        (
            "    show: {trace: {task: Pocket/0, model: huge}}",
            "show, trace: no model 'huge' has traces that ship; there are ",
        ),
        (
            "    show: {trace: {task: Pocket/1, model: pocket-whole}}",
            "show, trace: no trace of 'Pocket/1' by 'pocket-whole' ships; there are Pocket/0, Pocket/",
        ),
        (
            "    show: {trace: {task: Pocket/0, model: pocket-whole, sample: 5}}",
            "show, trace, sample: 5 is too high: the trace has 4 samples",
        ),
        (
            "    question: {kind: lines, ask: a, program: matrix_sum, answer: [12], because: b}",
            "question, answer: there is no line 12: 11 is the last",
        ),
        (
            "    question: {kind: lines, ask: a, program: matrix_sum, answer: [7, 8], because: b}",
            "question, answer: line 7 is blank: only lines of code can be clicked",
        ),
        (
            "    question: {kind: predict, program: matrix_sum, steps: [7]}",
            "question, steps: step 7: an edit follows the steps 0 to 6 alone",
        ),
    ],
    ids=[
        "program",
        "file",
        "syntax",
        "step",
        "model",
        "task",
        "sample",
        "line",
        "blank",
        "predict",
    ],
)
def test_what_a_step_asks_for_and_is_not_there_is_named(body: str, message: str) -> None:
    lesson = parse_lesson(step(body), "bad.yaml", folder=str(PROJECT / "tests"))
    with pytest.raises(LessonError) as caught:
        build_lesson_payload(lesson, ASSETS)
    assert str(caught.value).startswith("bad.yaml, step 1 (One), ")
    assert message in str(caught.value)


def test_a_program_beside_the_lesson_is_found(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("a = 1\nprint(a)\n")
    (tmp_path / "l.yaml").write_text(step("    show: {player: {program: mine.py, step: last}}"))
    (tmp_path / "other.txt").write_text("not a lesson")
    (path,) = find_lessons([tmp_path])
    shown = build_lesson_payload(read_lesson(path), ASSETS)["steps"][0]["show"]
    assert (shown["payload"]["title"], shown["step"]) == ("mine.py", 2)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("#" * 400_001)
    with pytest.raises(LessonError, match=r"big.yaml: larger than 400 kB; make two lessons of it"):
        read_lesson(path)
    path.write_bytes(b"title: \xff")
    with pytest.raises(LessonError, match=r"big.yaml: not UTF-8; save the file as UTF-8"):
        read_lesson(path)


def test_the_lesson_in_the_documentation_can_be_shown() -> None:
    page = (PROJECT / "docs" / "teaching.md").read_text("utf-8")
    # The text in it holds a fence of its own, so the block ends at a line that is one.
    source = page.split("```yaml\n", 1)[1].split("\n```\n", 1)[0]
    payload = build_lesson_payload(parse_lesson(source, "doc.yaml"), ASSETS)
    assert payload["steps"][0]["show"]["step"] == 7
    assert payload["steps"][0]["question"]["answer"] == [8, 9, 10]
