"""Runs in a box: twelve attempts to get out of it or past its limits, one printed line each.

ctypes is imported where it is used: where there is none, the other attempts are made all the same.
Not attacks but questions: the text of this file is run as a program, once in the box that is to be
checked and once without any, where each attempt must succeed or it proves nothing.
"""

# ruff: noqa: D103, PTH123

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000
PTRACE_SEIZE = 0x4206


def read_file(asked: Any) -> bool:
    with open(asked["file"], "rb") as file:
        return bool(file.read() == asked["secret"].encode())


def read_environment(asked: Any) -> bool:
    return bool(os.environ.get(asked["variable"]) == asked["secret"])


def connect_loopback(asked: Any) -> bool:
    with socket.create_connection(("127.0.0.1", asked["port"]), timeout=2):
        return True


def connect_abstract_socket(asked: Any) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        client.connect("\0" + asked["abstract"])
        return True


def write_outside(asked: Any) -> bool:
    with open(asked["outside"], "wb") as file:
        file.write(b"written")
    return True


def signal_process(asked: Any) -> bool:
    os.kill(asked["pid"], 0)
    with open(f"/proc/{asked['pid']}/stat", "rb") as file:
        started = file.read().rpartition(b")")[2].split()[19].decode()
    return bool(started == asked["start"])


def trace_process(asked: Any) -> bool:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    seized: bool = libc.ptrace(PTRACE_SEIZE, asked["pid"], None, None) == 0
    return seized and signal_process(asked)


def new_user_namespace(asked: Any) -> bool:
    import ctypes

    return in_child(lambda: bool(ctypes.CDLL(None).unshare(NEW_USER) == 0))


def mount_something(asked: Any) -> bool:
    import ctypes

    def attempt() -> bool:
        libc = ctypes.CDLL(None)
        if libc.unshare(NEW_USER | NEW_MOUNTS) != 0:
            return False  # and never mount where others would see it
        mounted: bool = libc.mount(b"none", asked["mount_on"].encode(), b"tmpfs", 0, None) == 0
        return mounted

    return in_child(attempt)


def leave_orphan(asked: Any) -> bool:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(3)
        os._exit(0)
    os.wait()
    return True  # whether it lives on shows outside


def take_memory(asked: Any) -> bool:
    return len(bytearray(asked["memory_bytes"])) > 0


def start_processes(asked: Any) -> bool:
    children = []
    try:
        for _ in range(asked["processes"]):
            child = os.fork()
            if child == 0:
                time.sleep(0.5)
                os._exit(0)
            children.append(child)
        time.sleep(0.25)  # for who counts them from outside
        return True
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)


def in_child(attempt: Callable[[], bool]) -> bool:
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if attempt() else 1)
        except BaseException:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


PROBES = (
    read_file,
    read_environment,
    connect_loopback,
    connect_abstract_socket,
    write_outside,
    signal_process,
    trace_process,
    new_user_namespace,
    mount_something,
    take_memory,
    start_processes,
    leave_orphan,  # last: it must still be there when the others are done
)

ASKED: Any = None  # put in by the reader of this file

if __name__ == "__main__":
    for probe in PROBES:
        try:
            reached = bool(probe(ASKED))
            why = ""
        except BaseException as error:
            reached, why = False, type(error).__name__
        sys.stdout.write(json.dumps([probe.__name__, reached, why]) + "\n")
        sys.stdout.flush()
