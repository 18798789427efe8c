from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from lintseq_core import get_linter
from lintseq_core.errors import RecordError
from lintseq_core.generation.guard import LintGuard
from lintseq_core.generation.request import run_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.generation.trace import (
    GenerationTrace,
    TraceHeader,
    TraceWriter,
    event_record,
    gather_trace,
    versions,
)
from lintseq_core.generation.trace_reading import parse_trace, read_trace
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.generation.whole import generate_whole
from lintseq_core.models.load import load_model
from tests.unit.generation.scripted import scripted_model, spelled
from tests.unit.generation.test_guard import BAD
from tests.unit.generation.test_stepwise import CLOSE, DEFINE, GOOD, PROGRAM

MALFORMED = f"{DEFINE}\n<|diff|>@@ -7,0 +8 @@\n+é = undefined\n<|diff|>-x{CLOSE}"


def header(mode: Any, **request: Any) -> TraceHeader:
    return TraceHeader(
        request=GenerationRequest("Do it.\n", mode, **request),
        model="scripted",
        revision=None,
        dtype="float64",
        device="cpu",
        backend="transformers",
        n_prompt_tokens=7,
        linter_version="1",
        problem="humaneval HumanEval/0",
        versions=versions("vllm"),
    )


def stepwise_trace() -> tuple[str, GenerationTrace]:
    """Three samples, with a rejected edit, a judged one and malformed ones; text and trace."""
    head = header("stepwise", n_samples=3, n_retries=1, settings=SamplingSettings(max_tokens=300))
    events = list(
        generate_stepwise(
            scripted_model([BAD, spelled(GOOD)], spelled(MALFORMED), spelled(GOOD[:-3])),
            "Do it.",
            settings=head.request.settings,
            linter=get_linter("pyflakes"),
            n_samples=3,
            guard=LintGuard(1),
            judge=lambda program: "passed" if program == PROGRAM else "wrong_answer",
            clock=lambda: 0.25,
        )
    )
    stream = io.StringIO()
    writer = TraceWriter(stream, head)
    for event in events:
        writer.write(event)
    return stream.getvalue(), gather_trace(head, events)


def parse(text: str) -> GenerationTrace:
    return parse_trace(text.encode().splitlines(keepends=True), "t.jsonl")


def test_a_trace_read_back_is_the_trace_that_was_written() -> None:
    text, trace = stepwise_trace()
    assert parse(text) == trace
    assert [sample.sample_index for sample in trace.samples] == [0, 1, 2]
    assert [len(sample.steps) for sample in trace.samples] == [3, 5, 4]
    assert json.loads(text.splitlines()[0])["schema_version"] == 2


def test_a_trace_replays_to_the_same_states() -> None:
    text, trace = stepwise_trace()
    first = parse(text).samples[0]
    assert list(first.states()) == ["", "def double(x):\n    return 2 * x\n", PROGRAM]
    assert [step.outcome for step in first.steps] == ["accepted", "rejected", "accepted"]
    for read, written in zip(parse(text).samples, trace.samples, strict=True):
        assert list(read.states()) == list(written.states())
        assert read.end is not None
        assert list(read.states())[-1] == read.end.program


def test_rows_do_not_hold_the_states() -> None:
    text, _ = stepwise_trace()
    steps = [json.loads(row) for row in text.splitlines() if '"kind": "step"' in row]
    assert all("state" not in step for step in steps)


