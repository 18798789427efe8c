# verdict: timeout_wall
# limits: {cpu_s: 0.5, wall_s: 1.5}
# does: stops itself
import os
import signal


def solve(values):
    os.kill(os.getpid(), signal.SIGSTOP)
