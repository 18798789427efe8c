"""What differs between two data sets: settings, counts, rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.building.report import read_report, report_path
from lintseq_core.data.rows import load_record, open_dataset
from lintseq_core.errors import LintSeqError, RecordError
from lintseq_core.json_text import json_text

_KEY_BYTES = 16
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class RowDifference:
    """The first row, in the order of the second file, that both have and that differs."""

    name: str
    number_a: int
    number_b: int
    field: str
    """As in "birth_steps[3]"."""
    value_a: str
    value_b: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two data sets A and B; a row is named by source file, row of the source and its number
    among the rows of that program."""

    settings: tuple[str, ...]
    """From the two reports, where both exist."""
    has_reports: bool
    rows_a: int
    rows_b: int
    equal: int
    changed: int
    only_a: int
    only_b: int
    examples_a: tuple[str, ...]
    examples_b: tuple[str, ...]
    first_change: RowDifference | None

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same rows, in whatever order."""
        return not (self.changed or self.only_a or self.only_b)


def compare_datasets(a: Path, b: Path) -> Comparison:
    """What differs between `a` and `b`. Memory: some 200 bytes for each row of `a`."""
    seen: dict[bytes, tuple[bytes, int]] = {}
    rows_a = 0
    for key, _, number, record in _keyed_rows(a):
        rows_a += 1
        seen[key] = (_digest(record), number)
    rows_b = equal = changed = only_b = 0
    examples_b: list[str] = []
    first: tuple[str, int, int, dict[str, Any]] | None = None
    for key, name, number, record in _keyed_rows(b):
        rows_b += 1
        before = seen.pop(key, None)
        if before is None:
            only_b += 1
            if len(examples_b) < _EXAMPLES:
                examples_b.append(name)
        elif before[0] == _digest(record):
            equal += 1
        else:
            changed += 1
            first = first or (name, before[1], number, record)
    reports = [report_path(path).exists() for path in (a, b)]
    settings: list[str] = []
    if all(reports):
        settings = read_report(a).request.differences(read_report(b).request, ("in A", "in B"))
    return Comparison(
        settings=tuple(settings),
        has_reports=all(reports),
        rows_a=rows_a,
        rows_b=rows_b,
        equal=equal,
        changed=changed,
        only_a=len(seen),
        only_b=only_b,
        examples_a=tuple(_names(a, seen)) if seen else (),
        examples_b=tuple(examples_b),
        first_change=_first_change(a, *first) if first else None,
    )


def _keyed_rows(path: Path) -> Iterator[tuple[bytes, str, int, dict[str, Any]]]:
    """Key, name, row number and record of each row."""
    previous: tuple[Any, Any] | None = None
    repeat = 0
    for place, payload in open_dataset(path).rows():
        try:
            record = load_record(payload)
        except RecordError as error:
            raise LintSeqError(f"{path}, row {place + 1}: {error}") from None
        about = (record.get("source_file"), record.get("index", place))
        repeat = repeat + 1 if about == previous else 0
        previous = about
        of = f"{about[0]}, " if about[0] else ""
        shown = about[1] + 1 if isinstance(about[1], int) else about[1]
        name = f"{of}source row {shown}, sequence {repeat + 1}"
        yield _digest([*about, repeat]), name, place + 1, record


def _digest(value: Any) -> bytes:
    text = json_text(value, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).digest()


def _names(path: Path, keys: dict[bytes, tuple[bytes, int]]) -> Iterator[str]:
    found = 0
    for key, name, _, _ in _keyed_rows(path):
        if key in keys:
            yield name
            found += 1
            if found == min(len(keys), _EXAMPLES):
                return


def _first_change(
    a: Path, name: str, number_a: int, number_b: int, record_b: dict[str, Any]
) -> RowDifference:
    payload = next(row for index, row in open_dataset(a).rows(number_a - 1) if row)
    place, one, other = _first_difference(load_record(payload), record_b, "")
    return RowDifference(name, number_a, number_b, place or "row", _shown(one), _shown(other))


def _first_difference(one: Any, other: Any, place: str) -> tuple[str, Any, Any]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one | other:
            if name not in one or name not in other or one[name] != other[name]:
                inner = f"{place}.{name}" if place else name
                return _first_difference(one.get(name), other.get(name), inner)
    if isinstance(one, list) and isinstance(other, list):
        for index, (left, right) in enumerate(zip(one, other, strict=False)):
            if left != right:
                return _first_difference(left, right, f"{place}[{index}]")
        return f"length of {place}", len(one), len(other)
    return place, one, other


def _shown(value: Any) -> str:
    text = json_text(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
