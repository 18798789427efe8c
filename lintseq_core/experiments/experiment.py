"""An experiment: its claims, its configurations, what runs it and what plans it; and its result."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lintseq_core.data.files import file_sha256, whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.claims import Claim, ClaimVerdict, Effect, Judgement
from lintseq_core.experiments.places import asset_folder
from lintseq_core.experiments.profiles import PROFILES, Profile
from lintseq_core.json_text import json_text
from lintseq_core.results.frames import Frame
from lintseq_core.results.record import (
    RunRecord,
    installed_versions,
    read_record,
    this_device,
    utc_now,
    write_record,
)
from lintseq_core.results.store import RECORD_NAME

if TYPE_CHECKING:
    from lintseq_core.experiments.plans import RunPlan

C = TypeVar("C")
RESULT_NAME = "result.json"


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found."""

    experiment: str
    profile: Profile
    tables: Mapping[str, Frame]
    judgements: tuple[Judgement, ...]
    record: RunRecord
    notes: tuple[str, ...] = ()
    """What limits the numbers, a sentence each."""
    seconds: float = 0.0
    """Of the run; it stands in no table, so that tables are the same in every run."""


@dataclass(frozen=True, slots=True)
class Experiment(Generic[C]):
    """One experiment of the paper, as its module, its notebook and its command know it."""

    name: str
    """Of its module."""
    title: str
    claims: tuple[Claim, ...]
    configs: Mapping[Profile, C]
    """A configuration holds values only."""
    run: Callable[[C], Result]
    plan: Callable[[C], tuple[RunPlan, ...]] | None = None
    """What the run takes, without running; None where seconds on a CPU are all it takes."""

    def config(self, profile: Profile) -> C:
        """The configuration of `profile`; LintSeqError where the experiment has none."""
        if profile not in self.configs:
            have = ", ".join(name for name in PROFILES if name in self.configs)
            raise LintSeqError(f"{self.name}: no profile {profile!r}; choose one of {have}")
        return self.configs[profile]


def planned_only(profile: Profile) -> LintSeqError:
    """What a run is refused with where its profile is planned alone."""
    return LintSeqError(
        f"the profile {profile!r} is planned here and not run; --dry-run prints its commands"
    )


@dataclass(slots=True)
class Stopwatch:
    """Seconds since it was made."""

    start: float = field(default_factory=time.perf_counter)

    def seconds(self) -> float:
        return time.perf_counter() - self.start


def make_record(
    experiment: str,
    profile: Profile,
    config: Any,
    *,
    seeds: Mapping[str, int] | None = None,
    packages: tuple[str, ...] = (),
    counts: Mapping[str, int] | None = None,
    hashes: Mapping[str, str] | None = None,
    device: Mapping[str, Any] | None = None,
    isolation: str | None = None,
) -> RunRecord:
    """The record of a run of `experiment`, made now and here. `config` is a dataclass."""
    values = json.loads(json_text(dataclasses.asdict(config), default=str))
    return RunRecord(
        kind="experiment",
        name=f"{experiment}-{profile}",
        created=utc_now(),
        command=f"python -m lintseq_core.experiments.{experiment} --profile {profile}",
        config={"profile": profile, **values},
        seeds=seeds or {},
        versions=installed_versions(*packages),
        device={**this_device(), **(device or {})},
        isolation=isolation,
        counts=counts or {},
        hashes=hashes or {},
    )


