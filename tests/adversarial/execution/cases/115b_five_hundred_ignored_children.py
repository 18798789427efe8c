# verdict: passed
# limits: {cpu_s: 4.0, wall_s: 60.0}
# does: starts 500 short children whose ends it ignores
import os
import signal

signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def solve(values):
    if values == [3, 1, 2]:
        for _ in range(500):
            pid = os.fork()
            if pid == 0:
                os._exit(sum(range(1000)) & 1)
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass
    return sorted(values)
