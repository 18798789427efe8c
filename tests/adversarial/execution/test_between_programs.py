"""What passes from one program to another, to the judge, or past the end of the harness: nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution import oracle, pool
from lintseq_core.execution.backends import Backend, IsolationError, Job, LimitsOnly
from lintseq_core.execution.harness.box import Box
from lintseq_core.execution.harness.judging import JudgeBox
from lintseq_core.execution.inside.tree import first_child
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.pool import HarnessError, Task
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Flag, Isolation, Outcome, Verdict
from tests.adversarial.execution.suite import JUDGE, LIMITS, SOURCES

SORT = Tests("split", SOURCES["sort"], entry_points=("solve",))
RIGHT = "def solve(values):\n    return sorted(values)\n"

PLANT = """
import atexit, os, tempfile
places = [os.getcwd(), os.path.expanduser("~"), tempfile.gettempdir(), "/dev/shm"]
for place in places:
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", "evil.pth", "random.py",
                 "json.py", "solution.py.bak", ".pythonrc.py", "left_behind"):
        try:
            with open(os.path.join(place, name), "w") as file:
                file.write("print('poisoned')\\nraise SystemExit(0)\\n")
        except OSError:
            pass
os.environ["LEFT_BEHIND"] = "1"
atexit.register(print, "late")
print("denied")
"""
LOOK = """
import glob, json, os, random, tempfile
found = [p for p in ("/box", "/tmp", "/dev/shm") for n in os.listdir(p) if n not in ("tmp", "solution.py")]
others = [p for p in glob.glob("/proc/[0-9]*") if int(os.path.basename(p)) not in (1, os.getpid())]
print("reached" if found or others or "LEFT_BEHIND" in os.environ else "denied")
"""


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


@pytest.fixture
def judge(backend: Backend) -> Iterator[JudgeBox]:
    judge = JudgeBox(backend, JUDGE)
    yield judge
    judge.stop()


def _outcomes(backend: Backend, tasks: list[Task], workers: int, **named: object) -> list[Outcome]:
    found: dict[int, Outcome] = {}
    pool.run(tasks, backend, found.__setitem__, workers=workers, **named)  # type: ignore[arg-type]
    return [found[task.key] for task in tasks]


def test_a_program_leaves_nothing_for_the_next(backend: Backend, judge: JudgeBox) -> None:
    stdio = Tests("stdio", cases=(("", "denied"),))
    planted = oracle.decide(PLANT, stdio, LIMITS, backend, judge)
    assert planted.verdict == "wrong_answer"  # "late" comes after it, as it would anywhere
    for _ in range(2):
        assert oracle.decide(LOOK, stdio, LIMITS, backend, judge).verdict == "passed"


def test_programs_side_by_side_do_not_see_each_other(backend: Backend) -> None:
    slow = "import time\n" + LOOK.replace("print(", "time.sleep(0.5)\nprint(")
    stdio = Tests("stdio", cases=(("", "denied"),))
    outcomes = _outcomes(backend, [Task(n, slow, stdio) for n in range(4)], 4)
    assert [outcome.verdict for outcome in outcomes] == ["passed"] * 4


def test_a_killed_judge_is_started_again_and_the_sample_repeated(backend: Backend) -> None:
    judge = JudgeBox(backend, JUDGE)
    try:
        assert oracle.decide(RIGHT, SORT, LIMITS, backend, judge).verdict == "passed"
        assert judge.pid is not None
        killed = psutil.Process(judge.pid)
        slow = "import time\n" + RIGHT.replace("return", "time.sleep(0.4); return")
        timer = threading.Timer(0.3, killed.kill)
        timer.start()
        with pytest.raises(oracle.BoxError, match="the judge ended"):
            oracle.decide(slow, SORT, LIMITS, backend, judge)
        assert oracle.decide(slow, SORT, LIMITS, backend, judge).verdict == "passed"
    finally:
        judge.stop()


def test_a_harness_error_is_retried_then_stops_the_run(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def fail(source: str, *_: object) -> Outcome:
        calls.append(source)
        raise oracle.BoxError("no room for a box")

    monkeypatch.setattr(pool, "decide", fail)
    with pytest.raises(
        HarnessError, match=r"samples\.jsonl, row 7: harness_error, 3 times: no room"
    ):
        _outcomes(backend, [Task(0, RIGHT, SORT, "samples.jsonl, row 7")], 1)
    assert len(calls) == 3


def test_cpu_time_decides_and_not_the_load(backend: Backend) -> None:
    """0.5 s of CPU time against a limit of 1 s, eight at a time on however few cores there are."""
    busy = """
import time
def solve(values):
    end = time.process_time() + 0.5
    while values == [3, 1, 2] and time.process_time() < end:
        pass
    return sorted(values)
