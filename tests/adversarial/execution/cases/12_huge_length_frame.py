# verdict: protocol_violation
# does: announces a frame of 4 GiB and sends without end
import os


def solve(values):
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, b"\xff\xff\xff\xff")
            while True:
                os.write(descriptor, b"x" * 65536)
        except OSError:
            continue
