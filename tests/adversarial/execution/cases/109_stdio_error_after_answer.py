# verdict: exception
# kind: stdio
# tests: lines
# does: prints the right answer, then fails
import sys

sys.stdout.write(sys.stdin.read())
sys.stdout.flush()
raise RuntimeError("after the answer")
