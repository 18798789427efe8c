# verdict: wrong_answer
# kind: stdio
# tests: lines
# does: prints its input's last line three times, in colours
import sys

last = sys.stdin.read().split()[-1]
print("\x1b[0m".join([last] * 3))
