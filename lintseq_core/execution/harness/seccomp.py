"""The system call filter of a box, as the BPF program that `bwrap --seccomp` takes.

Allowed calls are listed in `syscalls`; every other answers ENOSYS, as if the kernel were older. A
few are allowed by their arguments: clone without new namespaces, sockets of the box's own kind,
prlimit of the caller alone, ioctl that does not type into a terminal. A call of another
architecture (i386's int 0x80, x32) ends the process.
"""

from __future__ import annotations

import json
import platform
import struct
from collections.abc import Iterable

from lintseq_core.execution.harness.syscalls import AARCH64, X86_64, numbers

_ARCHITECTURES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, AARCH64)}

# Offsets in struct seccomp_data; arguments are 64 bits, low word first on both architectures.
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_LOAD, _RETURN, _AND = 0x20, 0x06, 0x54
_IF_EQUAL, _IF_AT_LEAST, _IF_SET = 0x15, 0x35, 0x45

_KILL, _ALLOW, _ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97

# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
_NEW_NAMESPACES = 0x7E020000
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_SOCKETS = ("socket", "socketpair")
_X32_BIT = 0x40000000

_Step = tuple[int, int, int, int]


def architecture() -> str | None:
    """This machine's architecture, if there is a filter for it."""
    machine = platform.machine()
    return machine if machine in _ARCHITECTURES else None


def filter_program(machine: str, *, loopback: bool = False) -> bytes:
    """The filter for `machine` as an array of struct sock_filter.

    `loopback` also allows internet sockets: the box's network has no other interface.
    """
    arch, table = _ARCHITECTURES[machine]
    allowed = numbers(table)
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCH),
        (_IF_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        steps += [(_IF_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _KILL)]
    families = (_AF_UNIX, _AF_INET, _AF_INET6) if loopback else (_AF_UNIX,)
    for name, body in (
        ("clone", _refused_if_set(0, _NEW_NAMESPACES, _EPERM)),
        ("socket", _allowed_if_among(0, families, _EAFNOSUPPORT)),
        ("socketpair", _allowed_if_among(0, families, _EAFNOSUPPORT)),
        ("prlimit64", _allowed_if_among(0, (0,), _EPERM)),
        ("ioctl", _refused_if_among(1, (_TIOCSTI, _TIOCLINUX), _EPERM)),
    ):
        steps += [(_IF_EQUAL, 0, len(body), allowed.pop(name)), *body]
    for first, last in _ranges(allowed.values()):
        steps += [
            (_IF_AT_LEAST, 0, 2, first),
            (_IF_AT_LEAST, 1, 0, last + 1),
            (_RETURN, 0, 0, _ALLOW),
        ]
    steps.append((_RETURN, 0, 0, _ERRNO | _ENOSYS))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def container_profile(machine: str, *, loopback: bool = False) -> bytes:
    """The same filter as docker and podman read it.

    They say ENOSYS where ours says EPERM, and leave TIOCLINUX to there being no terminal.
    """
    names = numbers(_ARCHITECTURES[machine][1])
    families = (_AF_UNIX, _AF_INET, _AF_INET6) if loopback else (_AF_UNIX,)
    checked: list[tuple[str, int, int, str]] = [
        ("clone", 0, _NEW_NAMESPACES, "SCMP_CMP_MASKED_EQ"),
        *((name, 0, family, "SCMP_CMP_EQ") for name in _SOCKETS for family in families),
        ("prlimit64", 0, 0, "SCMP_CMP_EQ"),
        ("ioctl", 1, _TIOCSTI, "SCMP_CMP_NE"),
    ]
    free = sorted(names.keys() - {name for name, *_ in checked})
    rules: list[dict[str, object]] = [{"names": free, "action": "SCMP_ACT_ALLOW"}]
    for name, index, value, comparison in checked:
        argument = {"index": index, "value": value, "valueTwo": 0, "op": comparison}
        rules.append({"names": [name], "action": "SCMP_ACT_ALLOW", "args": [argument]})
    profile = {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": _ENOSYS,
        "architectures": [f"SCMP_ARCH_{machine.upper()}"],
        "syscalls": rules,
    }
    return json.dumps(profile, indent=1).encode("ascii")


def _argument(index: int) -> _Step:
    """Load the low word of an argument. The high words are checked by nobody: all arguments
    looked at here are 32 bits wide in the kernel, which ignores the rest as well."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * index)


def _refused_if_set(index: int, mask: int, errno: int) -> list[_Step]:
    return [
        _argument(index),
        (_IF_SET, 0, 1, mask),
        (_RETURN, 0, 0, _ERRNO | errno),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _allowed_if_among(index: int, values: tuple[int, ...], errno: int) -> list[_Step]:
    steps = [_argument(index)]
    for value in values:
        steps += [(_IF_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [*steps, (_RETURN, 0, 0, _ERRNO | errno)]


def _refused_if_among(index: int, values: tuple[int, ...], errno: int) -> list[_Step]:
    steps = [_argument(index)]
    for value in values:
        steps += [(_IF_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ERRNO | errno)]
    return [*steps, (_RETURN, 0, 0, _ALLOW)]


def _ranges(values: Iterable[int]) -> list[tuple[int, int]]:
    """The values as ranges (first, last), in order."""
    ranges: list[tuple[int, int]] = []
    for value in sorted(values):
        if ranges and ranges[-1][1] == value - 1:
            ranges[-1] = (ranges[-1][0], value)
        else:
            ranges.append((value, value))
    return ranges
