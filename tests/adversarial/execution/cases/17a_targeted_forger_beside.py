# verdict: passed
# kind: in_process
# tests: unittest
# does: knows this harness, reads the nonce from the frames and writes the report itself; a documented limit of I1
import os
import sys

frame = sys._getframe()
job = None
while frame is not None:
    job = job or frame.f_locals.get("job")
    frame = frame.f_back
if job and "nonce" in job:
    report = b"T" + "\0".join((job["nonce"], "passed", "3", "1", "0", "")).encode()
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, len(report).to_bytes(4, "big") + report)
        except OSError:
            continue
    os._exit(0)


def solve(values):
    return None
