"""The lessons that ship: what they say of programs, sequences and traces is so."""

from __future__ import annotations

import gzip
import json
import math
import re
from typing import Any

import pytest

from assets.make.lesson_cases import Case
from lintseq_core import Program, closure, get_linter, sample_path, sample_paths
from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding
from lintseq_core.experiments.pocket.recorded import (
    final_scores,
    recorded_formats,
    recorded_study,
)
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.lessons import Lesson, find_lessons, read_lesson
from lintseq_core.lessons.lesson import Choice, Lines, Number, Predict, Trace
from lintseq_core.lessons.payload import build_lesson_payload
from lintseq_core.lessons.shipped import assets_folder, lesson_path
from lintseq_core.viewer.checks import broken_states

ASSETS = assets_folder()
FILES = find_lessons([ASSETS / "lessons"])
LESSONS = {path.stem: read_lesson(path) for path in FILES}


@pytest.fixture(params=sorted(LESSONS))
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return LESSONS[request.param]


def answer(name: str, title: str) -> Any:
    """The answer that lesson `name` takes for right at the step `title`."""
    (step,) = [step for step in LESSONS[name].steps if step.title == title]
    assert isinstance(step.question, Number | Lines)
    return step.question.answer


def program(name: str) -> Program:
    return Program.from_file(ASSETS / "programs" / f"{name}.py")


def test_there_are_five_and_more_of_a_walkable_length(lesson: Lesson) -> None:
    assert len(LESSONS) >= 5
    assert 6 <= len(lesson.steps) <= 12
    assert all(step.do and step.note and step.question for step in lesson.steps)
    assert any(isinstance(step.question, Predict) for one in LESSONS.values() for step in one.steps)


def test_everything_a_lesson_shows_is_there(lesson: Lesson) -> None:
    payload = build_lesson_payload(lesson, ASSETS)
    assert json.loads(json.dumps(payload)) == payload
    assert len(json.dumps(payload)) < 400_000
    assert build_lesson_payload(lesson, ASSETS, with_notes=False)["steps"][0]["note"] is None


def test_no_text_has_a_mark_without_its_pair(lesson: Lesson) -> None:
    for step in lesson.steps:
        texts = [step.text, step.do, step.note]
        if isinstance(step.question, Choice):
            texts += [part for o in step.question.options for part in (o.text, o.because)]
        for text in texts:
            prose = re.sub(r"```.*?```", "", text, flags=re.S)
            assert prose.count("`") % 2 == 0 and prose.count("**") % 2 == 0, (step.title, text)


def test_every_option_says_why(lesson: Lesson) -> None:
    for step in lesson.steps:
        if isinstance(step.question, Choice):
            assert len({option.because for option in step.question.options}) == len(
                step.question.options
            )


def test_the_closures_are_as_told() -> None:
    def goes(name: str | Program, line: int) -> tuple[int, ...]:
        of = program(name) if isinstance(name, str) else name
        return tuple(n + 1 for n in closure(of, line - 1).lines if n != line - 1)

    assert goes("matrix_sum", 8) == answer("the_closure", "One line falls")
    assert goes("matrix_sum", 8) == answer("the_idea", "What has to wait")
    assert goes("matrix_sum", 4) == (3,) and goes("matrix_sum", 5) == ()
    assert goes("matrix_sum", 2) == (3, 4)
    falls = closure(program("prime_search"), 5)
    reason = falls.reasons[6]
    assert isinstance(reason, FromFinding)
    assert reason.round == answer("the_closure", "Round by round") == falls.rounds - 1
    for title in ("Structure comes first", "Only new errors count"):
        (step,) = [step for step in LESSONS["the_closure"].steps if step.title == title]
        assert isinstance(step.question, Lines)
        line = 4 if title == "Structure comes first" else 1
        assert goes(Program.from_text(step.question.source.code), line) == step.question.answer
    twice = Program.from_text("x = 1\nfor n in range(3):\n    x = n\nprint(x)\n")
    assert goes(twice, 1) == ()


