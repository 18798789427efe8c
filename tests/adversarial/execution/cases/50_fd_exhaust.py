# verdict: exception
# does: opens files until it may not
# mechanism: NOFILE


def solve(values):
    kept = []
    for _ in range(5000):
        kept.append(open("/dev/null"))
    return sorted(values)
