# verdict: memory
# limits: {cpu_s: 20.0, memory_bytes: 536870912}
# does: takes 200 MiB in each of 20 children
import os
import time


def solve(values):
    for _ in range(20):
        if os.fork() == 0:
            taken = bytearray(200 << 20)
            for place in range(0, len(taken), 4096):
                taken[place] = 1
            time.sleep(1000)
    time.sleep(1000)
