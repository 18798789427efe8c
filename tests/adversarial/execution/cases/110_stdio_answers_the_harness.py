# verdict: protocol_violation
# kind: stdio
# tests: lines
# does: has no question to answer, and answers
import os
import sys

for descriptor in range(3, 256):
    try:
        os.write(descriptor, b"\0\0\0\x01R")
    except OSError:
        continue
sys.stdout.write(sys.stdin.read())
