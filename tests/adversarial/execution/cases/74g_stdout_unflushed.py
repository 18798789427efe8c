# verdict: passed
# kind: stdio
# tests: lines
# does: writes through a buffer of its own that Python flushes at the end
import atexit
import io
import os
import sys

sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False), 1 << 16))
atexit.register(sys.stdout.flush)
for line in sys.stdin:
    print(line.strip())
