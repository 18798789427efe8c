"""The filter, run here instruction by instruction as the kernel would."""

from __future__ import annotations

import struct

import pytest

from lintseq_core.execution.harness.seccomp import AARCH64, X86_64, filter_program, numbers

ALLOW, KILL = "allow", "kill"
EPERM, ENOSYS, EAFNOSUPPORT = "errno 1", "errno 38", "errno 97"
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def answer(program: bytes, arch: int, number: int, *arguments: int) -> str:
    """What the filter says to a call."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, arch, 0, *padded)
    steps = list(struct.iter_unpack("=HBBI", program))
    place, accumulator = 0, 0
    while True:
        code, if_true, if_false, value = steps[place]
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x06:
            if value == 0x7FFF0000:
                return ALLOW
            return KILL if value == 0x80000000 else f"errno {value & 0xFFFF}"
        else:
            holds = {
                0x15: accumulator == value,
                0x35: accumulator >= value,
                0x45: bool(accumulator & value),
            }[code]
            place += if_true if holds else if_false


X86 = numbers(X86_64)


@pytest.mark.parametrize(
    ("number", "arguments", "expected"),
    [
        (X86["read"], (), ALLOW),
        (X86["execve"], (), ALLOW),
        (X86["openat"], (), ALLOW),
        (X86["clone"], (0x11,), ALLOW),
        (X86["clone"], (0x003D0F00,), ALLOW),  # a thread
        (X86["clone"], (0x10000011,), EPERM),
        (X86["clone"], (0x40000000,), EPERM),
        (435, (), ENOSYS),  # clone3
        (X86["socket"], (1, 1), ALLOW),
        (X86["socket"], (2, 1), EAFNOSUPPORT),
        (X86["socket"], (10, 1), EAFNOSUPPORT),
        (X86["socket"], (40, 1), EAFNOSUPPORT),
        (X86["socket"], (1 << 32 | 2, 1), EAFNOSUPPORT),
        (X86["prlimit64"], (0, 7), ALLOW),
        (X86["prlimit64"], (1, 7), EPERM),
        (X86["ioctl"], (0, 0x5401), ALLOW),
        (X86["ioctl"], (0, 0x5412), EPERM),
        (X86["ioctl"], (0, 1 << 32 | 0x5412), EPERM),
        (101, (), ENOSYS),  # ptrace
        (165, (), ENOSYS),  # mount
        (272, (), ENOSYS),  # unshare
        (308, (), ENOSYS),  # setns
        (319, (), ENOSYS),  # memfd_create
        (321, (), ENOSYS),  # bpf
        (425, (), ENOSYS),  # io_uring_setup
        (100_000, (), ENOSYS),
        (0x40000000 | X86["read"], (), KILL),  # x32
        (0xFFFFFFFF, (), KILL),
    ],
)
def test_the_filter_on_x86_64(number: int, arguments: tuple[int, ...], expected: str) -> None:
    assert answer(filter_program("x86_64"), ARCH["x86_64"], number, *arguments) == expected


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_another_architecture_ends_the_process(machine: str) -> None:
    program = filter_program(machine)
    for arch in {0x40000003, 0x40000028, *ARCH.values()} - {ARCH[machine]}:
        assert answer(program, arch, 0) == KILL


@pytest.mark.parametrize(("machine", "table"), [("x86_64", X86_64), ("aarch64", AARCH64)])
def test_exactly_the_table_is_allowed(machine: str, table: str) -> None:
    program, listed = filter_program(machine), set(numbers(table).values())
    for number in range(600):
        assert (answer(program, ARCH[machine], number, 0) != ENOSYS) == (number in listed), number


def test_loopback_opens_internet_sockets_and_no_others() -> None:
    program = filter_program("x86_64", loopback=True)
    answers = [answer(program, ARCH["x86_64"], X86["socket"], n) for n in (1, 2, 10, 16, 17, 40)]
    assert answers == [ALLOW, ALLOW, ALLOW, EAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT]


def test_the_filter_is_short_enough_for_the_kernel() -> None:
    assert len(filter_program("x86_64", loopback=True)) // 8 < 4096
