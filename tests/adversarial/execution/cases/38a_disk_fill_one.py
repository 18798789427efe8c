# verdict: disk_limit
# does: writes a file of 300 MiB
# mechanism: disk


def solve(values):
    with open("large", "wb", 0) as file:
        for _ in range(300):
            if file.write(bytes(1 << 20)) != 1 << 20:
                raise OSError(28, "short write")
