# verdict: exception | disk_limit | memory
# does: writes 1 GiB into files in memory that no tmpfs limits
import os


def solve(values):
    kept = []
    for number in range(32):
        kept.append(os.memfd_create(f"fill{number}"))
        for _ in range(32):
            os.write(kept[-1], bytes(1 << 20))
    return sorted(values)
