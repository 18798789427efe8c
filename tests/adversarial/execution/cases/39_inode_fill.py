# verdict: disk_limit
# limits: {cpu_s: 20.0}
# does: makes 100,000 empty files
import time


def solve(values):
    for number in range(100_000):
        open(f"empty{number}", "wb").close()
    time.sleep(1)
    return sorted(values)
