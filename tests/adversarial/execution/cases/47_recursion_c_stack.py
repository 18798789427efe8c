# verdict: crashed | timeout_cpu | memory | exception
# does: recurses without a limit
import sys

sys.setrecursionlimit(10**9)


def deeper(number):
    return deeper(number + 1)


def solve(values):
    return deeper(0)
