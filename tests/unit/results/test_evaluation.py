"""A file of samples judged: what is asked of the pool, what the rows hold, what is counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.errors import LintSeqError
from lintseq_core.execution import pool
from lintseq_core.execution.backends import LimitsOnly
from lintseq_core.execution.selfcheck import SelfCheck
from lintseq_core.execution.verdict import Flag, Isolation, Outcome, Verdict
from lintseq_core.results.evaluation import Evaluation, Judged
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.record import read_record, record_path
from lintseq_core.results.styles import decide_style

CHECKED = SelfCheck("limits", Isolation.LIMITS, (), "", ())
BENCHMARK = get_benchmark("humaneval")
ADDS = "```python\ndef add(x, y):\n    return x + y\n```"
ANSWERS = [ADDS, "```text\nno\n```", f"{ADDS}\n```python\nadd(1, 2\n```"]


class WithoutPackages(LimitsOnly):
    has_packages = False


def judging(
    monkeypatch: pytest.MonkeyPatch, verdict_of: Callable[[pool.Task], Outcome]
) -> list[pool.Task]:
    """No box is started: `verdict_of` decides. The tasks are in the list once they are judged."""
    judged: list[pool.Task] = []

    def run(tasks: Iterable[pool.Task], _: Any, take: Any, **__: object) -> None:
        for task in tasks:
            judged.append(task)
            take(task.key, verdict_of(task))

    monkeypatch.setattr(pool, "run", run)
    return judged


def evaluated(path: Path, **options: Any) -> tuple[Judged, list[dict[str, Any]]]:
    output = path.with_name("out.jsonl")
    told: list[tuple[int, int]] = []
    with open_input(str(path)) as source:
        file = recognise(source)
        style = decide_style(file.samples(), source.name)
        evaluation = Evaluation(file, BENCHMARK, BENCHMARK.problems(), style, **options)
        evaluation.check(LimitsOnly())
        judged = evaluation.run(
            output,
            LimitsOnly(),
            CHECKED,
            workers=1,
            command="lintseq evaluate",
            on_sample=lambda n, passed: told.append((n, passed)),
        )
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert told[-1:] == [(len(rows), judged.counts.get("passed", 0))]
    return judged, rows


def write(path: Path, answers: list[str]) -> Path:
    rows = [{"task_id": "HumanEval/53", "completion": one} for one in answers]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_answers_are_judged_as_their_code_and_what_is_odd_about_them_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verdict_of(task: pool.Task) -> Outcome:
        if "return x + y" in task.source:
            return Outcome(Verdict.PASSED)
        return Outcome(Verdict.SYNTAX_ERROR).flagged(Flag.REFERENCE_FAILED)

    tasks = judging(monkeypatch, verdict_of)
    judged, rows = evaluated(write(tmp_path / "samples.jsonl", ANSWERS))
    assert [task.name for task in tasks] == [
        f"{tmp_path / 'samples.jsonl'}, row {n}" for n in (1, 2, 3)
    ]
    assert [row["verdict"] for row in rows] == ["passed", "syntax_error", "passed"]
    assert ["answer" in row for row in rows] == [False, True, True]
    assert (judged.n_samples, judged.n_noted, judged.n_without, judged.n_broken) == (3, 2, 1, 0)
    assert judged.warnings[0].startswith("reference solutions that do not pass here: 1 (HumanEval")
    record = read_record(record_path(tmp_path / "out.jsonl"))
    assert record.promised == {"HumanEval/53": 3}
    assert record.counts == {"passed": 2, "syntax_error": 1}


def test_a_run_that_was_interrupted_judges_only_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "samples.jsonl", [ADDS] * 3)

    def stop_at_the_second(task: pool.Task) -> Outcome:
        if task.key == 1:
            raise pool.HarnessError("no room")
        return Outcome(Verdict.PASSED)

    judging(monkeypatch, stop_at_the_second)
    with pytest.raises(pool.HarnessError):
        evaluated(path)
    tasks = judging(monkeypatch, lambda _: Outcome(Verdict.TIMEOUT_CPU))
    judged, rows = evaluated(path)
    assert [task.key for task in tasks] == [1, 2]
    assert judged.counts == {"passed": 1, "timeout_cpu": 2} and len(rows) == 3


WRONG = "```python\ndef add(x, y):\n    return x - y\n```"


def write_of(path: Path, answers: list[tuple[int, str]]) -> Path:
    rows = [{"task_id": f"HumanEval/{task}", "completion": one} for task, one in answers]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def passes_if_it_adds(task: pool.Task) -> Outcome:
    return Outcome(Verdict.PASSED if "return x + y" in task.source else Verdict.WRONG_ANSWER)


def test_with_once_equal_programs_run_once_and_have_the_verdicts_they_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal as programs: what stands around them in an answer may differ."""
    said = f"Here it is:\n{ADDS}\nDone."
    answers = [(53, ADDS), (53, WRONG), (53, said), (53, WRONG), (53, ADDS)]
    path = write_of(tmp_path / "samples.jsonl", answers)
    each = judging(monkeypatch, passes_if_it_adds)
    expected, rows = evaluated(path)
    (tmp_path / "out.jsonl").unlink()
    few = judging(monkeypatch, passes_if_it_adds)
    found, rows_once = evaluated(path, once=True)
    assert (len(each), [task.key for task in few]) == (5, [0, 1])
    assert rows_once == rows
    assert found.counts == expected.counts == {"passed": 3, "wrong_answer": 2}
    record = read_record(record_path(tmp_path / "out.jsonl"))
    assert record.config["once"] is True
    assert record.promised == {"HumanEval/53": 5}


