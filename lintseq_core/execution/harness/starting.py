"""Start what a backend names, with a channel and pipes around it."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass

from lintseq_core.execution.backends import Backend, Job, Launch


class BoxError(Exception):
    """The box itself failed, whatever the program is like."""


@dataclass(frozen=True, slots=True)
class Started:
    """A process and our ends of what leads to it."""

    process: subprocess.Popen[bytes]
    launch: Launch
    channel: socket.socket
    stdout: int
    stderr: int


def start(backend: Backend, job: Job, stdin: bytes | None) -> Started:
    """Start `job`; BoxError if the program that makes the box cannot be run."""
    ours, theirs = socket.socketpair()
    read_out, write_out = os.pipe()
    read_err, write_err = os.pipe()
    for descriptor in (read_out, read_err):
        # Or a program that reads its own output away, between poll and read, makes us wait for it.
        os.set_blocking(descriptor, False)
    source = _descriptor_of(stdin)
    launch = backend.launch(job, theirs.fileno())
    try:
        process = subprocess.Popen(
            launch.command,
            stdin=source,
            stdout=write_out,
            stderr=write_err,
            pass_fds=(theirs.fileno(), *launch.descriptors),
            env=launch.environment,
            cwd="/",
        )
    except OSError as error:
        for descriptor in (read_out, read_err):
            os.close(descriptor)
        ours.close()
        launch.clean()
        raise BoxError(f"cannot start {launch.command[0]}: {error.strerror}") from error
    finally:
        theirs.close()
        for descriptor in (write_out, write_err, source, *launch.descriptors):
            os.close(descriptor)
    return Started(process, launch, ours, read_out, read_err)


def _descriptor_of(data: bytes | None) -> int:
    """A descriptor to read `data` from: in memory, and nobody can change it; None: empty."""
    if not data:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    descriptor = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    import fcntl

    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor
