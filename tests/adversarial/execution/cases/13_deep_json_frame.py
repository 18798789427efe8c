# verdict: protocol_violation
# does: answers with 200,000 opening brackets
import os
import time


def solve(values):
    body = b"V" + b"[" * 200_000
    for descriptor in range(3, 256):
        try:
            left = memoryview(len(body).to_bytes(4, "big") + body)
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError:
            continue
    time.sleep(10)
