# verdict: timeout_wall
# limits: {cpu_s: 0.5, wall_s: 1.5}
# max_s: 4.0
# does: sleeps for ever
import time


def solve(values):
    time.sleep(1000)
