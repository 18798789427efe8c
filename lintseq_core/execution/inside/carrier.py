"""Outside a container: run the engine's command, and be to the harness what a box is.

The harness speaks with what it starts over a descriptor and three streams; an engine offers input
and output. This process, which runs nothing of the program, sorts one into the other (see
`streams`), ends with the program's status, and tells CPU time and verdict on a descriptor.
"""

from __future__ import annotations

import sys
from posix import (
    _exit,
    close,
    closerange,
    dup2,
    environ,
    execve,
    fork,
    pipe,
    set_blocking,
    waitpid,
    waitstatus_to_exitcode,
)
from select import POLLIN, POLLOUT, poll
from time import monotonic

from lintseq_core.execution.inside.streams import (
    CHANNEL,
    ENDED,
    STDERR,
    STDIN,
    STDOUT,
    Outbox,
    Unpacker,
    packed,
    read_some,
    write_all,
)

_HELD_BYTES = 1 << 20
_CLOSE_S = 0.5
"""A program that ends closes its channel first; only one that goes on is said to have closed it."""


def main() -> None:
    """Run `carrier.pyc CHANNEL REPORT ENGINE ARGUMENT...`."""
    channel, report, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    to_engine, from_engine = pipe(), pipe()
    pid = fork()
    if pid == 0:
        try:
            dup2(to_engine[0], 0)
            dup2(from_engine[1], 1)
            closerange(3, 1 << 16)
            execve(command[0], command, environ)
        finally:
            _exit(127)
    close(to_engine[0])
    close(from_engine[1])
    told = Carrier(channel, to_engine[1], from_engine[0]).run()
    status = waitstatus_to_exitcode(waitpid(pid, 0)[1])
    if told is None:
        _exit(status if status > 0 else 128 - status)
    write_all(report, told)
    _exit(exit_status(told))


def exit_status(told: bytes) -> int:
    """The program's status as the relay tells it; 1 where that is none."""
    word = told.split(b" ")[0]
    return int(word) if len(word) <= 3 and word.isdigit() and int(word) < 256 else 1


class Carrier:
    """The streams of one container."""

    def __init__(self, channel: int, to_engine: int, from_engine: int) -> None:
        set_blocking(to_engine, False)
        self._channel, self._from_engine = channel, from_engine
        self._outbox = Outbox(to_engine)
        self._unpacker = Unpacker()
        self._ended_at = 0.0
        """When the program closed its channel; then told to the harness, unless the end follows."""

    def run(self) -> bytes | None:
        """Carry until the engine's output ends; what the relay told last, None if it did not."""
        while data := read_some(0):
            self._outbox.add(packed(STDIN, data))
        self._outbox.add(packed(STDIN))
        told: bytes | None = None
        while True:
            watch = poll()
            watch.register(self._from_engine, POLLIN)
            if len(self._outbox.pending) < _HELD_BYTES:
                watch.register(self._channel, POLLIN)
            if self._outbox.pending:
                watch.register(self._outbox.descriptor, POLLOUT)
            for descriptor, _ in watch.poll(100 if self._ended_at else None):
                if descriptor == self._from_engine:
                    data = read_some(descriptor)
                    if data is None:
                        continue
                    if not data:
                        return told
                    told = self._sort(data) or told
                elif descriptor == self._channel:
                    data = read_some(descriptor)
                    if data is None:
                        continue
                    if not data:  # the harness has gone: so does the relay's input, and the relay
                        _exit(1)
                    self._outbox.add(packed(CHANNEL, data))
            self._outbox.flush()
            if told is None and 0 < self._ended_at < monotonic() - _CLOSE_S:
                self._close_channel()

    def _sort(self, data: bytes) -> bytes | None:
        try:
            pieces = self._unpacker.feed(data)
        except ValueError:  # nobody's stream: as if the container had been ended by force
            _exit(1)
        for stream, piece in pieces:
            if stream == ENDED:
                return piece
            if stream == CHANNEL and not piece:
                self._ended_at = monotonic()
            elif stream == CHANNEL:
                write_all(self._channel, piece)
            elif stream in (STDOUT, STDERR):
                write_all(1 if stream == STDOUT else 2, piece)
        return None

    def _close_channel(self) -> None:
        from _socket import SHUT_WR, socket

        self._ended_at = 0.0
        end = socket(fileno=self._channel)
        end.shutdown(SHUT_WR)
        end.detach()
