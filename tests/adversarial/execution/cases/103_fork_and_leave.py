# verdict: exited_early | wrong_answer | protocol_violation
# does: leaves a child behind that would answer while the parent is gone
import os
import time


def solve(values):
    if os.fork() == 0:
        time.sleep(0.2)
        return [1, 2, 3]
    os._exit(0)
