# verdict: timeout_cpu
# limits: {cpu_s: 1.0, wall_s: 20.0}
# max_s: 8.0
# does: lets eight children compute while it sleeps, and never waits for them
import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def solve(values):
    for _ in range(8):
        if os.fork() == 0:
            end = time.process_time() + 0.7
            while time.process_time() < end:
                pass
            os._exit(0)
    time.sleep(1000)
