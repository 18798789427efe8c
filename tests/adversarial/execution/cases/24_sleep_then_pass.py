# verdict: passed
# does: takes its time, then answers rightly
import time


def solve(values):
    time.sleep(0.1)
    return sorted(values)
