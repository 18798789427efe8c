# verdict: exception | memory
# does: starts 10,000 threads
import threading
import time


def solve(values):
    for _ in range(10_000):
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    return sorted(values)
