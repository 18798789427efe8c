# verdict: passed
# tests: in_place
# does: changes its argument, which the test looks at


def solve(values):
    values.sort()
    values.append(values.pop())
