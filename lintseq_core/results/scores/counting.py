"""Files of results, counted: a tally for each temperature, and what a reader must know."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.inspect_logs import SCORERS, TEMPERATURE
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.record import RunRecord
from lintseq_core.results.scores.remarks import file_remarks
from lintseq_core.results.scores.tally import (
    ScoreError,
    Tally,
    Tests,
    check_complete,
    find_record,
    tally_by_temperature,
)


@dataclass(frozen=True, slots=True)
class CountedFile:
    """The results in one file."""

    name: str
    by_temperature: Mapping[float | None, Tally]
    """Low temperatures first; None, last, for samples of which it is not known."""
    record: RunRecord | None
    remarks: tuple[str, ...] = ()
    """What the file as a whole says of its verdicts."""

    @property
    def n_samples(self) -> int:
        """Samples at all temperatures."""
        return sum(one.n_samples for one in self.by_temperature.values())

    @property
    def undecided(self) -> int:
        """Samples without verdict."""
        return sum(one.undecided for one in self.by_temperature.values())


def count_file(
    path: str, name: str = "", *, tests: Tests = "all", scorer: str | None = None
) -> CountedFile:
    """The results in `path`, a file of any format that lintseq knows, complete or not.

    `name` is what its file was called elsewhere, which may say the temperature. `tests`: of
    EvalPlus; `scorer`: of a log of Inspect. FormatError names the row that does not fit, ScoreError
    two verdicts for one sample.
    """
    with open_input(path) as opened:
        file = recognise(opened, scorer=scorer)
        found = tally_by_temperature(file.samples(), opened.name, tests)
    if found.keys() == {None}:
        found = {temperature_of_run(name or path, file.meta): found[None]}
    return CountedFile(path, found, find_record(Path(path)), file_remarks(file.meta))


def scorers_of(path: str) -> tuple[str, ...]:
    """The scorers of a log of Inspect that has several, in its order; of other files none."""
    with open_input(path) as opened:
        try:
            file = recognise(opened)
            for _ in file.each() if file.format.name.startswith("inspect") else ():
                pass
        except FormatError:
            return ()  # whoever counts its samples says why
    return tuple(file.meta.get(SCORERS, ()))


def count_results(
    path: str,
    temperature: float | Literal["only"] | None = "only",
    *,
    tests: Tests = "all",
    scorer: str | None = None,
) -> Tally:
    """The one tally of `path`, or that of `temperature`, ready for pass@k.

    `tests` and `scorer` choose as in `count_file`. ScoreError if rows are undecided or missing, or
    if there are several temperatures and none is named; None stands for samples of which it is not
    known.
    """
    found = count_file(path, tests=tests, scorer=scorer)
    require_complete(found)
    known = found.by_temperature
    if temperature == "only" and len(known) == 1:
        return next(iter(known.values()))
    if temperature == "only" or temperature not in known:
        there = ", ".join("unknown" if one is None else f"{one:g}" for one in known)
        raise ScoreError(Fault(path, f"name one of its temperatures: {there}"))
    return known[temperature]


def require_complete(found: CountedFile) -> None:
    """Return if scores may be computed; ScoreError says what stands against it."""
    try:
        _check_parts(found)
    except ScoreError as error:
        raise ScoreError(error.fault.with_remarks(found.remarks)) from None


def _check_parts(found: CountedFile) -> None:
    parts = list(found.by_temperature.values())
    if len(parts) == 1:
        check_complete(parts[0], found.record)
        return
    n: Counter[str] = Counter()
    for part in parts:
        n.update(dict(zip(part.task_ids, part.n, strict=True)))
    together = dataclasses.replace(
        parts[0],
        task_ids=tuple(n),
        n=tuple(n.values()),
        c=(0,) * len(n),
        undecided=found.undecided,
        first_undecided=next((part.first_undecided for part in parts if part.undecided), ""),
        harness_errors=sum(part.harness_errors for part in parts),
    )
    check_complete(together, found.record)


def temperature_of_run(path: str, meta: Mapping[str, object]) -> float | None:
    """The temperature of a whole run, from what its log says or from its file's name.

    EvalPlus names files MODEL_BACKEND_temp_0.8.jsonl.
    """
    said = meta.get(TEMPERATURE)
    if isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said):
        return float(said)
    named = re.search(r"_temp_([0-9]+(?:\.[0-9]+)?)(?![0-9])", Path(path).name)
    return float(named[1]) if named else None


def temperature_remark(runs: Mapping[str, Sequence[float | None]]) -> str:
    """That the runs, by name, were not drawn at one temperature; "" where they were."""
    known = {name: sorted(one for one in found if one is not None) for name, found in runs.items()}
    sets = {tuple(found) for found in known.values() if found}
    if len(sets) < 2:
        return ""
    told = "; ".join(
        f"{name}: {', '.join(f'{one:g}' for one in found)}"
        for name, found in known.items()
        if found
    )
    return (
        f"unequal temperatures ({told}): a gap between these runs may come from the temperature "
        "alone; compare them at one"
    )
