# verdict: passed
# tests: types
# does: returns values of every kind that the language has a literal for
import collections
import enum


class Colour(str, enum.Enum):
    RED = "red"


Pair = collections.namedtuple("Pair", "left right")

ANSWERS = {
    "tuple": (1, 2),
    "true": True,
    "float": 2.0,
    "minus_zero": -0.0,
    "big": 10**4000,
    "bytes": b"\x00\xff",
    "none": None,
    "nested": {"a": [(1, {2}), {"b": None}]},
    "namedtuple": Pair(1, 2),
    "counter": collections.Counter("aab"),
    "ordered": collections.OrderedDict(a=1),
    "default": collections.defaultdict(int, a=1),
    "frozen": frozenset({1, 2}),
    "complex": 1 + 2j,
    "range": range(3),
    "enum": Colour.RED,
    "unicode": "naïve ☃ 𝄞",
    "infinite": float("inf"),
    "empty": "",
    "bytearray": bytearray(b"ab"),
}


def solve(name):
    return ANSWERS[name]
