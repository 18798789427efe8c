"""Every case gets its verdict, contained cases get through without a box, and nothing is left."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from lintseq_core.execution.backends import Backend, Bwrap, IsolationError, LimitsOnly
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome
from tests.adversarial.execution.suite import (
    BACKEND,
    DIFFERENT,
    MARKERS,
    Runner,
    read_cases,
    surroundings,
)

CASES = read_cases()
CONTAINED = [name for name, case in CASES.items() if case.has_control]


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    try:
        backend, _ = choose(Isolation.BOX, BACKEND)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def asked() -> Iterator[dict[str, object]]:
    with surroundings() as asked:
        yield asked


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, backend: Backend, asked: dict[str, object]
) -> dict[str, Outcome]:
    """All selected cases, run side by side: most of them wait, for a limit or the kernel."""
    params = [getattr(item, "callspec", None) for item in request.session.items]
    names = {spec.params["name"] for spec in params if spec and "name" in spec.params}
    return Runner(backend, asked).run_all([case for case in CASES.values() if case.name in names])


@pytest.mark.parametrize("name", CASES)
def test_gets_its_verdict(name: str, backend: Backend, outcomes: dict[str, Outcome]) -> None:
    case, outcome = CASES[name], outcomes[name]
    assert case.fits(outcome, backend.name), outcome
    assert outcome.detail.isprintable() and len(outcome.detail) <= 300
    if isinstance(backend, Bwrap):  # others start more slowly
        assert case.max_s is None or outcome.wall_s < case.max_s


@pytest.mark.parametrize("name", CONTAINED)
def test_gets_through_without_a_box(name: str, asked: dict[str, object]) -> None:
    """Otherwise the program would prove nothing about the box."""
    bare = LimitsOnly(Isolation.BARE)
    try:
        outcome = Runner(bare, asked).run(CASES[name])
    finally:
        bare.close()
    assert outcome.verdict == "wrong_answer", outcome


def test_expected_values_are_found_where_tests_run_beside_the_program(
    backend: Backend, asked: dict[str, object]
) -> None:
    runner = Runner(backend, asked)
    assert runner.run(CASES["07_read_expected"], kind="in_process").verdict == "passed"


def test_a_forger_who_knows_the_harness_wins_beside_the_tests_and_only_there(
    backend: Backend, asked: dict[str, object]
) -> None:
    """The limit of I1, as SECURITY.md says."""
    runner = Runner(backend, asked)
    forger = CASES["17a_targeted_forger_beside"]
    assert runner.run(forger).verdict == "passed"
    split = replace(forger, kind="split", tests="sort")
    assert runner.run(split).verdict in ("exited_early", "wrong_answer")
    runner.close()


def test_nothing_is_left_of_any_case(backend: Backend) -> None:
    with surroundings() as asked:
        _leaves_nothing(backend, asked)


def _leaves_nothing(backend: Backend, asked: dict[str, object]) -> None:
    process = psutil.Process()
    every = [case for case in CASES.values() if "timeout" not in "".join(case.verdicts)]
    runner = Runner(backend, asked)
    runner.run_all(every[::4])
    before = _state(process)
    runner.run_all(every)
    after = _state(process)
    assert after["environment"] == before["environment"]
    assert after["processes"] == before["processes"]
    assert after["descriptors"] == before["descriptors"]
    assert after["files"] == before["files"]
    assert after["bytes"] - before["bytes"] < 64 << 20
    time.sleep(0.2)
    for folder in ("/tmp", "/var/tmp", "/dev/shm", str(asked["folder"])):
        left = [path.name for path in Path(folder).iterdir()]
        assert not [name for name in left if name in MARKERS or name.startswith("written")]


def test_the_next_program_is_unaffected(backend: Backend, asked: dict[str, object]) -> None:
    """One judge, one attack after the other, an honest program after each."""
    runner = Runner(backend, asked)
    honest = CASES["78_shadowed_names"]
    for name in ("15_hash_collision_set", "12b_eight_mib_of_nothing", "13_deep_json_frame"):
        attack = replace(CASES[name], judge=honest.judge, limits=honest.limits)
        assert runner.run(attack).verdict != "passed"
        assert runner.run(honest).verdict == "passed"
    runner.close()


def _state(process: psutil.Process) -> dict[str, object]:
    children = [child for child in process.children(recursive=True) if child.is_running()]
    gc.collect()
    with contextlib.suppress(AttributeError):  # of glibc: what is free goes back to the system
        ctypes.CDLL(None).malloc_trim(0)
    return {
        "environment": dict(os.environ),
        "processes": sorted(child.pid for child in children),
        "descriptors": process.num_fds(),
        "files": sorted(path.name for path in Path("/tmp").glob("lintseq-run*")),
        "bytes": process.memory_info().rss,
    }


def test_bwrap_is_the_default_backend(backend: Backend) -> None:
    if BACKEND is not None:
        pytest.skip(f"{BACKEND} was asked for")
    assert isinstance(backend, Bwrap)


def test_every_difference_of_a_backend_names_a_case() -> None:
    assert {name for names in DIFFERENT.values() for name in names} <= set(CASES)
