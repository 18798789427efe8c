"""What a model wrote in any edit format is shown as what it wrote: lines, births, faults, readings."""

from __future__ import annotations

import io

import pytest

from lintseq_core import get_linter
from lintseq_core.edits.formats import CLOSE, FORMAT_NAMES, edit_texts, parse_edits
from lintseq_core.edits.hunks import edits_from_birth_steps
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.generation.trace import TraceWriter
from lintseq_core.viewer.clinic import read_three_ways, text_up_to
from lintseq_core.viewer.generated import build_generation_payload
from lintseq_core.viewer.trace_runs import runs_of_traces
from lintseq_core.viewer.traces import ReadTrace, read_traces
from tests.unit.generation.scripted import scripted_model, spelled
from tests.unit.generation.test_trace import header

LINES = ["def f(x):", "    # twice", "    return 2 * x", "", "print(f(2))"]
BIRTHS = [0, 1, 0, 2, 1]
EDITS = edits_from_birth_steps(LINES, BIRTHS)
PROGRAM = "".join(f"{line}\n" for line in LINES)
names = pytest.mark.parametrize("name", FORMAT_NAMES)


def read(name: str, text: str) -> ReadTrace:
    """A trace of one sample that wrote `text`, read from its file."""
    head = header("stepwise", edit_format=name, settings=SamplingSettings(max_tokens=900))
    stream = io.StringIO()
    writer = TraceWriter(stream, head)
    model = scripted_model(spelled(text))
    linter = get_linter("pyflakes")
    for event in generate_stepwise(
        model, "Do it.", settings=head.request.settings, linter=linter, edit_format=name
    ):
        writer.write(event)
    (found,), faults = read_traces(stream.getvalue().encode(), "t.jsonl")
    assert not faults
    return found


def written(name: str) -> str:
    return "\n<|diff|>".join(edit_texts(EDITS, edit_format=name)) + CLOSE


@names
def test_a_sample_is_played_line_by_line_in_any_format(name: str) -> None:
    found = read(name, written(name))
    (sample,) = found.trace.samples
    payload = build_generation_payload(found.trace.header, sample, title="t")
    assert (payload["lines"], payload["births"]) == (LINES, BIRTHS)
    assert payload["meta"]["edit_format"] == name
    assert [step["text"] for step in payload["generation"]["steps"]] == list(
        edit_texts(EDITS, edit_format=name)
    )
    assert all(step["faults"] == [] for step in payload["generation"]["steps"])
    assert sample.end is not None
    assert (sample.end.program, sample.end.faults) == (PROGRAM, ())


@names
def test_a_trace_in_any_format_is_a_run_whose_edits_can_be_compared(name: str) -> None:
    (run,) = runs_of_traces([read(name, written(name))], (), None).values()
    (unified,) = runs_of_traces([read("unified", written("unified"))], (), None).values()
    assert run.orders is not None
    assert repr(run.orders) == repr(unified.orders)  # a distance between fewer than two is nan
    assert repr(run.problems) == repr(unified.problems)


@pytest.mark.parametrize("name", FORMAT_NAMES[1:])
def test_a_malformed_edit_is_read_by_the_readings_that_know_its_format(name: str) -> None:
    hunk = {"placed": "@@ +9\n+y", "anchored": "@@ z\n+y", "search_replace": "@@\n-z\n+z\n+y"}[name]
    found = read(name, f"@@{' +1' * (name == 'placed')}\n+x\n<|diff|>{hunk}{CLOSE}")
    (sample,) = found.trace.samples
    text = text_up_to(sample, 2)
    readings = read_three_ways(text, name)
    assert [fault.remedy for fault in readings.faults] == ["appended"]
    assert readings.lenient == "x\ny\n"
    assert readings.upstream is None
    assert readings.agree
    marked = f"<|diff|>{text}"
    assert parse_edits(marked, strict=False, edit_format=name).faults == readings.faults
