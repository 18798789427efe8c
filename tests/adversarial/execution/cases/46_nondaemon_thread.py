# verdict: passed
# max_s: 4.0
# does: leaves a thread that Python would wait for
import threading
import time


def solve(values):
    threading.Thread(target=time.sleep, args=(60,)).start()
    return sorted(values)
