# verdict: passed
# flags: [opaque_value, fallback]
# tests: numbers
# does: gives Decimal, Fraction, Counter and numbers of classes of its own among what cannot cross
import collections
import decimal
import fractions


class Whole(int):
    pass


class Word(str):
    pass


class Exact(decimal.Decimal):
    pass


def solve(name):
    return {
        "decimal": decimal.Decimal("1.5"),
        "own_decimal": Exact("1.5"),
        "fraction": fractions.Fraction(3, 2),
        "counter": [collections.Counter("aab"), fractions.Fraction(1)],
        "whole": [Whole(3), fractions.Fraction(1)],
        "word": [Word("ab"), fractions.Fraction(1)],
        "named": [collections.OrderedDict(a=1), fractions.Fraction(1)],
        "deque": collections.deque([Whole(1), Word("x")]),
        "date": __import__("datetime").date(2020, 1, 2),
    }[name]