"""
    limits = Limits(cpu_s=1.0, wall_s=30.0)
    tasks = [Task(n, busy, SORT) for n in range(16)]
    outcomes = _outcomes(backend, tasks, 8, limits=limits)
    assert [outcome.verdict for outcome in outcomes] == ["passed"] * 16


def test_a_loop_ends_within_a_third_of_a_second_of_its_limit(backend: Backend) -> None:
    loop = "def solve(values):\n    while True:\n        pass\n"
    (outcome,) = _outcomes(backend, [Task(0, loop, SORT)], 1, limits=Limits(cpu_s=1.0))
    assert outcome.verdict == "timeout_cpu" and not outcome.flags
    assert 0.7 <= outcome.cpu_s <= 1.3


def test_a_timeout_that_does_not_repeat_is_flaky(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = iter([Verdict.TIMEOUT_WALL, Verdict.PASSED])
    monkeypatch.setattr(pool, "decide", lambda *_: Outcome(next(verdicts)))
    (outcome,) = _outcomes(backend, [Task(0, RIGHT, SORT)], 1)
    assert outcome == Outcome(Verdict.PASSED, flags=(Flag.FLAKY,))


def test_a_slow_reference_gives_its_solutions_more_time(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def decide(source: str, tests: Tests, limits: Limits, *_: object) -> Outcome:
        seen.append(limits.cpu_s)
        if source == "reference":
            return Outcome(Verdict.PASSED, cpu_s=3.0)
        return Outcome(Verdict.TIMEOUT_CPU if limits.cpu_s < 12 else Verdict.PASSED)

    monkeypatch.setattr(pool, "decide", decide)
    task = Task(0, RIGHT, SORT, reference="reference")
    assert _outcomes(backend, [task], 1) == [Outcome(Verdict.PASSED)]
    assert seen == [4.0, 120.0, 12.0]


def test_a_reference_that_does_not_pass_measures_nothing_and_is_reported(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = {"slow": Verdict.TIMEOUT_CPU, "reference": Verdict.EXCEPTION}
    seen: list[tuple[str, float]] = []

    def decide(source: str, tests: Tests, limits: Limits, *_: object) -> Outcome:
        seen.append((source, limits.cpu_s))
        detail = "NameError: x" if source == "reference" else "over 4 s of CPU time"
        return Outcome(verdicts[source], detail, cpu_s=3.0)

    monkeypatch.setattr(pool, "decide", decide)
    tasks = [Task(number, "slow", SORT, reference="reference") for number in range(2)]
    told = (
        "over 4 s of CPU time; the limit is the default, as the reference solution does not pass "
        "(exception: NameError: x)"
    )
    expected = Outcome(Verdict.TIMEOUT_CPU, told, flags=(Flag.REFERENCE_FAILED,), cpu_s=3.0)
    assert _outcomes(backend, tasks, 1) == [expected, expected]
    assert seen.count(("reference", 120.0)) == 1 and seen.count(("slow", 4.0)) == 4


def test_verdicts_do_not_depend_on_workers_or_repetition(backend: Backend) -> None:
    """Sets of strings in their order, random numbers, and output: the same every time."""
    program = """
import random
def solve(values):
    print(list({"a", "b", "c", "d"}), hash("x"), flush=True)
    if values == [3, 1, 2]:
        assert [random.random() for _ in range(2)] == SEEN, [random.random()]
    return sorted(values)
"""
    import random

    random.seed(0)
    program = program.replace("SEEN", repr([random.random() for _ in range(2)]))
    tasks = [Task(n, program, SORT) for n in range(50)]
    for workers in (1, 4):
        outcomes = _outcomes(backend, tasks, workers)
        assert {(outcome.verdict, outcome.detail) for outcome in outcomes} == {("passed", "")}


def test_limits_alone_sweep_up_what_a_program_leaves() -> None:
    """L1 promises little, but no process stays."""
    backend = LimitsOnly()
    judge = JudgeBox(backend, JUDGE)
    orphan = """
import os, time
def solve(values):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(30)
        os._exit(0)
    return sorted(values)
"""
    try:
        before = {child.pid for child in psutil.Process().children(recursive=True)}
        assert oracle.decide(orphan, SORT, LIMITS, backend, judge).verdict == "passed"
        judge.stop()
        time.sleep(0.1)
        left = [
            child for child in psutil.Process().children(recursive=True) if child.pid not in before
        ]
        assert left == []
    finally:
        backend.close()


def test_the_first_process_of_a_box_keeps_no_capability(backend: Backend) -> None:
    """Root's stays root, so that bubblewrap can end it; that must be all it can do."""
    with Box(backend, Job("child", LIMITS)) as box:
        box.wait_frame()
        end = time.monotonic() + 5
        while True:
            init = first_child(box.pid)
            text = Path(f"/proc/{init}/status").read_text() if init is not None else ""
            held = {line for line in text.split("\n") if line.startswith(("CapPrm", "CapEff"))}
            if held == {"CapPrm:\t" + "0" * 16, "CapEff:\t" + "0" * 16}:
                return
            assert time.monotonic() < end, held
            time.sleep(0.02)


@pytest.mark.parametrize("after_s", [0.0, 0.3, 1.0])
def test_nothing_runs_on_when_the_harness_is_killed(tmp_path: Path, after_s: float) -> None:
    """Killed while its boxes start, and once their programs sleep."""
    samples = tmp_path / "samples.jsonl"
    sleeper = "    import time\n    time.sleep(60)\n"
    rows = [{"task_id": f"HumanEval/{n}", "completion": sleeper} for n in range(6)]
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [sys.executable, "-m", "lintseq_core", "evaluate", str(samples)]
    command += ["-b", "humaneval", "-o", str(tmp_path / "out.jsonl"), "--allow-execution"]
    harness = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        process = psutil.Process(harness.pid)
        end = time.monotonic() + 30
        partial = tmp_path / "out.jsonl.partial"  # there once the self-check is over
        while time.monotonic() < end and not (
            partial.exists() and len(process.children(recursive=True)) >= 10
        ):
            time.sleep(0.05)
        time.sleep(after_s)
        family = process.children(recursive=True)
        assert len(family) >= 10
        os.kill(harness.pid, signal.SIGKILL)
        harness.communicate()
        _, alive = psutil.wait_procs(family, timeout=2)
        assert alive == []
    finally:
        harness.kill()
        harness.communicate()
