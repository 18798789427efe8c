# verdict: disk_limit
# does: writes 1 GiB to /dev/shm
import os


def solve(values):
    with open("/dev/shm/fill", "wb", 0) as file:
        for _ in range(1024):
            if file.write(bytes(1 << 20)) != 1 << 20:
                raise OSError(28, "short write")
