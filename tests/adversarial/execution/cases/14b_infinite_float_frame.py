# verdict: protocol_violation
# does: answers with a number that no float holds
import os
import time

BODY = b"V[[1e999],null]"


def solve(values):
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, len(BODY).to_bytes(4, "big") + BODY)
        except OSError:
            continue
    time.sleep(10)
