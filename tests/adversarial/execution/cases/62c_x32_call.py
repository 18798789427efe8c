# verdict: crashed
# detail: SIGSYS
# architectures: x86_64
# does: calls the kernel with the numbers of x32
# mechanism: seccomp
import ctypes


def solve(values):
    ctypes.CDLL(None).syscall(0x40000000 | 39)
    return sorted(values)
