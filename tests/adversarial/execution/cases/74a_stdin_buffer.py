# verdict: passed
# kind: stdio
# tests: lines
# does: reads sys.stdin.buffer
import sys

data = sys.stdin.buffer.read().split()
sys.stdout.write("\n".join(map(str, map(int, data))))