def test_the_sequences_are_as_told() -> None:
    ten = sample_path(program("prime_search"), seed=3)
    kinds = {line + 1: type(ten.reasons[line]) for line, b in enumerate(ten.birth_steps) if b == 1}
    assert kinds == {4: Drawn, 6: Dependent, 17: FromFinding}
    assert (ten.n_edits, ten.birth_steps[0]) == (10, 4)  # line 1 at edit 5
    assert ten.edits()[1].split("\n")[3] == "@@ -4,0 +7 @@"
    assert ten.birth_steps[11] + 1 == answer("reading_an_edit_sequence", "One number a line")
    state = list(ten.states())[4]
    assert state.count("\n") == answer("reading_an_edit_sequence", "A state by counting")

    eight = sample_path(program("matrix_sum"), seed=3)
    drawn = sum(isinstance(reason, Drawn) for reason in eight.reasons)
    assert drawn == answer("the_idea", "The trick is to go backwards")
    assert sample_path(program("matrix_sum"), seed=1).edits()[2].count("@@ -3,0 +8,3 @@") == 1
    fifty = list(sample_paths(program("matrix_sum"), seed=0, n_paths=50))
    different = len({sequence.birth_steps for sequence in fifty})
    assert different == answer("the_idea", "One program, many ways")
    text = eight.to_model_text("Sum the rows of a matrix.")
    shown = LESSONS["the_idea"].steps[6].text.split("```")[1].strip()
    assert text.startswith(shown)
    closing = LESSONS["reading_an_edit_sequence"].steps[4].text.split("```")[1].strip()
    assert text.endswith(closing)


def test_the_comparison_of_linters_is_as_told() -> None:
    judge = get_linter("pyflakes")
    change = program("coin_change")
    chance = broken_states(sample_path(change, seed=0, method="randseq"), judge)
    assert len(chance["broken"]) == answer("linter_or_chance", "Linters compared")
    half = sample_path(change, seed=0, linter=get_linter("syntax"))
    assert (len(broken_states(half, judge)["broken"]), half.n_edits) == (11, 14)
    mean = 1 + sum(1 / i for i in range(1, 5))
    assert answer("linter_or_chance", "A fair length") == pytest.approx(mean, abs=0.02)


def test_the_estimates_are_as_told() -> None:
    def pass_at(k: int, n: int, c: int) -> float:
        return 100 * (1 - math.comb(n - c, k) / math.comb(n, k))

    why = "why_pass_at_k"
    assert answer(why, "From samples to a number") == pytest.approx(pass_at(1, 10, 3))
    assert answer(why, "More tries from the same samples") == pytest.approx(
        pass_at(5, 10, 3), abs=0.05
    )
    gap = pass_at(5, 10, 3) - 100 * (1 - 0.7**5)
    assert answer(why, "The tempting shortcut") == pytest.approx(gap, abs=0.05)
    assert answer(why, "Same pass@1, other model") == pytest.approx(pass_at(5, 10, 5), abs=0.05)


def test_the_traces_are_as_told() -> None:
    """Where the traces are made anew, the lesson takes others: assets/make/lesson_cases.py."""
    name = "where_generations_fail"
    shown = {step.title: step.show for step in LESSONS[name].steps if isinstance(step.show, Trace)}

    def case(title: str) -> Case:
        trace = shown[title]
        path = ASSETS / "pocket" / "traces" / trace.model / f"{trace.task.replace('/', '_')}.jsonl"
        return Case(trace.task, read_trace(path).samples[trace.sample - 1])

    well = case("One that goes well")
    assert well.is_clean and well.passing == answer(name, "One that goes well")
    wrong = case("Nothing bad, and wrong")
    assert wrong.is_clean and wrong.passing is None and wrong.verdicts[-1] == "wrong_answer"
    first = case("The first bad edit")
    assert first.faulty is not None and first.faulty == first.broken and first.finding is None
    python = case("Grammar is not Python")
    assert python.broken is not None
    assert python.faulty is None or python.faulty > python.broken
    assert shown["The model had its doubts"] == shown["Grammar is not Python"]
    doubted = python.sample.kept_steps[python.broken - 1]
    per_token = doubted.log_prob / len(doubted.tokens)
    assert answer(name, "The model had its doubts") == pytest.approx(per_token, abs=0.02)
    lucky = case("Malformed, and right")
    assert lucky.faulty is not None and lucky.verdicts[-1] == "passed"


