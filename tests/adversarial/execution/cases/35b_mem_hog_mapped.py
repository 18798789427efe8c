# verdict: memory | exception
# does: maps 3 GiB past Python's allocator
import mmap


def solve(values):
    area = mmap.mmap(-1, 3 << 30)
    for place in range(0, 3 << 30, 4096):
        area[place] = 1
    return values
