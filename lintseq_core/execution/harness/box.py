"""A running box: its channel, its output, its limits, and its end.

All waiting is in `poll`; nothing a box does or fails to do can block the process that watches it.
"""

from __future__ import annotations

import contextlib
import math
import os
import random
import select
import signal
import time

from lintseq_core.execution.backends import Backend, Job
from lintseq_core.execution.harness.output import Output
from lintseq_core.execution.harness.starting import BoxError, start
from lintseq_core.execution.inside import protocol
from lintseq_core.execution.inside.tree import TreeUse, below, end_tree, first_child, is_runnable
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.verdict import Verdict

_FIRST_LOOK_S, _LOOK_S = 0.06, 0.1
_IDLE_LOOKS = 5
_CHUNK = 1 << 18
_END_S = 5.0


class Box:
    """One started script. Use as a context manager: leaving it ends the whole tree."""

    def __init__(self, backend: Backend, job: Job, *, stdin: bytes | None = None) -> None:
        self.limits: Limits = job.limits
        self.started = time.monotonic()
        begun = start(backend, job, stdin)
        self.launch = begun.launch
        self._process = begun.process
        self.pid = self._process.pid
        self._channel = begun.channel
        self._pidfd = os.pidfd_open(self.pid)
        self._channel.setblocking(False)
        self._received = bytearray()
        self._streams = {
            begun.stdout: Output(job.limits.kept_bytes),
            begun.stderr: Output(job.limits.kept_bytes),
        }
        self.stdout, self.stderr = self._streams.values()
        self._poll = select.poll()
        self._poll.register(self._channel, select.POLLIN)
        self._poll.register(self._pidfd, select.POLLIN)
        for descriptor in self._streams:
            self._poll.register(descriptor, select.POLLIN)
        self._use = TreeUse()
        self._next_look = self.started + _FIRST_LOOK_S
        self._deadline = self.started + job.limits.wall_limit_s
        self._last_deadline = self.started + job.limits.longest_wall_s
        self._n_idle = 0
        """Looks in a row, past the clock, that found nothing computing."""
        self.channel_open = True
        self.said_hello = False
        self.exceeded: Verdict | None = None
        self.exceeded_detail = ""
        self.exit_status: int | None = None
        """As a shell counts: 128 and the signal's number for a program that a signal ended."""
        self.cpu_s = 0.0
        self.wall_s = 0.0

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self.exit_status is not None or self.exceeded is not None

    def send(self, kind: bytes, body: bytes = b"", within_s: float = math.inf) -> bool:
        """Send a frame; silently dropped if the box is over, which the next wait tells.

        False if the box has not read it within `within_s`.
        """
        left = memoryview(protocol.framed(kind, body))
        end = time.monotonic() + within_s
        while left and not self.is_over and self.channel_open:
            if time.monotonic() > end:
                return False
            try:
                left = left[self._channel.send(left) :]
            except BlockingIOError:
                self._poll.modify(self._channel, select.POLLIN | select.POLLOUT)
                self.step()
                if self.channel_open:
                    self._poll.modify(self._channel, select.POLLIN)
            except OSError:
                self._close_channel()
        return True

    def begin(self, job: bytes) -> None:
        """Send `job` once the box has greeted us, or not at all: `said_hello` tells.

        Not before: what greets while we live is armed to end with us. A job that waited in the
        channel would be run by a box that came up only after we were gone.
        """
        frame = self.wait_frame()
        if frame is None:
            return
        if frame != (protocol.HELLO, b""):
            raise BoxError("the box started with something else than its greeting")
        self.said_hello = True
        self.send(protocol.JOB, job)

    def frame(self) -> tuple[bytes, bytes] | None:
        """A frame that has arrived whole; raises Violation for a length that cannot be."""
        if len(self._received) < 4:
            return None
        length = int.from_bytes(self._received[:4], "big")
        if not 1 <= length <= protocol.MAX_FRAME:
            raise protocol.Violation(f"a frame of {length} bytes")
        if len(self._received) < 4 + length:
            return None
        frame = bytes(self._received[4 : 4 + length])
        del self._received[: 4 + length]
        return frame[:1], frame[1:]

    @property
    def channel_descriptor(self) -> int:
        """The channel, for others to wait on."""
        return self._channel.fileno()

    @property
    def outputs_closed(self) -> bool:
        """Whether nothing is left that could write output, an orphan for example."""
        return not self._streams

    @property
    def has_unread(self) -> bool:
        """Whether bytes have arrived that no one asked for yet."""
        return bool(self._received)

    def wait_frame(self) -> tuple[bytes, bytes] | None:
        """The next frame; None if the box is over or has closed the channel before one came."""
        while True:
            frame = self.frame()
            if frame is not None or self.is_over or not self.channel_open:
                return frame
            self.step()

    def wait_exit(self) -> None:
        """Return once the program has ended or a limit ended it."""
        while not self.is_over:
            self.step()
        self._drain()

    def step(self, other: int | None = None) -> bool:
        """Wait a little for anything to happen, take it in, enforce limits.

        True if descriptor `other` can be read.
        """
        if other is not None:
            self._poll.register(other, select.POLLIN)
        now = time.monotonic()
        events = self._poll.poll(max(0.0, min(self._next_look, self._deadline) - now) * 1000 + 1)
        if other is not None:
            self._poll.unregister(other)
        ready = False
        exited = False
        for descriptor, event in events:
            if descriptor == other:
                ready = True
            elif descriptor in self._streams:
                with contextlib.suppress(BlockingIOError):  # the program read it away itself
                    self._read_stream(descriptor)
            elif descriptor == self._pidfd:
                exited = True
            elif event & ~select.POLLOUT:
                self._read_channel()
        if exited:
            if self.channel_open:
                self._read_channel(to_the_end=True)
            self._reap()
        self._enforce()
        return ready

    def extend(self, seconds: float) -> None:
        """Give the box `seconds` more of the wall clock, spent by others."""
        self._deadline += seconds
        self._last_deadline += seconds

    def _read_channel(self, *, to_the_end: bool = False) -> None:
        while len(self._received) <= protocol.MAX_FRAME + 4:
            try:
                data = self._channel.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._close_channel()
                return
            self._received += data
            if not to_the_end:
                return
        raise protocol.Violation("more bytes than a frame may have")

    def _close_channel(self) -> None:
        if self.channel_open:
            self.channel_open = False
            self._poll.unregister(self._channel)

    def _read_stream(self, descriptor: int) -> None:
        """Take in what is there; raises BlockingIOError where nothing is."""
        data = os.read(descriptor, _CHUNK)
        if data:
            self._streams[descriptor].add(data)
            return
        self._poll.unregister(descriptor)
        del self._streams[descriptor]
        os.close(descriptor)

    def _drain(self) -> None:
        """Read what a program that has ended left in its pipes, unless that never ends either."""
        for descriptor in list(self._streams):
            with contextlib.suppress(BlockingIOError):
                while descriptor in self._streams and self.exceeded is None:
                    self._read_stream(descriptor)
                    self._enforce_output()

    def _enforce(self) -> None:
        self._enforce_output()
        if self.is_over:
            return
        now = time.monotonic()
        if now >= self._next_look:
            self._look()
            pause = _FIRST_LOOK_S if now - self.started < 3 * _FIRST_LOOK_S else _LOOK_S
            # At times that no program can know, to be idle at them.
            self._next_look = time.monotonic() + pause * random.uniform(0.5, 1.5)
        if now >= self._deadline and self.exceeded is None:
            if "wall" in self.launch.unwatched:
                self._kill()
                raise BoxError("a program that never ends")
            # What waits for a processor, not for the clock, is ended by its CPU time. On a machine
            # that starves everybody it also waits for the harness at times: one look says little.
            self._n_idle = 0 if is_runnable(self.pid) else self._n_idle + 1
            if now < self._last_deadline and self._n_idle < _IDLE_LOOKS:
                self._deadline = now + _LOOK_S
            else:
                told = f"over {self.limits.wall_limit_s:g} s by the clock"
                self._exceed(Verdict.TIMEOUT_WALL, told)

    def _enforce_output(self) -> None:
        size = self.stdout.size + self.stderr.size
        over = size > self.limits.output_bytes and "output" not in self.launch.unwatched
        if over and self.exceeded is None:
            self._exceed(
                Verdict.OUTPUT_LIMIT, f"more than {self.limits.output_bytes} bytes of output"
            )

    def _look(self) -> None:
        limits, off = self.limits, self.launch.unwatched
        self._use.look(self.pid, limits.memory_bytes)
        if self._use.cpu_s >= limits.cpu_s and "tree_cpu" not in off:
            self._exceed(Verdict.TIMEOUT_CPU, f"over {limits.cpu_s:g} s of CPU time")
        elif self._use.memory_bytes > limits.memory_bytes and "tree_memory" not in off:
            self._exceed(Verdict.MEMORY, f"over {limits.memory_bytes >> 20} MiB in all processes")
        elif self._use.processes > limits.processes + 2:  # the kernel counts too, but not at L1
            self._exceed(Verdict.MEMORY, f"more than {limits.processes} processes")
        elif self._files() > limits.files and "files" not in off:
            self._exceed(Verdict.DISK_LIMIT, f"more than {limits.files} files")

    def _files(self) -> int:
        """How many files the program has made, where it has a file system of its own."""
        init = first_child(self.pid)
        if init is None or not self.launch.ends_with_root:
            return 0
        try:
            room = os.statvfs(f"/proc/{init}/root/box")
        except OSError:
            return 0
        return room.f_files - room.f_ffree if room.f_files else 0

    def _exceed(self, verdict: Verdict, detail: str) -> None:
        self.exceeded, self.exceeded_detail = verdict, detail
        self._kill()

    def _reap(self) -> None:
        if self.exit_status is not None:
            return
        _, status, usage = os.wait4(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        self.exit_status = code if code >= 0 else 128 - code
        self._process.returncode = code
        self.cpu_s = max(usage.ru_utime + usage.ru_stime, self._use.cpu_s)
        self.wall_s = time.monotonic() - self.started
        self._poll.unregister(self._pidfd)
        told = self.launch.told()
        if told is not None:
            self.cpu_s = self.cpu_s if told.cpu_s is None else told.cpu_s
            if told.verdict and self.exceeded is None:
                self.exceeded = Verdict(told.verdict)
                self.exceeded_detail = "as the backend counts"

    def _kill(self) -> None:
        """End the tree, in the way that lets its CPU time be known."""
        if self.exit_status is not None:
            return
        if self.launch.ends_with_root:
            # Ending the namespace's first process ends all in it, and bubblewrap adds up their
            # time; ending bubblewrap would do it too, but forget the time.
            init = first_child(self.pid)
            if init is not None:
                with contextlib.suppress(OSError):
                    os.kill(init, signal.SIGKILL)
                if self._ends_within(1.0):
                    self._reap()
                    return
        else:
            end_tree(self.pid)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        if not self._ends_within(_END_S):
            raise BoxError(f"process {self.pid} does not end")
        self._reap()

    def _ends_within(self, seconds: float) -> bool:
        watch = select.poll()
        watch.register(self._pidfd, select.POLLIN)
        return bool(watch.poll(seconds * 1000))

    def end(self) -> None:
        """End whatever still runs and close every descriptor."""
        try:
            self._kill()
        finally:
            self._channel.close()
            os.close(self._pidfd)
            for descriptor in self._streams:
                os.close(descriptor)
            self._streams.clear()
            self.launch.clean()

    def processes(self) -> list[int]:
        """The processes below this box."""
        return below(self.pid)
