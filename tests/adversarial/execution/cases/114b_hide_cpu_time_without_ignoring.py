# verdict: timeout_cpu
# limits: {cpu_s: 2.0, wall_s: 60.0}
# does: the same by SA_NOCLDWAIT, which shows in no list of signals, and with shorter children
import ctypes
import os
import time


class Action(ctypes.Structure):
    _fields_ = [
        ("handler", ctypes.c_void_p),
        ("mask", ctypes.c_ulong * 16),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    ]


ctypes.CDLL(None).sigaction(17, ctypes.byref(Action(flags=2)), None)


def solve(values):
    end = time.monotonic() + 55
    while time.monotonic() < end:
        children = []
        for _ in range(2):
            pid = os.fork()
            if pid == 0:
                end = time.process_time() + 0.004
                while time.process_time() < end:
                    pass
                os._exit(0)
            children.append(pid)
        for pid in children:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass
    return sorted(values)
