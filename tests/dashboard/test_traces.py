"""Traces as the page sees them: read from hostile files, drawn, grouped, read three ways."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.charts.prefix_tree import describe_rate, prefix_tree_figure
from lintseq_core.charts.prefixes import decisive_edits, prefix_tree
from lintseq_core.charts.theme import DARK, LIGHT
from lintseq_core.edits.formats import Fault
from lintseq_core.errors import RecordError
from lintseq_core.execution.verdict import Verdict
from lintseq_core.generation.steps import EditStep
from lintseq_core.generation.trace import TracedSample
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.linting import Finding
from lintseq_core.viewer import payload as player_payload
from lintseq_core.viewer.behaviours import group_samples
from lintseq_core.viewer.clinic import malformed_edits, read_three_ways, text_up_to
from lintseq_core.viewer.generated import (
    build_generation_payload,
    first_bad,
    last_state,
    states_of_sample,
)
from lintseq_core.viewer.outcomes import (
    Results,
    TestedTask,
    n_passed,
    read_results,
    read_tasks,
    write_results,
)
from lintseq_core.viewer.traces import MAX_ROW_BYTES, looks_like_trace, read_traces
from tests.dashboard.conftest import TRACES

pytestmark = pytest.mark.feature("Reading traces")

FOLDER = TRACES
FILES = sorted(FOLDER.glob("*.*.jsonl"))
ONE = FOLDER / "longest_word.tiny-long.jsonl"
TASKS = read_tasks((FOLDER / "problems.jsonl").read_text(encoding="utf-8"), "problems.jsonl")
RESULTS = read_results((FOLDER / "results.jsonl").read_text(encoding="utf-8"), "results.jsonl")


def rows(path: Path = ONE) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def step_row(**changes: Any) -> bytes:
    """The first step of the first sample, with some fields changed."""
    index, record = next(
        (i, record) for i, row in enumerate(rows()) if (record := json.loads(row))["kind"] == "step"
    )
    assert index == 1
    return json.dumps({**record, **changes}).encode() + b"\n"


# ------------------------------------------------------------------ what ships


def test_what_ships_is_small_and_has_two_models_with_ten_samples_of_every_task() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 1_000_000
    tasks = [task.task_id for task in TASKS if task.instruction]
    assert len(tasks) >= 3
    assert {path.name for path in FILES} == {
        f"{task}.{model}.jsonl" for task in tasks for model in ("tiny-long", "tiny-short")
    }
    assert {len(read_trace(path).samples) for path in FILES} == {10}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_trace_that_ships_is_read_as_the_library_reads_it(path: Path) -> None:
    (read,), faults = read_traces(path.read_bytes(), path.name)

    assert faults == ()
    assert read.trace == read_trace(path)
    assert read.model in path.name


def test_results_that_ship_cover_every_state_of_every_sample() -> None:
    by_instruction = {task.instruction: task for task in TASKS if task.instruction}
    for path in FILES:
        trace = read_trace(path)
        task = by_instruction[trace.header.request.instruction]
        for sample in trace.samples:
            assert RESULTS.known(task, sample.states())
    assert "isolation L3" in RESULTS.made
    known = {str(verdict) for verdict in Verdict}
    assert {outcome for told in RESULTS.outcomes.values() for outcome in told} <= known


def test_the_programs_trained_on_pass_the_tests() -> None:
    for task in (task for task in TASKS if task.solutions):
        for program in task.solutions:
            space: dict[str, Any] = {}
            exec(program, space)
            for test in task.tests:
                exec(test.source, space)


# ------------------------------------------------------------------ hostile rows


def test_a_bad_row_costs_its_sample_from_there_on() -> None:
    data = rows()
    records = [json.loads(row) for row in data]
    spoiled = next(
        i for i, r in enumerate(records) if r["kind"] == "step" and (r["sample_index"], r["step_index"]) == (3, 1)
    )  # fmt: skip
    data[spoiled] = json.dumps({**records[spoiled], "state_sha256": "0"}).encode() + b"\n"

    (read,), faults = read_traces(b"".join(data), "t.jsonl")

    assert len(faults) == 1
    assert faults[0].startswith(f"t.jsonl, row {spoiled + 1}: state_sha256: replaying the edit")
    assert faults[0].endswith("sample 4 is shown up to there")
    whole = read_trace(ONE).samples
    assert [s for s in read.trace.samples if s.sample_index != 3] == [
        s for s in whole if s.sample_index != 3
    ]
    (cut,) = (s for s in read.trace.samples if s.sample_index == 3)
    assert (cut.steps, cut.end) == (whole[3].steps[:1], None)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b"not json\n", "no step and no end of a sample"),
        (b"[" * 100_000 + b"\n", "no step and no end of a sample"),
        (b'{"kind": "step"}\n', "no step and no end of a sample"),
        (b'{"kind": "step", "sample_index": 7e99}\n', "no step and no end of a sample"),
        (b"x" * (MAX_ROW_BYTES + 1) + b"\n", "longer than 4 MB"),
        (b"\xff\xfe\n", "no step and no end of a sample"),
        (b'{"kind": "step", "sample_index": 99}\n', "sample_index: 99 of 10 samples"),
        (b'{"kind": "end", "sample_index": 0, "stop_reason": "<b>"}\n', "ended in an earlier row"),
    ],
    ids=lambda value: str(value[:24]),
)
def test_a_row_that_is_none_is_a_sentence_and_the_others_are_shown(row: bytes, told: str) -> None:
    (read,), faults = read_traces(ONE.read_bytes() + row, "t.jsonl")

    assert len(faults) == 1 and told in faults[0] and len(faults[0]) < 320
    assert [s.sample_index for s in read.trace.samples][:10] == list(range(10))


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"\0" * 100, b'{"kind": "trace"}\n', b'{"kind": "trace", "schema_version": 9}\n',
     b'{"kind": "step", "sample_index": 0}\n', b"\xef\xbb\xbf{}"],
    ids=repr,
)  # fmt: skip
def test_a_file_that_is_no_trace_is_a_sentence(data: bytes) -> None:
    read, faults = read_traces(data, "t.jsonl")

    assert read == () and len(faults) == 1 and faults[0].startswith("t.jsonl")


def test_traces_joined_in_one_file_are_all_read() -> None:
    read, faults = read_traces(FILES[0].read_bytes() + FILES[1].read_bytes(), "both.jsonl")

    assert faults == ()
    assert [one.trace for one in read] == [read_trace(path) for path in FILES[:2]]
    assert looks_like_trace(FILES[0].read_bytes()) and not looks_like_trace(b'{"lines": []}')


def test_figures_that_json_cannot_say_are_left_out_of_the_payload() -> None:
    tokens = {"ids": [1, 2], "texts": ["a", "\ud800"], "log_probs": [float("nan"), float("-inf")], "entropies": [None, float("inf")]}  # fmt: skip
    data = rows()[0] + step_row(tokens=tokens, seconds=float("inf"))
    (read,), faults = read_traces(data, "t.jsonl")

    payload = build_generation_payload(read.trace.header, read.trace.samples[0], title="T")

    assert faults == ()
    (step,) = json.loads(json.dumps(payload, allow_nan=False))["generation"]["steps"]
    assert (step["log_prob"], step["seconds"], step["tokens"][1][1:]) == (None, None, [None, None])


# ------------------------------------------------------------------ the payload


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_payload_holds_every_state_of_every_sample(path: Path) -> None:
    trace = read_trace(path)
    for sample in trace.samples:
        payload = json.loads(
            json.dumps(build_generation_payload(trace.header, sample, title="T"), allow_nan=False)
        )
        pairs = list(zip(payload["lines"], payload["births"], strict=True))
        drawn = [
            "".join(f"{line}\n" for line, birth in pairs if birth < step)
            for step in range(payload["n_edits"] + 1)
        ]
        assert drawn == list(sample.states())
        assert len(payload["generation"]["steps"]) == payload["n_edits"]
        assert [step["text"] for step in payload["generation"]["steps"]] == [
            step.text for step in sample.kept_steps
        ]


def test_first_bad_and_first_passing_edit_are_told() -> None:
    task = next(task for task in TASKS if task.task_id == "longest_word")
    trace = read_trace(ONE)
    told = []
    for sample in trace.samples:
        payload = build_generation_payload(
            trace.header, sample, title="T", task=task, results=RESULTS
        )
        bad = payload["generation"]["bad"]
        passing = payload["tests"]["first_passing"]
        states = list(sample.states())
        if passing is not None:
            assert set(RESULTS.of(task, states[passing]) or ()) == {"passed"}
            assert all(
                set(RESULTS.of(task, s) or ()) != {"passed"} for s in states[:passing] if s.strip()
            )
        if bad is not None:
            step = sample.kept_steps[bad["step"] - 1]
            assert step.faults or step.new_findings or not step.compiles
            clean = sample.kept_steps[: bad["step"] - 1]
            assert all(not s.faults and s.compiles and not s.new_findings for s in clean)
        told.append((bad is not None, passing is not None))
    assert {True, False} == {bad for bad, _ in told} == {passing for _, passing in told}


PASSED, FAILED, EMPTY = ("passed", "passed"), ("passed", "wrong_answer"), ("not written",) * 2


@pytest.mark.parametrize(
    ("outcomes", "first"),
    [
        ([EMPTY, FAILED, PASSED, PASSED], 2),
        ([EMPTY, None, PASSED, PASSED], None),
        ([EMPTY, FAILED, None, PASSED], None),
        ([EMPTY, PASSED, None, PASSED], 1),
        ([EMPTY, None, None, FAILED], None),
        ([EMPTY, FAILED, FAILED, FAILED], None),
    ],
    ids=["all run", "first not run", "one not run", "later not run", "last fails", "none passes"],
)
def test_the_first_to_pass_is_named_only_if_all_states_before_it_were_run(
    outcomes: list[Any], first: int | None
) -> None:
    told = player_payload.tests_of_states(("a", "b"), outcomes, "here")

    assert told["first_passing"] == first


def made_step(number: int, **changes: Any) -> EditStep:
    step = read_trace(ONE).samples[1].steps[0]
    sound = replace(step, step_index=number, faults=(), new_findings=(), compiles=True)
    return replace(sound, **changes)


FAULT = Fault("bad header", 1, 0, 0, "x", "skipped")
FINDING = Finding("UndefinedName", 2, 0, ("x",), "x")
GOOD, HALF = ("passed", "passed"), ("passed", "wrong_answer")


@pytest.mark.parametrize(
    ("changes", "outcomes", "bad"),
    [
        ([{}, {}], [None] * 3, None),
        ([{"compiles": False}, {}], [None] * 3, (1, ["the program no longer parses"])),
        ([{}, {"faults": (FAULT,)}], [None] * 3, (2, ["breaks the grammar of edits"])),
        ([{"new_findings": (FINDING,)}, {}], [None] * 3, (1, ["adds a finding"])),
        ([{}, {}], [HALF, GOOD, HALF], (2, ["1 of 2 tests pass, 2 before it"])),
        ([{}, {}], [HALF, HALF, GOOD], None),
        (
            [{"faults": (FAULT,), "compiles": False, "new_findings": (FINDING,)}, {}],
            [None] * 3,
            (1, ["breaks the grammar of edits", "the program no longer parses"]),
        ),
    ],
    ids=["none", "parse", "fault", "finding", "fewer tests", "more tests", "several"],
)
def test_what_makes_an_edit_bad(
    changes: list[dict[str, Any]], outcomes: list[Any], bad: tuple[int, list[str]] | None
) -> None:
    steps = tuple(made_step(number, **change) for number, change in enumerate(changes))

    told = first_bad(TracedSample(0, steps, None), "stepwise", outcomes)

    assert told == (None if bad is None else {"step": bad[0], "why": bad[1]})


# ------------------------------------------------------------------ the clinic


@pytest.mark.parametrize(
    ("text", "kinds", "lenient", "upstream"),
    [
        ("@@ -0,0 +1 @@\n+x = 1\n<|diff|>\n<|diff|>", [], "x = 1\n", "x = 1"),
        (
            "@@ -0,0 +1 @@\n+return n\n<|diff|>\n<|diff|>",
            [],
            "return n\n",
            "return n",
        ),
        (
            "@@ -0,0 +1,2 @@\n+a\n+b\n<|diff|>@@ -1 +0,0 @@\n-a\n<|diff|>\n<|diff|>",
            ["deletion"],
            "a\nb\n",
            "a\na\nb",
        ),
        ("@@ -0,0 +1 @@\n+return n", ["truncated"], "return n\n", "return "),
    ],
    ids=["sound", "end marker's letters, closed", "a deletion", "end marker's letters, open"],
)
def test_three_readings_of_one_text(
    text: str, kinds: list[str], lenient: str, upstream: str
) -> None:
    readings = read_three_ways(text)

    assert [fault.kind for fault in readings.faults] == kinds
    assert (readings.lenient, readings.upstream) == (lenient, upstream)
    assert readings.agree is (lenient.strip() == upstream.strip())


def test_the_text_up_to_an_edit_is_read_to_the_state_after_it() -> None:
    for path in FILES:
        trace = read_trace(path)
        for at, number in malformed_edits(trace.samples):
            sample = trace.samples[at]
            readings = read_three_ways(text_up_to(sample, number))
            assert readings.lenient == list(sample.states())[number]
            told = sorted(fault.kind for fault in readings.faults)
            kept = sample.kept_steps[:number]
            assert told == sorted(fault.kind for step in kept for fault in step.faults)


# ------------------------------------------------------------------ groups and trees


def test_samples_with_the_same_outcomes_are_together_and_the_best_come_first() -> None:
    good, half = ("passed", "passed"), ("passed", "wrong_answer")

    groups = group_samples(["a", "b", "c", "d"], [half, good, half, good])

    assert [(g.samples, g.n_passed) for g in groups] == [((1, 3), 2), ((0, 2), 1)]
    assert groups[1].words == "1 of 2 tests pass: test 2 wrong answer"


def test_without_tests_programs_with_the_same_tree_are_together() -> None:
    programs = [
        "def f(a): return a\n",
        "def g(b):\n    return b\n",
        "x = (\n",
        "x = 1\n",
        "x = (\n",
    ]

    groups = group_samples(programs, [None] * 5)

    assert [g.samples for g in groups] == [(0, 1), (2, 4), (3,)]


STATES = [["", "a\n", "a\nb\n"], ["", "a\n", "a\nc\n"], ["", "a\n", "a\nb\n"], ["", "z\n"]]


def test_the_tree_parts_where_the_samples_do() -> None:
    tree = prefix_tree(STATES, [True, False, True, False])

    assert [(n.parent, n.n_edits, n.added, n.samples, n.n_ended, n.n_passed) for n in tree] == [
        (-1, 0, "", (0, 1, 2, 3), 0, 2),
        (0, 1, "a", (0, 1, 2), 0, 2),
        (0, 1, "z", (3,), 1, 0),
        (1, 2, "b", (0, 2), 2, 2),
        (1, 2, "c", (1,), 1, 0),
    ]
    assert [describe_rate(n) for n in tree] == [
        "◐ 2 of 4",
        "◐ 2 of 3",
        "✗ 0 of 1",
        "✓ 2 of 2",
        "✗ 0 of 1",
    ]
    assert list(decisive_edits(tree)) == [(0, 2), (1, 4)]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_figure_tells_by_sign_and_hatch_too_and_escapes_what_models_wrote(theme: Any) -> None:
    tree = prefix_tree([["", "<b>x</b>\n"], ["", "y\n"]], [True, False])

    (icicle,) = prefix_tree_figure(tree, theme).data

    assert icicle.values == (2, 1, 1)
    assert icicle.labels[1:] == ("✓ 1 of 1  &lt;b&gt;x&lt;/b&gt;", "✗ 0 of 1  y")
    assert icicle.marker.pattern.shape == ("", "", "/")
    assert len(set(icicle.marker.colors)) == 3


def test_nothing_to_draw_is_an_empty_tree() -> None:
    assert prefix_tree([], []) == ()


# ------------------------------------------------------------------ results


def test_results_are_written_and_read_back() -> None:
    task = TestedTask("t", (Tests("split", "assert f()"),), ("assert f()",))
    text = write_results("isolation L3", {("t", "ab" * 32): ("passed",)}, kernel="k")

    read = read_results(text, "r")

    assert read == Results("isolation L3", {("t", "ab" * 32): ("passed",)})
    assert read.of(task, "x = 1\n") is None
    assert n_passed(("passed", "exception", "passed")) == 2
    with pytest.raises(RecordError, match="r: no results of schema 1"):
        read_results("", "r")


def test_results_say_of_each_task_how_its_own_came_about() -> None:
    def task(name: str) -> TestedTask:
        return TestedTask(name, (Tests("split", "assert f()"),), ("assert f()",))

    def outcomes(name: str, state: str) -> dict[tuple[str, str], tuple[str, ...]]:
        return {(name, state * 32): ("passed",)}

    read = Results("shipped", outcomes("old", "ab"))
    for name, state in (("old", "cd"), ("new", "ab"), ("new", "cd")):
        read = read.adding("run here", outcomes(name, state))

    assert read.made_of(task("old")) == "shipped; run here"
    assert read.made_of(task("new")) == "run here"
    assert read.made_of(task("other")) == "shipped"
    assert len(read.outcomes) == 4


def test_a_whole_program_is_one_step() -> None:
    request = {"mode": "whole"}
    head = json.loads(rows()[0])
    head["request"] |= request
    end = next(json.loads(row) for row in rows() if json.loads(row)["kind"] == "end")
    end |= {"text": "x = (", "program": "x = (", "compiles": False, "faults": []}
    data = b"".join(json.dumps(row).encode() + b"\n" for row in (head, end))
    (read,), faults = read_traces(data, "w.jsonl")
    sample = read.trace.samples[0]

    payload = build_generation_payload(read.trace.header, sample, title="W")

    assert faults == ()
    assert states_of_sample(sample, "whole") == ("", "x = (")
    assert last_state(sample, "whole") == "x = ("
    assert (payload["n_edits"], payload["lines"], payload["births"]) == (1, ["x = ("], [0])
    assert payload["generation"]["bad"] == {"step": 1, "why": ["does not parse"]}
