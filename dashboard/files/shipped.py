"""Which models come with what they wrote, and in which order: what lies in assets, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lintseq_core import LintSeqError
from lintseq_core.viewer.traces import ReadTrace, read_traces

ASSETS = Path(__file__).resolve().parents[2] / "assets"
ORDER = ("pocket-whole", "pocket-lintseq", "", "pocket-randseq", "smollm2-135m-lintseq",
         "smollm2-135m-whole")  # fmt: skip
"""Of models wherever several are listed; "": those that are not named here."""


@dataclass(frozen=True, slots=True)
class ShippedModel:
    """What a model wrote that ships."""

    name: str
    results: Path
    """Verdicts, with the programs where `samples` is None."""
    samples: Path | None
    traces: Path
    """A folder of traces, a file a task."""

    @property
    def is_pocket(self) -> bool:
        """Whether it is one of the pocket models: trained for these tasks, not the example of a
        model that fails."""
        return self.samples is None


def shipped_models() -> list[ShippedModel]:
    """The models whose results lie in assets, in their order."""
    pocket, generations = ASSETS / "pocket", ASSETS / "generations"
    found = [
        ShippedModel(name, path, None, pocket / "traces" / name)
        for path in (pocket / "samples").glob("*.jsonl.gz")
        if (name := path.name.removesuffix(".jsonl.gz"))
    ]
    found += [
        ShippedModel(path.stem, path, generations / "samples" / path.name,
                     generations / "traces" / path.stem)
        for path in generations.glob("*.jsonl")
    ]  # fmt: skip
    return sorted(found, key=lambda model: place_of(model.name))


def place_of(model: str) -> tuple[int, str]:
    """Where `model` stands among those that ship."""
    return (ORDER.index(model) if model in ORDER else ORDER.index("")), model


def smollm2_traces() -> tuple[ReadTrace, ...]:
    """What the adapters that ship wrote for the problems that ship, by problem and model."""
    folders = [one.traces for one in shipped_models() if not one.is_pocket]
    files = [path for folder in folders for path in folder.glob("*_*.jsonl")]
    return load_shipped_traces(tuple(map(str, sorted(files, key=_number))))


def pocket_traces() -> dict[str, tuple[Path, ...]]:
    """The files of traces of the pocket models by task; those of a task in the order of models.

    Only the first row of one file a task is read.
    """
    files: dict[str, list[Path]] = {}
    for model in shipped_models():
        if model.is_pocket:
            for path in sorted(model.traces.glob("*_*.jsonl"), key=_number):
                files.setdefault(path.name, []).append(path)
    return {load_task_name(str(of_task[0])): tuple(of_task) for of_task in files.values()}


def spread(names: Sequence[str], most: int) -> list[str]:
    """At most `most` of `names`, spread evenly over them, the first among them.

    >>> spread("abcdefg", 3)
    ['a', 'c', 'e']
    """
    n = min(most, len(names))
    return [names[index * len(names) // n] for index in range(n)]


def _number(path: Path) -> int:
    """Problem 2 before problem 10."""
    return int("".join(filter(str.isdigit, path.stem)) or 0)


@st.cache_resource(max_entries=500, show_spinner=False)
def load_task_name(path: str) -> str:
    """What the task of a trace is called, as its benchmark calls it."""
    with Path(path).open(encoding="utf-8") as file:
        header = json.loads(file.readline())
    return str(header["problem"]).partition(" ")[2]


@st.cache_resource(max_entries=32, show_spinner="Reading the traces")
def load_shipped_traces(paths: tuple[str, ...]) -> tuple[ReadTrace, ...]:
    """The traces in files that ship, called "model/file". LintSeqError for a damaged one."""
    read: list[ReadTrace] = []
    for path in map(Path, paths):
        found, faults = read_traces(path.read_bytes(), f"{path.parent.name}/{path.name}")
        if faults:
            raise LintSeqError(faults[0])  # a damaged installation, not a reader's file
        read += found
    return tuple(read)


class PocketTasks(Mapping[str, tuple[ReadTrace, ...]]):
    """Traces of the pocket models by task; those of a task are read when they are asked for."""

    def __init__(self) -> None:
        self._files = pocket_traces()

    def __getitem__(self, task: str) -> tuple[ReadTrace, ...]:
        return load_shipped_traces(tuple(map(str, self._files[task])))

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def shipped_path(read: ReadTrace) -> Path | None:
    """The file of a trace of a model that ships; None for one that somebody brought."""
    model, _, file = read.name.partition("/")
    for one in shipped_models():
        path = one.traces / file
        if file and one.name == model and path.is_file():
            ships = load_shipped_traces((str(path),))
            return path if read.sha256 in {trace.sha256 for trace in ships} else None
    return None
