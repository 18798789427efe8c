# verdict: exception
# does: raises an error whose number has 5,000 digits, as no program can but by the channel
import os

BODY = b"E" + b"raised\0OSError\0" + b"9" * 5000 + b"\0boom"
for descriptor in range(3, 256):
    try:
        os.write(descriptor, len(BODY).to_bytes(4, "big") + BODY)
    except OSError:
        continue


def solve(values):
    return None
