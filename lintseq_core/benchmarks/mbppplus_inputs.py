"""The inputs of MBPP+ with the types they had before they were written as JSON.

JSON has no tuples, sets or complex numbers, and the release file does not say which lists were
which: evalplus 0.3.1 keeps that by task number, and so must every reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Arguments = Sequence[Any]


def typed_inputs(number: int, inputs: Sequence[Arguments]) -> list[list[Any]]:
    """The inputs of task Mbpp/`number`, each argument as its solution expects it.

    >>> typed_inputs(2, [[[3, 4], [4, 5]]])
    [[(3, 4), (4, 5)]]
    >>> typed_inputs(3, [[7]])
    [[7]]
    """
    convert = _BY_TASK.get(number)
    return [
        list(arguments) if convert is None else list(convert(arguments)) for arguments in inputs
    ]


def _each_tuple(arguments: Arguments) -> Arguments:
    return [tuple(argument) for argument in arguments]


def _each_list_of_tuples(arguments: Arguments) -> Arguments:
    return [_tuples(argument) for argument in arguments]


def _each_tuple_of_tuples(arguments: Arguments) -> Arguments:
    return [tuple(_tuples(argument)) for argument in arguments]


def _first_list_of_tuples(arguments: Arguments) -> Arguments:
    return [_tuples(arguments[0]), arguments[1]]


def _first_tuple(arguments: Arguments) -> Arguments:
    return [tuple(arguments[0]), *arguments[1:]]


def _second_tuple(arguments: Arguments) -> Arguments:
    return [arguments[0], tuple(arguments[1])]


def _sets(arguments: Arguments) -> Arguments:
    # An empty one comes as an empty dictionary: evalplus writes {} for it.
    return [[set(item) if isinstance(item, list) and item else {} for item in arguments[0]]]


def _float_and_complex(arguments: Arguments) -> Arguments:
    return [float(arguments[0]), complex(arguments[1])]


def _complex(arguments: Arguments) -> Arguments:
    return [complex(arguments[0])]


def _tuple_of_mixed(arguments: Arguments) -> Arguments:
    return [tuple(tuple(x) if isinstance(x, list) else x for x in arguments[0])]


def _dictionary_of_tuples(arguments: Arguments) -> Arguments:
    return [{key: tuple(value) for key, value in arguments[0].items()}, *arguments[1:]]


def _tuples_all_through(arguments: Arguments) -> Arguments:
    return [_deep_tuple(argument) for argument in arguments]


def _tuples(items: Sequence[Any]) -> list[Any]:
    return [tuple(item) for item in items]


def _deep_tuple(value: Any) -> Any:
    return tuple(_deep_tuple(item) for item in value) if isinstance(value, list) else value


_TASKS: dict[Callable[[Arguments], Arguments], tuple[int, ...]] = {
    _each_tuple: (
        *(2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596),
        *(616, 630, 726, 740, 744, 809),
    ),
    _each_list_of_tuples: (
        *(63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780),
    ),
    _each_tuple_of_tuples: (259, 401, 445),
    _first_list_of_tuples: (75, 413, 444, 753),
    _first_tuple: (250, 307, 405, 446, 617, 720, 763, 808),
    _second_tuple: (106, 750),
    _sets: (115,),
    _float_and_complex: (124,),
    _complex: (252,),
    _tuple_of_mixed: (278,),
    _dictionary_of_tuples: (722,),
    _tuples_all_through: (580, 615, 791),
}
_BY_TASK = {number: convert for convert, numbers in _TASKS.items() for number in numbers}