def write_result(result: Result, folder: Path) -> None:
    """Put tables (CSV), verdicts (result.json) and record.json with their sha256 into `folder`.

    Folders that already hold a record are left alone: LintSeqError.
    """
    if (folder / RECORD_NAME).exists():
        raise LintSeqError(f"{folder}: holds a record already; choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    hashes = dict(result.record.hashes)
    texts = {f"{name}.csv": frame.to_csv() for name, frame in result.tables.items()}
    texts[RESULT_NAME] = json_text(_summary(result), indent=2, ensure_ascii=False) + "\n"
    for name, text in texts.items():
        with whole_file(folder / name) as file:
            file.write(text.encode())
        hashes[name] = file_sha256(folder / name)
    write_record(dataclasses.replace(result.record, hashes=hashes), folder / RECORD_NAME)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A result as its folder tells it: tables as text and numbers, verdicts in words."""

    folder: Path
    profile: str
    record: RunRecord
    tables: Mapping[str, Frame]
    verdicts: tuple[tuple[str, ClaimVerdict, str], ...]
    """Statement, verdict, words."""
    effects: tuple[Effect, ...]
    """Of each of them, in order."""
    notes: tuple[str, ...]
    seconds: float


def read_result(folder: Path) -> Recorded:
    """What `write_result` put into `folder`; LintSeqError for a file that is not the recorded."""
    record = read_record(folder / RECORD_NAME)
    for name, expected in record.hashes.items():
        path = folder / name
        if Path(name).name == name and path.is_file() and file_sha256(path) != expected:
            raise LintSeqError(f"{path}: not the file that was recorded; restore it or run again")
    try:
        summary = json.loads((folder / RESULT_NAME).read_text(encoding="utf-8"))
        return Recorded(
            folder=folder,
            profile=summary["profile"],
            record=record,
            tables={
                path.stem: _read_csv(path)
                for path in sorted(folder.glob("*.csv"))
                if path.name in record.hashes
            },
            verdicts=tuple(
                (one["claim"], one["verdict"], one["words"]) for one in summary["verdicts"]
            ),
            effects=tuple(_effect(one["effect"]) for one in summary["verdicts"]),
            notes=tuple(summary["notes"]),
            seconds=float(summary["seconds"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise LintSeqError(
            f"{folder / RESULT_NAME}: not a result ({what}); run the experiment again"
        ) from None


def recorded_results(experiment: str, store: Path | None = None) -> tuple[Recorded, ...]:
    """The committed results of `experiment`, the newest of each profile, largest profile last.

    `store` is a folder with a folder an experiment, assets/results of this project by default.
    Outside a checkout there may be none.
    """
    store = store or asset_folder("results")
    if store is None or not (store / experiment).is_dir():
        return ()
    newest: dict[str, Recorded] = {}
    for folder in sorted((store / experiment).iterdir()):
        if (folder / RECORD_NAME).is_file() and (folder / RESULT_NAME).is_file():
            found = read_result(folder)
            known = newest.get(found.profile)
            if known is None or found.record.created > known.record.created:
                newest[found.profile] = found
    return tuple(newest[profile] for profile in PROFILES if profile in newest)


def _summary(result: Result) -> dict[str, Any]:
    return {
        "experiment": result.experiment,
        "profile": result.profile,
        "seconds": round(result.seconds, 1),
        "verdicts": [
            {
                "claim": one.claim.statement,
                "place": one.claim.place,
                "verdict": one.verdict,
                "words": one.words,
                "effect": _plain(one.effect),
            }
            for one in result.judgements
        ],
        "notes": list(result.notes),
    }


def _plain(effect: Effect) -> dict[str, Any]:
    """Its fields; None for what is not a number, for which JSON has no word."""
    return {
        name: None if isinstance(value, float) and value != value else value
        for name, value in dataclasses.asdict(effect).items()
    }


def _effect(fields: Mapping[str, Any]) -> Effect:
    """As written by `_plain`."""
    values: dict[str, Any] = {
        name: math.nan if value is None else value for name, value in fields.items()
    }
    return Effect(**values)


def _read_csv(path: Path) -> Frame:
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    names = next(reader)
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for row in reader:
        for name, text in zip(names, row, strict=True):
            columns[name].append(_value(text))
    return Frame(columns)


def _value(text: str) -> Any:
    if text == "":
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"True": True, "False": False}.get(text, text)
