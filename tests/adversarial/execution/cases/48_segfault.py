# verdict: crashed
# detail: SIGSEGV
# does: reads address 0
import ctypes


def solve(values):
    return ctypes.string_at(0)
