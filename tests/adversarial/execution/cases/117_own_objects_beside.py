# verdict: passed
# flags: [opaque_value, fallback]
# tests: point
# does: gives objects of its own, which the tests ask and compare with each other
class Point:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return isinstance(other, Point) and self.x == other.x

    __hash__ = object.__hash__

    def doubled(self):
        return Point(2 * self.x)

    def __iter__(self):
        yield from (self.x, self.x)


def solve(value):
    return value if isinstance(value, Point) else Point(value)
