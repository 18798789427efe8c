# verdict: no_calls
# tests: empty
# does: is never called, so nothing shows that it is right


def solve(values):
    return sorted(values)
