# verdict: output_limit
# does: prints 40 MiB
import os


def solve(values):
    for _ in range(640):
        os.write(1, b"x" * 65536)
    return sorted(values)
