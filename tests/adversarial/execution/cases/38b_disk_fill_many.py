# verdict: disk_limit
# does: writes twenty files of 20 MiB
# mechanism: disk


def solve(values):
    for number in range(20):
        with open(f"large{number}", "wb", 0) as file:
            for _ in range(20):
                if file.write(bytes(1 << 20)) != 1 << 20:
                    raise OSError(28, "short write")
