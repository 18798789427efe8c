# verdict: protocol_violation
# does: answers with JSON's NaN
import os
import time

BODY = b"V[[NaN,1,2],null]"


def solve(values):
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, len(BODY).to_bytes(4, "big") + BODY)
        except OSError:
            continue
    time.sleep(10)
