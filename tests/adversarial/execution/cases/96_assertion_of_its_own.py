# verdict: exception
# does: raises AssertionError and StopIteration itself, which is not the test's doing


def solve(values):
    raise AssertionError("as if the test had failed")
