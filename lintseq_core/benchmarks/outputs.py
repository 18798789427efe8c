"""Whether a program printed what was asked for, decided as CodeContests' own tester decides.

After `OutputsMatch` and `ValuesMatch` in `tester_sandboxer.cc` of google-deepmind/code_contests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

TOLERANCE = 1e-5
"""Two numbers that differ by less are the same, however large or small they are."""
_VALUE = re.compile(rb"[^ \n\t\r\v]+")
_NUMBER = re.compile(
    rb"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan(?:\([a-z0-9_]*\))?)"
)


def outputs_match(output: str, asked: str) -> bool:
    """Whether the values of `output` are those of `asked`: the same texts, or each pair alike.

    >>> outputs_match("Yes 1.5", "YES\\n1.500000\\n"), outputs_match("1000000.1", "1000000.2")
    (True, False)
    """
    if all(printed == wanted for printed, wanted in _pairs(output, asked)):
        return True
    return all(
        printed is not None and wanted is not None and _alike(printed, wanted)
        for printed, wanted in _pairs(output, asked)
    )


def _pairs(output: str, asked: str) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Values side by side, None where one text has no more; no list of them is ever made."""
    return zip_longest(_values(output), _values(asked))


def _values(text: str) -> Iterator[bytes]:
    """What stands between spaces and line breaks of ASCII, its ASCII letters small."""
    data = text.encode("utf-8", "surrogatepass").lower()
    return (match[0] for match in _VALUE.finditer(data))


def _alike(printed: bytes, wanted: bytes) -> bool:
    number, wanted_number = _number(printed), _number(wanted)
    if number is None or wanted_number is None:
        return printed == wanted
    # False for a pair of infinities, and for nan with anything.
    return abs(number - wanted_number) < TOLERANCE


def _number(value: bytes) -> float | None:
    """What `absl::SimpleAtod` reads: no underscores, no hexadecimal, digits of ASCII alone.

    It drops white space around a number; of that, only a form feed can stand in a value.
    """
    text = value.strip(b"\f")
    return float(text.partition(b"(")[0]) if _NUMBER.fullmatch(text) else None
