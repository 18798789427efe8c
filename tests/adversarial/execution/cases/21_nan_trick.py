# verdict: wrong_answer
# does: returns NaN, which differs from everything


def solve(values):
    return float("nan")
