"""The steps of a lesson: what they count, and what they leave out where nothing ran."""

import math
from types import SimpleNamespace

import pytest

from lintseq_core.execution import selfcheck
from lintseq_core.execution.backends import IsolationError
from lintseq_core.experiments.pocket import by_hand
from lintseq_core.experiments.pocket.nats import Nats
from lintseq_core.experiments.pocket.recorded import final_scores
from lintseq_core.generation.steps import SampleEnd
from lintseq_core.generation.trace import GenerationTrace, TracedSample
from lintseq_core.results.frames import frame_of


def trace(*programs):
    """Samples with these programs, the empty one malformed."""
    faults = {"": ("a fault",)}
    ends = [
        SampleEnd(at, "close", "", text, faults.get(text, ()), True, 10, 0, -1.0, 0.1)
        for at, text in enumerate(programs)
    ]
    return GenerationTrace(None, tuple(TracedSample(e.sample_index, (), e) for e in ends))


@pytest.fixture
def nats(monkeypatch):
    found = Nats(2, {"content": 60.0, "marker": 8.0}, {"content": 90, "marker": 10})
    monkeypatch.setattr(by_hand, "measure_nats", lambda *_: found)


def compared(tmp_path, edit_format, verdicts):
    traces = [trace("x = 1\n", ""), trace("y = 2\n", "y = 3\n")]
    one = by_hand.Tried("mine", tmp_path, tmp_path, edit_format, traces, verdicts)
    (row,) = by_hand.compare([one]).rows()
    return row


def test_a_model_is_compared_by_what_it_wrote_and_by_nats_of_each_part(tmp_path, nats):
    row = compared(tmp_path, "unified", [["passed", "syntax_error"], ["passed", "passed"]])
    assert (row["samples"], row["tasks"], row["tokens_a_sample"]) == (4, 2, 10)
    assert row["well_formed"] == row["share that parses"] == 0.75
    assert (row["pass@1"], row["low@1"], row["high@1"]) == (0.75, None, None)
    assert (row["nats of content"], row["nats of position"]) == (30.0, 0.0)
    assert row["tokens of content"] == 45.0


def test_whole_programs_have_no_format_and_without_a_box_there_is_no_score(tmp_path, nats):
    row = compared(tmp_path, None, None)
    assert row["well_formed"] is row["pass@1"] is row["nats of position"] is None
    assert math.isclose(row["nats of marker"], 4.0)
    shown = by_hand.nats_frame(by_hand.compare([
        by_hand.Tried("mine", tmp_path, tmp_path, None, [trace("x = 1\n")], None)
    ]))  # fmt: skip
    assert list(shown.columns["part"]) == ["content", "marker"]


def test_a_lesson_asks_validation_tasks_so_results_never_count_for_the_benchmark(tmp_path):
    problems = by_hand.write_tasks(tmp_path, by_hand.SIZES["smoke"])
    assert [p.task_id.rpartition("-")[0] for p in problems] == [
        "Pocket/validation-0", "Pocket/validation-1"
    ]  # fmt: skip


def test_without_a_box_no_program_is_run_and_the_lesson_says_so(monkeypatch):
    def refuse(*_):
        raise IsolationError("nothing here isolates")

    monkeypatch.setattr(selfcheck, "choose", refuse)
    verdicts, words = by_hand.judge_samples([], [])
    assert verdicts is None
    assert words == ("No program was run, because this machine has no box: nothing here isolates.")


def test_final_scores_are_of_the_last_checkpoint_hottest_and_read_leniently():
    names = ("arm", "k", "pass_at_k", "low", "high", "seeds", "tasks", "samples", "by_seed")
    settings = [(5, 1.0, "lenient"), (15, 0.8, "lenient"), (15, 1.0, "lenient"),
                (15, 1.0, "strict")]  # fmt: skip
    rows = [
        dict.fromkeys(names, at)
        | {"asked": "test", "trained_tokens": n, "temperature": t, "reading": reading}
        for at, (n, t, reading) in enumerate(settings)
    ]
    rows.append(rows[2] | {"arm": 4, "asked": "harder"})
    study = SimpleNamespace(tables={"scores": frame_of(rows, tuple(rows[0]))})
    found = final_scores(study)
    assert (tuple(found.columns), list(found.columns["arm"])) == (names, [2])
