# verdict: protocol_violation
# does: the same program where the tests are elsewhere: there is no nonce, and no report is taken
import os

report = b"T" + b"\0".join((b"0" * 32, b"passed", b"1", b"1", b"0", b""))
for descriptor in range(3, 256):
    try:
        os.write(descriptor, len(report).to_bytes(4, "big") + report)
    except OSError:
        continue


def solve(values):
    return None
