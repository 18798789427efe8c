"""The published numbers of the paper (arXiv 2410.02749), each with its place and its evidence.

They stand in paper.csv. The body text of the paper was not at hand when they were gathered: most
were read off the authors' figures, model cards and code, and `evidence` says how each is known.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

from lintseq_core.errors import LintSeqError

Evidence = Literal["SEEN", "CODE", "DIGITIZED", "INFERRED", "MEMORY"]
"""SEEN: read in the source. CODE: read in the authors' code. DIGITIZED: measured in the pixels of
a figure. INFERRED: computed from numbers that are seen. MEMORY: remembered, in no source seen,
never a reference."""

_NAMES = ("quantity", "benchmark", "model", "variant", "k", "value", "unit", "flops", "version",
          "place", "evidence", "source", "note")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublishedNumber:
    """One number, with what it is of and how it is known."""

    quantity: str
    """ "pass@k" and others; see `quantities`."""
    benchmark: str
    model: str
    """With its size, as in "Phi-3 3.8B"."""
    variant: str
    """LintSeqInstruct, Instruct, RandSeqInstruct, pretrained, or "" for other people's models."""
    k: int | None
    value: float
    unit: str
    flops: float | None
    """Test-time FLOPs that the figure plots the value at."""
    version: str
    """Version of the paper: v1 (October 2024) or v3 (ICLR 2025)."""
    place: str
    """Figure, table or part."""
    evidence: Evidence
    source: str
    note: str

    @property
    def is_verified(self) -> bool:
        """Whether it may serve as a reference."""
        return self.evidence != "MEMORY"

    def citation(self) -> str:
        """Where the number comes from, for captions."""
        return f"arXiv 2410.02749 {self.version}, {self.place}; {self.evidence}: {self.source}"


def published(
    quantity: str = "pass@k",
    *,
    benchmark: str | None = None,
    model: str | None = None,
    variant: str | None = None,
    k: int | None = None,
    version: str | None = None,
    place: str | None = None,
    with_unverified: bool = False,
) -> tuple[PublishedNumber, ...]:
    """The numbers that agree with everything given, in the order of paper.csv.

    Numbers from memory only with `with_unverified`. An unknown quantity is an error, no match is
    an empty tuple.
    """
    if quantity not in quantities():
        raise LintSeqError(f"unknown quantity {quantity!r}; one of {', '.join(quantities())}")
    wanted = {
        "quantity": quantity, "benchmark": benchmark, "model": model, "variant": variant, "k": k,
        "version": version, "place": place,
    }  # fmt: skip
    return tuple(
        number
        for number in all_numbers()
        if (number.is_verified or with_unverified)
        and all(want is None or getattr(number, name) == want for name, want in wanted.items())
    )


def published_curves(benchmark: str, version: str | None = None) -> tuple[PublishedNumber, ...]:
    """pass@k of the models of which three k at least are published.

    With `version` of the paper: of it alone, each model and variant from the one place of the paper
    that gives most k of it, two at least.
    """
    numbers = [one for one in published(benchmark=benchmark) if one.k]
    ks: dict[str, set[int | None]] = {}
    for one in numbers:
        ks.setdefault(one.model, set()).add(one.k)
    known = [one for one in numbers if len(ks[one.model]) > 2]
    if version is None:
        return tuple(known)
    by_place: dict[tuple[str, str], dict[str, list[PublishedNumber]]] = {}
    for one in known:
        if one.version == version:
            places = by_place.setdefault((one.model, one.variant), {})
            places.setdefault(one.place, []).append(one)
    best = [max(places.values(), key=len) for places in by_place.values()]
    return tuple(one for numbers in best if len(numbers) > 1 for one in numbers)


def quantities() -> tuple[str, ...]:
    """What is counted or measured, each name once."""
    return tuple(dict.fromkeys(number.quantity for number in all_numbers()))


@cache
def all_numbers() -> tuple[PublishedNumber, ...]:
    """Every number, also those from memory."""
    text = resources.files("lintseq_core.results").joinpath("paper.csv").read_text("utf-8")
    return read_numbers(text.splitlines())


def read_numbers(lines: Iterable[str]) -> tuple[PublishedNumber, ...]:
    """The numbers in the CSV `lines`; LintSeqError for one without source, place or evidence."""
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != _NAMES:
        raise LintSeqError(f"published numbers: expected the columns {', '.join(_NAMES)}")
    return tuple(_number(row, index) for index, row in enumerate(reader, start=2))


def _number(row: dict[str, str], line_number: int) -> PublishedNumber:
    for name in ("quantity", "value", "unit", "version", "place", "evidence", "source"):
        if not row[name]:
            raise LintSeqError(f"published numbers, line {line_number}: no {name}; add it")
    if row["evidence"] not in get_args(Evidence):
        raise LintSeqError(
            f"published numbers, line {line_number}: evidence {row['evidence']!r}; "
            f"one of {', '.join(get_args(Evidence))}"
        )
    return PublishedNumber(
        quantity=row["quantity"],
        benchmark=row["benchmark"],
        model=row["model"],
        variant=row["variant"],
        k=int(row["k"]) if row["k"] else None,
        value=float(row["value"]),
        unit=row["unit"],
        flops=float(row["flops"]) if row["flops"] else None,
        version=row["version"],
        place=row["place"],
        evidence=row["evidence"],  # type: ignore[arg-type]  # checked above
        source=row["source"],
        note=row["note"],
    )
