"""The judge's side of a test, as the harness sees it: a warm box that tests pass through."""

from __future__ import annotations

import time

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution.backends import Backend, Job, limits_of_process
from lintseq_core.execution.harness.box import Box
from lintseq_core.execution.harness.starting import BoxError
from lintseq_core.execution.inside import protocol
from lintseq_core.execution.limits import JUDGE_LIMITS, Limits

# Of the warm process, which lives as long as its worker: each test has limits of its own.
_ENDLESS = Limits(cpu_s=1e9, memory_bytes=1 << 34)
_FINISH_S = 2.0


class JudgeStopped(Exception):
    """The judge took longer than one test may; its box has to be started anew."""


class JudgeBox:
    """The box of the judge, started when first needed and again after it had to be killed."""

    def __init__(self, backend: Backend, limits: Limits = JUDGE_LIMITS) -> None:
        self._backend = backend
        self._limits = limits
        self._box: Box | None = None
        self._packages: tuple[str, ...] = ()
        self._busy = False

    def begin(self, tests: Tests) -> None:
        """Hand over the tests of one sample."""
        if self._busy:
            raise BoxError("the judge is still busy")
        if self._box is None or self._box.is_over or not set(tests.packages) <= set(self._packages):
            self._start(tests.packages)
        assert self._box is not None
        limits = limits_of_process(self._limits)
        job = {
            "tests": tests.source,
            "each": tests.each,
            "names": list(tests.entry_points),
            "packages": list(tests.packages),
            "paths": list(self._box.launch.python_paths),
            "limits": {n: v for n, v in limits.items() if n in self._box.launch.limits},
        }
        try:
            body = protocol.encode(job)
        except protocol.Opaque as error:
            raise BoxError(f"the tests are too large: {error}") from None
        self._busy = True
        if not self._box.send(protocol.JOB, body, self._limits.wall_limit_s):
            self.stop()
            raise BoxError("the judge does not read its tests")

    def wait(self, solution: Box) -> tuple[bytes, bytes]:
        """What the judge says next, while `solution` is watched too.

        Raises JudgeStopped when it takes too long, BoxError when the warm process itself is gone.
        """
        box = self._box
        assert box is not None
        end = time.monotonic() + self._limits.wall_limit_s
        while True:
            frame = self._frame(box)
            if frame is not None:
                if frame[0] == protocol.IDLE:
                    self._busy = False
                return frame
            if box.is_over or not box.channel_open:
                said = box.stderr.text().strip()
                self.stop()
                raise BoxError(f"the judge ended: {said or box.exit_status}")
            if time.monotonic() > end:
                self.stop()
                raise self._stopped()
            if solution.is_over or solution.step(box.channel_descriptor):
                self._step(box)

    def send(self, kind: bytes, body: bytes = b"") -> None:
        """Answer the judge's call; raises JudgeStopped when it does not read the answer in time."""
        assert self._box is not None
        if not self._box.send(kind, body, self._limits.wall_limit_s):
            self.stop()
            raise self._stopped()

    def _frame(self, box: Box) -> tuple[bytes, bytes] | None:
        """What has arrived from the judge; no judge of ours says what the protocol forbids."""
        try:
            return box.frame()
        except protocol.Violation as error:
            self.stop()
            raise BoxError(f"the judge sends {error}") from None

    def _step(self, box: Box) -> None:
        try:
            box.step()
        except protocol.Violation as error:
            self.stop()
            raise BoxError(f"the judge sends {error}") from None

    def _stopped(self) -> JudgeStopped:
        return JudgeStopped(f"the judge took over {self._limits.wall_limit_s:g} s")

    def finish(self) -> None:
        """Get the judge ready for the next test: what it still asks, nobody answers."""
        box = self._box
        if not self._busy or box is None:
            return
        end = time.monotonic() + _FINISH_S
        is_read = box.send(protocol.GONE, within_s=_FINISH_S)
        while is_read and time.monotonic() < end and not box.is_over and box.channel_open:
            frame = self._frame(box)
            if frame is None:
                self._step(box)
            elif frame[0] == protocol.IDLE:
                self._busy = False
                return
            elif frame[0] == protocol.CALL:
                is_read = box.send(protocol.GONE, within_s=_FINISH_S)
        self.stop()

    def stop(self) -> None:
        """End the judge's box; the next test starts another."""
        box, self._box = self._box, None
        self._busy = False
        if box is not None:
            box.end()

    @property
    def pid(self) -> int | None:
        """The judge's process as this system numbers it."""
        return None if self._box is None else self._box.pid

    def _start(self, packages: tuple[str, ...]) -> None:
        self.stop()
        self._packages = packages
        self._box = Box(self._backend, Job("judge", _ENDLESS, packages))
        frame = self._box.wait_frame()
        if frame is None or frame[0] != protocol.HELLO:
            said = self._box.stderr.text()
            self.stop()
            raise BoxError(f"the judge does not start: {said}")
