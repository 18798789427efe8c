"""What is told of a model over all problems: each sample by itself, and how samples are counted."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from lintseq_core.viewer.outcomes import Results, read_results, read_tasks
from lintseq_core.viewer.over_problems import (
    WAYS,
    Behaviour,
    behaviour_frame,
    behaviours,
    chosen,
    counts,
    solved,
    surprise,
)
from lintseq_core.viewer.traces import ReadTrace, read_traces

TRACES = Path(__file__).parents[3] / "tests" / "data" / "traces"
ONE = Behaviour(
    task="T", model="m", position=0, sample_index=0, program="x = 1\n", sizes=(1, 2),
    is_stepwise=True, passed=None, fault="", fault_edit=None, fault_log_prob=None,
    other_log_prob=-0.1, passing_edit=None,
)  # fmt: skip
BROKEN = replace(ONE, passed=False, fault="bad header", fault_edit=14, fault_log_prob=-0.7)
RIGHT = replace(ONE, task="U", passed=True, passing_edit=2)
WHOLE = replace(ONE, is_stepwise=False, sizes=(3,), other_log_prob=None)
SAMPLES = [ONE, BROKEN, RIGHT, WHOLE]


def read(name: str) -> ReadTrace:
    ((found,), _) = read_traces((TRACES / name).read_bytes(), name)
    return found


@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("tests", ("all pass", "not all pass", "not run"), [1, 1, 2]),
        ("fault", ("bad header", "none"), [1, 2]),
        ("fault_edit", ("12 or more",), [1]),
        ("log_prob", ("-0.5 to -1",), [1]),
        ("edits", ("2",), [3]),
        ("passing", ("2",), [1]),
    ],
)
def test_each_way_has_a_place_for_the_samples_that_it_is_about(
    name: str, keys: tuple[str, ...], expected: list[int]
) -> None:
    (way,) = (way for way in WAYS if way.name == name)
    assert way.keys(SAMPLES) == keys
    assert [counts(SAMPLES, way, {})[key] for key in keys] == expected


def test_numbers_between_have_a_place_too() -> None:
    (edits,) = (way for way in WAYS if way.name == "edits")
    few, many = replace(ONE, sizes=(1,) * 9), replace(ONE, sizes=(1,) * 40)
    assert edits.keys([few, many]) == ("9", "10", "11", "12 or more")
    assert edits.keys([]) == ()


def test_a_choice_narrows_the_others_and_not_itself() -> None:
    tests, fault, *_ = WAYS
    choices = {"fault": ["none"], "tests": ["not run", "all pass"]}
    assert chosen(SAMPLES, choices) == [ONE, RIGHT]
    assert counts(SAMPLES, tests, choices) == {"not run": 1, "all pass": 1}
    assert counts(SAMPLES, fault, choices) == {"none": 2, None: 1}


def test_shares_are_over_problems_and_of_few_nothing_is_told() -> None:
    found = solved([BROKEN, BROKEN, RIGHT, ONE])
    assert (found.estimate, found.n_problems) == (0.5, 2)
    assert math.isnan(found.low)
    many = [replace(RIGHT, task=str(n)) for n in range(12)]
    assert solved(many).low > 0.7
    gaps = [replace(BROKEN, task=str(n), fault_log_prob=-0.7 - n / 100) for n in range(6)]
    assert surprise(gaps).low > 0.5
    assert math.isnan(surprise([ONE, RIGHT, WHOLE]).estimate)


def test_of_a_trace_each_sample_is_told_as_its_steps_and_verdicts_say() -> None:
    tasks = {
        task.task_id: task
        for task in read_tasks((TRACES / "problems.jsonl").read_text(encoding="utf-8"), "p")
    }
    results = read_results((TRACES / "results.jsonl").read_text(encoding="utf-8"), "r")
    trace = read("count_vowels.tiny-long.jsonl")
    first = behaviours("m", trace, "count_vowels", tasks["count_vowels"], results)[0]
    assert (first.fault, first.fault_edit, first.passing_edit) == (
        "count differs from the lines",
        4,
        4,
    )
    assert first.passed is True and sum(first.sizes) == len(first.program.splitlines())
    unknown = behaviours("m", trace, "count_vowels", tasks["count_vowels"], Results())[0]
    assert (unknown.passed, unknown.passing_edit) == (None, None)
    assert unknown.fault == first.fault


def test_the_frame_counts_from_1_and_leaves_programs_out() -> None:
    (row,) = behaviour_frame([BROKEN]).rows()
    assert (row["sample"], row["edits"], row["first_fault"]) == (1, 2, "bad header")
    assert "program" not in row
