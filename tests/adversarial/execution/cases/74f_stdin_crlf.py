# verdict: passed
# kind: stdio
# tests: crlf
# does: reads lines that end in CRLF, the last one in nothing
import sys

for line in sys.stdin:
    print(int(line))
