# verdict: protocol_violation
# does: answers twice, hoping that the second is taken for the next call
import os


def solve(values):
    body = b"V[[1,2,3],null]"
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, (len(body).to_bytes(4, "big") + body) * 2)
        except OSError:
            continue
    return [1, 2, 3]
