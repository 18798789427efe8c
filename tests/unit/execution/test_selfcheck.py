"""A box is probed before each use, but for the commands of one short run."""

import dataclasses

import pytest

from lintseq_core.execution import selfcheck
from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.selfcheck import Probe, SelfCheck, choose, proven_once
from lintseq_core.execution.verdict import Isolation


@pytest.fixture
def checks(monkeypatch):
    """The backends that were probed; every one of them holds."""
    probed = []

    def check(backend):
        probed.append(backend.name)
        return SelfCheck(backend.name, backend.level, (), "", ())

    monkeypatch.setattr(selfcheck, "check", check)
    return probed


def twice():
    for _ in range(2):
        choose(Isolation.LIMITS, "limits")[0].close()


def test_a_backend_is_probed_each_time_it_is_chosen(checks):
    twice()
    assert checks == ["limits", "limits"]


def test_inside_one_run_it_is_probed_once_and_anew_in_the_next(checks):
    for _ in range(2):
        with proven_once():
            twice()
    assert checks == ["limits", "limits"]


def test_what_does_not_hold_is_never_remembered(checks, monkeypatch):
    held = selfcheck.check
    broken = (Probe("take_memory", held=False, control=True),)
    monkeypatch.setattr(
        selfcheck, "check", lambda backend: dataclasses.replace(held(backend), probes=broken)
    )
    with proven_once():
        for _ in range(2):
            with pytest.raises(IsolationError, match="does not hold take_memory"):
                choose(Isolation.LIMITS, "limits")
    assert checks == ["limits", "limits"]
