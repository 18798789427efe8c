"""`lintseq dataset diff`: what differs between two data sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lintseq_core.cli.options import JsonOption
from lintseq_core.cli.shell import CHECK_FAILED, write_utf8
from lintseq_core.json_text import json_text

if TYPE_CHECKING:
    from lintseq_core.data.comparison import Comparison


def diff(
    a: Annotated[Path, typer.Argument(metavar="A", help="A data set.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    as_json: JsonOption = False,
) -> None:
    """Compare settings (from the reports beside the files) and rows, whatever their order.

    Exits with 1 if the rows differ.

    \b
    lintseq dataset diff yesterday.jsonl today.jsonl
    """
    from lintseq_core.data.comparison import compare_datasets

    found = compare_datasets(a, b)
    write_utf8()
    if as_json:
        print(json_text(asdict(found) | {"is_equal": found.is_equal}))
    else:
        print("\n".join(_lines(found, a, b)))
    if not found.is_equal:
        raise typer.Exit(CHECK_FAILED)


def _lines(found: Comparison, a: Path, b: Path) -> Iterator[str]:
    yield f"A: {a}, {found.rows_a:,} rows"
    yield f"B: {b}, {found.rows_b:,} rows"
    if not found.has_reports:
        yield "settings: not compared, a report is missing"
    elif found.settings:
        yield "settings:"
        yield from (f"  {difference}" for difference in found.settings)
    else:
        yield "settings: the same"
    yield (
        f"rows: {found.equal:,} equal, {found.changed:,} changed, "
        f"{found.only_a:,} only in A, {found.only_b:,} only in B"
    )
    for label, names in (("A", found.examples_a), ("B", found.examples_b)):
        yield from (f"  only in {label}: {name}" for name in names)
    if found.first_change is not None:
        change = found.first_change
        yield f"first changed row: {change.name}"
        yield f"  {change.field} (row {change.number_a} of A, row {change.number_b} of B)"
        yield f"    A: {change.value_a}"
        yield f"    B: {change.value_b}"