def test_a_copy_for_another_problem_is_run_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "samples.jsonl"
    program = "def add(x, y):\n    return x + y\n"
    rows = [{"task_id": f"HumanEval/{task}", "solution": program} for task in (53, 0, 53, 0)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tasks = judging(
        monkeypatch,
        lambda task: Outcome(Verdict.PASSED if task.key == 0 else Verdict.EXCEPTION),
    )
    _, rows = evaluated(path, once=True)
    assert [task.key for task in tasks] == [0, 1]
    assert [row["verdict"] for row in rows] == ["passed", "exception"] * 2


def test_with_once_an_interrupted_run_judges_only_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_of(tmp_path / "samples.jsonl", [(53, ADDS), (53, WRONG), (53, ADDS), (53, WRONG)])

    def stop_at_the_second(task: pool.Task) -> Outcome:
        if task.key == 1:
            raise pool.HarnessError("no room")
        return passes_if_it_adds(task)

    judging(monkeypatch, stop_at_the_second)
    with pytest.raises(pool.HarnessError):
        evaluated(path, once=True)
    tasks = judging(monkeypatch, passes_if_it_adds)
    judged, rows = evaluated(path, once=True)
    assert [task.key for task in tasks] == [1]
    assert [row["verdict"] for row in rows] == ["passed", "wrong_answer"] * 2
    assert judged.counts == {"passed": 2, "wrong_answer": 2}


def test_a_run_that_ran_each_program_says_nothing_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging(monkeypatch, passes_if_it_adds)
    evaluated(write(tmp_path / "samples.jsonl", [ADDS]))
    assert not read_record(record_path(tmp_path / "out.jsonl")).config.get("once")


def test_packages_are_refused_where_programs_see_none(tmp_path: Path) -> None:
    with open_input(str(write(tmp_path / "samples.jsonl", ANSWERS))) as source:
        file = recognise(source)
        style = decide_style(file.samples(), source.name)
        evaluation = Evaluation(file, BENCHMARK, BENCHMARK.problems(), style)
        evaluation.check(WithoutPackages())
        evaluation = Evaluation(file, BENCHMARK, BENCHMARK.problems(), style, allowed=("numpy",))
        with pytest.raises(LintSeqError, match=r"^--packages: programs in limits have only"):
            evaluation.check(WithoutPackages())
