# verdict: passed
# tests: surrogate
# does: returns a lone surrogate, which is a string like any other


def solve(values):
    return "\ud800"
