"""Which results belong to which samples, told from facts about the files; none is opened here."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

Keys = frozenset[tuple[str, int]]
"""task_id and sample_id of the samples that a file tells of."""
_SUFFIXES = (".jsonl", ".json", ".parquet", ".eval", ".gz")


@dataclass(frozen=True, slots=True)
class SamplesFacts:
    """What has to be known of a file of samples."""

    name: str
    """Of the file, without its folder."""
    sha256: str
    """"" where it is not known: then no run record names the file."""
    keys: Callable[[], Keys]
    """Asked for only where a run record does not tell."""


@dataclass(frozen=True, slots=True)
class ResultsFacts:
    """What has to be known of a file with verdicts and no programs."""

    name: str
    keys: Callable[[], Keys]
    results_of: frozenset[str] = frozenset()
    """sha256 of every file that its run record names; empty without a record."""


def results_of_samples(
    samples: Sequence[SamplesFacts], results: Sequence[ResultsFacts]
) -> tuple[int | None, ...]:
    """For each of `samples`, which of `results` are its own, by place; None where that is not sure.

    A run record that names the samples by their hash decides, and results with a record belong to
    nothing that it does not name. Of the others only those come into question that tell of every
    sample: the one that is named after the samples (edits.jsonl, edits_results.jsonl), else the
    only one, if it fits no other samples. Verdicts of another run would be worse than none.
    """
    return tuple(_results_of(at, samples, results) for at in range(len(samples)))


def samples_of_results(
    results_index: int, samples: Sequence[SamplesFacts], results: Sequence[ResultsFacts]
) -> int | None:
    """The first of `samples` that the results at `results_index` belong to, by place."""
    asked = results[results_index]
    if asked.results_of:
        named = (at for at, one in enumerate(samples) if one.sha256 in asked.results_of - {""})
        return next(named, None)
    pairs = results_of_samples(samples, results)
    return pairs.index(results_index) if results_index in pairs else None


def _results_of(
    at: int, samples: Sequence[SamplesFacts], results: Sequence[ResultsFacts]
) -> int | None:
    asked = samples[at]
    for place, one in enumerate(results):
        if asked.sha256 and asked.sha256 in one.results_of:
            return place
    unrecorded = [place for place, one in enumerate(results) if not one.results_of]
    named = [
        place
        for place in unrecorded
        if at in _named_by(results[place].name, samples) and _fits(asked, results[place])
    ]
    if len(named) == 1:
        return named[0]
    fitting = [place for place in unrecorded if _fits(asked, results[place])]
    if len(fitting) != 1:
        return None
    (only,) = fitting
    return only if sum(_fits(one, results[only]) for one in samples) == 1 else None


def _named_by(name: str, samples: Sequence[SamplesFacts]) -> list[int]:
    """Those of `samples` after which results called `name` are named: the longest name they begin
    with counts, and a letter or digit does not follow it."""
    stems = {
        at: stem
        for at, one in enumerate(samples)
        if (stem := _stem(one.name)) and re.match(rf"{re.escape(stem)}[^0-9A-Za-z]", name)
        if one.name != name
    }
    longest = max(map(len, stems.values()), default=0)
    return [at for at, stem in stems.items() if len(stem) == longest]


def _stem(name: str) -> str:
    """`name` without the endings of formats and packers; the others may be part of it (_0.8)."""
    stem = name
    while stem.endswith(_SUFFIXES):
        stem = stem.rpartition(".")[0]
    return stem if stem != name else PurePath(name).stem


def _fits(samples: SamplesFacts, results: ResultsFacts) -> bool:
    return samples.keys() <= results.keys()
