# verdict: passed
# kind: stdio
# tests: lines
# does: ends with sys.exit(0)
import sys

print(*sys.stdin.read().split(), sep="\n")
sys.exit(0)
