# verdict: protocol_violation
# does: sends a frame of exactly the greatest length that is no JSON
import os


def solve(values):
    body = b"V" + b" " * ((8 << 20) - 1)
    for descriptor in range(3, 256):
        try:
            left = memoryview(len(body).to_bytes(4, "big") + body)
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError:
            continue
    import time

    time.sleep(10)
