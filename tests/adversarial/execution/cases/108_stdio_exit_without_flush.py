# verdict: wrong_answer
# kind: stdio
# tests: lines
# does: leaves before its output is written
import os
import sys

sys.stdout.write(sys.stdin.read())
os._exit(0)
