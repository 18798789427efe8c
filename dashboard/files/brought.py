"""A file that is looked at: what it is, where it came from, on which pages it is used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lintseq_core.results.samples.cache import content_sha256

Kind = Literal["samples", "results", "traces", "data set", "sequences", "programs"]
Origin = Literal["given", "uploaded", "opened", "ships"]
REF_LENGTH = 12

PASS_AT_K, DIVERSITY, GENERATIONS, DATA = "pass@k", "Diversity", "Generations", "Data"
TRAJECTORIES = "Trajectories"
PATHS = {
    TRAJECTORIES: "app_pages/trajectories.py",
    PASS_AT_K: "app_pages/pass_at_k.py",
    DIVERSITY: "app_pages/diversity.py",
    GENERATIONS: "app_pages/generations.py",
    DATA: "app_pages/data.py",
}
"""Of each page that reads files, its script."""
USED_ON: dict[Kind, tuple[str, ...]] = {
    "results": (PASS_AT_K, DIVERSITY, DATA),
    "samples": (DIVERSITY, DATA),
    "traces": (GENERATIONS, DIVERSITY),
    "data set": (DATA,),
    "sequences": (TRAJECTORIES, DATA),
    "programs": (TRAJECTORIES,),
}
ORIGINS: dict[Origin, str] = {
    "given": "named when the server was started",
    "uploaded": "uploaded by you",
    "opened": "opened by its path",
    "ships": "ships with the explorer",
}


@dataclass(frozen=True, slots=True)
class Brought:
    """One file that pages may read."""

    name: str
    """As it is shown and as links say it."""
    file: str
    """What it is called where it came from."""
    path: Path
    """Where it lies on the server."""
    kind: Kind
    title: str
    """What its format is called."""
    origin: Origin
    sha256: str = ""
    """Of an upload; of other files `key` is worked out when it is asked for."""
    note: str = ""
    colour: int | None = None
    """Number of the colour and the symbol that the reader chose for it."""

    @property
    def is_own(self) -> bool:
        """Whether this visitor brought it, and not the server."""
        return self.origin in ("uploaded", "opened")

    @property
    def key(self) -> str:
        """sha256 of the content; of a folder, of its files' names and contents."""
        return self.sha256 or content_sha256(self.path)

    @property
    def ref(self) -> str:
        """What addresses call it: of an upload the start of its hash, else a hash of the path."""
        return self.sha256[:REF_LENGTH] if self.sha256 else path_ref(self.path)


def path_ref(path: Path) -> str:
    """What addresses call a file that lies on the server."""
    digest = hashlib.sha256(b"path\0" + str(path).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:REF_LENGTH]


def belongs_where(file: Brought) -> str:
    """What the file is and where it is used, in a sentence without its full stop."""
    what = {
        "results": f"results ({file.title}): open them under pass@k; Diversity and Data take them "
        "too",
        "samples": f"samples without verdicts ({file.title}): their programs are compared under "
        "Diversity and listed under Data; `lintseq evaluate` decides them for pass@k",
        "traces": "a trace of lintseq generate: it is stepped through on the page Generations, "
        "and its programs are compared under Diversity",
        "data set": f"{file.title}: its rows are on the page Data",
        "sequences": f"{file.title}: step through them on the page Trajectories, under Given file; "
        "their rows are on the page Data",
        "programs": "a Python program: it is on the page Trajectories, under Given file",
    }
    return f"{file.name}: {what[file.kind]}"
