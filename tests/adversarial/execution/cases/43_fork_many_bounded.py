# verdict: memory | exception
# does: starts processes until something stops it
import os
import time


def solve(values):
    count = 0
    while True:
        if os.fork() == 0:
            time.sleep(1000)
        count += 1
        if count == 5000:
            return sorted(values)
