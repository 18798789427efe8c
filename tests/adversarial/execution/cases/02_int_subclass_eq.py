# verdict: wrong_answer
# tests: total
# does: returns an int of its own class with the wrong value and a willing __eq__


class Agreeable(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = int.__hash__


def solve(values):
    return Agreeable(-1)
