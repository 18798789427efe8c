# verdict: passed
# flags: [opaque_value, fallback]
# tests: iterable
# does: returns a generator, where the test makes a list of it


def solve(values):
    yield from sorted(values)
