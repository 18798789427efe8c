"""Rows as what a format declares: a msgspec struct, or the first field that does not fit it."""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Mapping
from functools import cache
from types import GenericAlias, UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import inspect
from msgspec.structs import FieldInfo

from lintseq_core.data.fields import kind_of
from lintseq_core.results.formats.fault import Fault, FormatError

MAX_COUNT = (1 << 53) - 1
"""The largest number that every reader of JSON gives back as it is."""
Index = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
"""A number that counts from 0."""
Number = Annotated[int, msgspec.Meta(ge=1, le=MAX_COUNT)]
"""A number that counts from 1."""
_MISFITS = (msgspec.ValidationError, UnicodeEncodeError)
"""The second for a lone surrogate where no string belongs, or in a name."""
_WORDS: dict[type[inspect.Type], tuple[str, str]] = {
    inspect.StrType: ("a string", "strings"),
    inspect.EnumType: ("a string", "strings"),
    inspect.BoolType: ("true or false", "true or false"),
    inspect.IntType: ("a number", "numbers"),
    inspect.FloatType: ("a number", "numbers"),
    inspect.DictType: ("an object", "objects"),
    inspect.ListType: ("a list", "lists"),
}
"""What is expected in a field, and in each item of a list."""
TaskId = str | int
"""A problem's name; MBPP's are numbers."""


class Fields(msgspec.Struct):
    """Fields of a row that mean something to us, in the order in which they are looked at."""


class OneSample(Fields):
    """Fields of a row that stands for one sample, so that none of its texts can be a list."""


FieldsOfRow = TypeVar("FieldsOfRow", bound=Fields)


def read_fields(kind: type[FieldsOfRow], row: Any, place: str) -> FieldsOfRow:
    """The fields of `row` that `kind` declares; FormatError names the first that does not fit."""
    try:
        return msgspec.convert(row, kind)
    except _MISFITS:
        fault = _fault_of(kind, row, place)
        if fault is not None:
            raise FormatError(fault) from None
        # A name with a lone surrogate, which is none of ours, stands among the others.
        return msgspec.convert(
            {name: row[name] for name in kind.__struct_fields__ if name in row}, kind
        )


def other_fields(row: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """What `row` holds beside `known`, in its order; and its task_id if that is a number."""
    return {
        name: value
        for name, value in row.items()
        if name not in known or (name == "task_id" and not isinstance(value, str))
    }


def no_text(names: tuple[str, ...], row: Mapping[str, Any], place: str) -> Fault:
    """That `row` has a text in none of the fields `names`."""
    for name in names:
        if name in row:
            return Fault(place, f"field {name!r} is null, expected a string", field=name)
    has = ", ".join(list(row)[:6]) or "nothing"
    listed = " or ".join(map(repr, names))
    return Fault(place, f"no field {listed} (it has {has})", field=names[0])


def _fault_of(kind: type[Fields], row: Any, place: str) -> Fault | None:
    if not isinstance(row, dict):
        return Fault(place, f"{kind_of(row)}, expected an object")
    for field, expected in _declared(kind):
        name = field.encode_name
        if field.required if name not in row else not _fits(row[name], field.type):
            return _fault_in(field, expected, row, place, is_one=issubclass(kind, OneSample))
    return None


@cache
def _declared(kind: type[Fields]) -> list[tuple[FieldInfo, inspect.Type]]:
    """The fields of `kind`, each with the first type that it may have, which messages name."""
    found = []
    for field in msgspec.structs.fields(kind):
        expected = inspect.type_info(field.type)
        if isinstance(expected, inspect.UnionType):
            expected = expected.types[0]
        found.append((field, expected))
    return found


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except _MISFITS:
        return False
    return True


def _fault_in(
    field: FieldInfo, expected: inspect.Type, row: Mapping[str, Any], place: str, *, is_one: bool
) -> Fault:
    name = field.encode_name
    value, is_there = row.get(name), name in row
    what = f"field {name!r} is {kind_of(value) if is_there else 'missing'}"
    remedy = ""
    match expected:
        case inspect.StrType() if not is_there:
            return no_text((name,), row, place)
        case inspect.StrType() | inspect.EnumType() if is_one and isinstance(value, list):
            remedy = "write one row a sample and repeat the task_id"
        case inspect.EnumType(cls=words) if isinstance(value, str):
            what, remedy = f"{name} {value!r:.60} is unknown", f"one of {', '.join(words)}"
        case inspect.IntType(ge=int() as least, le=int() as most):
            is_too_large = type(value) is int and value > most
            shown = reprlib.repr(value) if is_too_large else f"{value!r:.60}"
            wanted = f"at most {most:,}" if is_too_large else f"a number from {least}"
            what = f"field {name!r} is {shown}, expected {wanted}"
        case inspect.ListType() if isinstance(value, list):
            odd, wanted = _odd_item(value, field.type)
            what = f"field {name!r} holds {kind_of(odd)}, expected {wanted}"
        case _:
            what = f"{what}, expected {_in_words(expected)}"
    return Fault(place, what, remedy, field=name)


def _in_words(expected: inspect.Type) -> str:
    words = _WORDS[type(expected)][0]
    if isinstance(expected, inspect.ListType) and type(expected.item_type) in _WORDS:
        return f"{words} of {_WORDS[type(expected.item_type)][1]}"
    return words


def _odd_item(items: list[Any], kind: Any) -> tuple[Any, str]:
    """The first of `items` that does not fit the list `kind`, and what was expected there."""
    (wanted,) = get_args(next(one for one in _choices(kind) if _is_list(one)))
    odd = next(item for item in items if not _fits(item, wanted))
    if isinstance(odd, list) and any(map(_is_list, _choices(wanted))):
        return _odd_item(odd, wanted)
    plain = min(_choices(wanted), key=_is_list)
    return odd, _WORDS[type(inspect.type_info(plain))][1]


def _choices(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def _is_list(kind: Any) -> bool:
    return isinstance(kind, GenericAlias) and get_origin(kind) is list
