# verdict: passed
# does: prints 1 MiB, then answers rightly
import sys


def solve(values):
    sys.stdout.write("x" * (1 << 20))
    sys.stdout.flush()
    return sorted(values)