def test_as_many_samples_pass_as_told() -> None:
    name, title = "where_generations_fail", "Fifty at once"
    (step,) = (one for one in LESSONS[name].steps if one.title == title)
    asked = dict(step.links[0].parameters)
    model = asked["run"].removesuffix(" (ships)")
    packed = (ASSETS / "pocket" / "samples" / f"{model}.jsonl.gz").read_bytes()
    rows = [json.loads(row) for row in gzip.decompress(packed).splitlines()]
    of_task = [row["passed"] for row in rows if row["task_id"] == asked["problem"]]
    assert (len(of_task), sum(of_task)) == (50, answer(name, title))


def test_a_lesson_that_ships_is_found_by_its_name() -> None:
    assert lesson_path("the_idea") == ASSETS / "lessons" / "the_idea.yaml"
    with pytest.raises(Exception, match="neither a file nor a lesson that ships; those are"):
        lesson_path("the_end")


def test_what_a_format_costs_is_as_recorded() -> None:
    name, shown = "what_the_format_costs", LESSONS["what_the_format_costs"]
    text = " ".join(f"{step.text} {step.note}" for step in shown.steps)
    rows = {row["edit_format"]: row for row in recorded_formats().rows()}
    parts = ("position", "count", "marker")
    tokens = {at: sum(row[f"tokens of {part}"] for part in parts) for at, row in rows.items()}
    nats = {at: sum(row[f"nats of {part}"] for part in parts) for at, row in rows.items()}
    for edit_format, row in rows.items():
        assert f"{edit_format} {tokens[edit_format]:.1f}" in text
        assert f"{edit_format} {nats[edit_format]:.1f}" in text
        ends = f"({100 * row['low@10']:.1f} to {100 * row['high@10']:.1f})"
        line = rf"{edit_format} +{100 * row['pass@10']:.1f} % +{re.escape(ends)}"
        assert re.search(line, text), line
    saved = tokens["unified"] - tokens["placed"]
    assert answer(name, "What is not code") == pytest.approx(saved, abs=0.2)
    less = nats["unified"] - nats["placed"]
    assert answer(name, "What it costs in nats") == pytest.approx(less, abs=0.1)
    scores = {row["arm"]: row for row in final_scores(recorded_study()).rows() if row["k"] == 10}
    for arm in ("unified", "anchored"):
        assert f"{100 * scores[f'lintseq-{arm}']['pass_at_k']:.1f} % in {arm}" in text


def test_the_faults_of_formats_are_as_told() -> None:
    steps = {step.title: step.show for step in LESSONS["what_the_format_costs"].steps}

    def kinds(title: str) -> list[str]:
        trace = steps[title]
        assert isinstance(trace, Trace)
        path = ASSETS / "pocket" / "traces" / trace.model / f"{trace.task.replace('/', '_')}.jsonl"
        sample = read_trace(path).samples[trace.sample - 1]
        return [str(fault.kind) for fault in sample.kept_steps[trace.step - 1].faults]

    assert kinds("Count before you write") == ["count differs from the lines"]
    assert kinds("A place that is not there") == ["position out of range"]
    anchored = steps["Pointing with a line"]
    assert isinstance(anchored, Trace) and anchored.model == "pocket-anchored"
