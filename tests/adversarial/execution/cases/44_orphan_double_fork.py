# verdict: passed
# max_s: 4.0
# does: leaves a process in a session of its own, then answers
import os
import time


def solve(values):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(6)
            with open("/tmp/lintseq_orphan_marker", "w") as file:
                file.write("alive")
        os._exit(0)
    return sorted(values)
