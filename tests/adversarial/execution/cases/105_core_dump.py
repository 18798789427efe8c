# verdict: crashed
# detail: SIGABRT
# does: aborts, hoping for a core file outside
import os


def solve(values):
    os.abort()
