# verdict: disk_limit | exception | passed
# limits: {cpu_s: 5.0}
# does: makes folders within folders until something gives
import os


def solve(values):
    for _ in range(30_000):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    return sorted(values)
