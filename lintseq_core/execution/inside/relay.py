"""In a container, its first process: start a script, carry its streams, hold its limits.

A container has three streams and a script needs four, so standard input and output carry them all
(see `streams`). The program runs as the same user but cannot reach this process: the first process
of a namespace is not signalled from inside, and one that is not dumpable is neither traced nor
opened. If it could, all it could write is what is the program's own already: its channel, its
output, its status. When standard input ends, nobody outside is left, and the container ends.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
from posix import (
    WNOHANG,
    _exit,
    chmod,
    closerange,
    dup2,
    environ,
    execve,
    fork,
    kill,
    mkdir,
    pipe,
    set_blocking,
    set_inheritable,
    statvfs,
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
from lintseq_core.execution.inside.tree import TreeUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

_LOOK_S = 0.1
_HELD_BYTES = 16 << 20
_SCRIPT_CHANNEL = 3


def main() -> None:
    """Run `relay.pyc SCRIPT CPU_S MEMORY_BYTES FILES PROCESSES VARIABLE...`; others are dropped."""
    script, most = sys.argv[1], Most(*map(float, sys.argv[2:6]))
    kept = {name: environ[name.encode()] for name in sys.argv[6:]}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not_there("/box/tmp"):
        mkdir("/box/tmp")
        chmod("/box/tmp", 0o777)
    from _socket import socketpair

    ours, theirs = socketpair()
    inputs, outputs, errors = pipe(), pipe(), pipe()
    main_pid = fork()
    if main_pid == 0:
        start(script, kept, (inputs[0], outputs[1], errors[1], theirs.fileno()))
    not_dumpable()
    for descriptor in (inputs[0], outputs[1], errors[1]):
        closerange(descriptor, descriptor + 1)
    theirs.close()
    relay = Relay(main_pid, ours, inputs[1], outputs[0], errors[0])
    exceeded = relay.run(most)
    status = relay.finish()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = f"{status} {usage.ru_utime + usage.ru_stime:.3f} {exceeded}"
    write_all(1, packed(ENDED, report.encode()))
    _exit(0)


def not_there(path: str) -> bool:
    """Whether nothing has this name."""
    from posix import stat

    try:
        stat(path)
    except OSError:
        return True
    return False


def start(script: str, kept: dict[str, bytes], descriptors: tuple[int, ...]) -> None:
    """Become the script, with nothing of ours but its four descriptors. Never returns."""
    try:
        high = [64 + number for number in range(4)]
        for descriptor, place in zip(descriptors, high, strict=True):
            dup2(descriptor, place)
        for number, place in enumerate(high):
            dup2(place, number)
            set_inheritable(number, True)
        closerange(_SCRIPT_CHANNEL + 1, 1 << 16)
        try:  # when memory runs out the program goes, not the relay
            with open("/proc/self/oom_score_adj", "wb") as file:  # noqa: PTH123
                file.write(b"1000")
        except OSError:
            pass
        options = ["-P", "-s", "-S", f"/lintseq/{script}.pyc", str(_SCRIPT_CHANNEL)]
        execve(sys.executable, [sys.executable, *options], kept)
    finally:
        _exit(127)


def not_dumpable() -> None:
    """Let no process of the same user trace this one or open what it has open."""
    import _ctypes

    library = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]
    _ctypes.call_function(_ctypes.dlsym(library, "prctl"), (4, 0, 0, 0, 0))  # PR_SET_DUMPABLE


class Most:
    """What the whole container may use."""

    def __init__(self, cpu_s: float, memory_bytes: float, files: float, processes: float) -> None:
        self._cpu_s, self._memory_bytes = cpu_s, int(memory_bytes)
        self._files, self._processes = files, processes

    def exceeded(self, use: TreeUse) -> str:
        """The verdict on what is used now, "" if nothing is exceeded."""
        use.look(1, self._memory_bytes)
        if use.cpu_s >= self._cpu_s:
            return "timeout_cpu"
        if use.memory_bytes > self._memory_bytes or use.processes > self._processes + 2:
            return "memory"
        room = statvfs("/box")
        return "disk_limit" if room.f_files - room.f_ffree > self._files else ""


class Relay:
    """The streams of one script."""

    def __init__(
        self, main_pid: int, channel: socket, inputs: int, outputs: int, errors: int
    ) -> None:
        self._main = main_pid
        self._status: int | None = None
        self._channel_socket = channel
        channel.setblocking(False)
        for descriptor in (inputs, outputs, errors):
            set_blocking(descriptor, False)
        self._channel, self._inputs = Outbox(channel.fileno()), Outbox(inputs)
        self._inputs_end = False
        self._sources = {channel.fileno(): CHANNEL, outputs: STDOUT, errors: STDERR}
        self._unpacker = Unpacker()
        self._poll = poll()

    def run(self, most: Most) -> str:
        """Carry until the script has ended; the verdict if a limit ended it, else ""."""
        use, next_look = TreeUse(), monotonic() + _LOOK_S
        while self._status is None:
            self._step(next_look)
            self._reap()
            if monotonic() >= next_look:
                exceeded = most.exceeded(use)
                if exceeded:
                    return exceeded
                next_look = monotonic() + _LOOK_S
        return ""

    def finish(self) -> int:
        """End all that is left, pass on what it wrote; the script's status as a shell counts."""
        end_all_others()
        while True:
            try:
                pid, status = waitpid(-1, 0)
            except ChildProcessError:
                break
            if pid == self._main:
                self._status = status
        for descriptor, stream in self._sources.items():
            while data := read_some(descriptor):
                write_all(1, packed(stream, data))
        code = waitstatus_to_exitcode(self._status or 0)
        return code if code >= 0 else 128 - code

    def _step(self, until: float) -> None:
        held = len(self._channel.pending) + len(self._inputs.pending)
        self._watch(0, POLLIN if held < _HELD_BYTES else 0)
        for descriptor in self._sources:
            self._watch(descriptor, POLLIN)
        for box in (self._channel, self._inputs):
            if box.pending:
                reads = POLLIN if box.descriptor in self._sources else 0
                self._watch(box.descriptor, POLLOUT | reads)
        wait_s = max(0.0, min(until - monotonic(), 0.02))
        for descriptor, event in self._poll.poll(wait_s * 1000 + 1):
            if descriptor == 0:
                self._take_in()
            elif descriptor in self._sources and event & ~POLLOUT:
                self._pass_on(descriptor)
        for box in (self._channel, self._inputs):
            box.flush()
            if not box.is_open or not box.pending:
                self._forget(box.descriptor)
        if self._inputs_end and not self._inputs.pending and self._inputs.is_open:
            self._inputs.is_open = False
            closerange(self._inputs.descriptor, self._inputs.descriptor + 1)

    def _take_in(self) -> None:
        data = read_some(0)
        if data is None:
            return
        if not data:
            _exit(1)  # nobody is there any more; the kernel ends all others with us
        for stream, piece in self._unpacker.feed(data):
            if stream == CHANNEL:
                self._channel.add(piece)
            elif stream == STDIN and piece:
                self._inputs.add(piece)
            elif stream == STDIN:
                self._inputs_end = True

    def _pass_on(self, descriptor: int) -> None:
        data = read_some(descriptor)
        if data is None:
            return
        write_all(1, packed(self._sources[descriptor], data))
        if not data:
            del self._sources[descriptor]
            self._forget(descriptor)
            if descriptor == self._channel.descriptor:
                self._channel.is_open = False

    def _reap(self) -> None:
        while True:
            try:
                pid, status = waitpid(-1, WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._main:
                self._status = status
                return

    def _watch(self, descriptor: int, events: int) -> None:
        self._poll.register(descriptor, events)

    def _forget(self, descriptor: int) -> None:
        with contextlib.suppress(KeyError):
            self._poll.unregister(descriptor)


def end_all_others() -> None:
    """Kill every other process of the namespace; what one starts meanwhile dies as well."""
    for _ in range(3):
        try:
            kill(-1, 9)
        except OSError:
            return
