# verdict: timeout_cpu
# limits: {cpu_s: 4.0, wall_s: 60.0}
# does: computes in children that end soon, and lets nobody count their time
import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def solve(values):
    end = time.monotonic() + 55
    while time.monotonic() < end:
        children = []
        for _ in range(3):
            pid = os.fork()
            if pid == 0:
                end = time.process_time() + 0.012
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
