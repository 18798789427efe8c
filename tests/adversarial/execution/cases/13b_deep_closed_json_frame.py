# verdict: protocol_violation
# does: answers with a list nested 500 deep, well formed
import os
import time


def solve(values):
    body = b"V[" + b"[" * 500 + b"]" * 500 + b",null]"
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, len(body).to_bytes(4, "big") + body)
        except OSError:
            continue
    time.sleep(10)
