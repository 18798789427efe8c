# verdict: memory | exception | syntax_error | crashed
# does: has Python parse 100,000 minus signs


def solve(values):
    return eval("-" * 10**5 + "1")
