# verdict: protocol_violation
# does: answers with an object that has its key twice
import os
import time

BODY = b'V[{"t":[1,2,3],"t":[]},null]'


def solve(values):
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, len(BODY).to_bytes(4, "big") + BODY)
        except OSError:
            continue
    time.sleep(10)