@pytest.mark.parametrize("mode", ["stepwise", "whole"])
def test_what_a_random_model_says_survives_a_trace(mode: Any, tmp_path: Path) -> None:
    request = GenerationRequest("Do.", mode, SamplingSettings(1.5, 1.0, 0.0, 300), 6)
    run = run_model(load_model("tiny"), request)
    events = list(run.events)
    with (tmp_path / "t.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        writer = TraceWriter(stream, run.header)
        for event in events:
            writer.write(event)
    read = read_trace(tmp_path / "t.jsonl")
    assert read.header == run.header
    written = gather_trace(run.header, events)
    for sample, original in zip(read.samples, written.samples, strict=True):
        assert list(sample.states()) == list(original.states())
        assert sample.end is not None
        assert original.end is not None
        assert event_record(sample.end) == event_record(original.end)


def test_a_whole_programs_trace_holds_its_tokens() -> None:
    head = header("whole", stop=("\ndef",))
    (end,) = generate_whole(
        scripted_model(["x = 1", "\n"]),
        "Do",
        settings=head.request.settings,
        clock=lambda: 1.0,
    )
    stream = io.StringIO()
    TraceWriter(stream, head).write(end)
    assert parse(stream.getvalue()) == gather_trace(head, [end])


def test_a_trace_can_be_read_while_it_is_written() -> None:
    text, trace = stepwise_trace()
    rows = text.splitlines(keepends=True)
    for n_rows in range(1, len(rows) + 1):
        part = parse("".join(rows[:n_rows]) + ("" if n_rows == len(rows) else rows[n_rows][:40]))
        assert part.header == trace.header
        events = sum(len(sample.steps) + (sample.end is not None) for sample in part.samples)
        assert events == n_rows - 1
    unfinished = parse("".join(rows[:2])).samples[0]
    assert unfinished.end is None


def damaged(row: int, change: Any) -> str:
    rows = stepwise_trace()[0].splitlines()
    record = json.loads(rows[row])
    change(record)
    rows[row] = json.dumps(record)
    return "".join(f"{row}\n" for row in rows)


def put(name: str, value: Any) -> Any:
    def change(record: Any) -> None:
        *path, last = name.split(".")
        for key in path:
            record = record[int(key)] if key.isdigit() else record[key]
        record[int(last) if last.isdigit() else last] = value

    return change


def first_step() -> int:
    rows = stepwise_trace()[0].splitlines()
    return next(i for i, row in enumerate(rows) if json.loads(row).get("faults"))


@pytest.mark.parametrize(
    ("row", "change", "message"),
    [
        (0, put("schema_version", 3), "row 1: schema_version is 3; this release reads 1 and 2; update"),
        (0, put("kind", "step"), "row 1: kind: expected 'trace' in the first row, found 'step'"),
        (0, put("request.settings.top_p", 3), "row 1: request: top_p is 3; expected above 0"),
        (0, put("request.mode", "x"), "row 1: request.mode: 'x' is none of stepwise, whole"),
        (0, put("request.n_samples", True), "row 1: request.n_samples: expected int, found True"),
        (0, put("request.n_samples", 1), "sample_index: "),
        (0, put("request.stop", [1]), "row 1: request.stop: expected strings"),
        (0, put("model", None), "row 1: model: expected str, found None"),
        (1, put("text", "@@ -0,0 +1 @@\n+y"), "row 2: state_sha256: replaying the edit gives"),
        (1, put("text", "nothing"), "row 2: faults: reading the edit again finds others"),
        (1, put("state_sha256", "0"), "row 2: state_sha256: replaying the edit gives another state"),
        (1, put("step_index", 4), "row 2: step_index: expected 0, found 4"),
        (1, put("sample_index", -1), "row 2: sample_index: -1 is below 0"),
        (1, put("outcome", "maybe"), "row 2: outcome: 'maybe' is none of accepted, rejected, kept"),
        (1, put("tokens.ids", []), "row 2: tokens: columns of different lengths"),
        (1, put("tokens.ids.0", "1"), "row 2: tokens: entry 0 is no id, text, log-probability"),
        (1, put("kind", "other"), "row 2: kind: 'other' has no place in a trace of mode 'stepwise'"),
        (1, lambda record: record.pop("compiles"), "row 2: compiles is missing"),
        (-1, put("program", "x"), "program: replaying the edits gives another"),
        (-1, put("stop_reason", None), "stop_reason: None is none of close, eos"),
        (-1, put("n_tokens", 1.5), "n_tokens: expected int, found 1.5"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_named_with_its_field(
    row: int, change: Any, message: str
) -> None:
    with pytest.raises(RecordError) as error:
        parse(damaged(row, change))
    assert message in str(error.value)
    assert str(error.value).startswith("t.jsonl, row ")
    assert "\n" not in str(error.value)


def test_faults_and_findings_that_do_not_fit_are_named() -> None:
    row = first_step()
    for name, value, message in (
        ("faults.0.kind", "odd", "faults[0].kind: 'odd' is none of"),
        ("faults.0.line_number", 99, "faults: reading the edit again finds others"),
        ("faults.0", 3, "faults[0]: expected an object"),
        ("new_findings", [{}], "new_findings[0].arguments is missing"),
        ("new_findings", [{"arguments": [1]}], "new_findings[0].arguments: expected strings"),
    ):
        with pytest.raises(RecordError) as error:
            parse(damaged(row, put(name, value)))
        assert message in str(error.value)


def test_files_that_are_no_trace_are_refused(tmp_path: Path) -> None:
    for data, message in (
        (b"", "no row; expected what lintseq generate -o writes"),
        (b"hello\n", "starts with 'hello\\n', which is neither JSON nor Parquet"),
        (b"\xff\xfe\n", "not UTF-16 throughout"),
        (b"[]\n", "no row; expected what lintseq generate -o writes"),
        (b"[3]\n", "row 1: expected a JSON object, found int"),
        (b"{]\n", "row 1: not JSON"),
        (b"[" * 100_000 + b"\n", "row 1 (line 1): the file ends within it"),
    ):
        path = tmp_path / "t.jsonl"
        path.write_bytes(data)
        with pytest.raises(RecordError) as error:
            read_trace(path)
        assert message in str(error.value)


def test_nothing_comes_after_the_end_of_a_sample() -> None:
    text, _ = stepwise_trace()
    with pytest.raises(RecordError, match="this sample has ended in an earlier row"):
        parse(text + text.splitlines()[-1] + "\n")
