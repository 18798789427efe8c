# verdict: passed
# flags: [opaque_value, fallback]
# tests: deque
# does: returns a deque, which only the test beside it can compare
import collections


def solve(values):
    return collections.deque(sorted(values))
