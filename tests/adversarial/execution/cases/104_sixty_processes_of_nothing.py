# verdict: passed
# does: starts and ends four hundred children, one after the other
import os


def solve(values):
    for _ in range(400):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    return sorted(values)
